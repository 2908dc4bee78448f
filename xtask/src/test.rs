//! `cargo xtask test`: everything that is tested, in the order that fails soonest.

use std::path::{Path, PathBuf};

use crate::{command::Step, error::TaskError, python};

pub(crate) fn run(root: &Path, install: bool) -> Result<(), TaskError> {
    let python = python::environment(root, install)?;
    // The end-to-end tests start the binaries themselves.
    Step::cargo(root).args(["build", "--workspace", "--bins"]).run()?;
    Step::cargo(root).args(["test", "--workspace"]).run()?;
    Step::new(python, python::REMEDY, root)
        .args(["-m", "unittest", "discover", "-s", "tests/python", "-v"])
        .env("LOTLINE_BIN", target(root).join("debug/lotline"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
}

/// Cargo's target folder, which `CARGO_TARGET_DIR` may move.
pub(crate) fn target(root: &Path) -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root.join(folder)
}
