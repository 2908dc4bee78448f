//! The summary of matched properties: computed from rows, read from published insights, compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    error::ClientError,
    queries::{Property, Published},
};

/// How far two means may be apart, as a share: the published one adds the same numbers in another order.
const TOLERANCE: f64 = 1e-9;

/// What is said of the matched properties; null where no estimated value is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    #[serde(flatten)]
    pub(crate) matched: Matched,
    /// By number of bedrooms, ascending, the unknown last.
    pub(crate) bedrooms: Vec<Bedrooms>,
}

/// The row of the insight `matched`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Matched {
    pub(crate) matched_properties: u64,
    /// US dollars, of the listings that have a value.
    pub(crate) mean_estimated_value: Option<f64>,
    pub(crate) median_estimated_value: Option<f64>,
}

/// A row of the insight `bedrooms`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Bedrooms {
    /// The assessor's number, or the listing's where the assessor has none.
    pub(crate) bedrooms: Option<i64>,
    pub(crate) properties: u64,
}

/// A figure that the published summary has wrong.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    pub(crate) figure: String,
    /// In the published summary.
    pub(crate) found: Value,
    /// By the rows.
    pub(crate) expected: Value,
}

/// Sums up properties one by one. Of each it keeps 8 bytes, the estimated value, for a median that is exact.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    matched: u64,
    values: Vec<f64>,
    known: BTreeMap<i64, u64>,
    unknown: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, property: &Property) {
        self.matched += 1;
        self.values.extend(property.listing.est_value);
        match property.parcel.bedrooms.or(property.listing.beds) {
            Some(bedrooms) => *self.known.entry(bedrooms).or_default() += 1,
            None => self.unknown += 1,
        }
    }

    pub(crate) fn summary(mut self) -> Summary {
        let mut bedrooms =
            self.known.iter().map(|(&bedrooms, &properties)| (Some(bedrooms), properties)).collect::<Vec<_>>();
        bedrooms.extend((self.unknown > 0).then_some((None, self.unknown)));
        Summary {
            matched: Matched {
                matched_properties: self.matched,
                mean_estimated_value: mean(&self.values),
                median_estimated_value: median(&mut self.values),
            },
            bedrooms: bedrooms.into_iter().map(|(bedrooms, properties)| Bedrooms { bedrooms, properties }).collect(),
        }
    }
}

impl Summary {
    /// The summary that a job's insights `matched` and `bedrooms` say.
    ///
    /// # Errors
    /// One of them is missing or has other columns.
    pub(crate) fn published(published: &Published) -> Result<Self, ClientError> {
        let fault = |insight, fault| ClientError::Insight { run_id: published.run_id.clone(), insight, fault };
        let matched: Vec<Matched> = rows(published, "matched")?;
        let found = matched.len();
        let Ok([matched]) = <[Matched; 1]>::try_from(matched) else {
            return Err(fault("matched", format!("has {found} rows, expected 1")));
        };
        Ok(Self { matched, bedrooms: rows(published, "bedrooms")? })
    }

    /// What the published summary has otherwise than this one: counts and the median must be equal, means within
    /// 1e-9 of each other.
    pub(crate) fn differences(&self, published: &Self) -> Vec<Difference> {
        let (ours, theirs) = (&self.matched, &published.matched);
        let mut differences = Vec::new();
        let mut differ = |figure: &str, found: Value, expected: Value| {
            differences.push(Difference { figure: figure.to_owned(), found, expected });
        };
        if ours.matched_properties != theirs.matched_properties {
            differ("matched_properties", json!(theirs.matched_properties), json!(ours.matched_properties));
        }
        if !near(theirs.mean_estimated_value, ours.mean_estimated_value) {
            differ("mean_estimated_value", json!(theirs.mean_estimated_value), json!(ours.mean_estimated_value));
        }
        if ours.median_estimated_value != theirs.median_estimated_value {
            differ("median_estimated_value", json!(theirs.median_estimated_value), json!(ours.median_estimated_value));
        }
        let (expected, found) = (self.by_bedrooms(), published.by_bedrooms());
        let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
        for key in keys.into_iter().filter(|key| expected.get(key) != found.get(key)) {
            let bedrooms = key.1.map_or_else(|| "unknown".to_owned(), |bedrooms| bedrooms.to_string());
            differ(&format!("properties of {bedrooms} bedrooms"), json!(found.get(key)), json!(expected.get(key)));
        }
        if expected == found && self.bedrooms != published.bedrooms {
            differ("rows of the insight bedrooms", json!(published.bedrooms), json!(self.bedrooms));
        }
        differences
    }

    /// Properties by number of bedrooms, the unknown last.
    fn by_bedrooms(&self) -> BTreeMap<(bool, Option<i64>), u64> {
        self.bedrooms.iter().map(|row| ((row.bedrooms.is_none(), row.bedrooms), row.properties)).collect()
    }
}

fn rows<T: DeserializeOwned>(published: &Published, name: &'static str) -> Result<Vec<T>, ClientError> {
    let fault = |fault| ClientError::Insight { run_id: published.run_id.clone(), insight: name, fault };
    let insight = published.insights.iter().find(|insight| insight.name == name);
    let insight = insight.ok_or_else(|| fault("is missing".to_owned()))?;
    let row = |row: &String| serde_json::from_str(row).map_err(|error| fault(format!("has the row `{row}`: {error}")));
    insight.rows.iter().map(row).collect()
}

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= TOLERANCE * one.abs().max(other.abs()),
        (one, other) => one == other,
    }
}

/// The mean, its sum compensated after Neumaier, so that a million values lose no digits.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn mean(values: &[f64]) -> Option<f64> {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for &value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    (!values.is_empty()).then(|| (sum + lost) / values.len() as f64)
}

/// The middle value; of an even count the one half-way between the two in the middle, as PERCENTILE_CONT has it.
fn median(values: &mut [f64]) -> Option<f64> {
    let below = values.len().checked_sub(1)? / 2;
    let even = values.len().is_multiple_of(2);
    let (_, lower, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let lower = *lower;
    let upper = above.iter().copied().min_by(f64::total_cmp).filter(|_| even).unwrap_or(lower);
    Some(lower + (upper - lower) * 0.5)
}
