//! Published tables in SQLite.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::{Database, json};
use crate::{
    Catalog, Publication, Published, StoreError, TableVersion,
    catalog::{self, Shown},
};

/// One row a switch and table, newest first.
const VERSIONS: &str = "
    SELECT switches.sequence, json_extract(value, '$.table') AS name, value
    FROM switches JOIN publications USING (run_id), json_each(publication, '$.tables')";

impl Catalog for Database {
    fn publish(&self, publication: &Publication, ticket: u64) -> Result<Published, StoreError> {
        catalog::check(publication)?;
        self.change(|transaction| {
            match published(transaction, &publication.run_id)? {
                Some(earlier) => catalog::same(&earlier, publication)?,
                None => {
                    _ = transaction.execute(
                        "INSERT INTO publications (run_id, job, publication) VALUES (?, ?, ?)",
                        params![publication.run_id, publication.job, catalog::text(publication)?],
                    )?
                }
            }
            let shown = shown(transaction, &publication.job)?;
            if shown.as_ref().is_some_and(|shown| shown.ticket > ticket) {
                return Ok(Published::Superseded);
            }
            transaction.execute(
                "INSERT OR REPLACE INTO shown (job, run_id, ticket) VALUES (?, ?, ?)",
                params![publication.job, publication.run_id, ticket.cast_signed()],
            )?;
            if shown.is_some_and(|shown| shown.run_id == publication.run_id) {
                return Ok(Published::Unchanged);
            }
            transaction.execute("INSERT INTO switches (run_id) VALUES (?)", [&publication.run_id])?;
            Ok(Published::Switched)
        })
    }

    fn published(&self, run_id: &str) -> Result<Option<Publication>, StoreError> {
        self.read(|connection| published(connection, run_id))
    }

    fn tables(&self) -> Result<Vec<TableVersion>, StoreError> {
        self.read(|connection| {
            // SQLite takes the bare columns from the row that has the maximum.
            let sql = format!("SELECT value, MAX(sequence) FROM ({VERSIONS}) GROUP BY name ORDER BY name");
            connection.prepare_cached(&sql)?.query_map([], |row| json(0, &row.get::<_, String>(0)?))?.collect()
        })
    }

    fn history(&self, name: &str) -> Result<Vec<TableVersion>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT value FROM ({VERSIONS}) WHERE name = ? ORDER BY sequence DESC");
            connection.prepare_cached(&sql)?.query_map([name], |row| json(0, &row.get::<_, String>(0)?))?.collect()
        })
    }

    fn publication(&self, job: &str) -> Result<Option<Publication>, StoreError> {
        self.read(|connection| match shown(connection, job)? {
            Some(shown) => published(connection, &shown.run_id),
            None => Ok(None),
        })
    }
}

fn published(connection: &Connection, run_id: &str) -> rusqlite::Result<Option<Publication>> {
    let sql = "SELECT publication FROM publications WHERE run_id = ?";
    connection.prepare_cached(sql)?.query_row([run_id], |row| json(0, &row.get::<_, String>(0)?)).optional()
}

/// What readers see of a job.
fn shown(connection: &Connection, job: &str) -> rusqlite::Result<Option<Shown>> {
    let sql = "SELECT run_id, ticket FROM shown WHERE job = ?";
    let shown = |row: &Row<'_>| Ok(Shown { run_id: row.get(0)?, ticket: row.get::<_, i64>(1)?.cast_unsigned() });
    connection.prepare_cached(sql)?.query_row([job], shown).optional()
}
