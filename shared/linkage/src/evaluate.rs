//! Links against known truth.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Counts of distinct pairs and the usual ratios. A ratio with nothing below the line is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Links that are true.
    pub true_positives: u64,
    /// Links that are not.
    pub false_positives: u64,
    /// True pairs without a link.
    pub false_negatives: u64,
    /// True links over links.
    pub precision: f64,
    /// True links over true pairs.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
}

/// Compares links with true pairs, both as (left key, right key); repeats count once.
pub fn evaluate(
    links: impl Iterator<Item = (String, String)>,
    truth: impl Iterator<Item = (String, String)>,
) -> Evaluation {
    let (links, truth): (BTreeSet<_>, BTreeSet<_>) = (links.collect(), truth.collect());
    let hits = links.intersection(&truth).count() as u64;
    let (found, wanted) = (links.len() as u64, truth.len() as u64);
    Evaluation {
        true_positives: hits,
        false_positives: found - hits,
        false_negatives: wanted - hits,
        precision: ratio(hits, found),
        recall: ratio(hits, wanted),
        f1: ratio(2 * hits, found + wanted),
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
