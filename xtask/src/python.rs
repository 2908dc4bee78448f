//! Python environments of the tests: other people's readers of our tables, the emulator, and the checks of the template.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{command::Step, error::TaskError, test::target};

pub(crate) const REMEDY: &str = "install Python 3.11 or newer with its venv module";

/// The interpreter of the environment that a folder's `requirements.txt` pins.
///
/// # Errors
/// No Python, no network, or nothing installed where `install` is false.
pub(crate) fn environment(root: &Path, folder: &str, install: bool) -> Result<PathBuf, TaskError> {
    let requirements = root.join(folder).join("requirements.txt");
    let wanted = fs::read(&requirements).map_err(TaskError::file(&requirements))?;
    let venv = target(root).join("venv").join(folder.replace('/', "-"));
    let python = venv.join("bin/python");
    // The stamp is a copy of the requirements: it differs as soon as one pin does.
    let stamp = venv.join("requirements.stamp");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !install {
        let remedy = "its packages differ from its `requirements.txt`; run without `--no-install`";
        return Err(TaskError::Missing { program: venv.display().to_string(), remedy });
    }
    Step::new("python3", REMEDY, root).args(["-m", "venv", "--clear"]).args([&venv]).run()?;
    Step::new(&python, REMEDY, root)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"])
        .args([&requirements])
        .run()?;
    fs::write(&stamp, wanted).map_err(TaskError::file(&stamp))?;
    Ok(python)
}

/// The tests of a folder, to be run by an environment's interpreter.
pub(crate) fn tests(root: &Path, python: &Path, folder: &str) -> Step {
    Step::new(python, REMEDY, root)
        .args(["-W", "ignore", "-m", "unittest", "discover", "-v", "-s", folder])
        .env("PYTHONDONTWRITEBYTECODE", "1")
}
