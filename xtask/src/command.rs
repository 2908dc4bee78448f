//! Runs one command, shown before it starts and timed when it ends.

use std::{ffi::OsStr, io, path::Path, process::Command, time::Instant};

use crate::error::TaskError;

/// A command line with what to tell someone who lacks its program.
pub(crate) struct Step {
    command: Command,
    remedy: &'static str,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<OsStr>, remedy: &'static str, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder);
        Self { command, remedy }
    }

    /// The cargo that runs this task, so that the pinned toolchain is used throughout.
    pub(crate) fn cargo(folder: &Path) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(cargo, "install Rust from https://rustup.rs", folder)
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// # Errors
    /// A program that is missing, cannot start or does not end with 0.
    pub(crate) fn run(mut self) -> Result<(), TaskError> {
        let command = self.line();
        eprintln!("> {command}");
        let started = Instant::now();
        let status = self.command.status().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => TaskError::Missing { program: self.program(), remedy: self.remedy },
            _ => TaskError::Spawn { command: command.clone(), source },
        })?;
        eprintln!("  {:.1} s", started.elapsed().as_secs_f64());
        if status.success() { Ok(()) } else { Err(TaskError::Failed { command, status }) }
    }

    fn program(&self) -> String {
        let program = Path::new(self.command.get_program());
        program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
    }

    fn line(&self) -> String {
        let arguments = self.command.get_args().map(OsStr::to_string_lossy);
        arguments.fold(self.program(), |line, argument| format!("{line} {argument}"))
    }
}
