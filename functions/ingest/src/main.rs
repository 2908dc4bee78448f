//! `ingest`.
fn main() {}
