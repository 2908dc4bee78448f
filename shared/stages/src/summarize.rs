//! `summarize`: the job's insights, run as SQL over the tables that the run is about to publish.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use lotline_insights::{Engine, Table};
use lotline_store::{StoreError, Stores, TableVersion};
use parquet::arrow::ArrowWriter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    Insight, Job, Manifest, StageError,
    job::quarantine_table,
    link, publish,
    run::{done, hex, once},
    validate,
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

const REPORT: &str = "summarize";

/// Runs every insight and writes `insights/<job>/<run>.json`: insight name to its rows, each row an object in the
/// order of the query's columns. The same tables give the same bytes.
///
/// # Errors
/// `Sql` naming the file for a query that cannot run, and the lake's own.
pub fn run(stores: &Stores, request: &SummarizeRequest) -> Result<SummarizeReport, StageError> {
    let manifest = Manifest::load(stores, &request.run_id)?;
    once(stores, &manifest, REPORT, || {
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

/// The report of a run whose summary is written.
pub(crate) fn report(stores: &Stores, manifest: &Manifest) -> Result<SummarizeReport, StageError> {
    done(stores, manifest, REPORT)
}

/// Checks every insight of a job against empty tables of the columns that its runs will make, so that a slip of the pen
/// is found before any work is done.
///
/// # Errors
/// `Sql` naming the file, with the tables and columns that there are.
pub fn check(place: &str, job: &Job) -> Result<(), StageError> {
    let mut schemas = link::schemas(job)?;
    for (source, structure) in &job.sources {
        schemas.push((source.clone(), structure.arrow_schema()));
        schemas.push((quarantine_table(source), validate::quarantine_schema()));
    }
    let tables = schemas.iter().map(|(name, schema)| Ok(Table { name: name.clone(), files: vec![empty(schema)?] }));
    let sql_error = |place: String| move |source| StageError::Sql { place, source };
    let engine = Engine::open(tables.collect::<Result<_, StageError>>()?).map_err(sql_error(place.to_owned()))?;
    for insight in &job.insights {
        engine.check(&insight.sql).map_err(sql_error(format!("{place}/insights/{}.sql", insight.name)))?;
    }
    Ok(())
}

/// A Parquet file without rows.
fn empty(schema: &SchemaRef) -> Result<Arc<dyn RangedRead>, StageError> {
    let file = ArrowWriter::try_new(Vec::new(), Arc::clone(schema), None).and_then(ArrowWriter::into_inner);
    let bytes = file.map_err(|error| StageError::Internal(error.to_string()))?;
    Ok(Arc::new(Bytes::from(bytes)))
}

/// A version of a table as SQL sees it; none when its files have expired, as old quarantines do.
///
/// # Errors
/// The lake's.
pub fn sql_table(stores: &Stores, version: &TableVersion) -> Result<Option<Table>, StoreError> {
    let files = stores.objects.list(&format!("{}/", version.location))?;
    let files = files.iter().map(|object| stores.objects.open(&object.key)).collect::<Result<Vec<_>, _>>()?;
    Ok((!files.is_empty()).then(|| Table { name: version.table.clone(), files }))
}

fn engine(stores: &Stores, manifest: &Manifest, job: &Job) -> Result<Engine, StageError> {
    let tables = publish::tables(stores, manifest, job)?;
    let tables =
        tables.iter().filter_map(|version| sql_table(stores, version).transpose()).collect::<Result<_, _>>()?;
    Engine::open(tables).map_err(|source| StageError::Sql { place: manifest.place.clone(), source })
}

fn answer(engine: &Engine, manifest: &Manifest, insight: &Insight) -> Result<Value, StageError> {
    let place = format!("{}/insights/{}.sql", manifest.place, insight.name);
    let rows = engine.query(&insight.sql).map_err(|source| StageError::Sql { place, source })?;
    let object = |row: Vec<Value>| Value::Object(rows.columns.iter().cloned().zip(row).collect());
    Ok(Value::Array(rows.rows.into_iter().map(object).collect()))
}
