//! `cargo xtask loc`: lines of Rust by crate, tests apart; blank lines and comments do not count.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::TaskError;

/// Lines that are neither blank nor comments.
#[derive(Default, Clone, Copy)]
pub(crate) struct Lines {
    pub(crate) code: usize,
    pub(crate) tests: usize,
}

#[expect(clippy::print_stdout, reason = "the table is this task's data")]
pub(crate) fn run(root: &Path) -> Result<(), TaskError> {
    let mut total = Lines::default();
    println!("{:<28}{:>8}{:>8}", "crate", "code", "tests");
    for folder in crates(root)? {
        let lines = count(&folder)?;
        total.code += lines.code;
        total.tests += lines.tests;
        let name = folder.strip_prefix(root).unwrap_or(&folder).display().to_string();
        println!("{name:<28}{:>8}{:>8}", lines.code, lines.tests);
    }
    println!("{:<28}{:>8}{:>8}", "total", total.code, total.tests);
    Ok(())
}

/// The folders with a `Cargo.toml`, at most two levels down.
pub(crate) fn crates(root: &Path) -> Result<Vec<PathBuf>, TaskError> {
    let mut found = Vec::new();
    for group in folders(root)? {
        found.extend(folders(&group)?.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()));
        if group.join("Cargo.toml").is_file() {
            found.push(group);
        }
    }
    found.sort();
    Ok(found)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>, TaskError> {
    Ok(entries(parent)?.into_iter().filter(|path| path.is_dir() && !hidden(path)).collect())
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "target" || name.to_string_lossy().starts_with('.'))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, TaskError> {
    let listing = fs::read_dir(folder).map_err(TaskError::file(folder))?;
    listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(TaskError::file(folder))
}

pub(crate) fn count(folder: &Path) -> Result<Lines, TaskError> {
    let mut lines = Lines::default();
    for path in entries(folder)? {
        if path.is_dir() && !hidden(&path) {
            let inner = count(&path)?;
            lines.code += inner.code;
            lines.tests += inner.tests;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(TaskError::file(&path))?;
            let counted = text.lines().filter(|line| is_code(line)).count();
            *if is_test(&path) { &mut lines.tests } else { &mut lines.code } += counted;
        }
    }
    Ok(lines)
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs" || part == "benches")
}
