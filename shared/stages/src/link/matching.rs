//! Matching: the candidate pairs of one shard, scored; those that can matter to a link are written.

use std::cmp::Ordering;

use lotline_linkage::{Linker, Model, Scorer, TermFrequencies};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    blocks::{BlockFile, SegmentOf},
    linker, pairs, plan, project,
    rows::{self, Place, Rows},
    settle, train,
};
use crate::{
    Manifest, StageError,
    run::{done, once},
    tables::{BATCH_ROWS, TableWriter},
};

pub(super) fn report_name(shard: u32) -> String {
    format!("link/match-{shard:05}")
}

/// What a shard had.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MatchReport {
    /// Pairs compared; a record with several alternatives counts once for each.
    pub pairs_compared: u64,
    /// Pairs that may be links, or that speak against other links.
    pub pairs_kept: u64,
}

/// Where the scored pairs of a shard are.
pub(super) fn scored_key(manifest: &Manifest, shard: u32) -> String {
    manifest.key(&format!("link/match-{shard:05}.parquet"))
}

/// Scores one shard.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest, shard: u32) -> Result<MatchReport, StageError> {
    let plan = plan::report(stores, manifest)?;
    plan.check_shard(shard)?;
    once(stores, manifest, &report_name(shard), || {
        let job = manifest.job()?;
        let (_, mut linker) = linker(&job, manifest)?;
        linker.leave_out(train::left_out(stores, manifest)?);
        let writer = TableWriter::scratch(&*stores.objects, &scored_key(manifest, shard), &pairs::scored_schema())?;
        let Some(model) = train::model(stores, manifest)? else {
            writer.commit()?;
            return Ok(MatchReport { pairs_compared: 0, pairs_kept: 0 });
        };
        let terms = train::terms(stores, manifest, &linker)?;
        let mut matcher = Matcher::new(&linker, &model, terms, writer);
        let files = project::block_files(stores, manifest, plan.parts.len())?;
        matcher.shard(&files, shard, manifest.worker_memory / 2)?;
        matcher.commit()
    })
}

/// The report of a shard that is matched.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest, shard: u32) -> Result<MatchReport, StageError> {
    done(stores, manifest, &report_name(shard))
}

pub(super) struct Matcher<'a> {
    linker: &'a Linker,
    scorer: Scorer<'a>,
    terms: TermFrequencies,
    builder: pairs::Builder,
    writer: TableWriter,
    report: MatchReport,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(linker: &'a Linker, model: &'a Model, terms: TermFrequencies, writer: TableWriter) -> Self {
        Self {
            scorer: Scorer::new(linker, model, settle::floor(linker)),
            builder: pairs::Builder::default(),
            report: MatchReport { pairs_compared: 0, pairs_kept: 0 },
            linker,
            terms,
            writer,
        }
    }

    /// Scores the pairs of a shard. One that does not fit memory is read in tiles, and every two tiles are compared, so
    /// that even a single huge block is bounded.
    pub(super) fn shard(&mut self, files: &[BlockFile], shard: u32, memory: u64) -> Result<(), StageError> {
        let segments: Vec<SegmentOf<'_>> = files.iter().flat_map(|file| file.segments(shard)).collect();
        let tiles = tiles(&segments, self.linker, memory);
        for (place, tile) in tiles.iter().enumerate() {
            self.blocks(&self.read(tile, &[])?, None)?;
            for later in &tiles[place + 1..] {
                let rows = self.read(tile, later)?;
                let first: u32 = tile.iter().map(|segment| segment.rows()).sum();
                self.blocks(&rows, Some(first))?;
            }
        }
        Ok(())
    }

    fn read(&self, tile: &[SegmentOf<'_>], other: &[SegmentOf<'_>]) -> Result<Rows, StageError> {
        let mut rows = Rows::new(self.linker);
        let segments = || tile.iter().chain(other);
        rows.reserve(segments().map(|segment| segment.rows()).sum(), segments().map(SegmentOf::len).sum());
        segments().try_for_each(|segment| rows.read(self.linker, segment))?;
        rows.records.count_terms(self.linker, &self.terms);
        rows.sort();
        Ok(rows)
    }

    /// The pairs of every block; with `boundary` only those of a record below it and one at or above it.
    fn blocks(&mut self, rows: &Rows, boundary: Option<u32>) -> Result<(), StageError> {
        let dedupe = self.linker.settings().is_dedupe();
        for (left, right) in rows.blocks() {
            let Some(first) = rows.places.get(left.start) else { continue };
            if self.linker.leaves_out(usize::from(first.block.rule), first.block.key) {
                continue;
            }
            for l in left.clone() {
                let place = rows.places[l];
                let rights = if dedupe { l + 1..left.end } else { right.clone() };
                for other in &rows.places[rights] {
                    let crosses = |boundary| (place.record < boundary) != (other.record < boundary);
                    if boundary.is_none_or(crosses) {
                        self.pair(rows, place, *other)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn pair(&mut self, rows: &Rows, left: Place, right: Place) -> Result<(), StageError> {
        // Two readings of one row are no pair; of two rows of one table the smaller id goes left.
        let (left, right) = match left.side == right.side {
            true => match rows.id(left.record).cmp(rows.id(right.record)) {
                Ordering::Less => (left, right),
                Ordering::Equal => return Ok(()),
                Ordering::Greater => (right, left),
            },
            false => (left, right),
        };
        let (l, r) = (left.record as usize, right.record as usize);
        if !self.linker.makes(usize::from(left.block.rule), left.block.key, &rows.records, l, r) {
            return Ok(());
        }
        self.report.pairs_compared += 1;
        let Some((weight, _)) = self.scorer.weigh(&rows.records, l, r) else { return Ok(()) };
        self.report.pairs_kept += 1;
        let numbers = [rows.number(left.record), rows.number(right.record)];
        let ids = [rows.id(left.record), rows.id(right.record)];
        self.builder.push(numbers, ids, u16::from(left.block.rule), weight);
        if self.builder.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StageError> {
        let batch = self.builder.finish()?;
        self.writer.write(&batch)
    }

    pub(super) fn commit(mut self) -> Result<MatchReport, StageError> {
        self.flush()?;
        self.writer.commit()?;
        Ok(self.report)
    }
}

/// Segments that are read at once: as many as fit half of the memory, for two tiles are compared.
fn tiles<'a, 's>(segments: &'a [SegmentOf<'s>], linker: &Linker, memory: u64) -> Vec<&'a [SegmentOf<'s>]> {
    let bytes = |segment: &SegmentOf<'_>| rows::loaded_bytes(linker, u64::from(segment.rows()), segment.len());
    if segments.iter().map(bytes).sum::<u64>() <= memory {
        return if segments.is_empty() { Vec::new() } else { vec![segments] };
    }
    let (mut tiles, mut start, mut held) = (Vec::new(), 0, 0);
    for (place, segment) in segments.iter().enumerate() {
        if place > start && held + bytes(segment) > memory / 2 {
            tiles.push(&segments[start..place]);
            (start, held) = (place, 0);
        }
        held += bytes(segment);
    }
    tiles.push(&segments[start..]);
    tiles
}
