//! Matching: the candidate pairs of one shard, scored; those above the threshold are written.

use lotline_linkage::{Linker, Model, Scorer, TermFrequencies};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    blocks::BlockFile,
    linker, pairs,
    plan::{self, plan_key},
    rows::Rows,
    train,
};
use crate::{
    Manifest, StageError,
    run::{done, once},
    tables::{BATCH_ROWS, TableWriter},
};

fn report_name(shard: u32) -> String {
    format!("link/match-{shard:05}")
}

/// What a shard had.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MatchReport {
    /// Pairs compared; a record with several alternatives counts once for each.
    pub pairs_compared: u64,
    /// Pairs at or above the threshold.
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
    let shards = plan::report(stores, manifest)?.shards;
    if shard >= shards {
        let expected = format!("a shard below {shards}");
        return Err(StageError::BadRequest { subject: "shard", found: shard.to_string(), expected });
    }
    once(stores, manifest, &report_name(shard), || {
        let job = manifest.job()?;
        let (_, linker) = linker(&job, manifest)?;
        let writer = TableWriter::scratch(&*stores.objects, &scored_key(manifest, shard), &pairs::schema())?;
        let report = MatchReport { pairs_compared: 0, pairs_kept: 0 };
        let Some(model) = train::model(stores, manifest)? else {
            writer.commit()?;
            return Ok(report);
        };
        let floor = Model::weight_of(linker.threshold());
        let mut matcher = Matcher {
            linker: &linker,
            scorer: Scorer::new(&linker, &model, floor),
            terms: plan::terms(stores, manifest, &linker)?,
            builder: pairs::Builder::new(),
            writer,
            report,
        };
        matcher.shard(&BlockFile::open(&*stores.objects, &plan_key(manifest))?, shard, manifest.worker_memory / 2)?;
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

struct Matcher<'a> {
    linker: &'a Linker,
    scorer: Scorer<'a>,
    terms: TermFrequencies,
    builder: pairs::Builder,
    writer: TableWriter,
    report: MatchReport,
}

impl Matcher<'_> {
    fn shard(&mut self, file: &BlockFile, shard: u32, memory: u64) -> Result<(), StageError> {
        let count = file.lengths(shard).count();
        let _ = memory;
        let mut rows = Rows::new(self.linker);
        for place in 0..count {
            let bytes = file.segment(shard, place)?;
            rows.read(self.linker, &bytes).ok_or_else(|| file.damaged("expected projected rows"))?;
        }
        rows.records.count_terms(self.linker, &self.terms);
        rows.sort();
        self.blocks(&rows)
    }

    fn blocks(&mut self, rows: &Rows) -> Result<(), StageError> {
        let dedupe = self.linker.settings().is_dedupe();
        for (left, right) in rows.blocks() {
            for l in left.clone() {
                let rights = if dedupe { l + 1..left.end } else { right.clone() };
                for r in rights {
                    self.pair(rows, l, r)?;
                }
            }
        }
        Ok(())
    }

    fn pair(&mut self, rows: &Rows, left: usize, right: usize) -> Result<(), StageError> {
        let (left, right) = (rows.places[left], rows.places[right]);
        let (l, r) = (left.record as usize, right.record as usize);
        if !self.linker.makes(usize::from(left.rule), left.key, &rows.records, l, r) {
            return Ok(());
        }
        self.report.pairs_compared += 1;
        let Some((weight, _)) = self.scorer.weigh(&rows.records, l, r) else { return Ok(()) };
        let (id_l, id_r) = (rows.id(left.record), rows.id(right.record));
        if left.side == right.side {
            match id_l.cmp(id_r) {
                std::cmp::Ordering::Equal => return Ok(()),
                std::cmp::Ordering::Less => self.keep(id_l, id_r, left.rule, weight),
                std::cmp::Ordering::Greater => self.keep(id_r, id_l, left.rule, weight),
            }
        } else {
            self.keep(id_l, id_r, left.rule, weight);
        }
        if self.builder.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn keep(&mut self, id_l: &str, id_r: &str, rule: u8, weight: f64) {
        self.report.pairs_kept += 1;
        self.builder.push(id_l, id_r, u16::from(rule), weight, Model::match_probability(weight));
    }

    fn flush(&mut self) -> Result<(), StageError> {
        let batch = self.builder.finish()?;
        self.writer.write(&batch)
    }

    fn commit(mut self) -> Result<MatchReport, StageError> {
        self.flush()?;
        self.writer.commit()?;
        Ok(self.report)
    }
}
