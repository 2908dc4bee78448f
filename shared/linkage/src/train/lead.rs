//! Which pairs of a rule lead: the only ones that may well be matches.

use std::collections::BTreeMap;

use super::block::Block;
use super::em::Patterns;
use crate::gammas::Gammas;

/// The comparison vectors of one rule.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Of every pair.
    pub(crate) all: Patterns,
    /// Of the pairs that do not lead.
    pub(crate) trailing: Patterns,
}

/// Counts the pairs of the blocks. A pair leads when it weighs more than the odds against it and
/// no other pair of its records in the block weighs more; with `mutual` it has to be the best of
/// both records, otherwise of one. `gammas` answers none for what is no pair: a record with itself, or the second time
/// that a pair of one table comes by.
pub(crate) fn count(
    blocks: &BTreeMap<u64, Block>,
    mutual: bool,
    gammas: impl Fn(usize, usize) -> Option<Gammas>,
    weigh: impl Fn(&Gammas) -> f64,
) -> Counted {
    let least = odds_against(blocks);
    let mut counted = Counted::default();
    for block in blocks.values() {
        let mut best_left = vec![least; block.left.len()];
        let mut best_right = vec![least; block.right.len()];
        let mut pairs = Vec::with_capacity(block.left.len() * block.right.len());
        for (l, &left) in block.left.iter().enumerate() {
            for (r, &right) in block.right.iter().enumerate() {
                let Some(gammas) = gammas(left, right) else { continue };
                let weight = weigh(&gammas);
                best_left[l] = f64::max(best_left[l], weight);
                best_right[r] = f64::max(best_right[r], weight);
                pairs.push((l, r, weight, gammas));
            }
        }
        for (l, r, weight, gammas) in pairs {
            let (leads_l, leads_r) = (weight >= best_left[l], weight >= best_right[r]);
            let leads = if mutual { leads_l && leads_r } else { leads_l || leads_r };
            *counted.all.entry(gammas).or_default() += 1;
            if !(leads && weight > least) {
                *counted.trailing.entry(gammas).or_default() += 1;
            }
        }
    }
    counted
}

/// log2 odds against a match when every record of the smaller side of each block has one.
fn odds_against(blocks: &BTreeMap<u64, Block>) -> f64 {
    let (mut matches, mut pairs) = (0_u64, 0_u64);
    for block in blocks.values() {
        matches += block.left.len().min(block.right.len()) as u64;
        pairs += block.pairs();
    }
    (pairs.max(1) as f64 / matches.max(1) as f64).log2()
}
