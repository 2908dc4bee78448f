//! The whole source: buckets merged into one table sorted by key, and the ledger balanced.

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{bucket, chunk, quarantine::Quarantine};
use crate::{
    Manifest, StageError,
    digest::TableDigest,
    run::{done, once, part},
    sort::{Order, merge_files},
    tables::{TableFile, TableWriter},
    validate::{buckets, chunks},
};

/// The ledger of a source and its table: `read = accepted + superseded + duplicate + quarantined`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableReport {
    /// Records found in the files.
    pub read: u64,
    /// Rows of the table.
    pub accepted: u64,
    /// Older versions of a key.
    pub superseded: u64,
    /// Rows equal in every column to one already counted.
    pub duplicate: u64,
    /// Rows set aside with their reason.
    pub quarantined: u64,
    /// Digest of the table's rows.
    pub digest: String,
    /// Whether more rows were set aside than the table structure allows.
    pub over_limit: bool,
}

fn report_name(source: &str) -> String {
    format!("validate/{source}/table")
}

/// The report of a source whose table is written.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest, source: &str) -> Result<TableReport, StageError> {
    done(stores, manifest, &report_name(source))
}

/// Merges the buckets into the published table and balances the ledger.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, source: &str) -> Result<TableReport, StageError> {
    once(stores, manifest, &report_name(source), || {
        let job = manifest.job()?;
        let structure = job.structure(source)?;
        let (rows, digest) = merge(stores, manifest, source)?;
        let set_aside = gather_quarantine(stores, manifest, source)?;
        let mut report = ledger(stores, manifest, source)?;
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
        let over = report.quarantined as f64 > structure.max_reject_ratio * report.read as f64;
        (report.digest, report.over_limit) = (digest, over);
        balance(source, &report, rows, set_aside)?;
        Ok(report)
    })
}

/// Writes the published table; answers its rows and digest.
fn merge(stores: &Stores, manifest: &Manifest, source: &str) -> Result<(u64, String), StageError> {
    let job = manifest.job()?;
    let structure = job.structure(source)?;
    let schema = structure.arrow_schema();
    let buckets = (0..buckets(manifest, source)).map(|bucket| bucket::bucket_key(manifest, source, bucket)).collect();
    let keys: Vec<&str> = structure.key.iter().map(String::as_str).collect();
    let mut writer = TableWriter::published(&*stores.objects, &manifest.table_file(source), &schema, &keys)?;
    let mut digest = TableDigest::new();
    let order = Order::ascending(structure.key_positions());
    let folder = manifest.key(&format!("stage/{source}/merge"));
    for batch in merge_files(&*stores.objects, &folder, &schema, &order, buckets)? {
        let batch = batch?;
        digest.update(&batch)?;
        writer.write(&batch)?;
    }
    Ok((writer.commit()?, digest.finish()))
}

/// Writes the source's quarantine, in order of file and row, also when it is empty; answers its rows.
fn gather_quarantine(stores: &Stores, manifest: &Manifest, source: &str) -> Result<u64, StageError> {
    let key = part(&manifest.quarantine_location(source));
    let mut writer = TableWriter::published(&*stores.objects, &key, &Quarantine::schema(), &[])?;
    for (file, chunk) in chunks(stores, manifest, source)? {
        for batch in TableFile::open(&*stores.objects, &chunk::quarantine_key(manifest, source, file, chunk))?.read()? {
            writer.write(&batch?)?;
        }
    }
    writer.commit()
}

/// Adds up the reports of the source's steps.
fn ledger(stores: &Stores, manifest: &Manifest, source: &str) -> Result<TableReport, StageError> {
    let mut total = TableReport {
        read: 0,
        accepted: 0,
        superseded: 0,
        duplicate: 0,
        quarantined: 0,
        digest: String::new(),
        over_limit: false,
    };
    for (file, chunk) in chunks(stores, manifest, source)? {
        let report = chunk::report(stores, manifest, source, file, chunk)?;
        total.read += report.read;
        total.quarantined += report.quarantined;
    }
    for bucket in 0..buckets(manifest, source) {
        let report = bucket::report(stores, manifest, source, bucket)?;
        total.accepted += report.accepted;
        total.superseded += report.superseded;
        total.duplicate += report.duplicate;
    }
    Ok(total)
}

/// Fails unless every record read is accounted for once and the table has the accepted rows.
fn balance(source: &str, report: &TableReport, rows: u64, set_aside: u64) -> Result<(), StageError> {
    let accounted = report.accepted + report.superseded + report.duplicate + report.quarantined;
    if report.read == accounted && rows == report.accepted && set_aside == report.quarantined {
        return Ok(());
    }
    Err(StageError::Imbalance {
        source_name: source.to_owned(),
        read: report.read,
        accepted: rows,
        superseded: report.superseded,
        duplicate: report.duplicate,
        quarantined: set_aside,
    })
}
