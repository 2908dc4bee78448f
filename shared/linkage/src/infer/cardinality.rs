//! How many links a record may have, from the repetitions within each table.

use std::collections::BTreeMap;

use super::comparing::Plan;
use super::kind::Kind;
use super::reading::Reading;
use crate::settings::Cardinality;

/// The share of rows that may be repeated in a table of distinct things.
const REPEATED: f64 = 0.1;

/// Chooses by how many rows of each table are repeated in what identifies them.
pub(super) fn cardinality(plans: &[Plan], reading: &Reading) -> (Cardinality, String) {
    if reading.is_dedupe() {
        return (Cardinality::Clusters, "there is one table, so records are gathered in clusters".to_owned());
    }
    let [left, right] = [0, 1].map(|side| repeated(plans, reading, side));
    let percent = |share: f64| (1000.0 * share).round() / 10.0;
    let shares =
        format!("{} % of the left rows and {} % of the right ones are repeated", percent(left), percent(right));
    match (left > REPEATED, right > REPEATED) {
        (false, false) => (Cardinality::OneToOne, format!("{shares}, so each record has one link at most")),
        (true, false) => {
            (Cardinality::ManyToOne, format!("{shares}, so several left records may have the same right one"))
        }
        (_, true) => (Cardinality::ManyToMany, format!("{shares}, so records may have several links")),
    }
}

/// The share of rows that have another row of the same identifying values, as far as the sample tells, 0 to 1.
fn repeated(plans: &[Plan], reading: &Reading, side: usize) -> f64 {
    let identifying: Vec<usize> = plans.iter().filter(|plan| identifies(plan.kind)).map(|plan| plan.place).collect();
    let mut keys: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let mut rows = 0;
    let mut before = None;
    for (record, row) in reading.rows[side].iter().enumerate() {
        // Of several readings of a row the first one stands for it.
        if before.replace(*row) == Some(*row) {
            continue;
        }
        let key: Vec<u32> = identifying.iter().map(|place| reading.numbers[*place][side][record]).collect();
        rows += 1;
        if key.iter().filter(|number| **number > 0).count() * 2 >= identifying.len() {
            *keys.entry(key).or_default() += 1;
        }
    }
    let repeated: u32 = keys.values().map(|count| if *count > 1 { *count } else { 0 }).sum();
    let sampled = f64::from(rows) / reading.totals[side].max(1) as f64;
    (f64::from(repeated) / f64::max(f64::from(rows), 1.0) / sampled.max(0.01)).min(1.0)
}

fn identifies(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Number
            | Kind::Category
            | Kind::Year
            | Kind::Direction
            | Kind::StreetSuffix
            | Kind::Latitude
            | Kind::Longitude
    )
}
