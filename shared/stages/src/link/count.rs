//! Counting: how many pairs every blocking rule makes in one shard, and its largest blocks, before any is compared.

use std::{cmp::Reverse, collections::HashMap};

use lotline_linkage::{Linker, Side};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    blocks::SegmentOf,
    linker, plan, project,
    rows::{Block, Rows},
};
use crate::{
    Manifest, StageError,
    run::{done, once},
};

/// Blocks that are named with their values: the largest of a shard, and of a run.
const LARGEST: usize = 10;

/// What a shard has. A record with several alternatives counts once for each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CountReport {
    /// By rule, in the order of the settings.
    pub rules: Vec<RuleCount>,
    /// The blocks with the most pairs, largest first.
    pub largest: Vec<BlockCount>,
    /// The blocks over `max_block_pairs`, largest first.
    pub left_out: Vec<LeftOut>,
}

/// What a rule makes, whatever other rules do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// Blocks with at least one pair.
    pub blocks: u64,
    /// Their pairs.
    pub pairs: u64,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockCount {
    /// Position of its rule in the settings.
    pub rule: usize,
    /// Digest of what its records share.
    pub key: u64,
    /// What one of its records has in the rule's fields.
    pub example: Vec<String>,
    /// Records of the left table.
    pub left: u64,
    /// Records of the right table; 0 where one table is linked with itself.
    pub right: u64,
    /// Pairs.
    pub pairs: u64,
}

/// A block that makes no pairs, for its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Position of its rule in the settings.
    pub rule: usize,
    /// Digest of what its records share.
    pub key: u64,
    /// Pairs that it would make.
    pub pairs: u64,
}

fn report_name(shard: u32) -> String {
    format!("link/count-{shard:05}")
}

/// Counts one shard.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, shard: u32) -> Result<CountReport, StageError> {
    let plan = plan::report(stores, manifest)?;
    plan.check_shard(shard)?;
    once(stores, manifest, &report_name(shard), || {
        let job = manifest.job()?;
        let (settings, linker) = linker(&job, manifest)?;
        let files = project::block_files(stores, manifest, plan.parts.len())?;
        let segments: Vec<SegmentOf<'_>> = files.iter().flat_map(|file| file.segments(shard)).collect();
        count(&linker, &segments, settings.max_block_pairs)
    })
}

/// The report of a run whose shards are all counted.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<CountReport, StageError> {
    let mut total = CountReport::default();
    for shard in 0..plan::report(stores, manifest)?.shards {
        let counted = shard_report(stores, manifest, shard)?;
        total.rules.resize(counted.rules.len(), RuleCount::default());
        for (total, rule) in total.rules.iter_mut().zip(&counted.rules) {
            total.blocks += rule.blocks;
            total.pairs += rule.pairs;
        }
        total.largest.extend(counted.largest);
        total.left_out.extend(counted.left_out);
    }
    total.largest.sort_by_key(|block| largest_first(block.pairs, block.rule, block.key));
    total.left_out.sort_by_key(|block| largest_first(block.pairs, block.rule, block.key));
    total.largest.truncate(LARGEST);
    Ok(total)
}

/// The report of one shard.
///
/// # Errors
/// `BadRequest` before it is counted.
pub(super) fn shard_report(stores: &Stores, manifest: &Manifest, shard: u32) -> Result<CountReport, StageError> {
    done(stores, manifest, &report_name(shard))
}

/// Records of a block by side, and the segment that it is first met in.
#[derive(Default)]
struct Members {
    sides: [u64; 2],
    segment: usize,
}

/// Holds a few bytes a block, and one segment of rows.
pub(super) fn count(
    linker: &Linker,
    segments: &[SegmentOf<'_>],
    max_block_pairs: Option<u64>,
) -> Result<CountReport, StageError> {
    let mut blocks: HashMap<Block, Members> = HashMap::new();
    for (number, segment) in segments.iter().enumerate() {
        for place in &Rows::of(linker, segment)?.places {
            let block = blocks.entry(place.block).or_insert(Members { segment: number, ..Members::default() });
            block.sides[usize::from(place.side == Side::Right)] += 1;
        }
    }
    let mut rules = vec![RuleCount::default(); linker.rules()];
    let mut listed = Vec::with_capacity(blocks.len());
    for (Block { rule, key }, Members { sides: [left, right], segment }) in blocks {
        let pairs = if linker.settings().is_dedupe() { left * (left - 1) / 2 } else { left * right };
        let rule = usize::from(rule);
        rules[rule].pairs += pairs;
        rules[rule].blocks += u64::from(pairs > 0);
        listed.push((BlockCount { rule, key, example: Vec::new(), left, right, pairs }, segment));
    }
    listed.retain(|(block, _)| block.pairs > 0);
    listed.sort_by_key(|(block, _)| largest_first(block.pairs, block.rule, block.key));
    let over = listed.partition_point(|(block, _)| max_block_pairs.is_some_and(|most| block.pairs > most));
    let left_out = |(BlockCount { rule, key, pairs, .. }, _): &_| LeftOut { rule: *rule, key: *key, pairs: *pairs };
    let left_out = listed[..over].iter().map(left_out).collect();
    listed.truncate(LARGEST);
    for (block, segment) in &mut listed {
        block.example = example(linker, block, &segments[*segment])?;
    }
    Ok(CountReport { rules, largest: listed.into_iter().map(|(block, _)| block).collect(), left_out })
}

/// What the first record of a block has in the fields of its rule.
fn example(linker: &Linker, block: &BlockCount, segment: &SegmentOf<'_>) -> Result<Vec<String>, StageError> {
    let rows = Rows::of(linker, segment)?;
    let found =
        rows.places.iter().find(|place| (usize::from(place.block.rule), place.block.key) == (block.rule, block.key));
    let values = |record: u32| linker.rule_values(block.rule, &rows.records, record as usize);
    Ok(found.map(|place| values(place.record).map(str::to_owned).collect()).unwrap_or_default())
}

/// An order of blocks: the most pairs first, then by rule and key.
fn largest_first(pairs: u64, rule: usize, key: u64) -> (Reverse<u64>, usize, u64) {
    (Reverse(pairs), rule, key)
}
