//! Gathering: rules with a part in common send their rows by it, so that a record is written once for all of them.

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
};

use lotline_linkage::{Linker, Scratch, SharedPart, Values};

use super::{
    plan::{self, Part},
    read::Tables,
};
use crate::StageError;

/// Rows of either table that tell how often the values of a part occur.
const SAMPLED_ROWS: u64 = 10_000;

/// The rows of one value may take this part of the memory of a worker, a quarter of a shard, so that shards stay about as
/// large as each other.
const VALUE_SHARE: u64 = 16;

/// Per rule the one of the linker's shared parts by whose value its rows are sent to shards; null where each is sent by
/// its own block. Of the parts whose values are all rare, the one that most rules share comes first.
pub(super) fn gathered(tables: &Tables<'_>, parts: &[Part], rows: u64) -> Result<Vec<Option<usize>>, StageError> {
    let shared = tables.linker.shared_parts();
    let rare = rare(tables, &shared, parts, rows * plan::row_bytes(tables.linker))?;
    let mut gathered = vec![None; tables.linker.rules()];
    loop {
        let open = |part: &usize| shared[*part].rules().iter().filter(|rule| gathered[**rule].is_none()).count();
        let best = (0..shared.len()).filter(|part| rare[*part]).rev().max_by_key(open).filter(|part| open(part) > 1);
        let Some(part) = best else { return Ok(gathered) };
        let open: Vec<usize> = shared[part].rules().iter().copied().filter(|rule| gathered[*rule].is_none()).collect();
        open.into_iter().for_each(|rule| gathered[rule] = Some(part));
    }
}

/// How often a record is written at most, where rules make one block of it.
pub(super) fn copies(gathered: &[Option<usize>]) -> u64 {
    let alone = gathered.iter().filter(|part| part.is_none()).count();
    let parts: BTreeSet<usize> = gathered.iter().flatten().copied().collect();
    (alone + parts.len()) as u64
}

/// Which parts have no value of which so many bytes of rows are too many, by the first rows of both tables.
fn rare(tables: &Tables<'_>, shared: &[SharedPart], parts: &[Part], bytes: u64) -> Result<Vec<bool>, StageError> {
    let mut counts: Vec<HashMap<u64, u64>> = vec![HashMap::new(); shared.len()];
    let mut sampled = 0;
    for right in [false, true].into_iter().take(if shared.is_empty() { 0 } else { 2 }) {
        let Some(part) = parts.iter().find(|part| part.right == right) else { continue };
        let (mut scratch, mut seen) = (Scratch::default(), 0);
        tables.rows(part, &mut |row| {
            let Some((_, cells)) = row.cells else { return Ok(ControlFlow::Continue(())) };
            tables.linker.project(part.side(), cells, &mut scratch, |values, text| {
                for (counts, part) in counts.iter_mut().zip(shared) {
                    part.hash(values, text).into_iter().for_each(|hash| *counts.entry(hash).or_default() += 1);
                }
            });
            seen += 1;
            Ok(if seen < SAMPLED_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        sampled += seen;
    }
    let heaviest = |counts: &HashMap<u64, u64>| counts.values().max().copied().unwrap_or_default();
    let most = tables.manifest.worker_memory / VALUE_SHARE;
    let is_rare = |counts| u128::from(heaviest(counts)) * u128::from(bytes) <= u128::from(most) * u128::from(sampled);
    Ok(counts.iter().map(is_rare).collect())
}

/// The shared parts by which rows are sent, with their values in one record.
pub(super) struct Gathering {
    parts: Vec<SharedPart>,
    gathered: Vec<Option<usize>>,
    hashes: Vec<Option<u64>>,
}

impl Gathering {
    pub(super) fn new(linker: &Linker, gathered: &[Option<usize>]) -> Self {
        Self { parts: linker.shared_parts(), gathered: gathered.to_vec(), hashes: Vec::new() }
    }

    /// Reads a record.
    pub(super) fn read(&mut self, values: &Values, text: &mut String) {
        let Self { parts, gathered, hashes } = self;
        let hash = |(place, part): (usize, &SharedPart)| {
            gathered.contains(&Some(place)).then(|| part.hash(values, text)).flatten()
        };
        hashes.clear();
        hashes.extend(parts.iter().enumerate().map(hash));
    }

    /// What sends the record's rows of a rule, where it is not their block.
    pub(super) fn hash(&self, rule: usize) -> Option<u64> {
        self.hashes[self.gathered[rule]?]
    }
}
