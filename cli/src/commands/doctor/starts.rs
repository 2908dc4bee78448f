//! What starts runs: the rule for uploads, the schedule, and the queue of starts that failed.

use aws_sdk_cloudformation::types::StackResourceSummary;
use aws_sdk_eventbridge::{operation::describe_rule::DescribeRuleError, types::RuleState};
use aws_sdk_scheduler::{operation::get_schedule::GetScheduleError, types::ScheduleState};
use aws_sdk_sqs::types::QueueAttributeName;

use super::{Finding, RESTORE, Trouble, denied, resources};
use crate::stack::Stack;

pub(super) fn upload_rule(stack: &Stack, listed: &[StackResourceSummary]) -> Finding {
    let Some(rule) = resources::id(listed, "UploadRule") else {
        return Err("the stack has no rule, so that no upload starts a run; deploy again".to_owned().into());
    };
    let client = aws_sdk_eventbridge::Client::new(&stack.config);
    let described = match stack.wait(client.describe_rule().name(rule).send()) {
        Err(error) if error.as_service_error().is_some_and(DescribeRuleError::is_resource_not_found_exception) => {
            return Err(format!("the rule `{rule}` is gone, so that no upload starts a run; {RESTORE}").into());
        }
        described => described.map_err(|error| denied("the rule for uploads is unknown", error))?,
    };
    if described.state == Some(RuleState::Disabled) {
        let enable = format!("`aws events enable-rule --name {rule}`");
        return Err(format!("the rule `{rule}` is disabled, so that no upload starts a run; {enable}").into());
    }
    let targets = stack.wait(client.list_targets_by_rule().rule(rule).send());
    let targets = targets.map_err(|error| denied("what an upload starts is unknown", error))?;
    if targets.targets.unwrap_or_default().iter().any(|target| target.arn == stack.state_machine) {
        return Ok(format!("{rule} is enabled and starts the state machine"));
    }
    Err(format!("the rule `{rule}` does not start the state machine, so that no upload starts a run; {RESTORE}").into())
}

pub(super) fn schedule(stack: &Stack, listed: &[StackResourceSummary]) -> Finding {
    let group = resources::ids(listed, "AWS::Scheduler::ScheduleGroup").next();
    let Some(name) = resources::id(listed, "JobSchedule") else {
        return Ok("none; uploads alone start runs".to_owned());
    };
    let client = aws_sdk_scheduler::Client::new(&stack.config);
    let asked = client.get_schedule().set_group_name(group.map(str::to_owned)).name(name).send();
    let found = match stack.wait(asked) {
        Err(error) if error.as_service_error().is_some_and(GetScheduleError::is_resource_not_found_exception) => {
            return Err(format!("the schedule `{name}` is gone, so that nothing runs on time; {RESTORE}").into());
        }
        found => found.map_err(|error| denied("the schedule is unknown", error))?,
    };
    if found.state == Some(ScheduleState::Disabled) {
        return Err(format!("the schedule `{name}` is disabled, so that nothing runs on time; {RESTORE}").into());
    }
    if found.target.is_none_or(|target| target.arn != stack.state_machine) {
        return Err(format!("the schedule `{name}` does not start the state machine; {RESTORE}").into());
    }
    Ok(format!("{name} starts the state machine by {}", found.schedule_expression.unwrap_or_default()))
}

/// Messages in the stack's queues: all of them are queues of dead letters.
pub(super) fn failed(stack: &Stack, listed: &[StackResourceSummary]) -> Finding {
    const WAITING: QueueAttributeName = QueueAttributeName::ApproximateNumberOfMessages;
    let client = aws_sdk_sqs::Client::new(&stack.config);
    let mut empty = Vec::new();
    for url in resources::ids(listed, "AWS::SQS::Queue") {
        let name = url.rsplit('/').next().unwrap_or(url);
        let asked = stack.wait(client.get_queue_attributes().queue_url(url).attribute_names(WAITING).send());
        let asked = asked.map_err(|error| denied("failed starts are unknown", error))?;
        match asked.attributes.as_ref().and_then(|attributes| attributes.get(&WAITING)?.parse::<u64>().ok()) {
            Some(0) => empty.push(name),
            Some(count) => return Err(format!("about {count} in the queue `{name}`; {START_AGAIN}").into()),
            None => return Err(Trouble::NotChecked(format!("the queue `{name}` does not say how much it holds"))),
        }
    }
    Ok(format!("none in {}", empty.join(", ")))
}

/// What to do about starts that failed.
const START_AGAIN: &str = "start their jobs and empty it (docs/operations.md, Starts that failed)";
