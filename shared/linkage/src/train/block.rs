//! Blocks of the training sample: the records that share a key of one rule.

use std::collections::BTreeMap;

/// Records under one block key. Where one table is linked with itself both sides start as the same records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    pub(crate) left: Vec<usize>,
    pub(crate) right: Vec<usize>,
}

impl Block {
    pub(crate) fn pairs(&self) -> u64 {
        self.left.len() as u64 * self.right.len() as u64
    }
}

/// The blocks of a rule from its (key, record) memberships; `is_right` tells the sides apart, and without right table
/// every record stands on both. Blocks with an empty side are left out.
pub(crate) fn blocks(
    memberships: impl Iterator<Item = (u64, usize)>,
    dedupe: bool,
    is_right: impl Fn(usize) -> bool,
) -> BTreeMap<u64, Block> {
    let mut blocks: BTreeMap<u64, Block> = BTreeMap::new();
    for (key, record) in memberships {
        let block = blocks.entry(key).or_default();
        if dedupe || !is_right(record) {
            block.left.push(record);
        }
        if dedupe || is_right(record) {
            block.right.push(record);
        }
    }
    // A record alone in its block has no pair in one table.
    blocks.retain(|_, block| !block.right.is_empty() && block.left.len() > usize::from(dedupe));
    blocks
}

/// Thins the blocks evenly to about `cap` pairs, none to more than twice as many; returns the share of pairs kept.
///
/// Rows go from the smaller side of a block (of equal ones the right if `right_first`): a row that stays then keeps all
/// its candidates, so that the odds against a match inside a block, and the share of matches among all pairs, stay what
/// they were. Only a side of more than `cap` rows is thinned by itself. Some row always stays.
pub(crate) fn thin(blocks: &mut BTreeMap<u64, Block>, cap: u64, right_first: bool) -> f64 {
    let total = pairs(blocks);
    if total <= cap {
        return 1.0;
    }
    for block in blocks.values_mut() {
        for side in [&mut block.left, &mut block.right] {
            let (rows, mut seen) = (side.len() as u64, 0);
            side.retain(|_| falls(&mut seen, cap.min(rows), rows));
        }
    }
    let (bounded, mut seen) = (pairs(blocks), 0);
    for block in blocks.values_mut() {
        let (left, right) = (block.left.len(), block.right.len());
        let right_goes = right < left || (right == left && right_first);
        let side = if right_goes { &mut block.right } else { &mut block.left };
        side.retain(|_| falls(&mut seen, cap.min(bounded), bounded));
    }
    blocks.retain(|_, block| block.pairs() > 0);
    pairs(blocks) as f64 / total as f64
}

fn pairs(blocks: &BTreeMap<u64, Block>) -> u64 {
    blocks.values().map(Block::pairs).sum()
}

/// Whether the next of a row of things is taken when `wanted` of `all` are, as evenly as can be.
fn falls(seen: &mut u64, wanted: u64, all: u64) -> bool {
    let taken = |count: u64| u128::from(count) * u128::from(wanted) / u128::from(all);
    *seen += 1;
    taken(*seen) > taken(*seen - 1)
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
pub(crate) fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
