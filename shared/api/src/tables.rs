//! Published tables by SQL: files opened once, new versions picked up when readers see them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lotline_insights::{Engine, Rows};
use lotline_stages::summarize::sql_table;
use lotline_store::{Stores, TableVersion};
use serde_json::{Map, Value};

use crate::error::{ApiError, ErrorKind};

/// Engines kept of versions that are no longer asked for, before all are closed.
const MOST_LOCATIONS: usize = 64;
/// Engines kept of one version for the next queries.
const MOST_IDLE: usize = 4;
/// Time that a query may take; AppSync waits 30 seconds for an answer.
const MOST_TIME: Duration = Duration::from_secs(25);

/// The published tables of a lake.
pub(crate) struct Tables {
    stores: Arc<Stores>,
    /// By location of a version: engines that nobody uses at the moment, each with the footers of its files.
    idle: Mutex<HashMap<String, Vec<Engine>>>,
}

impl Tables {
    pub(crate) fn new(stores: Arc<Stores>) -> Self {
        Self { stores, idle: Mutex::default() }
    }

    /// The version of a table that readers see.
    ///
    /// # Errors
    /// `NotFound` with the tables there are.
    pub(crate) fn version(&self, name: &str) -> Result<TableVersion, ApiError> {
        let tables = self.stores.catalog.tables()?;
        let found = tables.iter().find(|version| version.table == name);
        found
            .cloned()
            .ok_or_else(|| ApiError::not_found("table", name, tables.iter().map(|version| version.table.as_str())))
    }

    /// The rows of a query over the version of a table that readers see, each an object by column.
    ///
    /// # Errors
    /// `NotFound` for the table, and as for [`Tables::query_version`].
    pub(crate) fn query(
        &self,
        table: &str,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Map<String, Value>>, ApiError> {
        self.query_version(&self.version(table)?, sql, parameters)
    }

    /// The rows of a query over a version of a table, each an object by column.
    ///
    /// # Errors
    /// `NotReady` when its files have expired, `Limit` for a query that takes too long, `Internal` for what SQL says.
    pub(crate) fn query_version(
        &self,
        version: &TableVersion,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Map<String, Value>>, ApiError> {
        // On its own, so that nobody waits while files are opened.
        let pooled = self.idle().get_mut(&version.location).and_then(Vec::pop);
        let engine = match pooled {
            Some(engine) => engine,
            None => self.open(version)?,
        };
        engine.stop_at(Instant::now() + MOST_TIME);
        let answered = engine.query_with(sql, parameters);
        let mut idle = self.idle();
        if idle.len() >= MOST_LOCATIONS && !idle.contains_key(&version.location) {
            idle.clear();
        }
        let engines = idle.entry(version.location.clone()).or_default();
        if engines.len() < MOST_IDLE {
            engines.push(engine);
        }
        drop(idle);
        Ok(objects(answered?))
    }

    fn open(&self, version: &TableVersion) -> Result<Engine, ApiError> {
        let Some(table) = sql_table(&self.stores, version)? else {
            let message = format!("table `{}`: its files have expired", version.table);
            return Err(ApiError { kind: ErrorKind::NotReady, message });
        };
        Ok(Engine::open(vec![table])?)
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<String, Vec<Engine>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn objects(rows: Rows) -> Vec<Map<String, Value>> {
    let object = |row: Vec<Value>| rows.columns.iter().cloned().zip(row).collect();
    rows.rows.into_iter().map(object).collect()
}

/// Conditions of a query joined by AND, with their values.
#[derive(Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    /// Adds `sql`, whose `?` stands for the value, if there is one.
    pub(crate) fn add(&mut self, sql: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.all(sql, [value.into()]);
        }
    }

    /// Adds `sql` with a value for each of its `?`.
    pub(crate) fn all(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(sql.to_owned());
        self.values.extend(values);
    }

    /// The WHERE clause; empty without conditions.
    pub(crate) fn clause(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!("WHERE {}", self.sql.join(" AND ")) }
    }
}

/// A name as SQL quotes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
