//! The runs: those that no execution works on any more, and those that failed last.

use std::collections::BTreeMap;

use lotline_store::{RunRecord, RunStatus, StoreError, aws::is_alive};

use super::{Finding, refused};
use crate::stack::Stack;

pub(super) fn read(stack: &Stack) -> Result<Vec<RunRecord>, String> {
    stack.stores.ledger.runs(None).map_err(|error| unknown(&error))
}

/// Runs recorded as running whose execution was stopped or took too long: it could record nothing. Where a later run of
/// the job was asked for, nothing is left to do about them, and nothing that takes them on again.
pub(super) fn running(stack: &Stack, name: &str, runs: &[RunRecord]) -> Finding {
    let executions = aws_sdk_sfn::Client::new(&stack.config);
    let newest = newest(runs);
    let (mut alive, mut replaced, mut left) = (0, 0, Vec::new());
    for run in runs.iter().filter(|run| run.status == RunStatus::Running) {
        if stack.wait(is_alive(&executions, &run.owner)).map_err(|error| refused("executions are unknown", &error))? {
            alive += 1;
        } else if newest.get(run.job.as_str()) != Some(&run) {
            replaced += 1;
        } else if stack.stores.ledger.run(&run.run_id).map_err(|error| unknown(&error))?.as_ref() == Some(run) {
            // Looked up again: it may have ended since the runs were read.
            left.push(format!("`lotline runs redrive {} --stack {name}`", run.run_id));
        }
    }
    if left.is_empty() {
        let replaced =
            if replaced > 0 { format!("; {replaced} without, whose jobs have run since") } else { String::new() };
        return Ok(format!("{alive} runs with their executions{replaced}"));
    }
    Err(format!("{} recorded as running without an execution; {}", left.len(), left.join(", ")).into())
}

pub(super) fn last(runs: &[RunRecord]) -> Finding {
    let newest = newest(runs);
    let failed: Vec<String> = newest
        .values()
        .filter(|run| run.status == RunStatus::Failed)
        .map(|run| {
            let cause = run.receipt.as_ref().and_then(|receipt| receipt["cause"].as_str()).unwrap_or("no cause");
            format!("`{}` failed: {cause}", run.run_id)
        })
        .collect();
    if failed.is_empty() {
        return Ok(format!("none of {} jobs failed last", newest.len()));
    }
    Err(failed.join("; ").into())
}

/// The run of each job that was asked for last, by the job; the runs come in that order.
fn newest(runs: &[RunRecord]) -> BTreeMap<&str, &RunRecord> {
    let mut newest = BTreeMap::new();
    for run in runs {
        newest.entry(run.job.as_str()).or_insert(run);
    }
    newest
}

fn unknown(error: &StoreError) -> String {
    refused("runs cannot be read", error)
}
