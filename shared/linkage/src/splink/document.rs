//! The JSON of Splink settings, as far as weights depend on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SplinkError, unsupported};

/// Keys that have no name here.
type Rest = BTreeMap<String, Value>;

/// Settings with or without trained probabilities; `SettingsCreator` of Splink.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) link_type: String,
    #[serde(default = "default_prior")]
    pub(super) probability_two_random_records_match: f64,
    #[serde(default)]
    pub(super) sql_dialect: Option<String>,
    #[serde(default)]
    pub(super) blocking_rules_to_generate_predictions: Vec<RuleEntry>,
    pub(super) comparisons: Vec<ComparisonEntry>,
    #[serde(flatten)]
    rest: Rest,
}

fn default_prior() -> f64 {
    0.0001
}

/// A blocking rule; older models have the SQL alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum RuleEntry {
    Sql(String),
    Full(FullRule),
}

/// A blocking rule with its dialect; `BlockingRule` of Splink.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FullRule {
    pub(super) blocking_rule: String,
    #[serde(default)]
    pub(super) sql_dialect: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

/// `Comparison` of Splink.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ComparisonEntry {
    #[serde(default)]
    pub(super) output_column_name: Option<String>,
    pub(super) comparison_levels: Vec<LevelEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) comparison_description: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

/// `ComparisonLevel` of Splink.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LevelEntry {
    pub(super) sql_condition: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label_for_charts: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) m_probability: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) u_probability: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tf_adjustment_column: Option<String>,
    /// 1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tf_adjustment_weight: Option<f64>,
    /// 0 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tf_minimum_u_value: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_null_level: bool,
    /// Whether term frequencies are held against this level's own u, not that of the exact level.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) disable_tf_exact_match_detection: bool,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

impl LevelEntry {
    /// Whether the level stands for everything that no other one holds.
    pub(super) fn is_else(&self) -> bool {
        self.sql_condition.trim().eq_ignore_ascii_case("ELSE")
    }
}

impl ComparisonEntry {
    /// A comparison without a description.
    pub(super) fn new(name: String, comparison_levels: Vec<LevelEntry>) -> Self {
        let output_column_name = Some(name);
        Self { output_column_name, comparison_levels, comparison_description: None, rest: Rest::new() }
    }
}

const DUCKDB: &str = "duckdb";

impl RuleEntry {
    /// A rule of the DuckDB dialect.
    pub(super) fn new(blocking_rule: String) -> Self {
        Self::Full(FullRule { blocking_rule, sql_dialect: Some(DUCKDB.to_owned()), rest: Rest::new() })
    }

    pub(super) fn sql(&self) -> &str {
        match self {
            Self::Sql(sql) => sql,
            Self::Full(rule) => &rule.blocking_rule,
        }
    }
}

/// Keys of the settings that change what Splink trains or shows, but no match weight.
const NO_MATTER: &[&str] = &[
    "additional_columns_to_retain",
    "bayes_factor_column_prefix",
    "comparison_vector_value_column_prefix",
    "em_convergence",
    "linker_uid",
    "match_weight_column_prefix",
    "max_iterations",
    "retain_intermediate_calculation_columns",
    "retain_matching_columns",
    "source_dataset_column_name",
    "term_frequency_adjustment_column_prefix",
    "unique_id_column_name",
];

impl Document {
    /// Settings of the DuckDB dialect.
    pub(super) fn new(link_type: &str, prior: f64, rules: Vec<RuleEntry>, comparisons: Vec<ComparisonEntry>) -> Self {
        Self {
            link_type: link_type.to_owned(),
            probability_two_random_records_match: prior,
            sql_dialect: Some(DUCKDB.to_owned()),
            blocking_rules_to_generate_predictions: rules,
            comparisons,
            rest: Rest::new(),
        }
    }

    /// Refuses another dialect, and keys that are not known to leave weights alone.
    pub(super) fn check(&self) -> Result<(), SplinkError> {
        check_dialect("sql_dialect", self.sql_dialect.as_deref())?;
        check_rest("", &self.rest, NO_MATTER)?;
        for (index, rule) in self.blocking_rules_to_generate_predictions.iter().enumerate() {
            if let RuleEntry::Full(rule) = rule {
                let place = format!("blocking_rules_to_generate_predictions[{index}].");
                check_dialect(&format!("{place}sql_dialect"), rule.sql_dialect.as_deref())?;
                check_rest(&place, &rule.rest, &["salting_partitions"])?;
            }
        }
        for (index, comparison) in self.comparisons.iter().enumerate() {
            let place = format!("comparisons[{index}].");
            check_rest(&place, &comparison.rest, &[])?;
            for (index, level) in comparison.comparison_levels.iter().enumerate() {
                let place = format!("{place}comparison_levels[{index}].");
                check_rest(&place, &level.rest, &["fix_m_probability", "fix_u_probability"])?;
            }
        }
        Ok(())
    }
}

fn check_dialect(place: &str, found: Option<&str>) -> Result<(), SplinkError> {
    match found {
        None | Some(DUCKDB) => Ok(()),
        Some(found) => Err(unsupported(place, found, "only SQL of the `duckdb` dialect is read")),
    }
}

fn check_rest(place: &str, rest: &Rest, no_matter: &[&str]) -> Result<(), SplinkError> {
    // Null stands for an option that is not used.
    match rest.iter().find(|(key, value)| !value.is_null() && !no_matter.contains(&key.as_str())) {
        None => Ok(()),
        Some((key, value)) => Err(unsupported(&format!("{place}{key}"), &value.to_string(), "the key is not known")),
    }
}
