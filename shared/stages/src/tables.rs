//! Parquet files of the lake: written whole or not at all, read by row group.

use std::{io, sync::Arc};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lotline_formats::ParquetSource;
use lotline_store::{ObjectWriter, Objects, StoreError};
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{WriterProperties, WriterPropertiesBuilder},
    },
    schema::types::ColumnPath,
};

use crate::StageError;

/// Rows of a batch that stages hand around.
pub(crate) const BATCH_ROWS: usize = 8_192;
/// Rows of a row group of a published table: large enough to compress, small enough for ranged look-ups.
const GROUP_ROWS: usize = 131_072;
/// Footer key of the list that names the bucket of every row group.
const BUCKETS_KEY: &str = "lotline.buckets";

/// A Parquet file being written; nothing of it is visible before [`TableWriter::commit`].
pub(crate) struct TableWriter {
    key: String,
    writer: ArrowWriter<Box<dyn ObjectWriter>>,
    rows: u64,
}

impl TableWriter {
    /// Starts a file that only this run reads: fast compression, no indexes beyond the standard ones.
    pub(crate) fn scratch(objects: &dyn Objects, key: &str, schema: &SchemaRef) -> Result<Self, StageError> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_dictionary_enabled(false);
        Self::new(objects, key, schema, properties.set_max_row_group_row_count(Some(usize::MAX)))
    }

    /// Starts a file that is published: sorted by key already, with page indexes and bloom filters on `keys`.
    pub(crate) fn published(
        objects: &dyn Objects,
        key: &str,
        schema: &SchemaRef,
        keys: &[&str],
    ) -> Result<Self, StageError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(format!("lotline {}", env!("CARGO_PKG_VERSION")))
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        for name in keys {
            properties = properties.set_column_bloom_filter_enabled(ColumnPath::from(*name), true);
        }
        Self::new(objects, key, schema, properties)
    }

    fn new(
        objects: &dyn Objects,
        key: &str,
        schema: &SchemaRef,
        properties: WriterPropertiesBuilder,
    ) -> Result<Self, StageError> {
        let writer = ArrowWriter::try_new(objects.create(key)?, Arc::clone(schema), Some(properties.build()))
            .map_err(|error| failure(key, error))?;
        Ok(Self { key: key.to_owned(), writer, rows: 0 })
    }

    /// Appends a batch.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StageError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| failure(&self.key, error))
    }

    /// Ends the row group.
    pub(crate) fn end_group(&mut self) -> Result<(), StageError> {
        self.writer.flush().map_err(|error| failure(&self.key, error))
    }

    /// Names the bucket of every row group, in order, in the footer.
    pub(crate) fn name_buckets(&mut self, buckets: &[u32]) -> Result<(), StageError> {
        let list = serde_json::to_string(buckets).map_err(|error| StageError::Internal(error.to_string()))?;
        self.writer.append_key_value_metadata(KeyValue::new(BUCKETS_KEY.to_owned(), list));
        Ok(())
    }

    /// Makes the file visible under its key and answers its number of rows.
    pub(crate) fn commit(self) -> Result<u64, StageError> {
        let object = self.writer.into_inner().map_err(|error| failure(&self.key, error))?;
        object.commit()?;
        Ok(self.rows)
    }
}

/// A Parquet file of the lake with its footer read.
pub(crate) struct TableFile {
    key: String,
    source: ParquetSource,
    metadata: ArrowReaderMetadata,
}

impl TableFile {
    pub(crate) fn open(objects: &dyn Objects, key: &str) -> Result<Self, StageError> {
        let source = ParquetSource::new(objects.open(key)?);
        let metadata =
            ArrowReaderMetadata::load(&source, ArrowReaderOptions::new()).map_err(|error| failure(key, error))?;
        Ok(Self { key: key.to_owned(), source, metadata })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Every batch in order.
    pub(crate) fn read(self) -> Result<Batches, StageError> {
        let groups = (0..self.metadata.metadata().num_row_groups()).collect();
        self.read_groups(groups)
    }

    /// The batches of one bucket.
    pub(crate) fn read_bucket(self, bucket: u32) -> Result<Batches, StageError> {
        let footer = self.metadata.metadata().file_metadata().key_value_metadata();
        let list = footer
            .into_iter()
            .flatten()
            .find(|entry| entry.key == BUCKETS_KEY)
            .and_then(|entry| entry.value.as_deref());
        let buckets: Vec<u32> =
            list.and_then(|list| serde_json::from_str(list).ok()).ok_or_else(|| StageError::Damaged {
                key: self.key.clone(),
                message: format!("found no list `{BUCKETS_KEY}` in the footer, expected one bucket a row group"),
            })?;
        let groups = (0..buckets.len()).filter(|group| buckets[*group] == bucket).collect();
        self.read_groups(groups)
    }

    /// The batches of these row groups. The Parquet library's reader panics on a file without any, so it is not asked
    /// for none.
    fn read_groups(self, groups: Vec<usize>) -> Result<Batches, StageError> {
        if groups.is_empty() {
            return Ok(Batches { key: self.key, reader: None });
        }
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.source, self.metadata)
            .with_row_groups(groups)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| failure(&self.key, error))?;
        Ok(Batches { key: self.key, reader: Some(reader) })
    }
}

/// The batches of a Parquet file of the lake.
pub(crate) struct Batches {
    key: String,
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, StageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.as_mut()?.next()?;
        Some(batch.map_err(|error| StageError::Damaged { key: self.key.clone(), message: error.to_string() }))
    }
}

/// The storage's own error when the codec only passed it on (a full disk, say), else damage under the key.
fn failure(key: &str, error: ParquetError) -> StageError {
    let error = match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => return StoreError::from_io(key, *source).into(),
            Err(source) => ParquetError::External(source),
        },
        other => other,
    };
    StageError::Damaged { key: key.to_owned(), message: error.to_string() }
}
