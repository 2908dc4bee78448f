//! Events of AppSync's direct Lambda resolvers, one or a batch.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Api, ApiError, Field};

/// What AppSync sends for one field.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    arguments: Value,
    #[serde(default)]
    identity: Value,
    info: Info,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    field_name: String,
    #[serde(default)]
    selection_set_list: Vec<String>,
}

/// Answers an event: the field's value, or for a batch a list with `data` or `errorType` and `errorMessage` of each.
///
/// # Errors
/// Of a single field; `BadRequest` for what is no event of AppSync.
pub fn answer(api: &Api, event: Value) -> Result<Value, ApiError> {
    let Value::Array(events) = event else { return resolve(api, event) };
    let item = |event| match resolve(api, event) {
        Ok(data) => json!({ "data": data }),
        Err(error) => {
            let mut told = error.to_json();
            told["data"] = Value::Null;
            told
        }
    };
    Ok(events.into_iter().map(item).collect())
}

fn resolve(api: &Api, event: Value) -> Result<Value, ApiError> {
    let event: Event = serde_json::from_value(event)
        .map_err(|error| ApiError::bad(format!("event: {error}, expected one of an AppSync resolver")))?;
    let caller = ["username", "userArn"].iter().find_map(|name| event.identity[*name].as_str());
    api.resolve(&Field {
        caller: caller.map(str::to_owned),
        name: event.info.field_name,
        arguments: event.arguments,
        selection: event.info.selection_set_list,
    })
}
