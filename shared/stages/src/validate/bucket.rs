//! One bucket: every copy of a key is here, so the latest row is kept and the others are told apart.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, UInt32Array, cast::AsArray};
use arrow_row::RowConverter;
use arrow_schema::SchemaRef;
use arrow_select::{concat::concat_batches, take::take_record_batch};
use lotline_schema::{DuplicatePolicy, TableStructure};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::chunk::staged_key;
use crate::{
    Manifest, StageError,
    run::{done, once},
    sort::{Order, Sorter},
    tables::{TableFile, TableWriter},
    validate::{buckets, chunks},
};

/// What became of the rows of one bucket: `staged = accepted + superseded + duplicate`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct BucketReport {
    /// Rows kept.
    pub accepted: u64,
    /// Rows whose key has a later row, and deletions.
    pub superseded: u64,
    /// Rows equal in every column to one already counted.
    pub duplicate: u64,
}

/// Where a bucket's rows are, sorted by key.
pub(super) fn bucket_key(manifest: &Manifest, source: &str, bucket: u32) -> String {
    manifest.key(&format!("stage/{source}/bucket-{bucket:05}.parquet"))
}

/// The report of a bucket that is done.
pub(super) fn report(
    stores: &Stores,
    manifest: &Manifest,
    source: &str,
    bucket: u32,
) -> Result<BucketReport, StageError> {
    done(stores, manifest, &report_name(source, bucket))
}

fn report_name(source: &str, bucket: u32) -> String {
    format!("validate/{source}/bucket-{bucket:05}")
}

/// Keeps the latest row of every key of one bucket.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, source: &str, bucket: u32) -> Result<BucketReport, StageError> {
    let buckets = buckets(manifest, source);
    if bucket >= buckets {
        let expected = format!("a bucket below {buckets}");
        return Err(StageError::BadRequest { subject: "bucket", found: bucket.to_string(), expected });
    }
    once(stores, manifest, &report_name(source, bucket), || {
        let job = manifest.job()?;
        let structure = job.structure(source)?;
        let schema = structure.arrow_schema();
        let folder = manifest.key(&format!("stage/{source}/bucket-{bucket:05}"));
        let order = content_order(structure);
        let mut sorter = Sorter::new(&*stores.objects, folder, &schema, order, manifest.worker_memory / 4)?;
        for (file, chunk) in chunks(stores, manifest, source)? {
            let part = TableFile::open(&*stores.objects, &staged_key(manifest, source, file, chunk))?;
            for batch in part.read_bucket(bucket)? {
                sorter.push(batch?)?;
            }
        }
        let mut writer = TableWriter::scratch(&*stores.objects, &bucket_key(manifest, source, bucket), &schema)?;
        let mut latest = Latest::new(structure, &schema)?;
        for batch in sorter.finish()? {
            writer.write(&latest.push(batch?)?)?;
        }
        let (last, report) = latest.finish();
        last.iter().try_for_each(|row| writer.write(row))?;
        writer.commit()?;
        Ok(report)
    })
}

/// By key, then version, then content: of the rows of one key the last is the latest, so that neither order of arrival
/// nor place in a file decides.
fn content_order(structure: &TableStructure) -> Order {
    let version = structure.version.as_ref().and_then(|name| structure.position(name));
    Order::ascending(structure.key_positions().into_iter().chain(version).chain(0..structure.columns.len()))
}

/// Picks the latest row of every key from rows in content order; holds the last row back until its successor is seen.
struct Latest {
    keep_all: bool,
    schema: SchemaRef,
    keys: (Order, RowConverter),
    contents: (Order, RowConverter),
    held: Option<RecordBatch>,
    /// The column that marks a deletion.
    deleted: Option<usize>,
    report: BucketReport,
}

impl Latest {
    fn new(structure: &TableStructure, schema: &SchemaRef) -> Result<Self, StageError> {
        let with_converter = |order: Order| order.converter(schema).map(|converter| (order, converter));
        Ok(Self {
            keep_all: structure.duplicates == DuplicatePolicy::Keep,
            schema: Arc::clone(schema),
            keys: with_converter(Order::ascending(structure.key_positions()))?,
            contents: with_converter(content_order(structure))?,
            held: None,
            deleted: structure.deleted.as_ref().and_then(|name| structure.position(name)),
            report: BucketReport { accepted: 0, superseded: 0, duplicate: 0 },
        })
    }

    /// The rows to keep of all but the last.
    fn push(&mut self, batch: RecordBatch) -> Result<RecordBatch, StageError> {
        let rows = match self.held.take() {
            Some(held) => concat_batches(&self.schema, [&held, &batch])?,
            None => batch,
        };
        let Some(last) = rows.num_rows().checked_sub(1) else { return Ok(rows) };
        let keys = self.keys.0.rows(&mut self.keys.1, &rows)?;
        let contents = self.contents.0.rows(&mut self.contents.1, &rows)?;
        let mut kept = Vec::new();
        for row in 0..last {
            if self.keep_all || keys.row(row) != keys.row(row + 1) {
                if self.accept(&rows, row) {
                    kept.push(u32::try_from(row).unwrap_or(u32::MAX));
                }
            } else if contents.row(row) == contents.row(row + 1) {
                self.report.duplicate += 1;
            } else {
                self.report.superseded += 1;
            }
        }
        self.held = Some(rows.slice(last, 1));
        Ok(take_record_batch(&rows, &UInt32Array::from(kept))?)
    }

    /// The last row, which nothing supersedes, and the counts.
    fn finish(mut self) -> (Option<RecordBatch>, BucketReport) {
        let last = self.held.take().filter(|last| self.accept(last, 0));
        (last, self.report)
    }

    /// Counts the latest row of a key; whether it is one of the table's. A deletion is superseded by what it says: that
    /// there is none.
    fn accept(&mut self, rows: &RecordBatch, row: usize) -> bool {
        let column = self.deleted.map(|position| rows.column(position));
        let is_deletion = column
            .is_some_and(|column| column.is_valid(row) && column.as_boolean_opt().is_none_or(|marks| marks.value(row)));
        self.report.superseded += u64::from(is_deletion);
        self.report.accepted += u64::from(!is_deletion);
        !is_deletion
    }
}
