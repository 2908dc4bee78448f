//! Rows by bucket: one file a task with the row groups of each bucket together, so that a reader fetches its part alone.

use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;
use lotline_store::Objects;

use crate::{
    StageError,
    sort::FAN_IN,
    tables::{TableFile, TableWriter},
};

/// Collects rows by bucket. What does not fit memory is spilled beside the file and gathered at the end, so that the
/// file has few row groups however little memory there was. Within a bucket rows keep the order they came in.
pub(crate) struct Shuffle<'a> {
    objects: &'a dyn Objects,
    key: String,
    schema: SchemaRef,
    pending: Vec<Vec<RecordBatch>>,
    pending_bytes: usize,
    memory: usize,
    runs: Vec<String>,
}

impl<'a> Shuffle<'a> {
    /// Starts a file of `buckets` buckets, holding at most about `memory` bytes of rows.
    pub(crate) fn new(objects: &'a dyn Objects, key: &str, schema: &SchemaRef, buckets: u32, memory: u64) -> Self {
        Self {
            objects,
            key: key.to_owned(),
            schema: Arc::clone(schema),
            pending: (0..buckets).map(|_| Vec::new()).collect(),
            pending_bytes: 0,
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            runs: Vec::new(),
        }
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

    /// Writes the file and makes it visible.
    pub(crate) fn commit(mut self) -> Result<(), StageError> {
        if self.runs.is_empty() {
            let key = self.key.clone();
            return self.write_pending(&key);
        }
        self.spill()?;
        let mut runs = std::mem::take(&mut self.runs);
        let mut pass = 0;
        while runs.len() > FAN_IN {
            let mut gathered = Vec::new();
            for part in runs.chunks(FAN_IN) {
                let key = format!("{}.pass-{pass}-{:05}", self.key, gathered.len());
                self.gather(part, &key)?;
                gathered.push(key);
            }
            runs = gathered;
            pass += 1;
        }
        self.gather(&runs, &self.key)
    }

    fn add(&mut self, bucket: usize, batch: RecordBatch) -> Result<(), StageError> {
        self.pending_bytes += batch.get_array_memory_size();
        self.pending[bucket].push(batch);
        if self.pending_bytes > self.memory { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), StageError> {
        let key = format!("{}.run-{:05}", self.key, self.runs.len());
        self.write_pending(&key)?;
        self.runs.push(key);
        Ok(())
    }

    fn write_pending(&mut self, key: &str) -> Result<(), StageError> {
        let mut writer = TableWriter::scratch(self.objects, key, &self.schema)?;
        for (bucket, batches) in (0..).zip(&mut self.pending) {
            for batch in batches.drain(..) {
                writer.write(&batch)?;
            }
            writer.end_bucket(bucket)?;
        }
        self.pending_bytes = 0;
        writer.commit().map(drop)
    }

    /// Joins the buckets of several files into those of one.
    fn gather(&self, files: &[String], key: &str) -> Result<(), StageError> {
        let files = files.iter().map(|file| TableFile::open(self.objects, file)).collect::<Result<Vec<_>, _>>()?;
        let mut writer = TableWriter::scratch(self.objects, key, &self.schema)?;
        for (bucket, _) in (0..).zip(&self.pending) {
            for file in &files {
                for batch in file.read_bucket(bucket)? {
                    writer.write(&batch?)?;
                }
            }
            writer.end_bucket(bucket)?;
        }
        writer.commit().map(drop)
    }
}
