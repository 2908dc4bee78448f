//! Writing one Parquet file.

use std::{collections::HashMap, sync::Arc};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::coalesce::BatchCoalescer;
use lotline_store::{ObjectWriter, Objects};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
    },
    schema::types::ColumnPath,
};

use super::{BATCH_ROWS, BUCKETS_KEY, reader::failure};
use crate::StageError;

/// Rows of a row group of a published table: so many that it compresses well, and so few that all columns together are
/// at most a few megabytes.
const GROUP_ROWS: usize = 32_768;
/// Rows of a page of a published table, which is what a look-up decodes of each column.
const PAGE_ROWS: usize = 2_048;
/// Bytes of a dictionary of a published table. A look-up decodes the whole dictionary of a column, so columns with more
/// than a few hundred different values in a row group go without.
const DICTIONARY_BYTES: usize = 16 * 1024;
/// Bytes of a row group before it is written out, which bound a writer's memory.
const GROUP_BYTES: usize = 32 << 20;

/// A Parquet file being written; nothing of it is visible before [`TableWriter::commit`].
pub(crate) struct TableWriter {
    key: String,
    writer: ArrowWriter<Box<dyn ObjectWriter>>,
    /// Makes the batches of a published table equal in length, so that its bytes do not follow from how it was cut.
    coalescer: Option<BatchCoalescer>,
    /// The bucket of every row group so far.
    buckets: Vec<u32>,
    rows: u64,
}

impl TableWriter {
    /// Starts a file that only this run reads: fast compression, no indexes beyond the standard ones.
    pub(crate) fn scratch(objects: &dyn Objects, key: &str, schema: &SchemaRef) -> Result<Self, StageError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_max_row_group_row_count(None);
        Self::new(objects, key, schema, properties, None)
    }

    /// Starts a file that is published, its rows sorted already by the columns `sorted_by`, ascending and nulls first.
    /// Those have statistics of each page and bloom filters; the others know where their pages are.
    /// Equal rows give equal bytes, whatever batches they come in.
    pub(crate) fn published(
        objects: &dyn Objects,
        key: &str,
        schema: &SchemaRef,
        sorted_by: &[&str],
    ) -> Result<Self, StageError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(format!("lotline {}", env!("CARGO_PKG_VERSION")))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_sorting_columns(Some(sorting_columns(schema, sorted_by)?));
        for name in sorted_by {
            properties = properties
                .set_column_statistics_enabled(ColumnPath::from(*name), EnabledStatistics::Page)
                .set_column_bloom_filter_enabled(ColumnPath::from(*name), true);
        }
        let coalescer = BatchCoalescer::new(Arc::clone(schema), BATCH_ROWS);
        Self::new(objects, key, schema, properties, Some(coalescer))
    }

    fn new(
        objects: &dyn Objects,
        key: &str,
        schema: &SchemaRef,
        properties: WriterPropertiesBuilder,
        coalescer: Option<BatchCoalescer>,
    ) -> Result<Self, StageError> {
        let properties = properties.set_max_row_group_bytes(Some(GROUP_BYTES)).build();
        let writer = ArrowWriter::try_new(objects.create(key)?, Arc::clone(schema), Some(properties))
            .map_err(|error| failure(key, error))?;
        Ok(Self { key: key.to_owned(), writer, coalescer, buckets: Vec::new(), rows: 0 })
    }

    /// Appends a batch.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StageError> {
        self.rows += batch.num_rows() as u64;
        match &mut self.coalescer {
            None => self.writer.write(batch).map_err(|error| failure(&self.key, error)),
            Some(coalescer) => {
                coalescer.push_batch(batch.clone())?;
                self.write_completed()
            }
        }
    }

    /// Ends the bucket whose rows were written since the last one ended.
    pub(crate) fn end_bucket(&mut self, bucket: u32) -> Result<(), StageError> {
        self.writer.flush().map_err(|error| failure(&self.key, error))?;
        self.buckets.resize(self.writer.flushed_row_groups().len(), bucket);
        Ok(())
    }

    /// Makes the file visible under its key and answers its number of rows.
    pub(crate) fn commit(mut self) -> Result<u64, StageError> {
        if let Some(coalescer) = &mut self.coalescer {
            coalescer.finish_buffered_batch()?;
            self.write_completed()?;
        }
        if !self.buckets.is_empty() {
            let list = serde_json::to_string(&self.buckets).map_err(|error| StageError::Internal(error.to_string()))?;
            self.writer.append_key_value_metadata(KeyValue::new(BUCKETS_KEY.to_owned(), list));
        }
        let object = self.writer.into_inner().map_err(|error| failure(&self.key, error))?;
        object.commit()?;
        Ok(self.rows)
    }

    fn write_completed(&mut self) -> Result<(), StageError> {
        while let Some(batch) = self.coalescer.as_mut().and_then(BatchCoalescer::next_completed_batch) {
            self.writer.write(&batch).map_err(|error| failure(&self.key, error))?;
        }
        Ok(())
    }
}

/// How a footer says that rows are sorted by these columns.
fn sorting_columns(schema: &SchemaRef, names: &[&str]) -> Result<Vec<SortingColumn>, StageError> {
    let column = |name: &&str| {
        let column_idx = i32::try_from(schema.index_of(name)?).unwrap_or(i32::MAX);
        Ok(SortingColumn { column_idx, descending: false, nulls_first: true })
    };
    names.iter().map(column).collect()
}

/// Fields numbered from 1 on, as table formats such as Iceberg want their columns.
pub(crate) fn numbered(fields: impl IntoIterator<Item = Field>) -> SchemaRef {
    let numbered = fields.into_iter().enumerate().map(|(position, field)| {
        field.with_metadata(HashMap::from([("PARQUET:field_id".to_owned(), (position + 1).to_string())]))
    });
    Arc::new(Schema::new(numbered.collect::<Vec<_>>()))
}

/// Numbered columns that are never null.
pub(crate) fn required(columns: &[(&str, DataType)]) -> SchemaRef {
    numbered(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), false)))
}
