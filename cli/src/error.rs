//! What a command can fail with: one message with place, found and expected.

use std::{io, path::Path};

use lotline_formats::FormatError;
use lotline_insights::SqlError;
use lotline_linkage::splink::SplinkError;
use lotline_stages::StageError;
use lotline_store::StoreError;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A stage failed.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The lake could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The query cannot run.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// A file given on the command line is not what it should be.
    #[error("{file}")]
    Format {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: FormatError,
    },
    /// A model of Splink cannot be used, or a model not be written as one.
    #[error("{place}")]
    Splink {
        /// The file.
        place: String,
        /// What is in the way.
        source: SplinkError,
    },
    /// An argument names something that is not there.
    #[error("{place}: found {found}, expected {expected}")]
    Argument {
        /// The argument.
        place: String,
        /// What it says.
        found: String,
        /// The valid choices.
        expected: String,
    },
    /// A living process works on the same run.
    #[error(
        "run `{run_id}` is being worked on by `{owner}` (host, process, start); wait for it or end it, and run again"
    )]
    Busy {
        /// The run.
        run_id: String,
        /// Who works on it.
        owner: String,
    },
    /// A file could not be read or written.
    #[error("{place}")]
    Io {
        /// The path.
        place: String,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl CliError {
    /// 1 for a run that stopped at its quality limit, else 2.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Self::Stage(StageError::OverLimit { .. })) { 1 } else { 2 }
    }

    /// An error of the operating system at a path.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { place: path.display().to_string(), source }
    }

    /// An argument that says what cannot be.
    pub(crate) fn argument(place: &str, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Argument { place: place.to_owned(), found: found.into(), expected: expected.into() }
    }
}
