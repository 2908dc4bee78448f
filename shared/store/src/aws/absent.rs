//! Stores that a function was not given: it has no right to them, and its binary no client for them.

use serde_json::Value;

use crate::{
    Catalog, Claim, Ledger, Publication, Published, RunClaim, RunRecord, RunStatus, Settings, SettingsFiles,
    SettingsVersion, State, States, StoreError, TableVersion,
};

/// Answers every call with `Absent`.
pub(super) struct Absent;

fn absent<T>() -> Result<T, StoreError> {
    Err(StoreError::Absent)
}

impl Ledger for Absent {
    fn ticket(&self) -> Result<u64, StoreError> {
        absent()
    }

    fn claim(&self, _: &RunClaim) -> Result<Claim, StoreError> {
        absent()
    }

    fn finish(&self, _: &str, _: RunStatus, _: &Value) -> Result<(), StoreError> {
        absent()
    }

    fn run(&self, _: &str) -> Result<Option<RunRecord>, StoreError> {
        absent()
    }

    fn runs(&self, _: Option<&str>) -> Result<Vec<RunRecord>, StoreError> {
        absent()
    }
}

impl Catalog for Absent {
    fn publish(&self, _: &Publication, _: u64) -> Result<Published, StoreError> {
        absent()
    }

    fn published(&self, _: &str) -> Result<Option<Publication>, StoreError> {
        absent()
    }

    fn tables(&self) -> Result<Vec<TableVersion>, StoreError> {
        absent()
    }

    fn history(&self, _: &str) -> Result<Vec<TableVersion>, StoreError> {
        absent()
    }

    fn publication(&self, _: &str) -> Result<Option<Publication>, StoreError> {
        absent()
    }
}

impl Settings for Absent {
    fn current(&self, _: &str) -> Result<Option<SettingsVersion>, StoreError> {
        absent()
    }

    fn save(&self, _: &str, _: &SettingsFiles, _: Option<u64>) -> Result<u64, StoreError> {
        absent()
    }

    fn history(&self, _: &str) -> Result<Vec<SettingsVersion>, StoreError> {
        absent()
    }

    fn jobs(&self) -> Result<Vec<String>, StoreError> {
        absent()
    }
}

impl States for Absent {
    fn state(&self, _: &str) -> Result<Option<State>, StoreError> {
        absent()
    }

    fn save(&self, _: &str, _: Option<u64>, _: &Value) -> Result<bool, StoreError> {
        absent()
    }
}
