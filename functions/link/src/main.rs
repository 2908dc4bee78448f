//! `link`.
fn main() {}
