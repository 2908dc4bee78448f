//! Blocks: the variants of both sides that share the key of one rule.

use std::collections::BTreeMap;

use crate::variant::Variant;

/// Positions of the left and right variants under one block key.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) left: Vec<usize>,
    pub(crate) right: Vec<usize>,
}

impl Block {
    pub(crate) fn pairs(&self) -> u64 {
        self.left.len() as u64 * self.right.len() as u64
    }
}

/// The blocks of a rule by key; keys that only one side has are left out.
pub(crate) fn blocks(left: &[&Variant], right: &[&Variant], rule: usize) -> BTreeMap<u64, Block> {
    let key = |variant: &Variant| variant.keys.get(rule).copied().flatten();
    let mut blocks: BTreeMap<u64, Block> = BTreeMap::new();
    for (index, variant) in left.iter().enumerate() {
        if let Some(key) = key(variant) {
            blocks.entry(key).or_default().left.push(index);
        }
    }
    for (index, variant) in right.iter().enumerate() {
        if let Some(block) = key(variant).and_then(|key| blocks.get_mut(&key)) {
            block.right.push(index);
        }
    }
    blocks.retain(|_, block| !block.right.is_empty());
    blocks
}

/// Drops blocks, by key alone, until about `cap` pairs are left, and those of more; returns the share of pairs kept.
pub(crate) fn thin(blocks: &mut BTreeMap<u64, Block>, cap: u64) -> f64 {
    let total: u64 = blocks.values().map(Block::pairs).sum();
    if total <= cap {
        return 1.0;
    }
    let limit = (cap as f64 / total as f64 * u64::MAX as f64) as u64;
    // Keys are hashes, but samples may have been cut by them already: mix before cutting again.
    blocks.retain(|key, block| mix(*key) <= limit && block.pairs() <= cap);
    let kept: u64 = blocks.values().map(Block::pairs).sum();
    kept as f64 / total as f64
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
pub(crate) fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
