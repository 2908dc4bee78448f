//! `publish`: every table of a run becomes what readers see, or none does.

use lotline_store::{Publication, Published, Stores, TableVersion};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Job, Manifest, StageError, job::quarantine_table, link, run::hex, summarize, validate};

/// A run whose tables and insights are written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// The run.
    pub run_id: String,
}

/// What readers see now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishReport {
    /// Digest over the curated tables and insights of the run.
    pub result_digest: String,
    /// Tables of the run.
    pub tables: Vec<String>,
    /// Whether this run was published before.
    pub unchanged: bool,
    /// The later run of the job that readers see; none when they see this one.
    pub superseded_by: Option<String>,
}

/// Switches the catalog in one transaction.
///
/// # Errors
/// `BadRequest` while a table or the summary is missing, and the catalog's own.
pub fn run(stores: &Stores, request: &PublishRequest) -> Result<PublishReport, StageError> {
    let manifest = Manifest::load(stores, &request.run_id)?;
    let job = manifest.job()?;
    let summary = summarize::report(stores, &manifest)?;
    let tables = tables(stores, &manifest, &job)?;
    let result_digest = result_digest(&tables, &summary.digest);
    let names = tables.iter().map(|version| version.table.clone()).collect();
    let publication =
        Publication { run_id: manifest.run_id.clone(), job: job.name.clone(), tables, insights: Some(summary.key) };
    let unchanged = match stores.catalog.publish(&publication)? {
        Published::Switched => false,
        Published::Unchanged => true,
    };
    let seen = stores.catalog.publication(&job.name)?.map(|publication| publication.run_id);
    let superseded_by = seen.filter(|run_id| *run_id != manifest.run_id);
    Ok(PublishReport { result_digest, tables: names, unchanged, superseded_by })
}

/// The tables of a run in order of name: every source, every source's quarantine, the links and the integrated table.
pub(crate) fn tables(stores: &Stores, manifest: &Manifest, job: &Job) -> Result<Vec<TableVersion>, StageError> {
    let mut tables = Vec::new();
    for source in job.sources.keys() {
        let report = validate::report(stores, manifest, source)?;
        tables.push(version(manifest, source, report.accepted, &report.digest));
        tables.push(TableVersion {
            table: quarantine_table(source),
            location: manifest.quarantine_location(source),
            rows: report.quarantined,
            digest: None,
        });
    }
    if job.link.is_some() {
        let report = link::settle_report(stores, manifest)?;
        tables.push(version(manifest, &link::links_table(&job.name), report.links, &report.links_digest));
        tables.push(version(manifest, &link::integrated_table(&job.name), report.links, &report.integrated_digest));
    }
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(tables)
}

fn version(manifest: &Manifest, table: &str, rows: u64, digest: &str) -> TableVersion {
    TableVersion {
        table: table.to_owned(),
        location: manifest.table_location(table),
        rows,
        digest: Some(digest.to_owned()),
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
