//! States of one process, for tests and simulations.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use lotline_store::{State, States, StoreError, state_text};
use serde_json::Value;

/// Keeps every promise of [`States`] but that of outliving the process.
#[derive(Debug, Default)]
pub struct MemoryStates {
    states: Mutex<HashMap<String, State>>,
}

impl States for MemoryStates {
    fn state(&self, name: &str) -> Result<Option<State>, StoreError> {
        Ok(self.states.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn save(&self, name: &str, seen: Option<u64>, value: &Value) -> Result<bool, StoreError> {
        state_text(name, value)?;
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.get(name).map(|state| state.version) != seen {
            return Ok(false);
        }
        states.insert(name.to_owned(), State { version: seen.unwrap_or(0) + 1, value: value.clone() });
        Ok(true)
    }
}
