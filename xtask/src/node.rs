//! npm packages of the tests.

use std::path::Path;

use crate::{command::Step, error::TaskError, test::target};

/// Checks state machine definitions against AWS's own schema.
const ASL_VALIDATOR: &str = "asl-validator@4.0.0";

/// Installs the packages into the target folder.
///
/// # Errors
/// No npm, or no network.
pub(crate) fn packages(root: &Path) -> Result<(), TaskError> {
    let folder = target(root).join("node");
    if folder.join("node_modules/.bin/asl-validator").exists() {
        return Ok(());
    }
    Step::new("npm", "install Node.js 20 or newer", root)
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .args([&folder])
        .args([ASL_VALIDATOR])
        .run()
}
