//! One bucket: every copy of a key is here, so the latest row is kept and the others are told apart.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::{concat::concat_batches, take::take_record_batch};
use lotline_schema::{DuplicatePolicy, TableStructure};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::chunk::staged_key;
use crate::{
    Manifest, StageError,
    run::once,
    sort::Order,
    tables::{TableFile, TableWriter},
    validate::chunks,
};

/// What became of the rows of one bucket: `staged = accepted + superseded + duplicate`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct BucketReport {
    /// Rows kept.
    pub accepted: u64,
    /// Rows whose key has a later row.
    pub superseded: u64,
    /// Rows equal in every column to one already counted.
    pub duplicate: u64,
}

/// Where a bucket's rows are, sorted by key.
pub(super) fn bucket_key(manifest: &Manifest, source: &str, bucket: u32) -> String {
    manifest.key(&format!("stage/{source}/bucket-{bucket:05}.parquet"))
}

/// The report's key.
pub(super) fn report_key(manifest: &Manifest, source: &str, bucket: u32) -> String {
    manifest.key(&format!("validate/{source}/bucket-{bucket:05}.json"))
}

/// Keeps the latest row of every key of one bucket.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, source: &str, bucket: u32) -> Result<BucketReport, StageError> {
    once(stores, &report_key(manifest, source, bucket), || {
        let job = manifest.job()?;
        let structure = job.structure(source)?;
        let schema = structure.arrow_schema();
        let mut batches = Vec::new();
        for (file, chunk) in chunks(stores, manifest, source)? {
            let part = TableFile::open(&*stores.objects, &staged_key(manifest, source, file, chunk))?;
            batches.extend(part.read_bucket(bucket)?.collect::<Result<Vec<_>, _>>()?);
        }
        let rows = concat_batches(&schema, &batches)?;
        drop(batches);
        let (kept, report) = latest(structure, &rows)?;
        let mut writer = TableWriter::scratch(&*stores.objects, &bucket_key(manifest, source, bucket), &schema)?;
        writer.write(&kept)?;
        writer.commit()?;
        Ok(report)
    })
}

/// The rows to keep, sorted by key. Of the rows of one key the greatest by version and then by content is the latest,
/// so that neither order of arrival nor place in a file decides.
fn latest(structure: &TableStructure, rows: &RecordBatch) -> Result<(RecordBatch, BucketReport), StageError> {
    let key = structure.key_positions();
    let version = structure.version.as_ref().and_then(|name| structure.position(name));
    let whole = key.iter().copied().chain(version).chain(0..structure.columns.len());
    let order = Order::ascending(whole);
    let sorted = order.sort(&mut order.converter(&rows.schema())?, rows)?;
    let key_order = Order::ascending(key);
    let keys = key_order.rows(&mut key_order.converter(&rows.schema())?, &sorted)?;
    let contents = order.rows(&mut order.converter(&rows.schema())?, &sorted)?;
    let mut kept = Vec::new();
    let mut report = BucketReport { accepted: 0, superseded: 0, duplicate: 0 };
    for row in 0..sorted.num_rows() {
        let next = row + 1;
        let same_key = next < sorted.num_rows() && keys.row(row) == keys.row(next);
        if !same_key || structure.duplicates == DuplicatePolicy::Keep {
            kept.push(u32::try_from(row).unwrap_or(u32::MAX));
            report.accepted += 1;
        } else if contents.row(row) == contents.row(next) {
            report.duplicate += 1;
        } else {
            report.superseded += 1;
        }
    }
    Ok((take_record_batch(&sorted, &UInt32Array::from(kept))?, report))
}
