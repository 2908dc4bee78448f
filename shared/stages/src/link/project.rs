//! Projecting: the rows of one part read, standardized, and sent by blocking rule and block key into shards; samples
//! set apart, terms counted.

use std::{collections::HashSet, ops::ControlFlow};

use lotline_linkage::{Linker, Scratch, Side, TermFrequencies, Values};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::{
    blocks::{BlockFile, BlockWriter},
    gather::Gathering,
    linker,
    plan::{self, PlanReport},
    read::{RawRow, Tables},
    rows::{self, Block},
};
use crate::{
    Job, Manifest, StageError,
    run::{done, once},
};

/// What a part had.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ProjectReport {
    /// Rows read.
    pub rows: u64,
    /// Rows of a file that could not be read as a record, and are in no link.
    pub damaged: u64,
}

/// Samples that stand behind the shards: of blocks, of records, and the records that labels name.
pub(super) const SAMPLES: u32 = 3;

/// Where the projected rows of a part are: by shard, then the samples.
fn blocks_key(manifest: &Manifest, part: usize) -> String {
    manifest.key(&format!("link/blocks-{part:05}"))
}

/// The block files of all parts.
pub(super) fn block_files(stores: &Stores, manifest: &Manifest, parts: usize) -> Result<Vec<BlockFile>, StageError> {
    (0..parts).map(|part| BlockFile::open(&*stores.objects, &blocks_key(manifest, part))).collect()
}

/// Where the counts of a part's terms are.
pub(super) fn terms_key(manifest: &Manifest, part: usize) -> String {
    manifest.key(&format!("link/terms-{part:05}"))
}

fn report_name(part: usize) -> String {
    format!("link/project-{part:05}")
}

/// Projects one part.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, number: usize) -> Result<ProjectReport, StageError> {
    let plan = plan::report(stores, manifest)?;
    let part = plan.parts.get(number).ok_or_else(|| StageError::BadRequest {
        subject: "part",
        found: number.to_string(),
        expected: format!("a part below {}", plan.parts.len()),
    })?;
    once(stores, manifest, &report_name(number), || {
        let job = manifest.job()?;
        let (settings, linker) = linker(&job, manifest)?;
        let memory = manifest.worker_memory / 4;
        let writer = BlockWriter::new(&*stores.objects, &blocks_key(manifest, number), plan.shards + SAMPLES, memory)?;
        let mut projector = Projector::new(&job, &linker, &plan, part.side(), writer);
        let tables = Tables { stores, manifest, job: &job, settings: &settings, linker: &linker };
        tables.rows(part, &mut |row| projector.take(&row).map(ControlFlow::Continue))?;
        projector.writer.commit()?;
        stores.objects.put(&terms_key(manifest, number), &projector.terms.to_bytes())?;
        Ok(projector.report)
    })
}

/// The report of a part that is projected.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest, part: usize) -> Result<ProjectReport, StageError> {
    done(stores, manifest, &report_name(part))
}

/// Projects rows and sends each to the shards of its blocks, and to the samples that it is in.
struct Projector<'a> {
    linker: &'a Linker,
    side: Side,
    terms: TermFrequencies,
    scratch: Scratch,
    writer: BlockWriter,
    sender: Sender<'a>,
    report: ProjectReport,
}

impl<'a> Projector<'a> {
    fn new(job: &'a Job, linker: &'a Linker, plan: &'a PlanReport, side: Side, writer: BlockWriter) -> Self {
        Self {
            terms: TermFrequencies::new(linker.terms().len()),
            scratch: Scratch::default(),
            sender: Sender::new(linker, plan, labelled(job, linker, side)),
            report: ProjectReport { rows: 0, damaged: 0 },
            linker,
            side,
            writer,
        }
    }

    fn take(&mut self, row: &RawRow<'_>) -> Result<(), StageError> {
        let Some((id, cells)) = row.cells else {
            self.report.damaged += 1;
            return Ok(());
        };
        self.report.rows += 1;
        let Self { linker, side, terms, scratch, writer, sender, .. } = self;
        let first = if *side == Side::Right { sender.plan.left_rows } else { 0 };
        // More rows than numbers are refused with the plan.
        let number = u32::try_from(first + row.place).unwrap_or(u32::MAX);
        let mut written = Ok(());
        linker.project(*side, cells, scratch, |values, key_text| {
            if written.is_ok() {
                for (term, field) in linker.terms().iter().enumerate() {
                    if let Some(value) = values.get(*field) {
                        terms.count(term, value);
                    }
                }
                written = sender.send(writer, &Row { side: *side, number, id, values }, key_text);
            }
        });
        written
    }
}

/// Keys of the rows of a side that labels name.
fn labelled<'a>(job: &'a Job, linker: &Linker, side: Side) -> HashSet<&'a str> {
    let dedupe = linker.settings().is_dedupe();
    let named = |(left, right): &'a (String, String)| {
        let left = Some(left).filter(|_| side == Side::Left);
        [left, Some(right).filter(|_| dedupe || side == Side::Right)].into_iter().flatten().map(String::as_str)
    };
    job.labels.iter().flat_map(named).collect()
}

/// One reading of a row.
struct Row<'a> {
    side: Side,
    number: u32,
    id: &'a str,
    values: &'a Values,
}

/// Writes records to the shards of their blocks.
struct Sender<'a> {
    linker: &'a Linker,
    plan: &'a PlanReport,
    /// Keys of the rows that labels name.
    labelled: HashSet<&'a str>,
    gathering: Gathering,
    keys: Vec<u64>,
    /// The blocks of a record with their shards.
    blocks: Vec<(u32, Block)>,
    encoded_blocks: Vec<u8>,
    encoded: Vec<u8>,
}

impl<'a> Sender<'a> {
    fn new(linker: &'a Linker, plan: &'a PlanReport, labelled: HashSet<&'a str>) -> Self {
        Self {
            labelled,
            gathering: Gathering::new(linker, &plan.gathered),
            linker,
            plan,
            keys: Vec::new(),
            blocks: Vec::new(),
            encoded_blocks: Vec::new(),
            encoded: Vec::new(),
        }
    }

    /// Writes a record once to every shard that it has blocks in, and once more to every sample that it is in.
    fn send(&mut self, writer: &mut BlockWriter, row: &Row<'_>, key_text: &mut String) -> Result<(), StageError> {
        let Row { side, number, id, values } = *row;
        self.find_blocks(values, key_text);
        rows::encode(&mut self.encoded, side, number, id, values);
        let mut start = 0;
        while let Some((shard, _)) = self.blocks.get(start) {
            let end = start + self.blocks[start..].iter().take_while(|(other, _)| other == shard).count();
            rows::encode_blocks(&mut self.encoded_blocks, self.blocks[start..end].iter().map(|(_, block)| *block));
            writer.push(*shard, [&self.encoded_blocks, &self.encoded])?;
            start = end;
        }
        let is_random =
            is_below(XxHash3_64::oneshot(id.as_bytes()), self.plan.random[usize::from(side == Side::Right)]);
        let is_labelled = !self.labelled.is_empty() && self.labelled.contains(id);
        for (sample, _) in [(1, is_random), (2, is_labelled)].into_iter().filter(|(_, is_in)| *is_in) {
            rows::encode_blocks(&mut self.encoded_blocks, std::iter::empty());
            writer.push(self.plan.shards + sample, [&self.encoded_blocks, &self.encoded])?;
        }
        Ok(())
    }

    /// The blocks of a record in the order of their shards; those of the training sample are in one more.
    fn find_blocks(&mut self, values: &Values, key_text: &mut String) {
        let Self { linker, plan, gathering, keys, blocks, .. } = self;
        blocks.clear();
        gathering.read(values, key_text);
        for rule in 0..linker.rules() {
            keys.clear();
            linker.keys(rule, values, key_text, keys);
            for &key in keys.iter() {
                // Settings with more rules than a byte counts are refused.
                let block = Block { rule: u8::try_from(rule).unwrap_or(u8::MAX), key };
                let mixed = block.mixed();
                blocks.push((plan.shard(gathering.hash(rule).unwrap_or(mixed)), block));
                if is_below(mixed, plan.sample) {
                    blocks.push((plan.shards, block));
                }
            }
        }
        blocks.sort_unstable();
    }
}

impl PlanReport {
    /// The shard that a hash is sent to.
    fn shard(&self, hash: u64) -> u32 {
        u32::try_from((hash >> 8) % u64::from(self.shards)).unwrap_or_default()
    }
}

/// Whether a hash is among this share of all hashes.
#[expect(clippy::cast_precision_loss, reason = "sampling by the leading bits of a hash")]
fn is_below(hash: u64, share: f64) -> bool {
    ((hash >> 11) as f64 / (1_u64 << 53) as f64) < share
}
