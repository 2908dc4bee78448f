//! Rows by bucket: one file a task, its row groups named by bucket, so that a reader fetches its part of every file.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;
use lotline_store::Objects;

use crate::{StageError, tables::TableWriter};

/// Collects rows by bucket and writes a row group a bucket whenever its memory is full.
pub(crate) struct Shuffle {
    writer: TableWriter,
    pending: Vec<Vec<RecordBatch>>,
    pending_bytes: usize,
    memory: usize,
    groups: Vec<u32>,
}

impl Shuffle {
    /// Starts a file of `buckets` buckets, holding at most about `memory` bytes of rows.
    pub(crate) fn new(
        objects: &dyn Objects,
        key: &str,
        schema: &SchemaRef,
        buckets: u32,
        memory: u64,
    ) -> Result<Self, StageError> {
        Ok(Self {
            writer: TableWriter::scratch(objects, key, schema)?,
            pending: (0..buckets).map(|_| Vec::new()).collect(),
            pending_bytes: 0,
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            groups: Vec::new(),
        })
    }

    /// Adds a batch; `bucket_of` has the bucket of every row.
    pub(crate) fn push(&mut self, batch: &RecordBatch, bucket_of: &[u32]) -> Result<(), StageError> {
        if self.pending.len() == 1 {
            return self.add(0, batch.clone());
        }
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.pending.len()];
        for (row, bucket) in bucket_of.iter().enumerate() {
            rows[*bucket as usize].push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        for (bucket, rows) in rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let part = take_record_batch(batch, &UInt32Array::from(rows))?;
            self.add(bucket, part)?;
        }
        Ok(())
    }

    /// Writes what is left and makes the file visible.
    pub(crate) fn commit(mut self) -> Result<(), StageError> {
        self.spill()?;
        self.writer.name_buckets(&self.groups)?;
        self.writer.commit().map(drop)
    }

    fn add(&mut self, bucket: usize, batch: RecordBatch) -> Result<(), StageError> {
        // The Parquet writer makes no row group of no rows, and the list of buckets must match its groups.
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.pending_bytes += batch.get_array_memory_size();
        self.pending[bucket].push(batch);
        if self.pending_bytes > self.memory { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), StageError> {
        for (bucket, batches) in self.pending.iter_mut().enumerate().filter(|(_, batches)| !batches.is_empty()) {
            for batch in batches.drain(..) {
                self.writer.write(&batch)?;
            }
            self.writer.end_group()?;
            self.groups.push(u32::try_from(bucket).unwrap_or(u32::MAX));
        }
        self.pending_bytes = 0;
        Ok(())
    }
}
