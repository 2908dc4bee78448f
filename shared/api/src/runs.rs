//! Runs, their receipts, and what the readers of a job see.

use lotline_stages::receipt::Receipt;
use lotline_store::{RunRecord, RunStatus, Stores, TableVersion};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{error::ApiError, page::Page};

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    job: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// Runs, the last one first, a page at a time.
pub(crate) fn list(stores: &Stores, Listed { job, page }: Listed) -> Result<Value, ApiError> {
    let after = page.after::<(u64,)>()?;
    let rest =
        runs(stores, job.as_deref())?.into_iter().filter(|run| after.is_none_or(|(ticket,)| run.ticket < ticket));
    let nodes = rest.take(page.rows()? + 1).map(|run| node(stores, run)).collect::<Result<_, _>>()?;
    page.connection(nodes, |run| json!([run["ticket"]]))
}

/// Runs of one job, or of all that have settings: those of a deployed lake, whose ledger is not to be scanned.
fn runs(stores: &Stores, job: Option<&str>) -> Result<Vec<RunRecord>, ApiError> {
    let jobs = if job.is_none() { stores.settings.jobs()? } else { Vec::new() };
    if jobs.is_empty() {
        return Ok(stores.ledger.runs(job)?);
    }
    let mut runs = Vec::new();
    for job in jobs {
        runs.extend(stores.ledger.runs(Some(&job))?);
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.ticket));
    Ok(runs)
}

fn node(stores: &Stores, run: RunRecord) -> Result<Value, ApiError> {
    let shown = stores.catalog.publication(&run.job)?.is_some_and(|publication| publication.run_id == run.run_id);
    let failure = run.receipt.as_ref().filter(|_| run.status == RunStatus::Failed);
    Ok(json!({
        "id": run.run_id,
        "job": run.job,
        "status": run.status.as_str().to_uppercase(),
        "ticket": run.ticket,
        "published": shown,
        "error": failure.map(Value::to_string),
        "receipt": of(&run),
    }))
}

/// The receipt of a run; null for an unknown one and for one that has not ended well.
pub(crate) fn receipt(stores: &Stores, run_id: &str) -> Result<Value, ApiError> {
    Ok(stores.ledger.run(run_id)?.as_ref().map_or(Value::Null, of))
}

/// The receipt of a run that ended well, by the names of the contract; else null.
fn of(run: &RunRecord) -> Value {
    let receipt = run.receipt.clone().filter(|_| run.status == RunStatus::Succeeded);
    let Some(receipt) = receipt.and_then(|receipt| serde_json::from_value::<Receipt>(receipt).ok()) else {
        return Value::Null;
    };
    let ledgers = receipt.sources.iter().map(|(source, ledger)| {
        json!({
            "source": source,
            "read": ledger.read,
            "accepted": ledger.accepted,
            "superseded": ledger.superseded,
            "duplicate": ledger.duplicate,
            "quarantined": ledger.quarantined,
            "overLimit": ledger.over_limit,
        })
    });
    json!({
        "runId": receipt.run_id,
        "job": receipt.job,
        "resultDigest": receipt.result_digest,
        "sources": ledgers.collect::<Value>(),
        "pairsCompared": receipt.pairs_compared,
        "links": receipt.links,
        "warnings": receipt.warnings,
        "elapsedS": receipt.elapsed_s,
        "peakRssBytes": receipt.peak_rss_bytes,
        "usdEstimate": receipt.usd_estimate,
        "usdPerMillionRecords": receipt.bill.usd_per_million_records,
    })
}

/// Tables and insights of the run that readers of a job see; null before the first.
pub(crate) fn summary(stores: &Stores, job: &str) -> Result<Value, ApiError> {
    let Some(publication) = stores.catalog.publication(job)? else { return Ok(Value::Null) };
    let tables: Vec<Value> = publication.tables.iter().map(table).collect();
    let insights = insights(stores, job)?;
    Ok(json!({ "job": job, "runId": publication.run_id, "tables": tables, "insights": insights }))
}

/// One insight of the run that readers of a job see; null when there is none of that name.
pub(crate) fn insight(stores: &Stores, job: &str, name: &str) -> Result<Value, ApiError> {
    Ok(insights(stores, job)?.into_iter().find(|insight| insight["name"] == name).unwrap_or(Value::Null))
}

fn insights(stores: &Stores, job: &str) -> Result<Vec<Value>, ApiError> {
    let Some(key) = stores.catalog.publication(job)?.and_then(|publication| publication.insights) else {
        return Ok(Vec::new());
    };
    let Some(bytes) = stores.objects.get(&key)? else { return Ok(Vec::new()) };
    let written: Value = serde_json::from_slice(&bytes)?;
    let insights = written["insights"].as_object().cloned().unwrap_or_default();
    let texts = |rows: &Value| rows.as_array().into_iter().flatten().map(Value::to_string).collect::<Vec<_>>();
    Ok(insights.iter().map(|(name, rows)| json!({ "name": name, "rows": texts(rows) })).collect())
}

/// A published table by the names of the contract.
pub(crate) fn table(version: &TableVersion) -> Value {
    let columns: Vec<Value> =
        version.columns.iter().map(|column| json!({ "name": column.name, "type": column.kind })).collect();
    json!({
        "name": version.table,
        "rows": version.rows,
        "location": version.location,
        "digest": version.digest,
        "columns": columns,
    })
}
