//! States in SQLite.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::database::{Database, json};
use crate::{State, States, StoreError, state_text};

impl States for Database {
    fn state(&self, name: &str) -> Result<Option<State>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT version, value FROM states WHERE name = ?";
            let state = |row: &rusqlite::Row<'_>| {
                let version = row.get::<_, i64>(0)?.cast_unsigned();
                Ok(State { version, value: json(1, &row.get::<_, String>(1)?)? })
            };
            connection.prepare_cached(sql)?.query_row([name], state).optional()
        })
    }

    fn save(&self, name: &str, seen: Option<u64>, value: &Value) -> Result<bool, StoreError> {
        let text = state_text(name, value)?;
        self.change(|transaction| {
            let written = match seen {
                None => transaction.execute(
                    "INSERT INTO states (name, version, value) VALUES (?, 1, ?) ON CONFLICT DO NOTHING",
                    params![name, text],
                )?,
                Some(seen) => transaction.execute(
                    "UPDATE states SET version = version + 1, value = ?3 WHERE name = ?1 AND version = ?2",
                    params![name, seen.cast_signed(), text],
                )?,
            };
            Ok(written == 1)
        })
    }
}
