//! What can go wrong in a store, with the place where it did.

use std::io;

use rusqlite::ErrorCode;

use crate::RunStatus;

/// A store's refusal or fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No object under this key.
    #[error("no object `{key}`")]
    NotFound {
        /// The key asked for.
        key: String,
    },
    /// A key that names no place inside the lake.
    #[error("key `{key}` is refused: {reason}")]
    BadKey {
        /// The key given.
        key: String,
        /// What keys must be.
        reason: &'static str,
    },
    /// The storage is full.
    #[error("no space left at `{place}`")]
    NoSpace {
        /// The file being written.
        place: String,
    },
    /// The storage does not let us.
    #[error("access denied at `{place}`")]
    Denied {
        /// The file or folder.
        place: String,
        /// The system's word.
        source: io::Error,
    },
    /// The storage reports a fault.
    #[error("cannot read or write `{place}`")]
    Io {
        /// The file or folder.
        place: String,
        /// The system's word.
        source: io::Error,
    },
    /// The database of runs and tables reports a fault.
    #[error("database `{place}` cannot be used")]
    State {
        /// The database file.
        place: String,
        /// SQLite's word.
        source: rusqlite::Error,
    },
    /// The function was given objects alone.
    #[error("this function has no ledger, catalog, settings or states")]
    Absent,
    /// Nobody claimed the run.
    #[error("no run `{run_id}`")]
    UnknownRun {
        /// The run named.
        run_id: String,
    },
    /// A run cannot end twice, in two ways.
    #[error("run `{run_id}` is `{found}` and cannot become `{asked}`")]
    RunFinished {
        /// The run named.
        run_id: String,
        /// Where it stands.
        found: RunStatus,
        /// The ending asked for.
        asked: RunStatus,
    },
    /// Somebody else wrote settings meanwhile.
    #[error("settings of job `{job}`: found {}, expected {}; pull and try again", version(.found), version(.seen))]
    SettingsConflict {
        /// The job.
        job: String,
        /// Its newest version; none when it has no settings.
        found: Option<u64>,
        /// The version that the writer started from.
        seen: Option<u64>,
    },
    /// Settings of a job that one item of the settings table cannot hold.
    #[error("settings of job `{job}`: found {found} bytes, expected at most {limit}")]
    SettingsTooLarge {
        /// The job.
        job: String,
        /// Their length as JSON.
        found: usize,
        /// The most that is held.
        limit: usize,
    },
    /// A state that one item of the table cannot hold.
    #[error("state `{name}`: found {found} bytes, expected at most {limit}")]
    StateTooLarge {
        /// Its name.
        name: String,
        /// Its length as JSON.
        found: usize,
        /// The most that is held.
        limit: usize,
    },
    /// A run cannot publish twice, in two ways.
    #[error("run `{run_id}` cannot publish: {reason}")]
    PublicationConflict {
        /// The run named.
        run_id: String,
        /// What stands against it.
        reason: String,
    },
}

impl StoreError {
    /// Sorts a system error into its variant, with the file or key it happened at.
    pub fn from_io(place: impl Into<String>, source: io::Error) -> Self {
        let place = place.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { place },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied { place, source },
            _ => Self::Io { place, source },
        }
    }

    pub(crate) fn from_sqlite(place: &str, source: rusqlite::Error) -> Self {
        let place = place.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::NoSpace { place },
            _ => Self::State { place, source },
        }
    }

    /// Whether the same request may succeed when simply made again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use io::ErrorKind::{Interrupted, ResourceBusy, TimedOut, WouldBlock};
        match self {
            Self::Io { source, .. } => matches!(source.kind(), Interrupted | ResourceBusy | TimedOut | WouldBlock),
            Self::State { source, .. } => {
                matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
            }
            _ => false,
        }
    }
}

fn version(version: &Option<u64>) -> String {
    version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"))
}
