//! Runs and published tables in one SQLite file that several processes may have open.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params, types::Type};
use serde_json::Value;

use super::{DATABASE, process};
use crate::{Catalog, Claim, Ledger, Publication, Published, RunClaim, RunRecord, RunStatus, StoreError, TableVersion};

/// How long a writer waits for another process before it answers a transient error.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A publication is one row, and a table's visible version is the one of its newest publication:
/// inserting the rows of a publication is the switch.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS runs (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL UNIQUE,
        job TEXT NOT NULL,
        owner TEXT NOT NULL,
        inputs TEXT NOT NULL,
        status TEXT NOT NULL,
        receipt TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS publications (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL UNIQUE,
        job TEXT NOT NULL,
        insights TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS table_versions (
        name TEXT NOT NULL,
        publication INTEGER NOT NULL REFERENCES publications (sequence),
        place INTEGER NOT NULL,
        location TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        digest TEXT,
        PRIMARY KEY (name, publication)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS publication_tables ON table_versions (publication, place);
";

const RUN_COLUMNS: &str = "sequence, run_id, job, owner, inputs, status, receipt";
const VERSION_COLUMNS: &str = "name, location, row_count, digest";

/// The ledger and the catalog of a lake folder.
pub(crate) struct LocalState {
    connection: Mutex<Connection>,
    place: String,
}

impl LocalState {
    pub(crate) fn open(lake: &Path) -> Result<Self, StoreError> {
        let path = lake.join(DATABASE);
        let place = path.display().to_string();
        let connection = connect_when_free(&path).map_err(|source| StoreError::from_sqlite(&place, source))?;
        Ok(Self { connection: Mutex::new(connection), place })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // A panic elsewhere cannot leave a half-made transaction: dropping one rolls it back.
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        read(&connection).map_err(|source| StoreError::from_sqlite(&self.place, source))
    }

    /// Runs a change alone among all processes; an error leaves everything as it was.
    fn change<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, Refusal>) -> Result<T, StoreError> {
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
enum Refusal {
    Database(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source)
    }
}

impl Ledger for LocalState {
    fn claim(&self, run: &RunClaim) -> Result<Claim, StoreError> {
        self.change(|transaction| {
            let Some(found) = find_run(transaction, &run.run_id)? else {
                transaction.execute(
                    "INSERT INTO runs (run_id, job, owner, inputs, status) VALUES (?, ?, ?, ?, ?)",
                    params![run.run_id, run.job, run.owner, run.inputs.to_string(), RunStatus::Running.as_str()],
                )?;
                return Ok(Claim::New);
            };
            if found.status == RunStatus::Succeeded {
                return Ok(Claim::Done(found));
            }
            if found.status == RunStatus::Running && found.owner != run.owner && process::is_alive(&found.owner) {
                return Err(Refusal::Store(StoreError::RunBusy { run_id: found.run_id, owner: found.owner }));
            }
            transaction.execute(
                "UPDATE runs SET owner = ?2, status = ?3, receipt = NULL WHERE run_id = ?1",
                params![run.run_id, run.owner, RunStatus::Running.as_str()],
            )?;
            Ok(Claim::Resumed)
        })
    }

    fn finish(&self, run_id: &str, status: RunStatus, receipt: &Value) -> Result<(), StoreError> {
        self.change(|transaction| {
            let run_id = run_id.to_owned();
            let Some(found) = find_run(transaction, &run_id)? else {
                return Err(Refusal::Store(StoreError::UnknownRun { run_id }));
            };
            match (found.status, status) {
                (RunStatus::Running, RunStatus::Succeeded | RunStatus::Failed) => transaction.execute(
                    "UPDATE runs SET status = ?2, receipt = ?3 WHERE run_id = ?1",
                    params![run_id, status.as_str(), receipt.to_string()],
                )?,
                (found, asked) if found == asked && found != RunStatus::Running => 0,
                (found, asked) => return Err(Refusal::Store(StoreError::RunFinished { run_id, found, asked })),
            };
            Ok(())
        })
    }

    fn run(&self, run_id: &str) -> Result<Option<RunRecord>, StoreError> {
        self.read(|connection| find_run(connection, run_id))
    }

    fn runs(&self, job: Option<&str>) -> Result<Vec<RunRecord>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {RUN_COLUMNS} FROM runs WHERE ?1 IS NULL OR job = ?1 ORDER BY sequence DESC");
            connection.prepare_cached(&sql)?.query_map([job], run_record)?.collect()
        })
    }
}

impl Catalog for LocalState {
    fn publish(&self, publication: &Publication) -> Result<Published, StoreError> {
        let refuse = |reason| {
            Err(Refusal::Store(StoreError::PublicationConflict { run_id: publication.run_id.clone(), reason }))
        };
        self.change(|transaction| {
            if let Some(earlier) = find_publication(transaction, "run_id", &publication.run_id)? {
                return if earlier == *publication {
                    Ok(Published::Unchanged)
                } else {
                    refuse("it published something else before".to_owned())
                };
            }
            match repeated_table(publication) {
                Some(table) => refuse(format!("table `{table}` is named twice")),
                None => Ok(insert_publication(transaction, publication)?),
            }
        })
    }

    fn table(&self, name: &str) -> Result<Option<TableVersion>, StoreError> {
        Ok(self.history(name)?.into_iter().next())
    }

    fn tables(&self) -> Result<Vec<TableVersion>, StoreError> {
        self.read(|connection| {
            // SQLite takes the bare columns from the row that has the maximum.
            let sql =
                format!("SELECT {VERSION_COLUMNS}, MAX(publication) FROM table_versions GROUP BY name ORDER BY name");
            connection.prepare_cached(&sql)?.query_map([], table_version)?.collect()
        })
    }

    fn history(&self, name: &str) -> Result<Vec<TableVersion>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {VERSION_COLUMNS} FROM table_versions WHERE name = ? ORDER BY publication DESC");
            connection.prepare_cached(&sql)?.query_map([name], table_version)?.collect()
        })
    }

    fn publication(&self, job: &str) -> Result<Option<Publication>, StoreError> {
        self.read(|connection| find_publication(connection, "job", job))
    }
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

fn find_run(connection: &Connection, run_id: &str) -> rusqlite::Result<Option<RunRecord>> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM runs WHERE run_id = ?");
    connection.prepare_cached(&sql)?.query_row([run_id], run_record).optional()
}

/// The newest publication that has the value in a column, `run_id` or `job`.
///
/// A publication's rows never change once inserted, so its two reads need no transaction.
fn find_publication(connection: &Connection, column: &str, value: &str) -> rusqlite::Result<Option<Publication>> {
    let newest = format!(
        "SELECT run_id, job, insights, sequence FROM publications WHERE {column} = ? ORDER BY sequence DESC LIMIT 1"
    );
    let found = connection.prepare_cached(&newest)?.query_row([value], |row| {
        let publication =
            Publication { run_id: row.get(0)?, job: row.get(1)?, tables: Vec::new(), insights: row.get(2)? };
        Ok((publication, row.get::<_, i64>(3)?))
    });
    let Some((publication, sequence)) = found.optional()? else { return Ok(None) };
    let sql = format!("SELECT {VERSION_COLUMNS} FROM table_versions WHERE publication = ? ORDER BY place");
    let tables = connection.prepare_cached(&sql)?.query_map([sequence], table_version)?.collect::<Result<_, _>>()?;
    Ok(Some(Publication { tables, ..publication }))
}

fn insert_publication(transaction: &Transaction<'_>, publication: &Publication) -> rusqlite::Result<Published> {
    transaction.execute(
        "INSERT INTO publications (run_id, job, insights) VALUES (?, ?, ?)",
        params![publication.run_id, publication.job, publication.insights],
    )?;
    let sequence = transaction.last_insert_rowid();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO table_versions (publication, place, name, location, row_count, digest) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    for (place, version) in (0_i64..).zip(&publication.tables) {
        let rows = version.rows.cast_signed();
        insert.execute(params![sequence, place, version.table, version.location, rows, version.digest])?;
    }
    Ok(Published::Switched)
}

fn repeated_table(publication: &Publication) -> Option<&str> {
    let mut names: Vec<&str> = publication.tables.iter().map(|version| version.table.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

fn table_version(row: &Row<'_>) -> rusqlite::Result<TableVersion> {
    Ok(TableVersion {
        table: row.get(0)?,
        location: row.get(1)?,
        rows: row.get::<_, i64>(2)?.cast_unsigned(),
        digest: row.get(3)?,
    })
}

fn run_record(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        sequence: row.get::<_, i64>(0)?.cast_unsigned(),
        run_id: row.get(1)?,
        job: row.get(2)?,
        owner: row.get(3)?,
        inputs: json(4, &row.get::<_, String>(4)?)?,
        status: status(5, &row.get::<_, String>(5)?)?,
        receipt: row.get::<_, Option<String>>(6)?.map(|text| json(6, &text)).transpose()?,
    })
}

fn json(column: usize, text: &str) -> rusqlite::Result<Value> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn status(column: usize, text: &str) -> rusqlite::Result<RunStatus> {
    let found = RunStatus::ALL.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnType(column, text.to_owned(), Type::Text))
}
