//! `summarize`.
fn main() {}
