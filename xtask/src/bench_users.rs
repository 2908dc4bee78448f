//! `cargo xtask bench users`: users of two platforms from MariaDB and a paged API to the warehouse's table.

use std::path::Path;

use crate::{
    command::Step,
    error::TaskError,
    python,
    test::{self, target},
};

/// Runs `tests/users` over so many users by the optimized binary; time, memory, matches and quality are printed and kept
/// inside their limits.
///
/// # Errors
/// A build that fails, or a limit that is not kept.
pub(crate) fn run(root: &Path, vendor: u64, platform: u64) -> Result<(), TaskError> {
    test::mariadb(root, true)?;
    Step::cargo(root).args(["build", "--release", "--package", "lotline-cli", "--features", "mysql"]).run()?;
    python::tests(root, Path::new("python3"), "tests/users")
        .env("LOTLINE_BIN", target(root).join("release/lotline"))
        .env("LOTLINE_USERS_VENDOR", vendor.to_string())
        .env("LOTLINE_USERS_PLATFORM", platform.to_string())
        .run()
}
