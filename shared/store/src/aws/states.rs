//! States in DynamoDB: one item each, written on condition of its version.

use serde_json::Value;

use super::item::{Table, item, lost, number, text};
use crate::{State, States, StoreError, state_text};

const VALUE: &str = "VALUE";

impl States for Table {
    fn state(&self, name: &str) -> Result<Option<State>, StoreError> {
        let Some(item) = self.get(&partition(name), VALUE)? else { return Ok(None) };
        Ok(Some(State { version: self.number(&item, "version")?, value: self.json(&item, "value")? }))
    }

    fn save(&self, name: &str, seen: Option<u64>, value: &Value) -> Result<bool, StoreError> {
        let json = state_text(name, value)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item([
            ("pk", text(&partition(name))),
            ("sk", text(VALUE)),
            ("version", number(seen.unwrap_or(0) + 1)),
            ("value", text(&json)),
        ])));
        let request = match seen {
            None => request.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => request
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":seen", number(seen)),
        };
        match self.wait(request.send()) {
            Ok(_) => Ok(true),
            Err(error) if lost(&error) => Ok(false),
            Err(error) => Err(self.fault(error)),
        }
    }
}

fn partition(name: &str) -> String {
    format!("VALUE#{name}")
}
