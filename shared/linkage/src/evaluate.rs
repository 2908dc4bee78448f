//! Links against known truth.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Model;

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

impl Evaluation {
    fn of(hits: u64, found: u64, wanted: u64) -> Self {
        Self {
            true_positives: hits,
            false_positives: found - hits,
            false_negatives: wanted - hits,
            precision: ratio(hits, found),
            recall: ratio(hits, wanted),
            f1: ratio(2 * hits, found + wanted),
        }
    }
}

/// Compares links with true pairs, both as (left key, right key); repeats count once.
pub fn evaluate(
    links: impl Iterator<Item = (String, String)>,
    truth: impl Iterator<Item = (String, String)>,
) -> Evaluation {
    let (links, truth): (BTreeSet<_>, BTreeSet<_>) = (links.collect(), truth.collect());
    let hits = links.intersection(&truth).count() as u64;
    Evaluation::of(hits, links.len() as u64, truth.len() as u64)
}

/// A link with its match weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeighedLink {
    /// Key of the left record.
    pub id_l: String,
    /// Key of the right record.
    pub id_r: String,
    /// log2 odds that the records match.
    pub match_weight: f64,
}

/// The links of at least some match weight, against the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The least match weight.
    pub match_weight: f64,
    /// The match probability of that weight.
    pub match_probability: f64,
    /// Links of at least that weight.
    pub links: u64,
    /// How good they are.
    #[serde(flatten)]
    pub evaluation: Evaluation,
}

/// Links judged by the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgment {
    /// Of all links.
    pub evaluation: Evaluation,
    /// The links at rising cuts, the threshold first.
    pub cuts: Vec<Cut>,
    /// The cut with the highest F1, of several the lowest: at the threshold, or right at the weight of a link.
    pub best_cut: Cut,
    /// Links that are not true, the heaviest first.
    pub false_links: Vec<WeighedLink>,
    /// True pairs without a link, by left and right key.
    pub misses: Vec<(String, String)>,
}

/// Rows of a threshold table beside the threshold's own.
const CUTS: f64 = 10.0;

/// Judges links that were settled at a threshold, given as a match weight; of a pair that is there twice the heavier
/// counts. No link below the threshold is known, so that no cut lies there.
///
/// Where pairs are settled heaviest first, the links above a cut are those that a run with that threshold would have.
pub fn judge(
    links: impl Iterator<Item = WeighedLink>,
    truth: impl Iterator<Item = (String, String)>,
    threshold_weight: f64,
) -> Judgment {
    let truth: BTreeSet<(String, String)> = truth.collect();
    let mut weights: BTreeMap<(String, String), f64> = BTreeMap::new();
    for WeighedLink { id_l, id_r, match_weight } in links {
        let known = weights.entry((id_l, id_r)).or_insert(match_weight);
        *known = known.max(match_weight);
    }
    let misses = truth.iter().filter(|pair| !weights.contains_key(*pair)).cloned().collect();
    let mut sorted: Vec<(f64, bool, (String, String))> =
        weights.into_iter().map(|(pair, weight)| (weight, truth.contains(&pair), pair)).collect();
    // Stable: equal weights stay in the order of their keys.
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let steps = Steps::of(&sorted, truth.len() as u64);
    let whole = steps.cut(threshold_weight);
    let best = sorted.iter().map(|(weight, ..)| steps.cut(*weight)).chain([whole]);
    Judgment {
        evaluation: steps.evaluation(sorted.len()),
        cuts: cuts(threshold_weight, sorted.first().map_or(threshold_weight, |heaviest| heaviest.0))
            .map(|weight| steps.cut(weight))
            .collect(),
        best_cut: best.fold(whole, better),
        false_links: sorted
            .into_iter()
            .filter(|(_, is_true, _)| !is_true)
            .map(|(match_weight, _, (id_l, id_r))| WeighedLink { id_l, id_r, match_weight })
            .collect(),
        misses,
    }
}

/// The cut of the two with the higher F1; of equal ones the lower.
fn better(best: Cut, next: Cut) -> Cut {
    let lower = next.match_weight < best.match_weight;
    if next.evaluation.f1 > best.evaluation.f1 || (next.evaluation.f1 == best.evaluation.f1 && lower) {
        next
    } else {
        best
    }
}

/// The threshold, and from there round match weights up to the heaviest link.
fn cuts(threshold: f64, heaviest: f64) -> impl Iterator<Item = f64> {
    let wanted = ((heaviest - threshold) / CUTS).max(0.0);
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| *step >= wanted).unwrap_or(100.0);
    let first = (threshold / step).floor() + 1.0;
    let round = (0..=CUTS as u32).map(move |number| (first + f64::from(number)) * step);
    std::iter::once(threshold).chain(round.take_while(move |weight| *weight <= heaviest))
}

/// Links from the heaviest down, counted.
struct Steps<'a> {
    links: &'a [(f64, bool, (String, String))],
    /// True ones among so many first links.
    hits: Vec<u64>,
    wanted: u64,
}

impl<'a> Steps<'a> {
    fn of(links: &'a [(f64, bool, (String, String))], wanted: u64) -> Self {
        let mut hits = Vec::with_capacity(links.len() + 1);
        hits.push(0);
        for (count, (_, is_true, _)) in links.iter().enumerate() {
            hits.push(hits[count] + u64::from(*is_true));
        }
        Self { links, hits, wanted }
    }

    fn evaluation(&self, links: usize) -> Evaluation {
        Evaluation::of(self.hits[links], links as u64, self.wanted)
    }

    fn cut(&self, match_weight: f64) -> Cut {
        let links = self.links.partition_point(|(weight, ..)| *weight >= match_weight);
        Cut {
            match_weight,
            match_probability: Model::match_probability(match_weight),
            links: links as u64,
            evaluation: self.evaluation(links),
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
