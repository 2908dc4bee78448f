//! The `[link]` section of a job: what is linked, how values are read, blocked and compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::level::Level;
use crate::standardize::Standardizer;

mod check;
mod error;

pub use error::LinkSettingsError;

/// One of the two tables of a link job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The table named `left` in the settings; the only one where records of one table are linked.
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
    /// Records that are the same thing, in clusters. Of two tables every left and right record of one cluster is a link:
    /// a building that is listed twice is both times what was sold, even if one of the entries names another door.
    Clusters,
}

impl Cardinality {
    /// Whether a left and a right record has at most one link.
    pub fn limits(self) -> [bool; 2] {
        match self {
            Self::OneToOne => [true, true],
            Self::ManyToOne => [true, false],
            Self::ManyToMany | Self::Clusters => [false, false],
        }
    }
}

/// Settings of one link job. Unknown keys are refused.
///
/// ```toml
/// [link]
/// left = "sales"
/// right = "stabilized"
/// cardinality = "many_to_many"                  # one_to_one, many_to_one, many_to_many, clusters
/// threshold = 0.5                               # match probability; 0.5 when left out
/// expected_precision = 0.98                     # or in place of a threshold the share of links that should be true
/// blocking = [["address.street", "zip|prefix:3"]]   # parts that must be equal
/// max_block_pairs = 1_000_000                   # leave larger blocks out; none are when left out here
///
/// [link.fields.address]
/// standardizer = "us_address"                   # how the text is read, see [`Standardizer`]
/// left = ["address", "unit"]                    # columns, joined by a space
/// right_alternatives = [["no1", "street1"], ["no2", "street2"]]
///
/// [[link.comparisons]]
/// name = "street"
/// field = "address.street"
/// levels = ["exact", "prefix:5", "jaro_winkler:0.92 & same_digits"]   # closest first; "else" is implied
/// term_frequency = true                         # agreeing on a rare value weighs more
/// term_frequency_weights = [1.0, 0.5]           # so much at each level; [1.0] when left out
/// ```
///
/// Without `right` the records of `left` are linked with each other: `cardinality` is then `clusters` alone, and a field has
/// `left` columns alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Name of the left table.
    pub left: String,
    /// Name of the right table; absent means that the records of the left one are linked with each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// How many links a record may have.
    pub cardinality: Cardinality,
    /// The least match probability of a link, between 0 and 1.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    /// The share of links that should be true, as the model expects without labels, between 0 and 1; the threshold is
    /// then the lowest that keeps it, see [`crate::WeightHistogram::choose`], and `threshold` is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_precision: Option<f64>,
    /// Rules that make candidate pairs; the first that meets a pair produces it.
    pub blocking: Vec<BlockingRule>,
    /// Blocks with more pairs than this are left out and reported; a pair in one may still meet in another. None are
    /// when left out here: large blocks cost time, not memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_block_pairs: Option<u64>,
    /// How raw columns become derived fields, by field name.
    pub fields: BTreeMap<String, Field>,
    /// What is compared, in the order of the gammas.
    pub comparisons: Vec<Comparison>,
}

/// A pair is a link when it is rather true than false: the cut that the most links are right at, if the probabilities are.
fn default_threshold() -> f64 {
    0.5
}

/// Parts that must all be equal and present on both sides: a derived field, perhaps with what is made of it, such as
/// `zip`, `zip|prefix:3`, `name.last|soundex` or `title|words`.
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
    /// Whether agreement weighs by how frequent the value is: at the closest level, unless `term_frequency_weights`
    /// says more. False when left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub term_frequency: bool,
    /// How much of the adjustment each level takes, closest first, from 0 to 1; where values differ the more frequent
    /// one counts. `[1.0]` when left out, and 0 for levels that it does not reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub term_frequency_weights: Vec<f64>,
    /// Matches never disagree here, as two units of one building are never the same home:
    /// whatever else they share, a pair at else is all but ruled out. False when left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decisive: bool,
}

impl Comparison {
    /// How much of the term-frequency adjustment the level of a gamma takes, 0 to 1; 0 for `else`.
    pub(crate) fn term_frequency_weight(&self, gamma: usize) -> f64 {
        match (self.term_frequency, self.levels.len().checked_sub(gamma)) {
            (true, Some(place)) if gamma > 0 && self.term_frequency_weights.is_empty() => {
                f64::from(u8::from(place == 0))
            }
            (true, Some(place)) if gamma > 0 => self.term_frequency_weights.get(place).copied().unwrap_or(0.0),
            _ => 0.0,
        }
    }
}

impl LinkSettings {
    /// Whether the records of one table are linked with each other.
    pub fn is_dedupe(&self) -> bool {
        self.right.is_none()
    }

    /// The tables that are linked, with their sides.
    pub fn tables(&self) -> impl Iterator<Item = (Side, &str)> {
        let right = self.right.as_deref().map(|right| (Side::Right, right));
        std::iter::once((Side::Left, self.left.as_str())).chain(right)
    }

    /// Names of the values that the standardizers derive.
    pub(crate) fn derivable(&self) -> Vec<String> {
        self.fields.iter().flat_map(|(name, field)| field.standardizer.derived(name)).collect()
    }
}
