//! One SQLite file for runs, published tables, settings and states, which several processes may have open.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior, types::Type};
use serde::de::DeserializeOwned;

use super::DATABASE;
use crate::StoreError;

/// How long a writer waits for another process before it answers a transient error.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A publication is what a run offers; a switch shows it to readers, and `shown` has what they see of each job. A
/// table's visible version is the one of the newest switch whose publication has the table, so that one inserted row
/// switches all tables of a run.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS tickets (
        ticket INTEGER PRIMARY KEY AUTOINCREMENT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS runs (
        run_id TEXT PRIMARY KEY,
        ticket INTEGER NOT NULL,
        job TEXT NOT NULL,
        owner TEXT NOT NULL,
        inputs TEXT NOT NULL,
        status TEXT NOT NULL,
        receipt TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS publications (
        run_id TEXT PRIMARY KEY,
        job TEXT NOT NULL,
        publication TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS switches (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL REFERENCES publications (run_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS shown (
        job TEXT PRIMARY KEY,
        run_id TEXT NOT NULL REFERENCES publications (run_id),
        ticket INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS settings (
        job TEXT NOT NULL,
        version INTEGER NOT NULL,
        files TEXT NOT NULL,
        PRIMARY KEY (job, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS states (
        name TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// The ledger, the catalog, the settings and the states of a lake folder.
pub(crate) struct Database {
    connection: Mutex<Connection>,
    place: String,
}

impl Database {
    pub(crate) fn open(lake: &Path) -> Result<Self, StoreError> {
        let path = lake.join(DATABASE);
        let place = path.display().to_string();
        let connection = connect_when_free(&path).map_err(|source| StoreError::from_sqlite(&place, source))?;
        Ok(Self { connection: Mutex::new(connection), place })
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // A panic elsewhere cannot leave a half-made transaction: dropping one rolls it back.
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        read(&connection).map_err(|source| StoreError::from_sqlite(&self.place, source))
    }

    /// Runs a change alone among all processes; an error leaves everything as it was.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = change(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })();
        changed.map_err(|refusal| match refusal {
            Refusal::Database(source) => StoreError::from_sqlite(&self.place, source),
            Refusal::Store(error) => error,
        })
    }
}

/// Why a change was not made: the database's reason or our own.
pub(super) enum Refusal {
    Database(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A column of JSON text.
pub(super) fn json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Connects; while another process makes the database, SQLite refuses at once instead of waiting, so it is asked again.
fn connect_when_free(path: &Path) -> rusqlite::Result<Connection> {
    const PAUSE: Duration = Duration::from_millis(50);
    let mut attempts = BUSY_TIMEOUT.as_millis() / PAUSE.as_millis();
    loop {
        match connect(path) {
            Err(error) if attempts > 0 && is_busy(&error) => {
                attempts -= 1;
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.commit()?;
    Ok(connection)
}
