//! Reading one Parquet file.

use std::io;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lotline_formats::ParquetSource;
use lotline_store::{Objects, StoreError};
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
};

use super::{BATCH_ROWS, BUCKETS_KEY};
use crate::StageError;

/// A Parquet file of the lake with its footer read.
pub(crate) struct TableFile {
    key: String,
    source: ParquetSource,
    metadata: ArrowReaderMetadata,
}

impl TableFile {
    pub(crate) fn open(objects: &dyn Objects, key: &str) -> Result<Self, StageError> {
        let source = ParquetSource::new(objects.open(key)?);
        let metadata = ArrowReaderMetadata::load(&source, ArrowReaderOptions::new())
            .map_err(|error| storage_or(key, &source, || failure(key, error)))?;
        Ok(Self { key: key.to_owned(), source, metadata })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Every batch in order.
    pub(crate) fn read(&self) -> Result<Batches, StageError> {
        self.read_in(BATCH_ROWS)
    }

    /// Every batch in order, of at most so many rows.
    pub(crate) fn read_in(&self, batch_rows: usize) -> Result<Batches, StageError> {
        self.read_groups((0..self.groups()).collect(), batch_rows)
    }

    /// How many row groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Rows in the row groups before one.
    pub(crate) fn rows_before(&self, group: usize) -> u64 {
        let groups = self.metadata.metadata().row_groups().iter().take(group);
        groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum()
    }

    /// The batches of some row groups.
    pub(crate) fn read_groups_in(&self, groups: std::ops::Range<usize>) -> Result<Batches, StageError> {
        self.read_groups(groups.collect(), BATCH_ROWS)
    }

    /// The batches of one bucket; a file without rows has no buckets.
    pub(crate) fn read_bucket(&self, bucket: u32) -> Result<Batches, StageError> {
        let footer = self.metadata.metadata().file_metadata().key_value_metadata();
        let list = footer
            .into_iter()
            .flatten()
            .find(|entry| entry.key == BUCKETS_KEY)
            .map_or(Some("[]"), |entry| entry.value.as_deref());
        let buckets: Vec<u32> = list
            .and_then(|list| serde_json::from_str(list).ok())
            .filter(|buckets: &Vec<u32>| buckets.len() == self.metadata.metadata().num_row_groups())
            .ok_or_else(|| StageError::Damaged {
                key: self.key.clone(),
                message: format!("expected a list `{BUCKETS_KEY}` in the footer with one bucket a row group"),
            })?;
        self.read_groups((0..buckets.len()).filter(|group| buckets[*group] == bucket).collect(), BATCH_ROWS)
    }

    /// The batches of these row groups. The Parquet library's reader panics on a file without any, so it is not asked
    /// for none.
    fn read_groups(&self, groups: Vec<usize>, batch_rows: usize) -> Result<Batches, StageError> {
        let mut batches = Batches { key: self.key.clone(), source: self.source.clone(), reader: None };
        if !groups.is_empty() {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.source.clone(), self.metadata.clone())
                .with_row_groups(groups)
                .with_batch_size(batch_rows)
                .build();
            batches.reader =
                Some(reader.map_err(|error| storage_or(&self.key, &self.source, || failure(&self.key, error)))?);
        }
        Ok(batches)
    }
}

/// The batches of a Parquet file of the lake.
pub(crate) struct Batches {
    key: String,
    source: ParquetSource,
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, StageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.as_mut()?.next()?;
        Some(batch.map_err(|error| {
            storage_or(&self.key, &self.source, || StageError::Damaged {
                key: self.key.clone(),
                message: error.to_string(),
            })
        }))
    }
}

/// The storage's error that made a read fail, or else what the codec made of it.
fn storage_or(key: &str, source: &ParquetSource, otherwise: impl FnOnce() -> StageError) -> StageError {
    source.take_failure().map_or_else(otherwise, |error| StoreError::from_io(key, error).into())
}

/// The storage's own error when the codec only passed it on (a full disk, say), else damage under the key.
pub(super) fn failure(key: &str, error: ParquetError) -> StageError {
    let error = match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => return StoreError::from_io(key, *source).into(),
            Err(source) => ParquetError::External(source),
        },
        other => other,
    };
    StageError::Damaged { key: key.to_owned(), message: error.to_string() }
}
