//! `summarize`: the job's derived tables and insights, run as SQL over the tables that the run is about to publish.

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
    DerivedReport, Insight, Job, Manifest, StageError, derive,
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
    /// The derived tables.
    #[serde(default)]
    pub derived: Vec<DerivedReport>,
}

const REPORT: &str = "summarize";

/// Writes every derived table, then runs every insight over all tables and writes `insights/<job>/<run>.json`: insight name to its rows, each row an object in the
/// order of the query's columns. The same tables give the same bytes.
///
/// # Errors
/// `Sql` naming the file for a query that cannot run, and the lake's own.
pub fn run(stores: &Stores, request: &SummarizeRequest) -> Result<SummarizeReport, StageError> {
    let manifest = Manifest::load(stores, &request.run_id)?;
    once(stores, &manifest, REPORT, || {
        let job = manifest.job()?;
        let derived = derived(stores, &manifest, &job)?;
        let engine = engine(stores, &manifest, &publish::tables(stores, &manifest, &job, &derived)?)?;
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
        Ok(SummarizeReport { key, digest: hex(&Sha256::digest(&bytes)), insights: count, derived })
    })
}

/// The report of a run whose summary is written.
pub(crate) fn report(stores: &Stores, manifest: &Manifest) -> Result<SummarizeReport, StageError> {
    done(stores, manifest, REPORT)
}

/// Checks every derived table and insight of a job against empty tables of the columns that its runs will make, so that a slip of the pen
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
    let sql_error = |place: String| move |source| StageError::Sql { place, source };
    if !job.derived.is_empty() {
        let engine = Engine::open(empty_tables(&schemas)?).map_err(sql_error(place.to_owned()))?;
        job.derived.iter().try_for_each(|(name, derived)| derive::check(place, &engine, name, derived))?;
    }
    schemas.extend(job.derived.iter().map(|(name, derived)| (name.clone(), derived.structure.arrow_schema())));
    let engine = Engine::open(empty_tables(&schemas)?).map_err(sql_error(place.to_owned()))?;
    for insight in &job.insights {
        engine.check(&insight.sql).map_err(sql_error(format!("{place}/insights/{}.sql", insight.name)))?;
    }
    Ok(())
}

fn empty_tables(schemas: &[(String, SchemaRef)]) -> Result<Vec<Table>, StageError> {
    schemas.iter().map(|(name, schema)| Ok(Table { name: name.clone(), files: vec![empty(schema)?] })).collect()
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

/// Writes the derived tables, of which none sees another.
fn derived(stores: &Stores, manifest: &Manifest, job: &Job) -> Result<Vec<DerivedReport>, StageError> {
    if job.derived.is_empty() {
        return Ok(Vec::new());
    }
    let engine = engine(stores, manifest, &publish::tables(stores, manifest, job, &[])?)?;
    let write = |(name, derived): (&String, _)| derive::run(stores, manifest, &engine, name, derived);
    job.derived.iter().map(write).collect()
}

fn engine(stores: &Stores, manifest: &Manifest, tables: &[TableVersion]) -> Result<Engine, StageError> {
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
