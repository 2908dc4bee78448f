//! The stack's resources: whether CloudFormation is done with them, and how to find those that others look at.

use aws_sdk_cloudformation::types::StackResourceSummary;

use super::{Finding, denied};
use crate::stack::Stack;

pub(super) fn list(stack: &Stack, name: &str) -> Result<Vec<StackResourceSummary>, String> {
    let client = aws_sdk_cloudformation::Client::new(&stack.config);
    let listed = client.list_stack_resources().stack_name(name).into_paginator().items().send();
    let listed = stack.wait(listed.collect::<Result<_, _>>());
    listed.map_err(|error| denied("the stack's resources cannot be listed", error))
}

/// Physical ids of the resources of a type, such as `AWS::Events::Rule`; what they are, each type says.
pub(super) fn ids<'a>(listed: &'a [StackResourceSummary], kind: &str) -> impl Iterator<Item = &'a str> {
    let of_kind = listed.iter().filter(move |resource| resource.resource_type.as_deref() == Some(kind));
    of_kind.filter_map(|resource| resource.physical_resource_id.as_deref())
}

/// Physical id of the resource that the template calls so.
pub(super) fn id<'a>(listed: &'a [StackResourceSummary], name: &str) -> Option<&'a str> {
    let named = listed.iter().find(|resource| resource.logical_resource_id.as_deref() == Some(name));
    named.and_then(|resource| resource.physical_resource_id.as_deref())
}

pub(super) fn complete(listed: &[StackResourceSummary]) -> Finding {
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
    Err(format!("{}; deploy again", unfinished.join(", ")).into())
}
