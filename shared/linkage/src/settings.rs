//! The `[link]` section of a job: what is linked, how values are read, blocked and compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::gammas::MAX_COMPARISONS;
use crate::level::Level;
use crate::standardize::Standardizer;

/// One of the two tables of a link job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The table named `left` in the settings.
    Left,
    /// The table named `right` in the settings.
    Right,
}

/// How many links a record may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// At most one on either side.
    OneToOne,
    /// At most one for a left record, any number for a right record.
    ManyToOne,
    /// Any number on both sides.
    ManyToMany,
}

/// Settings of one link job. Unknown keys are refused.
///
/// ```toml
/// [link]
/// left = "sales"
/// right = "stabilized"
/// cardinality = "many_to_many"                  # one_to_one, many_to_one, many_to_many
/// threshold = 0.9                               # match probability; 0.9 when left out
/// blocking = [["address.street", "zip"]]        # derived fields that must be equal
///
/// [link.fields.address]
/// standardizer = "us_address"                   # or another `Standardizer`
/// left = ["address", "unit"]                    # columns, joined by a space
/// right_alternatives = [["no1", "street1"], ["no2", "street2"]]
///
/// [[link.comparisons]]
/// name = "street"
/// field = "address.street"
/// levels = ["exact", "prefix:5", "jaro_winkler:0.92"]   # closest first; "else" is implied
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Name of the left table.
    pub left: String,
    /// Name of the right table.
    pub right: String,
    /// How many links a record may have.
    pub cardinality: Cardinality,
    /// The least match probability of a link, between 0 and 1.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    /// Rules that make candidate pairs; the first that meets a pair produces it.
    pub blocking: Vec<BlockingRule>,
    /// How raw columns become derived fields, by field name.
    pub fields: BTreeMap<String, Field>,
    /// What is compared, in the order of the gammas.
    pub comparisons: Vec<Comparison>,
}

fn default_threshold() -> f64 {
    0.9
}

/// Derived fields that must all be equal and present on both sides.
pub type BlockingRule = Vec<String>;

/// A field both tables have, each in its own columns. A side has either `left` / `right` columns
/// or `left_alternatives` / `right_alternatives`, one list of columns per reading of the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// How the joined columns are read.
    pub standardizer: Standardizer,
    /// Left columns, joined by a space.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// Right columns, joined by a space.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right: Vec<String>,
    /// Several readings of a left record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alternatives: Vec<Vec<String>>,
    /// Several readings of a right record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right_alternatives: Vec<Vec<String>>,
}

impl Field {
    /// The column lists of a side, one per alternative.
    pub(crate) fn alternatives(&self, side: Side) -> &[Vec<String>] {
        let (plain, several) = self.forms(side);
        if several.is_empty() { std::slice::from_ref(plain) } else { several }
    }

    fn forms(&self, side: Side) -> (&Vec<String>, &[Vec<String>]) {
        match side {
            Side::Left => (&self.left, &self.left_alternatives),
            Side::Right => (&self.right, &self.right_alternatives),
        }
    }
}

/// A derived field and the levels its values may agree at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Names the gamma; unique within the job.
    pub name: String,
    /// The derived field compared, such as `address.street`.
    pub field: String,
    /// From closest to loosest; the first that holds counts.
    pub levels: Vec<Level>,
    /// Matches never disagree here, as two units of one building are never the same home:
    /// whatever else they share, a pair at else is all but ruled out. False when left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decisive: bool,
}

/// Why settings cannot be used. Messages name the key, what was found and what may stand there.
#[derive(Debug, Error, PartialEq)]
pub enum LinkSettingsError {
    /// A column is not in its table.
    #[error("`{key}` names column `{found}`, which table `{table}` lacks; its columns: {choices}")]
    UnknownColumn {
        /// Path of the settings key.
        key: String,
        /// The column as written.
        found: String,
        /// The table looked in.
        table: String,
        /// The columns there are.
        choices: String,
    },
    /// No standardizer derives this field.
    #[error("`{key}` names derived field `{found}`; there are: {choices}")]
    UnknownDerived {
        /// Path of the settings key.
        key: String,
        /// The name as written.
        found: String,
        /// The derived fields there are.
        choices: String,
    },
    /// A list or name that needs content is empty.
    #[error("`{key}` is empty, expected {expected}")]
    Empty {
        /// Path of the settings key.
        key: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A name stands twice.
    #[error("`{key}` is `{found}`, which an earlier comparison already has")]
    Repeated {
        /// Path of the settings key.
        key: String,
        /// The repeated name.
        found: String,
    },
    /// Plain columns and alternatives are both given for one side.
    #[error("`{key}` and `{key}_alternatives` are both given, expected one of them")]
    BothForms {
        /// Path of the settings key.
        key: String,
    },
    /// The threshold is not a probability strictly between 0 and 1.
    #[error("`link.threshold` is `{found}`, expected a number above 0 and below 1")]
    Threshold {
        /// The number as written.
        found: f64,
    },
    /// More comparisons than a comparison vector holds.
    #[error("`link.comparisons` has `{found}` entries, expected at most {MAX_COMPARISONS}")]
    TooManyComparisons {
        /// How many there are.
        found: usize,
    },
}

impl LinkSettings {
    /// Checks the settings alone and against the columns of both tables.
    ///
    /// # Errors
    /// The first [`LinkSettingsError`] found, in the order of the settings.
    pub fn validate(&self, left_columns: &[String], right_columns: &[String]) -> Result<(), LinkSettingsError> {
        self.check()?;
        self.check_columns(Side::Left, &self.left, left_columns)?;
        self.check_columns(Side::Right, &self.right, right_columns)
    }

    /// Names of the derived fields, in the order of `Variant::values`.
    pub(crate) fn derived(&self) -> Vec<String> {
        self.fields.iter().flat_map(|(name, field)| field.standardizer.derived(name)).collect()
    }

    /// Checks everything that needs no table.
    pub(crate) fn check(&self) -> Result<(), LinkSettingsError> {
        if !(self.threshold > 0.0 && self.threshold < 1.0) {
            return Err(LinkSettingsError::Threshold { found: self.threshold });
        }
        self.check_fields()?;
        let derived = self.derived();
        self.check_blocking(&derived)?;
        self.check_comparisons(&derived)
    }

    fn check_fields(&self) -> Result<(), LinkSettingsError> {
        for (name, field) in &self.fields {
            for (side, word) in [(Side::Left, "left"), (Side::Right, "right")] {
                let key = format!("link.fields.{name}.{word}");
                let (plain, several) = field.forms(side);
                if !plain.is_empty() && !several.is_empty() {
                    return Err(LinkSettingsError::BothForms { key });
                }
                if field.alternatives(side).iter().any(Vec::is_empty) {
                    return Err(LinkSettingsError::Empty { key, expected: "a list of columns" });
                }
            }
        }
        Ok(())
    }

    fn check_blocking(&self, derived: &[String]) -> Result<(), LinkSettingsError> {
        let expected = "at least one list of derived fields";
        if self.blocking.is_empty() {
            return Err(LinkSettingsError::Empty { key: "link.blocking".to_owned(), expected });
        }
        for (index, rule) in self.blocking.iter().enumerate() {
            let key = format!("link.blocking[{index}]");
            if rule.is_empty() {
                return Err(LinkSettingsError::Empty { key, expected: "derived fields" });
            }
            for part in rule {
                check_derived(&key, part, derived)?;
            }
        }
        Ok(())
    }

    fn check_comparisons(&self, derived: &[String]) -> Result<(), LinkSettingsError> {
        let comparisons = &self.comparisons;
        if comparisons.is_empty() {
            let key = "link.comparisons".to_owned();
            return Err(LinkSettingsError::Empty { key, expected: "at least one comparison" });
        }
        if comparisons.len() > MAX_COMPARISONS {
            return Err(LinkSettingsError::TooManyComparisons { found: comparisons.len() });
        }
        for (index, comparison) in comparisons.iter().enumerate() {
            let key = |name: &str| format!("link.comparisons[{index}].{name}");
            let found = comparison.name.clone();
            if comparisons[..index].iter().any(|earlier| earlier.name == found) {
                return Err(LinkSettingsError::Repeated { key: key("name"), found });
            }
            if comparison.levels.is_empty() {
                let expected = "at least one comparison level";
                return Err(LinkSettingsError::Empty { key: key("levels"), expected });
            }
            check_derived(&key("field"), &comparison.field, derived)?;
        }
        Ok(())
    }

    fn check_columns(&self, side: Side, table: &str, columns: &[String]) -> Result<(), LinkSettingsError> {
        let word = match side {
            Side::Left => "left",
            Side::Right => "right",
        };
        for (name, field) in &self.fields {
            for column in field.alternatives(side).iter().flatten() {
                if !columns.contains(column) {
                    return Err(LinkSettingsError::UnknownColumn {
                        key: format!("link.fields.{name}.{word}"),
                        found: column.clone(),
                        table: table.to_owned(),
                        choices: columns.join(", "),
                    });
                }
            }
        }
        Ok(())
    }
}

fn check_derived(key: &str, found: &str, derived: &[String]) -> Result<(), LinkSettingsError> {
    if derived.iter().any(|name| name == found) {
        return Ok(());
    }
    Err(LinkSettingsError::UnknownDerived { key: key.to_owned(), found: found.to_owned(), choices: derived.join(", ") })
}
