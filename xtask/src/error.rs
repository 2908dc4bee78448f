//! Why a task stopped.

use std::{io, path::PathBuf, process::ExitStatus};

/// A task's failure; its message says what to do where that is not plain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("`{program}` was not found: {remedy}")]
    Missing { program: String, remedy: &'static str },
    #[error("`{command}` ended with {status}")]
    Failed { command: String, status: ExitStatus },
    #[error("`{command}`: {source}")]
    Spawn { command: String, source: io::Error },
    #[error("zips over the limit of {limit} bytes: {zips}")]
    TooLarge { zips: String, limit: usize },
    #[error("`{command}` ended before it was ready")]
    Early { command: String },
    #[error("`{}`: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("`{}` is not inside a workspace", .0.display())]
    NoWorkspace(PathBuf),
}

impl TaskError {
    /// Names the file in an error of the file system.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
