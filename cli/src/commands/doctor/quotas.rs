//! The account's quotas against what the template's parameters ask for.
//!
//! One decides whether runs get through. The others only slow a run (state transitions, requests to DynamoDB and to the
//! key) or are far off (open executions, Map runs).

use super::{Finding, Trouble, denied};
use crate::stack::Stack;

/// Lambda's quota `Concurrent executions`: how many functions run at once in the account's region.
const CONCURRENT_EXECUTIONS: &str = "L-B99A9384";

pub(super) fn concurrency(stack: &Stack) -> Finding {
    let (wanted, kept) = (parameter(stack, "MaxConcurrency")?, parameter(stack, "MatchReservedConcurrency")?);
    let client = aws_sdk_servicequotas::Client::new(&stack.config);
    let answer = stack.wait(client.get_service_quota().service_code("lambda").quota_code(CONCURRENT_EXECUTIONS).send());
    let unread = |why| Trouble::NotChecked(format!("how many functions the account may run at once: {why}"));
    let answer = answer.map_err(|error| unread(denied("the quota cannot be read", error)))?;
    let quota = answer.quota.and_then(|quota| quota.value);
    let quota = quota.ok_or_else(|| unread("the quota has no value".to_owned()))?;
    let reserved = if kept > 0.0 { format!(", {kept} of them kept for the match") } else { String::new() };
    let found =
        format!("the account runs {quota} functions at once{reserved}; a step of a run asks for up to {wanted}");
    if quota - kept >= wanted {
        return Ok(found);
    }
    let remedy = format!("have Lambda's `Concurrent executions` ({CONCURRENT_EXECUTIONS}) raised by Service Quotas");
    Err(format!("{found}; {remedy}, or deploy with a lower MaxConcurrency").into())
}

/// A number among the template's parameters.
fn parameter(stack: &Stack, name: &str) -> Result<f64, Trouble> {
    let value = stack.parameters.get(name).and_then(|value| value.parse().ok());
    value.ok_or_else(|| format!("the stack has no parameter `{name}`; deploy again").into())
}
