//! The engine: tables in, one reading statement at a time, rows out.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use lotline_formats::ranged::RangedRead;
use rusqlite::{
    Connection, Error, ErrorCode, Statement, params_from_iter,
    types::{Value as SqlValue, ValueRef},
};
use serde_json::{Number, Value};

use crate::{SqlError, functions, opened::OpenTable, table};

/// A table to ask about: Parquet files that all have the same columns.
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Its files, in the order in which their rows are read; at least one.
    pub files: Vec<Arc<dyn RangedRead>>,
}

/// The answer to a query, in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// One list of values a row: integers and reals as numbers, dates and times as text, NaN and
    /// infinities as null.
    pub rows: Vec<Vec<Value>>,
}

/// Takes the column names and one row.
pub type RowSink<'a> = dyn FnMut(&[String], &[Value]) -> io::Result<()> + 'a;

/// SQL over a fixed set of tables.
///
/// Types: text is TEXT, integers INTEGER, floats REAL, booleans INTEGER 0 or 1, dates TEXT
/// `YYYY-MM-DD`, timestamps TEXT `YYYY-MM-DD HH:MM:SS.mmm` in UTC. Memory is SQLite's page cache
/// (64 MiB) and one batch a scan; sorts beyond it spill to temporary files.
pub struct Engine {
    connection: Connection,
    /// By name.
    tables: Vec<Arc<OpenTable>>,
    /// When statements are broken off.
    deadline: Arc<Mutex<Option<Instant>>>,
}

/// SQLite's instructions between two looks at the clock.
const INSTRUCTIONS_A_LOOK: i32 = 10_000;

impl Engine {
    /// Reads the footers of all files and makes the tables known; later calls read only what they need.
    ///
    /// # Errors
    /// `File` for what is no Parquet, `NoFiles`, `ColumnType` and `Columns` for tables SQL cannot show,
    /// `Statement` for names SQLite refuses, such as one name twice.
    pub fn open(tables: Vec<Table>) -> Result<Self, SqlError> {
        let mut connection = Connection::open_in_memory()?;
        let deadline = Arc::new(Mutex::new(None));
        let watched = Arc::clone(&deadline);
        let is_over = move || watched.lock().is_ok_and(|end| end.is_some_and(|end| Instant::now() > end));
        connection.progress_handler(INSTRUCTIONS_A_LOOK, Some(is_over))?;
        connection.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -65536")?;
        functions::register(&connection)?;
        let mut tables =
            tables.iter().map(|table| OpenTable::open(table).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        tables.sort_by(|left, right| left.name.cmp(&right.name));
        table::register(&connection, &tables)?;
        Ok(Self { connection, tables, deadline })
    }

    /// The columns that a statement would answer, without running it.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn columns(&self, sql: &str) -> Result<Vec<String>, SqlError> {
        self.prepare(sql).map(|statement| names(&statement))
    }

    /// Checks that a statement could be run, without running it.
    ///
    /// # Errors
    /// As for [`Self::query_each`], but for what only running it shows.
    pub fn check(&self, sql: &str) -> Result<(), SqlError> {
        self.prepare(sql).map(drop)
    }

    /// Breaks off statements that still run then.
    pub fn stop_at(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// Runs one statement that reads and keeps all its rows.
    ///
    /// # Errors
    /// As for [`Self::query_each`].
    pub fn query(&self, sql: &str) -> Result<Rows, SqlError> {
        self.query_with(sql, &[])
    }

    /// Runs one statement that reads, its `?` standing for the parameters in their order, and keeps all its rows.
    ///
    /// # Errors
    /// As for [`Self::query_each`], and `Statement` for another number of parameters, a list or an object.
    pub fn query_with(&self, sql: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let mut rows = Vec::new();
        let columns = self.each(sql, parameters, &mut |_, row| {
            rows.push(row.to_vec());
            Ok(())
        })?;
        Ok(Rows { columns, rows })
    }

    /// Runs one statement that reads and hands on each row with the column names, one row in memory; answers the
    /// column names, also when there is no row.
    ///
    /// # Errors
    /// `Unknown` for a table, column or function that does not exist, with those that do; `NotAQuery` for
    /// a statement that changes something; `File` for one that breaks off; `TooLong` past [`Self::stop_at`]; `Statement` for any
    /// complaint of SQLite's, such as two statements; `Sink` with the error of `each`.
    pub fn query_each(&self, sql: &str, each: &mut RowSink<'_>) -> Result<Vec<String>, SqlError> {
        self.each(sql, &[], each)
    }

    fn each(&self, sql: &str, parameters: &[Value], each: &mut RowSink<'_>) -> Result<Vec<String>, SqlError> {
        let mut statement = self.prepare(sql)?;
        let columns = names(&statement);
        let parameters = parameters.iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut values = Vec::with_capacity(columns.len());
        while let Some(row) = rows.next().map_err(|error| self.failure(error))? {
            values.clear();
            for place in 0..columns.len() {
                values.push(json(row.get_ref(place)?));
            }
            each(&columns, &values).map_err(|source| SqlError::Sink { source })?;
        }
        Ok(columns)
    }

    fn prepare(&self, sql: &str) -> Result<Statement<'_>, SqlError> {
        let statement = self.connection.prepare(sql).map_err(|error| self.explain(error))?;
        // ATTACH counts as reading, but answers no columns.
        let reads = statement.readonly() && statement.column_count() > 0;
        if reads { Ok(statement) } else { Err(SqlError::NotAQuery) }
    }

    /// The error of the file that made SQLite give up, or SQLite's own.
    fn failure(&self, error: Error) -> SqlError {
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            return SqlError::TooLong;
        }
        self.tables.iter().find_map(|table| table.take_failure()).unwrap_or_else(|| error.into())
    }

    /// Adds to "no such ..." what there is.
    fn explain(&self, error: Error) -> SqlError {
        let message = match &error {
            Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
            _ => return error.into(),
        };
        let choices = if message.starts_with("no such column") {
            let columns = |table: &OpenTable| {
                let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                format!("`{}` (`{}`)", table.name, names.join("`, `"))
            };
            format!("tables {}", self.tables.iter().map(|table| columns(table)).collect::<Vec<_>>().join(", "))
        } else if message.starts_with("no such table") {
            let tables: Vec<String> = self.tables.iter().map(|table| format!("`{}`", table.name)).collect();
            if tables.is_empty() { "no tables yet".to_owned() } else { format!("tables {}", tables.join(", ")) }
        } else {
            return error.into();
        };
        SqlError::Unknown { message, choices }
    }
}

fn names(statement: &Statement<'_>) -> Vec<String> {
    statement.column_names().map(str::to_owned).collect()
}

/// A value as SQL takes it.
fn parameter(value: &Value) -> Result<SqlValue, Error> {
    Ok(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(value) => SqlValue::Integer(i64::from(*value)),
        Value::Number(number) => {
            let real = || number.as_f64().map_or(SqlValue::Null, SqlValue::Real);
            number.as_i64().map_or_else(real, SqlValue::Integer)
        }
        Value::String(text) => SqlValue::Text(text.clone()),
        other => return Err(Error::ModuleError(format!("found the parameter `{other}`, expected one value"))),
    })
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::from(value),
        ValueRef::Real(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
    }
}
