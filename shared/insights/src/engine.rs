//! The engine: an empty in-memory database whose tables are Parquet files.

use std::{collections::BTreeMap, sync::Arc};

use lotline_formats::ranged::RangedRead;
use rusqlite::Connection;
use serde_json::Value;

use crate::{
    SqlError, functions,
    table::{self, TableData},
    values::json,
};

/// A table to query: files of one schema, read in order.
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Its Parquet files.
    pub files: Vec<Arc<dyn RangedRead>>,
}

/// The rows of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Column names in order.
    pub columns: Vec<String>,
    /// One list of values a row, in the order of the columns.
    pub rows: Vec<Vec<Value>>,
}

/// SQL over a set of tables. Reading is streaming: memory holds one batch a scan, and sorts spill to disk.
pub struct Engine {
    connection: Connection,
    tables: BTreeMap<String, Arc<TableData>>,
}

impl Engine {
    /// Opens the tables; only their footers are read.
    ///
    /// # Errors
    /// [`SqlError::Table`] for files that are no Parquet or have columns that SQL cannot show.
    pub fn open(tables: Vec<Table>) -> Result<Self, SqlError> {
        let mut data = BTreeMap::new();
        for table in tables {
            data.insert(table.name.clone(), Arc::new(TableData::open(&table.name, &table.files)?));
        }
        let connection = Connection::open_in_memory().map_err(|error| Self::refused(&error))?;
        let engine = Self { connection, tables: data };
        engine.prepare().map_err(|error| Self::refused(&error))?;
        Ok(engine)
    }

    fn refused(error: &rusqlite::Error) -> SqlError {
        SqlError::Query { message: error.to_string() }
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        // Sorts and groups beyond the cache go to temporary files.
        self.connection.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -65536;")?;
        functions::register(&self.connection)?;
        table::register(&self.connection, self.tables.clone())?;
        for name in self.tables.keys() {
            let quoted = name.replace('"', "\"\"");
            self.connection.execute_batch(&format!("CREATE VIRTUAL TABLE \"{quoted}\" USING parquet"))?;
        }
        self.connection.execute_batch("PRAGMA query_only = ON;")
    }

    /// Runs one query and collects its rows.
    ///
    /// # Errors
    /// [`SqlError::Query`] with SQLite's reason; where a table or column is unknown, with those that exist.
    pub fn query(&self, sql: &str) -> Result<Rows, SqlError> {
        let mut collected = Vec::new();
        let columns = self.query_each(sql, &mut |values| collected.push(values.to_vec()))?;
        Ok(Rows { columns, rows: collected })
    }

    /// Runs one query, hands every row on, and answers the column names.
    ///
    /// # Errors
    /// As for [`Engine::query`].
    pub fn query_each(&self, sql: &str, row: &mut dyn FnMut(&[Value])) -> Result<Vec<String>, SqlError> {
        self.run(sql, row).map_err(|error| self.explained(&error))
    }

    fn run(&self, sql: &str, each: &mut dyn FnMut(&[Value])) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare(sql)?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        let mut values = Vec::with_capacity(columns.len());
        while let Some(row) = rows.next()? {
            values.clear();
            for position in 0..columns.len() {
                values.push(json(row.get_ref(position)?));
            }
            each(&values);
        }
        Ok(columns)
    }

    fn explained(&self, error: &rusqlite::Error) -> SqlError {
        let reason = match error {
            rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
            rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
            other => other.to_string(),
        };
        let message = if reason.contains("no such table") {
            format!("{reason}; the tables are {}", listed(self.tables.keys()))
        } else if reason.contains("no such column") {
            let tables = self.tables.iter().map(|(name, data)| format!("`{name}` ({})", listed(data.columns())));
            format!("{reason}; the columns are: {}", tables.collect::<Vec<_>>().join("; "))
        } else {
            reason
        };
        SqlError::Query { message }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
