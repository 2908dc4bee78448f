//! `lotline doctor`: whether a deployment can do its work, and what is wrong where it cannot.

use std::collections::BTreeMap;

use aws_sdk_glue::error::ProvideErrorMetadata;
use aws_sdk_sfn::types::{ExecutionStatus, StateMachineStatus};
use clap::Args;
use lotline_stages::{Job, message};
use lotline_store::{RunStatus, aws::io_error};

use crate::{
    error::CliError,
    output::{Outcome, print},
    stack::Stack,
};

/// Check a deployment: its resources, your access to the lake, the settings, what an upload starts, the published
/// tables and the last runs. Exit code 1 when something is wrong.
///
/// It looks and, but for one object under runs/doctor/ that it removes again, changes nothing. The rights of the
/// functions' own roles are not tried: they show in the last runs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline doctor --stack lotline")]
pub(crate) struct Doctor {
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

/// The object that is written, read and removed.
const PROBE: &str = "runs/doctor/probe";

/// What a check found: a sentence when all is well, else one that says what is wrong and what to do.
type Finding = Result<String, String>;

impl Doctor {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stack = Stack::open(&self.stack)?;
        let checks: [(&str, Finding); 7] = [
            ("resources", resources(&stack, &self.stack)),
            ("uploads", uploads(&stack)),
            ("lake", lake(&stack)),
            ("settings", settings(&stack)),
            ("state machine", state_machine(&stack)),
            ("tables", tables(&stack)),
            ("last runs", last_runs(&stack)),
        ];
        for (name, finding) in &checks {
            let (sign, text) = finding.as_ref().map_or_else(|wrong| ("WRONG", wrong), |fine| ("ok", fine));
            print(&format!("{sign:<6} {name:<14} {text}\n"))?;
        }
        let all_well = checks.iter().all(|(_, finding)| finding.is_ok());
        Ok(if all_well { Outcome::Done } else { Outcome::OverLimit })
    }
}

/// A refusal of AWS in words.
fn refused(what: &str, error: &dyn std::error::Error) -> String {
    format!("{what}: {}", message(error))
}

fn resources(stack: &Stack, name: &str) -> Finding {
    let client = aws_sdk_cloudformation::Client::new(&stack.config);
    let listed = client.list_stack_resources().stack_name(name).into_paginator().items().send();
    let listed = stack.wait(listed.collect::<Result<Vec<_>, _>>());
    let listed = listed.map_err(|error| refused("the stack's resources cannot be listed", &io_error(error)))?;
    let unfinished: Vec<String> = listed
        .iter()
        .filter_map(|resource| {
            let status = resource.resource_status.as_ref()?.as_str();
            (!status.ends_with("_COMPLETE") || status.starts_with("DELETE"))
                .then(|| format!("`{}` is {status}", resource.logical_resource_id.as_deref().unwrap_or_default()))
        })
        .collect();
    if unfinished.is_empty() {
        return Ok(format!("{} resources are complete", listed.len()));
    }
    Err(format!("{}; deploy again", unfinished.join(", ")))
}

fn lake(stack: &Stack) -> Finding {
    let objects = &stack.stores.objects;
    let tried = objects.put(PROBE, b"probe").and_then(|()| objects.get(PROBE)).and_then(|found| {
        objects.delete(PROBE)?;
        Ok(found)
    });
    match tried {
        Ok(Some(found)) if found == b"probe" => Ok(format!("s3://{} is written, read and cleared", stack.lake.bucket)),
        Ok(_) => Err(format!("s3://{} does not give back what was written", stack.lake.bucket)),
        Err(error) => Err(refused("your own access", &error)),
    }
}

fn uploads(stack: &Stack) -> Finding {
    let client = stack.s3();
    let bucket = &stack.lake.bucket;
    let written = stack.wait(client.put_object().bucket(bucket).key(PROBE).send());
    let written = written.map_err(|error| refused("your own access", &io_error(error)))?;
    if written.version_id.is_none() {
        return Err("the bucket keeps no versions, so a file may change while a run reads it; deploy again".to_owned());
    }
    let notified = stack.wait(client.get_bucket_notification_configuration().bucket(bucket).send());
    let notified = notified.map_err(|error| refused("the bucket's notifications are unknown", &io_error(error)))?;
    if notified.event_bridge_configuration.is_none() {
        return Err("the bucket tells EventBridge nothing, so that no upload starts a run; deploy again".to_owned());
    }
    Ok("the bucket keeps versions and tells EventBridge of uploads".to_owned())
}

fn settings(stack: &Stack) -> Finding {
    let settings = &stack.stores.settings;
    let jobs = settings.jobs().map_err(|error| refused("settings cannot be read", &error))?;
    if jobs.is_empty() {
        return Err("no job has settings; `lotline settings push JOB_DIR --stack NAME`".to_owned());
    }
    let mut listed = Vec::new();
    for job in jobs {
        let current = settings.current(&job).map_err(|error| refused("settings cannot be read", &error))?;
        let Some(current) = current else { continue };
        let place = format!("{job} version {}", current.version);
        Job::parse(&place, &current.files).map_err(|error| message(&error))?;
        listed.push(place);
    }
    Ok(listed.join(", "))
}

fn state_machine(stack: &Stack) -> Finding {
    let client = aws_sdk_sfn::Client::new(&stack.config);
    let described = stack.wait(client.describe_state_machine().state_machine_arn(&stack.state_machine).send());
    let described = described.map_err(|error| refused("the state machine is unknown", &io_error(error)))?;
    if described.status.is_some_and(|status| status != StateMachineStatus::Active) {
        return Err("the state machine is being deleted; deploy again".to_owned());
    }
    let running =
        client.list_executions().state_machine_arn(&stack.state_machine).status_filter(ExecutionStatus::Running);
    let running = stack.wait(running.send()).map_err(|error| refused("executions are unknown", &io_error(error)))?;
    Ok(format!("{} is active, {} executions run", described.name, running.executions.len()))
}

fn tables(stack: &Stack) -> Finding {
    let published = stack.stores.catalog.tables().map_err(|error| refused("the catalog cannot be read", &error))?;
    let glue = aws_sdk_glue::Client::new(&stack.config);
    let mut behind = Vec::new();
    for version in &published {
        let found = stack.wait(glue.get_table().database_name(&stack.lake.database).name(&version.table).send());
        let found = match found {
            Err(error) if error.code() != Some("EntityNotFoundException") => {
                return Err(refused("the tables that Athena sees are unknown", &io_error(error)));
            }
            found => found.ok().and_then(|found| found.table?.storage_descriptor?.location),
        };
        if found.as_deref() != Some(&stack.lake.url(&version.location)) {
            behind.push(format!("`{}`", version.table));
        }
    }
    if behind.is_empty() {
        return Ok(format!("{} tables, all of them as Athena sees them", published.len()));
    }
    Err(format!("Athena does not see the published version of {}; start the job again", behind.join(", ")))
}

fn last_runs(stack: &Stack) -> Finding {
    let runs = stack.stores.ledger.runs(None).map_err(|error| refused("runs cannot be read", &error))?;
    let mut newest = BTreeMap::new();
    for run in runs {
        newest.entry(run.job.clone()).or_insert(run);
    }
    let failed: Vec<String> = newest
        .values()
        .filter(|run| run.status == RunStatus::Failed)
        .map(|run| {
            let cause = run.receipt.as_ref().and_then(|receipt| receipt["cause"].as_str()).unwrap_or("no cause");
            format!("`{}` failed: {cause}", run.run_id)
        })
        .collect();
    if failed.is_empty() { Ok(format!("none of {} jobs failed last", newest.len())) } else { Err(failed.join("; ")) }
}
