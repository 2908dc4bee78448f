//! A folder named after the test, and the real binary run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A throw-away folder with a lake.
pub(crate) struct Dir {
    folder: TempDir,
}

impl Dir {
    pub(crate) fn new(test: &str) -> Self {
        Self { folder: tempfile::Builder::new().prefix(test).tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    /// The binary with arguments, run in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotline"));
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    pub(crate) fn lotline(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// Runs a job over `SOURCE=PATH` inputs and answers its receipt.
    pub(crate) fn run(&self, job: &Path, inputs: &[String], more: &[&str]) -> Value {
        let mut arguments = vec!["run", job.to_str().expect("UTF-8"), "--json"];
        for input in inputs {
            arguments.extend(["--input", input]);
        }
        arguments.extend(more);
        json(&self.lotline(&arguments))
    }

    /// The rows of a query.
    pub(crate) fn sql(&self, query: &str) -> Value {
        json(&self.lotline(&["sql", "--json", query]))
    }

    /// The published summary of a run.
    pub(crate) fn summary(&self, receipt: &Value) -> Value {
        let key = format!("lake/insights/{}/{}.json", text(&receipt["job"]), text(&receipt["run_id"]));
        let bytes = fs::read(self.path(&key)).expect("a summary");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Standard output as JSON, of a command that did not fail.
pub(crate) fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(2), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

/// A job that ships with the project.
pub(crate) fn job(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs").join(name)
}

/// A job that only tests use.
pub(crate) fn test_job(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jobs").join(name)
}

/// Real data beside the project; says so and answers nothing where it is absent.
pub(crate) fn shared_data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

pub(crate) fn input(source: &str, path: &Path) -> String {
    format!("{source}={}", path.display())
}
