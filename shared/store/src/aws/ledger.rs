//! Runs in DynamoDB; an owner is an execution of the state machine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::ReturnValue,
};
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::Value;

use super::{
    fault::io_error,
    item::{Item, Table, item, lost, number, text},
};
use crate::{Claim, Ledger, RunClaim, RunRecord, RunStatus, StoreError};

/// How long a run is remembered after its end.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The runs of a deployed lake.
pub(super) struct DynamoLedger {
    pub(super) table: Table,
    pub(super) executions: aws_sdk_sfn::Client,
}

impl Ledger for DynamoLedger {
    fn ticket(&self) -> Result<u64, StoreError> {
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key("pk", text("COUNTER"))
            .key("sk", text("TICKETS"))
            .update_expression("ADD #last :one")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send();
        let updated = self.table.wait(request).map_err(|error| self.table.fault(error))?;
        self.table.number(&updated.attributes.unwrap_or_default(), "last")
    }

    fn claim(&self, run: &RunClaim) -> Result<Claim, StoreError> {
        loop {
            let Some(found) = self.run(&run.run_id)? else {
                if self.insert(run)? {
                    return Ok(Claim::New);
                }
                continue;
            };
            let taken = found.status == RunStatus::Failed
                || found.status == RunStatus::Running && (found.owner == run.owner || !self.is_alive(&found.owner)?);
            // Lost means that the run ended or changed hands meanwhile; how it stands now decides.
            if let Some(asked) = self.ask(run, found, taken)? {
                return Ok(match asked.status {
                    RunStatus::Succeeded => Claim::Done(asked),
                    _ if taken => Claim::Resumed,
                    _ => Claim::Busy(asked),
                });
            }
        }
    }

    fn finish(&self, run_id: &str, status: RunStatus, receipt: &Value) -> Result<(), StoreError> {
        let Some(found) = self.run(run_id)? else {
            return Err(StoreError::UnknownRun { run_id: run_id.to_owned() });
        };
        if status == RunStatus::Running || (found.status != RunStatus::Running && found.status != status) {
            let run_id = run_id.to_owned();
            return Err(StoreError::RunFinished { run_id, found: found.status, asked: status });
        }
        if found.status == status {
            return Ok(());
        }
        let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + KEPT;
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(run_id)))
            .update_expression("SET #status = :status, receipt = :receipt, expires_at = :expires")
            .condition_expression("#status = :running")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", text(status.as_str()))
            .expression_attribute_values(":running", text(RunStatus::Running.as_str()))
            .expression_attribute_values(":receipt", text(&receipt.to_string()))
            .expression_attribute_values(":expires", number(expires.as_secs()))
            .send();
        match self.table.wait(request) {
            Ok(_) => Ok(()),
            // It ended meanwhile: asked again, the first ending stands or the second is refused.
            Err(error) if lost(&error) => self.finish(run_id, status, receipt),
            Err(error) => Err(self.table.fault(error)),
        }
    }

    fn run(&self, run_id: &str) -> Result<Option<RunRecord>, StoreError> {
        self.table.get(&partition(run_id), STATE)?.map(|item| self.record(&item)).transpose()
    }

    fn runs(&self, job: Option<&str>) -> Result<Vec<RunRecord>, StoreError> {
        let items = match job {
            Some(job) => self.table.query_index(&format!("JOB#{job}"))?,
            None => self.scan()?,
        };
        let mut runs = items.iter().map(|item| self.record(item)).collect::<Result<Vec<_>, _>>()?;
        runs.sort_by_key(|run| std::cmp::Reverse(run.ticket));
        Ok(runs)
    }
}

impl DynamoLedger {
    /// Writes a run that nobody claimed before; false when somebody did meanwhile.
    fn insert(&self, run: &RunClaim) -> Result<bool, StoreError> {
        let request = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item([
                ("pk", text(&partition(&run.run_id))),
                ("sk", text(STATE)),
                ("gsi1pk", text(&format!("JOB#{}", run.job))),
                ("gsi1sk", text(&run.run_id)),
                ("run_id", text(&run.run_id)),
                ("job", text(&run.job)),
                ("owner", text(&run.owner)),
                ("inputs", text(&run.inputs.to_string())),
                ("status", text(RunStatus::Running.as_str())),
                ("ticket", number(run.ticket)),
            ])))
            .condition_expression("attribute_not_exists(pk)")
            .send();
        self.won(self.table.wait(request))
    }

    /// Writes the ticket on a run as it was found, and the new owner if it is taken; none when it changed meanwhile.
    fn ask(&self, run: &RunClaim, found: RunRecord, taken: bool) -> Result<Option<RunRecord>, StoreError> {
        let ticket = found.ticket.max(run.ticket);
        let (owner, status) = if taken { (&run.owner, RunStatus::Running) } else { (&found.owner, found.status) };
        let forget = if taken { " REMOVE receipt, failure, expires_at" } else { "" };
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&run.run_id)))
            .update_expression(format!("SET #owner = :owner, #status = :status, ticket = :ticket{forget}"))
            .condition_expression("#owner = :seen_owner AND #status = :seen_status AND ticket = :seen_ticket")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":status", text(status.as_str()))
            .expression_attribute_values(":ticket", number(ticket))
            .expression_attribute_values(":seen_owner", text(&found.owner))
            .expression_attribute_values(":seen_status", text(found.status.as_str()))
            .expression_attribute_values(":seen_ticket", number(found.ticket))
            .send();
        Ok(self.won(self.table.wait(request))?.then_some(RunRecord { ticket, ..found }))
    }

    fn won<T, E>(&self, answer: Result<T, SdkError<E>>) -> Result<bool, StoreError>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match answer {
            Ok(_) => Ok(true),
            Err(error) if lost(&error) => Ok(false),
            Err(error) => Err(self.table.fault(error)),
        }
    }

    fn is_alive(&self, owner: &str) -> Result<bool, StoreError> {
        self.table.wait(is_alive(&self.executions, owner))
    }

    fn scan(&self) -> Result<Vec<Item>, StoreError> {
        let pages = self
            .table
            .client
            .scan()
            .table_name(&self.table.name)
            .filter_expression("sk = :state")
            .expression_attribute_values(":state", text(STATE))
            .into_paginator()
            .items()
            .send();
        self.table.wait(pages.collect::<Result<Vec<_>, _>>()).map_err(|error| self.table.fault(error))
    }

    fn record(&self, item: &Item) -> Result<RunRecord, StoreError> {
        let table = &self.table;
        let status = table.text(item, "status")?;
        Ok(RunRecord {
            ticket: table.number(item, "ticket")?,
            run_id: table.text(item, "run_id")?,
            job: table.text(item, "job")?,
            owner: table.text(item, "owner")?,
            inputs: table.json(item, "inputs")?,
            status: RunStatus::ALL
                .into_iter()
                .find(|known| known.as_str() == status)
                .ok_or_else(|| table.damaged("status"))?,
            receipt: if item.contains_key("receipt") { Some(table.json(item, "receipt")?) } else { None },
        })
    }
}

/// Whether an owner of runs is an execution that runs or can be redriven any moment.
///
/// # Errors
/// Whatever Step Functions reports, but for an execution that it does not know: that one is not alive.
pub async fn is_alive(executions: &aws_sdk_sfn::Client, owner: &str) -> Result<bool, StoreError> {
    match executions.describe_execution().execution_arn(owner).send().await {
        Ok(execution) => Ok(matches!(execution.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive)),
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_execution_does_not_exist() || refused.is_invalid_arn() => Ok(false),
            _ => Err(StoreError::from_io(owner, io_error(error))),
        },
    }
}

const STATE: &str = "STATE";

fn partition(run_id: &str) -> String {
    format!("RUN#{run_id}")
}

fn key(run_id: &str) -> Item {
    item([("pk", text(&partition(run_id))), ("sk", text(STATE))])
}
