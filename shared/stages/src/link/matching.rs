//! Matching: the candidate pairs of one shard, scored; those above the threshold are written.

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use lotline_linkage::{CompareCache, Linker, Model, Side, Variant, match_key};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    linker, pairs,
    plan::{self, plan_key},
    projection::{self, Rows, side_number},
    train,
};
use crate::{
    Manifest, StageError,
    run::{done, once},
    sort::Order,
    tables::{BATCH_ROWS, TableFile, TableWriter},
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
        let batches: Vec<RecordBatch> =
            TableFile::open(&*stores.objects, &plan_key(manifest))?.read_bucket(shard)?.collect::<Result<_, _>>()?;
        let rows = concat_batches(&projection::schema(&linker), &batches)?;
        drop(batches);
        // Rule, block, side, id, variant: blocks are runs of rows, their left records first.
        let order = Order::ascending(0..5);
        let rows = order.sort(&mut order.converter(&rows.schema())?, &rows)?;
        let writer = TableWriter::scratch(&*stores.objects, &scored_key(manifest, shard), &pairs::schema())?;
        let Some(model) = train::model(stores, manifest)? else {
            writer.commit()?;
            return Ok(MatchReport { pairs_compared: 0, pairs_kept: 0 });
        };
        let mut matcher = Matcher {
            linker: &linker,
            model: &model,
            cache: CompareCache::default(),
            builder: pairs::Builder::new(),
            writer,
            report: MatchReport { pairs_compared: 0, pairs_kept: 0 },
        };
        matcher.blocks(&Rows::new(&rows, &linker), rows.num_rows())?;
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
    model: &'a Model,
    cache: CompareCache,
    builder: pairs::Builder,
    writer: TableWriter,
    report: MatchReport,
}

impl Matcher<'_> {
    fn blocks(&mut self, rows: &Rows<'_>, count: usize) -> Result<(), StageError> {
        let mut start = 0;
        while start < count {
            let block = (rows.rule[start], rows.key[start]);
            let end = (start..count).find(|row| (rows.rule[*row], rows.key[*row]) != block).unwrap_or(count);
            let middle = (start..end).find(|row| rows.side[*row] == side_number(Side::Right)).unwrap_or(end);
            if start < middle && middle < end {
                self.block(rows, start..middle, middle..end)?;
            }
            start = end;
        }
        Ok(())
    }

    fn block(
        &mut self,
        rows: &Rows<'_>,
        left: std::ops::Range<usize>,
        right: std::ops::Range<usize>,
    ) -> Result<(), StageError> {
        let rule = rows.rule[left.start];
        let rights: Vec<(usize, Variant)> = right.map(|row| (row, rows.variant_at(row))).collect();
        for left in left {
            let left_variant = rows.variant_at(left);
            for (right, right_variant) in &rights {
                if match_key(&left_variant, right_variant) == Some(usize::from(rule)) {
                    self.pair(rows, rule, (left, &left_variant), (*right, right_variant))?;
                }
            }
        }
        Ok(())
    }

    fn pair(
        &mut self,
        rows: &Rows<'_>,
        rule: u16,
        (left, left_variant): (usize, &Variant),
        (right, right_variant): (usize, &Variant),
    ) -> Result<(), StageError> {
        self.report.pairs_compared += 1;
        let gammas = self.linker.gammas(left_variant, right_variant, &mut self.cache);
        let weight = self.model.match_weight(&gammas);
        let probability = Model::match_probability(weight);
        if probability < self.linker.threshold() {
            return Ok(());
        }
        self.report.pairs_kept += 1;
        self.builder.push(rows.id.value(left), rows.id.value(right), rule, weight, probability);
        if self.builder.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
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
