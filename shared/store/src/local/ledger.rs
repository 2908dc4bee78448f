//! Runs in SQLite; an owner is a process of this machine.

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde_json::Value;

use super::{
    database::{Database, json},
    process,
};
use crate::{Claim, Ledger, RunClaim, RunRecord, RunStatus, StoreError};

const RUN_COLUMNS: &str = "ticket, run_id, job, owner, inputs, status, receipt";

impl Ledger for Database {
    fn ticket(&self) -> Result<u64, StoreError> {
        self.change(|transaction| {
            transaction.execute("DELETE FROM tickets", [])?;
            transaction.execute("INSERT INTO tickets DEFAULT VALUES", [])?;
            Ok(transaction.last_insert_rowid().cast_unsigned())
        })
    }

    fn claim(&self, run: &RunClaim) -> Result<Claim, StoreError> {
        self.change(|transaction| {
            let Some(mut found) = find_run(transaction, &run.run_id)? else {
                transaction.execute(
                    "INSERT INTO runs (run_id, ticket, job, owner, inputs, status) VALUES (?, ?, ?, ?, ?, ?)",
                    params![
                        run.run_id,
                        run.ticket.cast_signed(),
                        run.job,
                        run.owner,
                        run.inputs.to_string(),
                        RunStatus::Running.as_str()
                    ],
                )?;
                return Ok(Claim::New);
            };
            found.ticket = found.ticket.max(run.ticket);
            transaction.execute(
                "UPDATE runs SET ticket = ?2 WHERE run_id = ?1",
                params![run.run_id, found.ticket.cast_signed()],
            )?;
            if found.status == RunStatus::Succeeded {
                return Ok(Claim::Done(found));
            }
            if found.status == RunStatus::Running && found.owner != run.owner && process::is_alive(&found.owner) {
                return Ok(Claim::Busy(found));
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
                return Err(StoreError::UnknownRun { run_id }.into());
            };
            match (found.status, status) {
                (RunStatus::Running, RunStatus::Succeeded | RunStatus::Failed) => transaction.execute(
                    "UPDATE runs SET status = ?2, receipt = ?3 WHERE run_id = ?1",
                    params![run_id, status.as_str(), receipt.to_string()],
                )?,
                (found, asked) if found == asked && found != RunStatus::Running => 0,
                (found, asked) => return Err(StoreError::RunFinished { run_id, found, asked }.into()),
            };
            Ok(())
        })
    }

    fn run(&self, run_id: &str) -> Result<Option<RunRecord>, StoreError> {
        self.read(|connection| find_run(connection, run_id))
    }

    fn runs(&self, job: Option<&str>) -> Result<Vec<RunRecord>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {RUN_COLUMNS} FROM runs WHERE ?1 IS NULL OR job = ?1 ORDER BY ticket DESC");
            connection.prepare_cached(&sql)?.query_map([job], run_record)?.collect()
        })
    }
}

fn find_run(connection: &Connection, run_id: &str) -> rusqlite::Result<Option<RunRecord>> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM runs WHERE run_id = ?");
    connection.prepare_cached(&sql)?.query_row([run_id], run_record).optional()
}

fn run_record(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        ticket: row.get::<_, i64>(0)?.cast_unsigned(),
        run_id: row.get(1)?,
        job: row.get(2)?,
        owner: row.get(3)?,
        inputs: json(4, &row.get::<_, String>(4)?)?,
        status: status(5, &row.get::<_, String>(5)?)?,
        receipt: row.get::<_, Option<String>>(6)?.map(|text| json(6, &text)).transpose()?,
    })
}

fn status(column: usize, text: &str) -> rusqlite::Result<RunStatus> {
    let found = RunStatus::ALL.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnType(column, text.to_owned(), Type::Text))
}
