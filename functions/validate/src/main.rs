//! `validate`.
fn main() {}
