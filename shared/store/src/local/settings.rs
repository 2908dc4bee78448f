//! Settings in SQLite.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::{Database, json};
use crate::{Settings, SettingsFiles, SettingsVersion, StoreError, settings};

impl Settings for Database {
    fn current(&self, job: &str) -> Result<Option<SettingsVersion>, StoreError> {
        self.read(|connection| newest(connection, job))
    }

    fn save(&self, job: &str, files: &SettingsFiles, seen: Option<u64>) -> Result<u64, StoreError> {
        let text = settings::text(job, files)?;
        self.change(|transaction| {
            let current = newest(transaction, job)?;
            if let Some(version) = settings::next(job, current.as_ref(), files, seen)? {
                transaction.execute(
                    "INSERT INTO settings (job, version, files) VALUES (?, ?, ?)",
                    params![job, version.cast_signed(), text],
                )?;
                return Ok(version);
            }
            Ok(current.map_or(0, |current| current.version))
        })
    }

    fn history(&self, job: &str) -> Result<Vec<SettingsVersion>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT job, version, files FROM settings WHERE job = ? ORDER BY version DESC";
            connection.prepare_cached(sql)?.query_map([job], version)?.collect()
        })
    }

    fn jobs(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT DISTINCT job FROM settings ORDER BY job";
            connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect()
        })
    }
}

fn newest(connection: &Connection, job: &str) -> rusqlite::Result<Option<SettingsVersion>> {
    let sql = "SELECT job, version, files FROM settings WHERE job = ? ORDER BY version DESC LIMIT 1";
    connection.prepare_cached(sql)?.query_row([job], version).optional()
}

fn version(row: &Row<'_>) -> rusqlite::Result<SettingsVersion> {
    Ok(SettingsVersion {
        job: row.get(0)?,
        version: row.get::<_, i64>(1)?.cast_unsigned(),
        files: json(2, &row.get::<_, String>(2)?)?,
    })
}
