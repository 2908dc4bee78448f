//! The real binary in throw-away folders: real files, the product's promises, errors a user can act on, links explained.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod deriving;
mod errors;
mod explained;
mod harness;
mod linking;
mod promises;
mod real_files;
mod replay;
mod serving;
