//! Settling: which scored pairs become links.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::settings::Cardinality;

/// A candidate pair at or above the threshold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ScoredPair {
    /// Key of the left record.
    pub(super) id_l: String,
    /// Key of the right record.
    pub(super) id_r: String,
    /// Index of the rule that made the pair.
    pub(super) match_key: u16,
    /// log2 odds that the records match.
    pub(super) match_weight: f64,
    /// The comparison vector.
    pub(super) gammas: Vec<i8>,
}

/// The order links are settled in: heaviest first, then by left and right key. Total over pairs
/// of distinct records.
pub(super) fn order(a: &ScoredPair, b: &ScoredPair) -> Ordering {
    b.match_weight.total_cmp(&a.match_weight).then_with(|| a.id_l.cmp(&b.id_l)).then_with(|| a.id_r.cmp(&b.id_r))
}

/// Settles by the cardinality of a job; the links come in [`order`].
pub(super) fn settle(cardinality: Cardinality, pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    match cardinality {
        Cardinality::OneToOne => one_to_one(pairs),
        Cardinality::ManyToOne => many_to_one(pairs),
        Cardinality::ManyToMany => many_to_many(pairs),
    }
}

/// Takes pairs in order as long as both records are free, which is the same as linking mutual
/// bests again and again.
pub(super) fn one_to_one(pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    let (mut left, mut right) = (HashSet::new(), HashSet::new());
    keep(pairs, |pair| {
        let free = !left.contains(&pair.id_l) && !right.contains(&pair.id_r);
        if free {
            left.insert(pair.id_l.clone());
            right.insert(pair.id_r.clone());
        }
        free
    })
}

/// Keeps the best pair of every left record.
pub(super) fn many_to_one(pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    let mut left = HashSet::new();
    keep(pairs, |pair| left.insert(pair.id_l.clone()))
}

/// Keeps the best reading of every pair of records.
pub(super) fn many_to_many(pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    let mut seen = HashSet::new();
    keep(pairs, |pair| seen.insert((pair.id_l.clone(), pair.id_r.clone())))
}

fn keep(mut pairs: Vec<ScoredPair>, wanted: impl FnMut(&ScoredPair) -> bool) -> Vec<ScoredPair> {
    // Readings of one pair may tie in weight; the match key and vector decide which is shown.
    pairs.sort_unstable_by(|a, b| {
        order(a, b).then_with(|| a.match_key.cmp(&b.match_key)).then_with(|| b.gammas.cmp(&a.gammas))
    });
    pairs.retain(wanted);
    pairs
}
