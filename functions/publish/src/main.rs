//! `publish`.
fn main() {}
