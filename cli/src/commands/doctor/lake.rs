//! The lake: your access to it, what its bucket tells of uploads, and whether Athena sees what is published.

use aws_sdk_glue::error::ProvideErrorMetadata;

use super::{Finding, RESTORE, denied, refused};
use crate::stack::Stack;

/// The object that is written, read and removed.
const PROBE: &str = "runs/doctor/probe";

pub(super) fn access(stack: &Stack) -> Finding {
    let objects = &stack.stores.objects;
    let tried = objects.put(PROBE, b"probe").and_then(|()| objects.get(PROBE)).and_then(|found| {
        objects.delete(PROBE)?;
        Ok(found)
    });
    match tried {
        Ok(Some(found)) if found == b"probe" => Ok(format!("s3://{} is written, read and cleared", stack.lake.bucket)),
        Ok(_) => Err(format!("s3://{} does not give back what was written", stack.lake.bucket).into()),
        Err(error) => Err(refused("your own access", &error).into()),
    }
}

pub(super) fn uploads(stack: &Stack) -> Finding {
    let client = stack.s3();
    let bucket = &stack.lake.bucket;
    let written = stack.wait(client.put_object().bucket(bucket).key(PROBE).send());
    let written = written.map_err(|error| denied("your own access", error))?;
    if written.version_id.is_none() {
        return Err(
            format!("the bucket keeps no versions, so a file may change while a run reads it; {RESTORE}").into()
        );
    }
    let notified = stack.wait(client.get_bucket_notification_configuration().bucket(bucket).send());
    let notified = notified.map_err(|error| denied("the bucket's notifications are unknown", error))?;
    if notified.event_bridge_configuration.is_none() {
        return Err(format!("the bucket tells EventBridge nothing, so that no upload starts a run; {RESTORE}").into());
    }
    Ok("the bucket keeps versions and tells EventBridge of uploads".to_owned())
}

pub(super) fn tables(stack: &Stack) -> Finding {
    let published = stack.stores.catalog.tables().map_err(|error| refused("the catalog cannot be read", &error))?;
    let glue = aws_sdk_glue::Client::new(&stack.config);
    let mut behind = Vec::new();
    for version in &published {
        let found = stack.wait(glue.get_table().database_name(&stack.lake.database).name(&version.table).send());
        let found = match found {
            Err(error) if error.code() != Some("EntityNotFoundException") => {
                return Err(denied("the tables that Athena sees are unknown", error).into());
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
    Err(format!("Athena does not see the published version of {}; start the job again", behind.join(", ")).into())
}
