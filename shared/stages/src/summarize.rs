//! `summarize`: the job's insights, run as SQL over the tables that the run is about to publish.

use lotline_insights::{Engine, Table};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    Insight, Job, Manifest, StageError, publish,
    run::{hex, once},
};

/// A run whose curated tables are written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummarizeRequest {
    /// The run.
    pub run_id: String,
}

/// Where the summary is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SummarizeReport {
    /// Key of the summary.
    pub key: String,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// Insights in it.
    pub insights: usize,
}

/// Runs every insight and writes `insights/<job>/<run>.json`: insight name to its rows, each row an object in the
/// order of the query's columns. The same tables give the same bytes.
///
/// # Errors
/// `Sql` naming the file for a query that cannot run, and the lake's own.
pub fn run(stores: &Stores, request: &SummarizeRequest) -> Result<SummarizeReport, StageError> {
    let manifest = Manifest::load(stores, &request.run_id)?;
    once(stores, &manifest.key("summarize.json"), || {
        let job = manifest.job()?;
        let engine = engine(stores, &manifest, &job)?;
        let mut insights = Map::new();
        for insight in &job.insights {
            insights.insert(insight.name.clone(), answer(&engine, &manifest, insight)?);
        }
        let count = insights.len();
        let summary = serde_json::json!({ "job": job.name, "insights": insights });
        let mut bytes = serde_json::to_vec_pretty(&summary).map_err(|error| StageError::Internal(error.to_string()))?;
        bytes.push(b'\n');
        let key = format!("insights/{}/{}.json", job.name, manifest.run_id);
        stores.objects.put(&key, &bytes)?;
        Ok(SummarizeReport { key, digest: hex(&Sha256::digest(&bytes)), insights: count })
    })
}

fn engine(stores: &Stores, manifest: &Manifest, job: &Job) -> Result<Engine, StageError> {
    let mut tables = Vec::new();
    for version in publish::tables(stores, manifest, job)? {
        let mut files = Vec::new();
        for object in stores.objects.list(&format!("{}/", version.location))? {
            files.push(stores.objects.open(&object.key)?);
        }
        tables.push(Table { name: version.table, files });
    }
    Engine::open(tables).map_err(|source| StageError::Sql { place: manifest.place.clone(), source })
}

fn answer(engine: &Engine, manifest: &Manifest, insight: &Insight) -> Result<Value, StageError> {
    let place = format!("{}/insights/{}.sql", manifest.place, insight.name);
    let rows = engine.query(&insight.sql).map_err(|source| StageError::Sql { place, source })?;
    let object = |row: Vec<Value>| Value::Object(rows.columns.iter().cloned().zip(row).collect());
    Ok(Value::Array(rows.rows.into_iter().map(object).collect()))
}
