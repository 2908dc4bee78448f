//! Tests of the whole crate: promises as properties, standardizers as tables, real data.

mod addresses;
mod blocks;
mod evaluating;
mod explaining;
mod linking;
mod plain_values;
mod real_data;
mod settings_errors;
mod standardizers;

use std::collections::BTreeMap;

use crate::LinkSettings;

/// The `[link]` section of a job.
fn settings(toml: &str) -> LinkSettings {
    let mut job: BTreeMap<String, LinkSettings> = toml::from_str(toml).unwrap();
    job.remove("link").unwrap()
}
