//! `lotline runs`: the runs of a deployed lake.

use std::{collections::BTreeSet, thread, time::Duration};

use aws_sdk_sfn::{
    Client,
    types::{ExecutionStatus, HistoryEvent},
};
use clap::{Args, Subcommand};
use lotline_store::{RunRecord, RunStatus, aws::io_error};
use serde_json::{Value, json};

use crate::{
    error::CliError,
    output::{Outcome, print, print_json, rows_text},
    stack::Stack,
};

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// List runs, the latest asked for first.
    List(List),
    /// Start a run over the files that lie under drop/JOB/.
    Start(Start),
    /// Show how a run stands, and its receipt or its failure.
    Status(Status),
    /// Follow an execution to its end, state by state.
    Watch(Watch),
    /// Start a failed run again; what it had done is not done twice.
    Redrive(Redrive),
}

impl Runs {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        match self {
            Self::List(command) => command.run(),
            Self::Start(command) => command.run(),
            Self::Status(command) => command.run(),
            Self::Watch(command) => command.run(),
            Self::Redrive(command) => command.run(),
        }
    }
}

/// List runs, the latest asked for first.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only runs of this job.
    job: Option<String>,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

impl List {
    fn run(self) -> Result<Outcome, CliError> {
        let runs = Stack::open(&self.stack)?.stores.ledger.runs(self.job.as_deref())?;
        let columns = ["run", "job", "status", "links", "result digest"].map(str::to_owned);
        let row = |run: &RunRecord| {
            let of_receipt = |field: &str| run.receipt.as_ref().map_or(Value::Null, |receipt| receipt[field].clone());
            let (links, digest) = (of_receipt("links"), of_receipt("result_digest"));
            vec![json!(run.run_id), json!(run.job), json!(run.status.as_str()), links, digest]
        };
        print(&rows_text(&columns, &runs.iter().map(row).collect::<Vec<_>>()))?;
        Ok(Outcome::Done)
    }
}

/// Start a run over the files that lie under drop/JOB/ and print its execution.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline runs start properties --stack lotline --watch")]
pub(crate) struct Start {
    /// The job.
    job: String,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Follow it to its end.
    #[arg(long)]
    watch: bool,
}

impl Start {
    fn run(self) -> Result<Outcome, CliError> {
        let stack = Stack::open(&self.stack)?;
        start(&stack, &self.job, self.watch)
    }
}

/// Show how a run stands, and its receipt or its failure, as JSON.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The run.
    run_id: String,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

impl Status {
    fn run(self) -> Result<Outcome, CliError> {
        print_json(&found(&Stack::open(&self.stack)?, &self.run_id)?)?;
        Ok(Outcome::Done)
    }
}

/// Follow an execution to its end, state by state; exit code 2 when it fails.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// A run, or the ARN of an execution.
    run: String,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

impl Watch {
    fn run(self) -> Result<Outcome, CliError> {
        let stack = Stack::open(&self.stack)?;
        let execution = if self.run.starts_with("arn:") { self.run } else { found(&stack, &self.run)?.owner };
        watch(&stack, &execution)
    }
}

/// Start a failed run again; what it had done is not done twice.
///
/// The new execution looks at the files as they lie under drop/JOB/ now: when they changed since, it makes a new run.
#[derive(Debug, Args)]
pub(crate) struct Redrive {
    /// The run that failed.
    run_id: String,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Follow it to its end.
    #[arg(long)]
    watch: bool,
}

impl Redrive {
    fn run(self) -> Result<Outcome, CliError> {
        let stack = Stack::open(&self.stack)?;
        let run = found(&stack, &self.run_id)?;
        // A run that is `running` may have lost its execution; if it has not, the new one ends as a duplicate.
        if run.status == RunStatus::Succeeded {
            let found = format!("run `{}`, which is `{}`", run.run_id, run.status);
            return Err(CliError::argument("RUN_ID", found, "a run that failed"));
        }
        start(&stack, &run.job, self.watch)
    }
}

fn found(stack: &Stack, run_id: &str) -> Result<RunRecord, CliError> {
    let missing = || CliError::argument("RUN_ID", format!("no run `{run_id}`"), "one that `lotline runs list` shows");
    stack.stores.ledger.run(run_id)?.ok_or_else(missing)
}

fn start(stack: &Stack, job: &str, follow: bool) -> Result<Outcome, CliError> {
    let client = Client::new(&stack.config);
    let input = json!({ "job": job }).to_string();
    let request = client.start_execution().state_machine_arn(&stack.state_machine).input(input).send();
    let started = stack.wait(request).map_err(|error| refused(&stack.state_machine, io_error(error)))?;
    print(&format!("{}\n", started.execution_arn))?;
    if follow { watch(stack, &started.execution_arn) } else { Ok(Outcome::Done) }
}

fn watch(stack: &Stack, execution: &str) -> Result<Outcome, CliError> {
    const PAUSE: Duration = Duration::from_secs(1);
    let client = Client::new(&stack.config);
    let mut shown = BTreeSet::new();
    loop {
        let described = stack.wait(client.describe_execution().execution_arn(execution).send());
        let described = described.map_err(|error| refused(execution, io_error(error)))?;
        let events = client.get_execution_history().execution_arn(execution).into_paginator().items().send();
        let events = stack.wait(events.collect::<Result<Vec<_>, _>>());
        for event in events.map_err(|error| refused(execution, io_error(error)))? {
            if shown.insert(event.id)
                && let Some(line) = line(&event)
            {
                eprintln!("{line}");
            }
        }
        match described.status {
            ExecutionStatus::Running | ExecutionStatus::PendingRedrive => thread::sleep(PAUSE),
            ExecutionStatus::Succeeded => {
                print(&format!("{}\n", described.output.unwrap_or_default()))?;
                return Ok(Outcome::Done);
            }
            status => {
                let cause = described.cause.unwrap_or_else(|| status.as_str().to_owned());
                return Err(refused(
                    &described.error.unwrap_or_else(|| execution.to_owned()),
                    std::io::Error::other(cause),
                ));
            }
        }
    }
}

/// The state that an event enters, with the time.
fn line(event: &HistoryEvent) -> Option<String> {
    let state = &event.state_entered_event_details.as_ref()?.name;
    let time = event.timestamp.fmt(aws_sdk_sfn::primitives::DateTimeFormat::DateTime).unwrap_or_default();
    Some(format!("{time}  {state}"))
}

fn refused(place: &str, source: std::io::Error) -> CliError {
    CliError::Io { place: place.to_owned(), source }
}
