//! Tasks say what went wrong.

use std::path::Path;

use crate::{command::Step, loc, node, python, root};

fn message(step: Step) -> String {
    step.run().map_or_else(|error| error.to_string(), |()| "done".to_owned())
}

#[test]
fn a_step_reports_how_it_ended() {
    let step = |program| Step::new(program, "install it", Path::new("."));
    assert_eq!(message(step("true")), "done");
    assert_eq!(message(step("false").args(["now"])), "`false now` ended with exit status: 1");
    assert_eq!(message(step("no-such-program")), "`no-such-program` was not found: install it");
}

#[test]
fn an_environment_is_not_installed_unasked() {
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(empty.path().join("tests/python")).unwrap();
    std::fs::write(empty.path().join("tests/python/requirements.txt"), "new==1.0\n").unwrap();
    let error = python::environment(empty.path(), "tests/python", false).unwrap_err().to_string();
    assert!(error.ends_with("run without `--no-install`"), "{error}");
}

#[test]
fn npm_packages_are_not_installed_unasked() {
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(empty.path().join("dashboard/node_modules")).unwrap();
    std::fs::write(empty.path().join("dashboard/package-lock.json"), "new").unwrap();
    std::fs::write(empty.path().join("dashboard/node_modules/lock.stamp"), "old").unwrap();
    let error = node::locked(empty.path(), "dashboard", false).unwrap_err().to_string();
    assert!(error.ends_with("run without `--no-install`"), "{error}");
}

#[test]
fn only_code_lines_count() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tests")).unwrap();
    std::fs::write(folder.path().join("lib.rs"), "//! Words.\n\nfn one() {}\n  // Why.\nfn two() {}\n").unwrap();
    std::fs::write(folder.path().join("tests/all.rs"), "fn three() {}\n").unwrap();
    let lines = loc::count(folder.path()).unwrap();
    assert_eq!((lines.code, lines.tests), (2, 1));
    assert!(loc::crates(root().unwrap()).unwrap().iter().any(|folder| folder.ends_with("xtask")));
}
