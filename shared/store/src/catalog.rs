//! The catalog port: which version of each table readers see.

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The published tables.
pub trait Catalog: Send + Sync {
    /// Switches every table of a run to its new version, or none, in one step for every reader; unless readers see a
    /// run of the job that was asked for later, with a greater ticket. The same publication may come again, with the
    /// same ticket or a greater one: that is how an earlier run is shown once more.
    ///
    /// # Errors
    /// `PublicationConflict` when the run published something else before, or names a table twice.
    fn publish(&self, publication: &Publication, ticket: u64) -> Result<Published, StoreError>;

    /// What a run published, whether readers see it or not.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn published(&self, run_id: &str) -> Result<Option<Publication>, StoreError>;

    /// The version readers see, or none of that name.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn table(&self, name: &str) -> Result<Option<TableVersion>, StoreError> {
        Ok(self.tables()?.into_iter().find(|version| version.table == name))
    }

    /// The visible version of every table, sorted by name, all as of one instant.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn tables(&self) -> Result<Vec<TableVersion>, StoreError>;

    /// Every version of a table that readers ever saw, newest first.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn history(&self, name: &str) -> Result<Vec<TableVersion>, StoreError>;

    /// The publication of a job that readers see, or none.
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
    /// Its columns, in order.
    pub columns: Vec<TableColumn>,
    /// Rows over all files.
    pub rows: u64,
    /// Digest over the data columns, the same for the same content; none for quarantined rows, whose place in a file
    /// depends on how the input was cut.
    pub digest: Option<String>,
}

/// One column of a published table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type in the words of Athena and Glue: `string`, `bigint`, `double`, `boolean`, `date`, `timestamp`, ...
    #[serde(rename = "type")]
    pub kind: String,
}

/// What publishing did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Published {
    /// Readers see the new versions.
    Switched,
    /// Readers saw this already.
    Unchanged,
    /// Readers see a run of the job that was asked for later, and go on to.
    Superseded,
}

/// What readers see of a job: a run, and the ticket that it was last asked for with.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Shown {
    pub(crate) run_id: String,
    pub(crate) ticket: u64,
}

/// Refuses a publication that names a table twice.
pub(crate) fn check(publication: &Publication) -> Result<(), StoreError> {
    let mut names: Vec<&str> = publication.tables.iter().map(|version| version.table.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(conflict(publication, format!("table `{}` is named twice", pair[0]))),
        None => Ok(()),
    }
}

/// Refuses a publication of a run that published something else before.
pub(crate) fn same(earlier: &Publication, publication: &Publication) -> Result<(), StoreError> {
    if earlier == publication {
        return Ok(());
    }
    Err(conflict(publication, "it published something else before".to_owned()))
}

/// A publication as JSON.
pub(crate) fn text(publication: &Publication) -> Result<String, StoreError> {
    serde_json::to_string(publication).map_err(|error| conflict(publication, error.to_string()))
}

fn conflict(publication: &Publication, reason: String) -> StoreError {
    StoreError::PublicationConflict { run_id: publication.run_id.clone(), reason }
}
