//! The AWS emulator of the tests, as a process that ends with this one.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::error::TaskError;

/// A running emulator.
pub(crate) struct Emulator {
    process: Child,
    /// Its address.
    pub(crate) endpoint: String,
}

impl Emulator {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// It cannot be started, or ends before it is ready.
    pub(crate) fn start(root: &Path, python: &Path) -> Result<Self, TaskError> {
        let script = root.join("tests/aws/emulator.py");
        let command = script.display().to_string();
        let spawned = Command::new(python)
            .args([&script])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = spawned.map_err(|source| TaskError::Spawn { command: command.clone(), source })?;
        let mut endpoint = String::new();
        let output = process.stdout.take().map(BufReader::new);
        let read = output.map_or(Ok(0), |mut output| output.read_line(&mut endpoint));
        let emulator = Self { process, endpoint: endpoint.trim().to_owned() };
        match read {
            Ok(count) if count > 0 => Ok(emulator),
            Ok(_) => Err(TaskError::Early { command }),
            Err(source) => Err(TaskError::Spawn { command, source }),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
