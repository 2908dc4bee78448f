//! The catalog port: which version of each table readers see.

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The published tables.
pub trait Catalog: Send + Sync {
    /// Switches every table of a run to its new version, or none, in one step for every reader.
    ///
    /// A run publishes once: the same publication again is `Unchanged`, even when a later run has
    /// published since.
    ///
    /// # Errors
    /// `PublicationConflict` when the run published something else before, or names a table twice.
    fn publish(&self, publication: &Publication) -> Result<Published, StoreError>;

    /// The version readers see, or none of that name.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn table(&self, name: &str) -> Result<Option<TableVersion>, StoreError>;

    /// The visible version of every table, sorted by name, all as of one instant.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn tables(&self) -> Result<Vec<TableVersion>, StoreError>;

    /// Every version a table ever had, newest first.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn history(&self, name: &str) -> Result<Vec<TableVersion>, StoreError>;

    /// The newest publication of a job, or none.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn publication(&self, job: &str) -> Result<Option<Publication>, StoreError>;
}

/// What one run offers to readers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Publication {
    /// The run that wrote it.
    pub run_id: String,
    /// The job it is a run of.
    pub job: String,
    /// One version a table, in the order given.
    pub tables: Vec<TableVersion>,
    /// Key of the insights file, when the job has insights.
    pub insights: Option<String>,
}

/// One immutable version of a table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TableVersion {
    /// The table's name.
    pub table: String,
    /// Key prefix under which its files lie.
    pub location: String,
    /// Rows over all files.
    pub rows: u64,
    /// Digest over the data columns, the same for the same content; none for quarantined rows, whose place in a file
    /// depends on how the input was cut.
    pub digest: Option<String>,
}

/// What publishing did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Published {
    /// Readers see the new versions.
    Switched,
    /// The run had published this before.
    Unchanged,
}
