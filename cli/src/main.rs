//! The lotline command.
fn main() {}
