//! Debian's packages that the tests need.

use std::path::Path;

use crate::{command::Step, error::TaskError};

/// Installs the package that has a program, where it is absent and `install` says so.
///
/// # Errors
/// Not root, or no network.
pub(crate) fn package(root: &Path, program: &str, package: &str, install: bool) -> Result<(), TaskError> {
    if !install || Path::new(program).exists() {
        return Ok(());
    }
    let remedy = "install what the tests need by your system's means";
    Step::new("apt-get", remedy, root).args(["install", "--yes", "--quiet", package]).run()
}
