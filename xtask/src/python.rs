//! The Python environment of the tests that read our tables with other people's programs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{command::Step, error::TaskError, test::target};

pub(crate) const REMEDY: &str = "install Python 3.11 or newer with its venv module";

/// The environment's interpreter, installed as `tests/python/requirements.txt` pins it.
///
/// # Errors
/// No Python, no network, or nothing installed where `install` is false.
pub(crate) fn environment(root: &Path, install: bool) -> Result<PathBuf, TaskError> {
    let requirements = root.join("tests/python/requirements.txt");
    let wanted = fs::read(&requirements).map_err(TaskError::file(&requirements))?;
    let venv = target(root).join("venv");
    let python = venv.join("bin/python");
    // The stamp is a copy of the requirements: it differs as soon as one pin does.
    let stamp = venv.join("requirements.stamp");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !install {
        let remedy = "its packages differ from `tests/python/requirements.txt`; run without `--no-install`";
        return Err(TaskError::Missing { program: venv.display().to_string(), remedy });
    }
    Step::new("python3", REMEDY, root).args(["-m", "venv"]).args([&venv]).run()?;
    Step::new(&python, REMEDY, root)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"])
        .args([&requirements])
        .run()?;
    fs::write(&stamp, wanted).map_err(TaskError::file(&stamp))?;
    Ok(python)
}
