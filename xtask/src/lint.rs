//! `cargo xtask lint`: formatting, clippy and documentation, warnings denied.

use std::path::Path;

use crate::{command::Step, error::TaskError};

pub(crate) fn run(root: &Path) -> Result<(), TaskError> {
    Step::cargo(root).args(["fmt", "--all", "--check"]).run()?;
    Step::cargo(root)
        .args(["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"])
        .run()?;
    Step::cargo(root)
        .args(["doc", "--workspace", "--all-features", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}
