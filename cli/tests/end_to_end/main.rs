//! The real binary in throw-away folders: real files, the product's promises, errors a user can act on.

mod errors;
mod harness;
mod promises;
mod real_files;
