//! What can stop a stage, under names that stay the same from release to release.

use lotline_formats::FormatError;
use lotline_insights::SqlError;
use lotline_linkage::{LinkSettingsError, ModelError};
use lotline_schema::SettingsError;
use lotline_sources::SourceError;
use lotline_store::StoreError;

/// A stage that could not finish. Rows that are merely bad are no error: they are quarantined.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A settings file cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The request asks for something that the run does not have.
    #[error("{subject}: found `{found}`, expected {expected}")]
    BadRequest {
        /// What the request names.
        subject: &'static str,
        /// What it says.
        found: String,
        /// The valid choices.
        expected: String,
    },
    /// A source file as a whole is not what its table structure declares.
    #[error("{file}")]
    Format {
        /// The file as the user named it.
        file: String,
        /// What is wrong with it.
        source: FormatError,
    },
    /// A source could not be pulled to its end; what was pulled stays.
    #[error("source `{source_name}`")]
    Source {
        /// The source.
        source_name: String,
        /// What stopped it, and where.
        source: Box<SourceError>,
    },
    /// The lake or its state could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the lake is damaged.
    #[error("{key}: {message}")]
    Damaged {
        /// The object's key.
        key: String,
        /// What the reader found.
        message: String,
    },
    /// The link settings are impossible.
    #[error("{place}")]
    LinkSettings {
        /// The settings file.
        place: String,
        /// What is wrong with it.
        source: LinkSettingsError,
    },
    /// A model does not fit the link settings or has unsound numbers.
    #[error("{place}")]
    Model {
        /// The model's file.
        place: String,
        /// What is wrong with it.
        source: ModelError,
    },
    /// An insight's SQL is wrong.
    #[error("{place}")]
    Sql {
        /// The SQL file.
        place: String,
        /// What is wrong with it.
        source: SqlError,
    },
    /// The ledger of a source does not balance: rows were lost or counted twice.
    #[error(
        "ledger of `{source_name}` does not balance: read {read}, but accepted {accepted} + superseded {superseded} + duplicate {duplicate} + quarantined {quarantined}"
    )]
    Imbalance {
        /// The source.
        source_name: String,
        /// Records found in the files.
        read: u64,
        /// Rows in the staged table.
        accepted: u64,
        /// Older versions of a key.
        superseded: u64,
        /// Rows equal to one already counted.
        duplicate: u64,
        /// Rows set aside.
        quarantined: u64,
    },
    /// Too many rows were set aside, and the job says to stop then.
    #[error(
        "source `{source_name}`: found {quarantined} of {read} rows set aside, expected at most a share of {limit} (`max_reject_ratio`)"
    )]
    OverLimit {
        /// The source.
        source_name: String,
        /// Rows set aside.
        quarantined: u64,
        /// Records found.
        read: u64,
        /// The share allowed.
        limit: f64,
    },
    /// A file changed between two readings of one run.
    #[error("{file}: changed while it was read, expected SHA-256 `{expected}`, found `{found}`")]
    InputChanged {
        /// The file as the user named it.
        file: String,
        /// Digest when the run was planned.
        expected: String,
        /// Digest now.
        found: String,
    },
    /// A defect of the program, not of the data.
    #[error("internal: {0}")]
    Internal(String),
}

impl StageError {
    /// The stable name that state machines match on.
    pub fn name(&self) -> &'static str {
        match self {
            _ if self.is_transient() => "Lotline.Transient",
            Self::Settings(_) | Self::LinkSettings { .. } | Self::Model { .. } | Self::Sql { .. } => {
                "Lotline.BadSettings"
            }
            Self::BadRequest { .. } => "Lotline.BadRequest",
            Self::Format { .. } | Self::InputChanged { .. } => "Lotline.BadInput",
            Self::Source { .. } => "Lotline.SourceFailed",
            Self::Store(StoreError::NotFound { .. }) => "Lotline.NotFound",
            Self::Store(_) => "Lotline.Storage",
            Self::Damaged { .. } => "Lotline.DamagedFile",
            Self::Imbalance { .. } => "Lotline.LedgerImbalance",
            Self::OverLimit { .. } => "Lotline.OverQualityLimit",
            Self::Internal(_) => "Lotline.Internal",
        }
    }

    /// Whether the same step may succeed when simply made again.
    fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Source { source, .. } => source.is_transient(),
            Self::Format { source, .. } => source.is_transient(),
            Self::Sql { source, .. } => source.is_transient(),
            _ => false,
        }
    }
}

impl From<arrow_schema::ArrowError> for StageError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// An error with everything that caused it, outermost first, as one message.
pub fn message(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
