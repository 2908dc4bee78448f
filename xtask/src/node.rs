//! What Node.js does for the tests: npm packages, the dashboard, and its tests in Chromium.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{command::Step, debian, error::TaskError, test::target};

const REMEDY: &str = "install Node.js 20 or newer";

/// Checks state machine definitions against AWS's own schema.
const ASL_VALIDATOR: &str = "asl-validator@4.0.0";
/// The browser of the tests: Debian's.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Installs the packages of the other tests into the target folder.
///
/// # Errors
/// No npm, or no network.
pub(crate) fn packages(root: &Path) -> Result<(), TaskError> {
    let folder = target(root).join("node");
    if folder.join("node_modules/.bin/asl-validator").exists() {
        return Ok(());
    }
    Step::new("npm", REMEDY, root)
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .args([&folder])
        .args([ASL_VALIDATOR])
        .run()
}

/// Checks and tests the dashboard's code and builds it into `dashboard/dist`.
///
/// # Errors
/// No npm, no network, nothing installed where `install` is false, or a test that does not pass.
pub(crate) fn dashboard(root: &Path, install: bool) -> Result<(), TaskError> {
    let folder = locked(root, "dashboard", install)?;
    for script in ["lint", "test", "build"] {
        Step::new("npm", REMEDY, &folder).args(["run", "--silent", script]).run()?;
    }
    Ok(())
}

/// Tests the dashboard in Chromium, as the server at an address shows it. Pictures go to a folder, if one is given.
///
/// # Errors
/// No npm, no network, nothing installed where `install` is false, no Chromium, or a test that does not pass.
pub(crate) fn browser(root: &Path, address: &str, pictures: Option<&Path>, install: bool) -> Result<(), TaskError> {
    let folder = locked(root, "tests/dashboard", install)?;
    debian::package(root, CHROMIUM, "chromium", install)?;
    let tests = Step::new("npm", REMEDY, &folder).args(["run", "--silent", "test"]).env("LOTLINE_URL", address);
    match pictures {
        Some(pictures) => tests.env("LOTLINE_SCREENSHOTS", root.join(pictures)).run(),
        None => tests.run(),
    }
}

/// The folder, with the packages installed that its `package-lock.json` pins.
pub(crate) fn locked(root: &Path, folder: &str, install: bool) -> Result<PathBuf, TaskError> {
    let folder = root.join(folder);
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(TaskError::file(&lock))?;
    // The stamp is a copy of the lock file: it differs as soon as one pin does.
    let stamp = folder.join("node_modules/lock.stamp");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if !install {
        let remedy = "its packages differ from its `package-lock.json`; run without `--no-install`";
        return Err(TaskError::Missing { program: folder.display().to_string(), remedy });
    }
    Step::new("npm", REMEDY, &folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).run()?;
    fs::write(&stamp, wanted).map_err(TaskError::file(&stamp))?;
    Ok(folder)
}
