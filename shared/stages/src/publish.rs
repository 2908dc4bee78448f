//! `publish`: every table of a run becomes what readers see, or none does.

use std::sync::Arc;

use arrow_schema::{DataType, Field};
use lotline_store::{Publication, RunRecord, RunStatus, Stores, TableColumn, TableVersion};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    DerivedReport, Job, Manifest, StageError,
    job::quarantine_table,
    link,
    receipt::{Outcome, Receipt},
    run::{hex, part},
    summarize,
    tables::TableFile,
    validate,
};

/// A run whose tables and insights are written, and what its walker measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// The run.
    pub run_id: String,
    /// Seconds by the clock since the run was asked for, for its receipt; a run that has one keeps it.
    #[serde(default)]
    pub elapsed_s: Option<f64>,
    /// Most memory that a process held, in bytes, for its receipt; a run that has one keeps it.
    #[serde(default)]
    pub peak_rss_bytes: Option<u64>,
}

/// Switches readers to the run's tables in one step, and writes its receipt into the ledger.
///
/// # Errors
/// `BadRequest` while a table or the summary is missing or nobody claimed the run, and the stores' own.
pub fn run(stores: &Stores, request: &PublishRequest) -> Result<Receipt, StageError> {
    if let Some(receipt) = show_again(stores, &request.run_id)? {
        return Ok(receipt);
    }
    let manifest = Manifest::load(stores, &request.run_id)?;
    let job = manifest.job()?;
    let summary = summarize::report(stores, &manifest)?;
    let tables = tables(stores, &manifest, &job, &summary.derived)?;
    let result_digest = result_digest(&tables, &summary.digest);
    let publication =
        Publication { run_id: manifest.run_id.clone(), job: job.name.clone(), tables, insights: Some(summary.key) };
    loop {
        let ticket = claimed(stores, &manifest.run_id)?.ticket;
        let published = stores.catalog.publish(&publication, ticket)?;
        let tables = publication.tables.iter().map(|version| version.table.clone()).collect();
        let receipt = Receipt::of(
            stores,
            &manifest,
            Outcome { result_digest: result_digest.clone(), tables, published },
            request,
        )?;
        stores.ledger.finish(&manifest.run_id, RunStatus::Succeeded, &json!(receipt))?;
        // Who asked for the run while it was published was told that it is busy, and relies on us to show it.
        if claimed(stores, &manifest.run_id)?.ticket == ticket {
            return Ok(receipt);
        }
    }
}

/// Publishes a run that succeeded before: what it published and its receipt are known, whatever is left of its steps.
fn show_again(stores: &Stores, run_id: &str) -> Result<Option<Receipt>, StageError> {
    let record = claimed(stores, run_id)?;
    let published = if record.status == RunStatus::Succeeded { stores.catalog.published(run_id)? } else { None };
    let (Some(publication), Some(receipt)) = (published, record.receipt) else { return Ok(None) };
    let damaged = |error: serde_json::Error| StageError::Internal(format!("receipt of `{run_id}`: {error}"));
    let receipt: Receipt = serde_json::from_value(receipt).map_err(damaged)?;
    Ok(Some(receipt.shown_as(stores.catalog.publish(&publication, record.ticket)?)))
}

fn claimed(stores: &Stores, run_id: &str) -> Result<RunRecord, StageError> {
    stores.ledger.run(run_id)?.ok_or_else(|| StageError::BadRequest {
        subject: "run_id",
        found: run_id.to_owned(),
        expected: "a run that was planned in this lake".to_owned(),
    })
}

/// The tables of a run in order of name: every source, every source's quarantine, the links and the integrated table,
/// and those of the derived tables that are written.
pub(crate) fn tables(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    derived: &[DerivedReport],
) -> Result<Vec<TableVersion>, StageError> {
    let mut tables = Vec::new();
    let mut add = |table: &str, location: String, rows: u64, digest: Option<String>| {
        let columns = columns(stores, &location)?;
        tables.push(TableVersion { table: table.to_owned(), location, columns, rows, digest });
        Ok::<(), StageError>(())
    };
    for source in job.sources.keys() {
        let report = validate::report(stores, manifest, source)?;
        add(source, manifest.table_location(source), report.accepted, Some(report.digest))?;
        add(&quarantine_table(source), manifest.quarantine_location(source), report.quarantined, None)?;
    }
    if job.link.is_some() {
        let report = link::settle_report(stores, manifest)?;
        let links = link::links_table(&job.name);
        add(&links, manifest.table_location(&links), report.links, Some(report.links_digest))?;
        let integrated = link::integrated_table(&job.name);
        add(&integrated, manifest.table_location(&integrated), report.links, report.integrated_digest)?;
        if let Some(clusters) = report.clusters {
            let table = link::clusters_table(&job.name);
            add(&table, manifest.table_location(&table), clusters.records, Some(clusters.digest))?;
        }
        if let Some(index) = report.index {
            let table = link::index_table(&job.name);
            add(&table, manifest.table_location(&table), index.rows, Some(index.digest))?;
        }
    }
    for report in derived {
        add(&report.table, manifest.table_location(&report.table), report.rows, Some(report.digest.clone()))?;
    }
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(tables)
}

/// The columns of the table at a location, as its file has them.
fn columns(stores: &Stores, location: &str) -> Result<Vec<TableColumn>, StageError> {
    let file = TableFile::open(&*stores.objects, &part(location))?;
    let column = |field: &Arc<Field>| {
        Ok(TableColumn { name: field.name().clone(), kind: athena_type(field.data_type())?.to_owned() })
    };
    file.schema().fields().iter().map(column).collect()
}

/// The name of a type in Athena and Glue.
fn athena_type(kind: &DataType) -> Result<&'static str, StageError> {
    match kind {
        DataType::Utf8 => Ok("string"),
        DataType::Boolean => Ok("boolean"),
        DataType::Int16 => Ok("smallint"),
        DataType::Int64 => Ok("bigint"),
        DataType::Float64 => Ok("double"),
        DataType::Date32 => Ok("date"),
        DataType::Timestamp(..) => Ok("timestamp"),
        DataType::Binary => Ok("binary"),
        other => Err(StageError::Internal(format!("no published columns of type {other}"))),
    }
}

/// One digest over names and digests of the curated tables and the summary. Quarantined rows are outside it: their
/// place in a file is lineage.
fn result_digest(tables: &[TableVersion], summary: &str) -> String {
    let mut hasher = Sha256::new();
    for (table, digest) in tables.iter().filter_map(|version| Some((&version.table, version.digest.as_ref()?))) {
        hasher.update(format!("{table}={digest}\n"));
    }
    hasher.update(format!("insights={summary}\n"));
    hex(&hasher.finalize())
}
