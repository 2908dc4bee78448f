//! The settings port: every version of every job's files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The text of a job's files by path within its folder: `job.toml`, `tables/<table>.toml`, `derived/<table>.sql`,
/// `insights/<name>.sql`, `parameters.toml`.
pub type SettingsFiles = BTreeMap<String, String>;

/// The jobs' settings; a version never changes once it is there.
pub trait Settings: Send + Sync {
    /// The newest version of a job's settings, or none.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn current(&self, job: &str) -> Result<Option<SettingsVersion>, StoreError>;

    /// Adds a version and answers its number; files equal to the newest ones are no new version. `seen` is the version
    /// that the writer started from, none for a new job.
    ///
    /// # Errors
    /// `SettingsConflict` when another version is the newest by now, `SettingsTooLarge` above 390,000 bytes of JSON.
    fn save(&self, job: &str, files: &SettingsFiles, seen: Option<u64>) -> Result<u64, StoreError>;

    /// Every version of a job's settings, newest first.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn history(&self, job: &str) -> Result<Vec<SettingsVersion>, StoreError>;

    /// The jobs that have settings, by name.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn jobs(&self) -> Result<Vec<String>, StoreError>;
}

/// One immutable version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SettingsVersion {
    /// The job.
    pub job: String,
    /// Its number, from 1 without gaps.
    pub version: u64,
    /// The files.
    pub files: SettingsFiles,
}

/// Bytes of a version as JSON, at most: what one DynamoDB item holds beside its keys.
pub(crate) const MAX_BYTES: usize = 390_000;

/// The files as JSON.
pub(crate) fn text(job: &str, files: &SettingsFiles) -> Result<String, StoreError> {
    let text = serde_json::to_string(files).unwrap_or_default();
    if text.len() <= MAX_BYTES {
        return Ok(text);
    }
    Err(StoreError::SettingsTooLarge { job: job.to_owned(), found: text.len(), limit: MAX_BYTES })
}

/// The number of the version to write; none when the newest one has the same files.
pub(crate) fn next(
    job: &str,
    current: Option<&SettingsVersion>,
    files: &SettingsFiles,
    seen: Option<u64>,
) -> Result<Option<u64>, StoreError> {
    let found = current.map(|current| current.version);
    if current.is_some_and(|current| current.files == *files) {
        return Ok(None);
    }
    if found != seen {
        return Err(StoreError::SettingsConflict { job: job.to_owned(), found, seen });
    }
    Ok(Some(found.unwrap_or(0) + 1))
}
