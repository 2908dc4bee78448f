//! `cargo xtask bench quality`: precision, recall and F1 of linking on sets with known truth.

use std::{fs, path::Path};

use crate::{command::Step, error::TaskError};

/// Measures every set, once with its own settings and once with inferred ones; a set without its data says so.
///
/// # Errors
/// A build that fails, or a set that cannot be measured.
pub(crate) fn run(root: &Path) -> Result<(), TaskError> {
    let data = root.join("../shared/data");
    let folder = root.join("tests/bench/quality");
    let entries = fs::read_dir(&folder).map_err(TaskError::file(&folder))?;
    let mut sets: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    sets.sort();
    if !data.is_dir() {
        eprintln!("skipped: no data at {}", data.display());
        return Ok(());
    }
    let tool = ["run", "--release", "--quiet", "--package", "lotline-linkage", "--example", "quality", "--"];
    for set in &sets {
        for inferred in [None, Some("--infer")] {
            Step::cargo(root).args(tool).args([set, &data]).args(inferred).run()?;
        }
    }
    Ok(())
}
