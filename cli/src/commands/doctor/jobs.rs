//! The jobs: whether their settings can be used, and the state machine that runs them.

use aws_sdk_sfn::types::{ExecutionStatus, StateMachineStatus};
use lotline_stages::{Job, message};

use super::{Finding, RESTORE, denied, refused};
use crate::stack::Stack;

pub(super) fn settings(stack: &Stack) -> Finding {
    let settings = &stack.stores.settings;
    let jobs = settings.jobs().map_err(|error| refused("settings cannot be read", &error))?;
    if jobs.is_empty() {
        return Err("no job has settings; `lotline settings push JOB_DIR --stack NAME`".to_owned().into());
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

pub(super) fn state_machine(stack: &Stack) -> Finding {
    let client = aws_sdk_sfn::Client::new(&stack.config);
    let described = stack.wait(client.describe_state_machine().state_machine_arn(&stack.state_machine).send());
    let described = described.map_err(|error| denied("the state machine is unknown", error))?;
    if described.status.is_some_and(|status| status != StateMachineStatus::Active) {
        return Err(format!("the state machine is being deleted; {RESTORE}").into());
    }
    let running =
        client.list_executions().state_machine_arn(&stack.state_machine).status_filter(ExecutionStatus::Running);
    let running = stack.wait(running.send()).map_err(|error| denied("executions are unknown", error))?;
    Ok(format!("{} is active, {} executions run", described.name, running.executions.len()))
}
