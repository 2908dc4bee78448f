//! A lake of the demo and `lotline serve` over it, as a process that ends with this one.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use crate::{command::Step, error::TaskError};

/// Rows of each property table: enough for pages and doubtful links.
const ROWS: &str = "2000";

/// A running server.
pub(crate) struct Server {
    process: Child,
    /// Its address.
    pub(crate) address: String,
}

impl Server {
    /// Runs the demo into a new folder and serves its lake.
    ///
    /// # Errors
    /// The demo fails, or the server ends before it listens.
    pub(crate) fn start(root: &Path, lotline: &Path, folder: &Path) -> Result<Self, TaskError> {
        fs::remove_dir_all(folder).ok();
        let demo = Step::new(lotline, "cargo build --workspace --all-features --bins", root);
        demo.args(["demo", "--rows", ROWS, "--out"]).args([folder]).run()?;
        let command = format!("{} serve", lotline.display());
        let spawned = Command::new(lotline)
            .args(["serve", "--http", "127.0.0.1:0", "--lake"])
            .arg(folder.join("lake"))
            .current_dir(root)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = spawned.map_err(|source| TaskError::Spawn { command: command.clone(), source })?;
        let mut line = String::new();
        if let Some(mut said) = process.stderr.take().map(BufReader::new) {
            said.read_line(&mut line).map_err(|source| TaskError::Spawn { command: command.clone(), source })?;
            // What it says later must not fill the pipe.
            thread::spawn(move || io::copy(&mut said, &mut io::sink()));
        }
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
        let server = Self { process, address: address.unwrap_or_default() };
        if server.address.is_empty() { Err(TaskError::Early { command }) } else { Ok(server) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
