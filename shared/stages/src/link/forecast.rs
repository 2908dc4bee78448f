//! What linking will take, before it is done: exact pairs of every rule, and time and dollars from one shard that was
//! matched on trial.

use std::collections::BTreeMap;

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    BlockCount, RuleCount,
    count::{self, CountReport},
    matching, plan,
};
use crate::{
    Manifest, StageError,
    bill::{Bill, Work},
    run::step_seconds,
};

/// Steps that a run does once: plan, train and settle.
const SINGLE_STEPS: u64 = 3;

/// What linking will take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkForecast {
    /// Rows of the left table.
    pub left_rows: u64,
    /// Rows of the right table; 0 where one table is linked with itself.
    pub right_rows: u64,
    /// By rule, in the order of the settings.
    pub rules: Vec<RuleForecast>,
    /// The blocks with the most pairs, largest first.
    pub largest: Vec<BlockCount>,
    /// Blocks over `max_block_pairs`: their pairs are not compared there.
    pub blocks_left_out: usize,
    /// Pairs to compare, about: what the rules make, each once.
    pub pairs: u64,
    /// Shards to match, and the one that was matched on trial.
    pub shards: u32,
    /// The shard that was matched on trial.
    pub trial: Trial,
    /// Seconds of one worker each, by step: as measured, and of matching as expected. Settling the links comes on top.
    pub seconds: BTreeMap<String, f64>,
    /// What that costs on AWS.
    pub bill: Bill,
}

/// A blocking rule and what it makes, whatever other rules do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleForecast {
    /// As the settings have it.
    pub rule: Vec<String>,
    /// Blocks with at least one pair, and their pairs.
    #[serde(flatten)]
    pub count: RuleCount,
}

/// A shard that was matched before the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its number.
    pub shard: u32,
    /// Pairs that its blocks have, a pair counted in each.
    pub pairs_in_blocks: u64,
    /// Pairs that were compared.
    pub pairs_compared: u64,
}

impl CountReport {
    /// Pairs of the blocks that are not left out, a pair counted in each.
    fn pairs(&self) -> u64 {
        let all: u64 = self.rules.iter().map(|rule| rule.pairs).sum();
        all - self.left_out.iter().map(|block| block.pairs).sum::<u64>()
    }
}

/// The shard to match on trial: of those with pairs the middle one.
///
/// # Errors
/// `BadRequest` before all shards are counted.
pub fn trial_shard(stores: &Stores, manifest: &Manifest) -> Result<u32, StageError> {
    let shards = 0..plan::report(stores, manifest)?.shards;
    let pairs = |shard| Ok((count::shard_report(stores, manifest, shard)?.pairs(), shard));
    let mut shards = shards.map(pairs).collect::<Result<Vec<_>, StageError>>()?;
    shards.sort_unstable();
    let with_pairs = &shards[shards.partition_point(|(pairs, _)| *pairs == 0)..];
    Ok(with_pairs.get(with_pairs.len() / 2).map_or(0, |(_, shard)| *shard))
}

/// What linking will take, once its shards are counted, the model is trained and one shard is matched.
///
/// # Errors
/// `BadRequest` before that.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
pub fn forecast(stores: &Stores, manifest: &Manifest) -> Result<LinkForecast, StageError> {
    let plan = plan::report(stores, manifest)?;
    let counted = count::report(stores, manifest)?;
    let shard = trial_shard(stores, manifest)?;
    let pairs_in_blocks = count::shard_report(stores, manifest, shard)?.pairs();
    let pairs_compared = matching::report(stores, manifest, shard)?.pairs_compared;
    let share = counted.pairs() as f64 / pairs_in_blocks.max(1) as f64;
    let mut seconds = step_seconds(stores, manifest, "link/")?;
    if !plan.counts {
        seconds.remove("count");
    }
    // Other shards may be matched already, and the links be settled.
    let matched: f64 = step_seconds(stores, manifest, &matching::report_name(shard))?.values().sum();
    seconds.insert("match".to_owned(), matched * share);
    seconds.remove("settle");
    let each_shard = if plan.counts { 2 } else { 1 };
    let steps = plan.parts.len() as u64 + each_shard * u64::from(plan.shards) + SINGLE_STEPS;
    let work = Work { steps, seconds: seconds.values().sum() };
    let blocking = manifest.job()?.link.map(|link| link.blocking).unwrap_or_default();
    let rules = blocking.into_iter().zip(&counted.rules).map(|(rule, count)| RuleForecast { rule, count: *count });
    Ok(LinkForecast {
        left_rows: plan.left_rows,
        right_rows: plan.right_rows,
        rules: rules.collect(),
        pairs: (pairs_compared as f64 * share) as u64,
        shards: plan.shards,
        trial: Trial { shard, pairs_in_blocks, pairs_compared },
        seconds,
        bill: Bill::estimate(work, plan.left_rows + plan.right_rows)?,
        largest: counted.largest,
        blocks_left_out: counted.left_out.len(),
    })
}
