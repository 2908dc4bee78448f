//! Planning: both tables projected and hashed by (blocking rule, block key) into shards, and a sample set apart.

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use lotline_linkage::{Linker, Side};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    LinkRequest, linker,
    projection::{self, Builder},
};
use crate::{
    Job, Manifest, StageError,
    run::{done, once},
    shuffle::Shuffle,
    tables::{BATCH_ROWS, TableFile},
    validate,
};

/// Rows of the larger table above which the model is trained on a sample of the blocks.
const SAMPLE_ROWS: u64 = 100_000;
/// Bytes that a projected row takes while its shard is matched.
const PROJECTED_ROW_BYTES: u64 = 600;

/// How the pairs will be made.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PlanReport {
    /// Rows of the left table.
    pub left_rows: u64,
    /// Rows of the right table.
    pub right_rows: u64,
    /// Shards to match.
    pub shards: u32,
    /// Share of the blocks, by hash, that the model is trained on.
    pub sample: f64,
}

/// Where the projected rows are: the buckets are the shards, and one more is the training sample.
pub(super) fn plan_key(manifest: &Manifest) -> String {
    manifest.key("link/plan.parquet")
}

const REPORT: &str = "link/plan";

/// Projects both tables.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<PlanReport, StageError> {
    once(stores, manifest, REPORT, || {
        let job = manifest.job()?;
        let (settings, linker) = linker(&job, manifest)?;
        let (left_rows, right_rows) =
            (rows(stores, manifest, &settings.left)?, rows(stores, manifest, &settings.right)?);
        let report = cut(manifest, &linker, left_rows, right_rows);
        let schema = projection::schema(&linker);
        let memory = manifest.worker_memory / 4;
        let shuffle = Shuffle::new(&*stores.objects, &plan_key(manifest), &schema, report.shards + 1, memory);
        let mut projector = Projector { builder: Builder::new(&linker), buckets: Vec::new(), shuffle, report };
        for (side, source) in [(Side::Left, &settings.left), (Side::Right, &settings.right)] {
            projector.project(stores, manifest, &job, &linker, side, source)?;
        }
        projector.shuffle.commit()?;
        let shard = |shard| LinkRequest::Match { run_id: manifest.run_id.clone(), shard };
        manifest.write_list(stores, "shards", &(0..report.shards).map(shard).collect::<Vec<_>>())?;
        Ok(report)
    })
}

/// The report of a run whose pairs are planned.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<PlanReport, StageError> {
    done(stores, manifest, REPORT)
}

/// The number of shards follows from memory, which changes no result; the sample follows from the rows alone.
fn cut(manifest: &Manifest, linker: &Linker, left_rows: u64, right_rows: u64) -> PlanReport {
    let projected = (left_rows + right_rows) * linker.rules().max(1) as u64 * PROJECTED_ROW_BYTES;
    let shards = u32::try_from(projected.div_ceil(manifest.worker_memory.max(1))).unwrap_or(u32::MAX).clamp(1, 4_096);
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    let sample = (SAMPLE_ROWS as f64 / left_rows.max(right_rows).max(1) as f64).min(1.0);
    PlanReport { left_rows, right_rows, shards, sample }
}

/// Rows of a validated source.
fn rows(stores: &Stores, manifest: &Manifest, source: &str) -> Result<u64, StageError> {
    Ok(validate::report(stores, manifest, source)?.accepted)
}

/// Projects rows and sends each to the shard of its block, and to the sample when its block is in it.
struct Projector<'a> {
    builder: Builder,
    buckets: Vec<(u32, bool)>,
    shuffle: Shuffle<'a>,
    report: PlanReport,
}

impl Projector<'_> {
    fn project(
        &mut self,
        stores: &Stores,
        manifest: &Manifest,
        job: &Job,
        linker: &Linker,
        side: Side,
        source: &str,
    ) -> Result<(), StageError> {
        let id_column = job.id_column(source)?;
        for batch in TableFile::open(&*stores.objects, &manifest.table_file(source))?.read()? {
            let batch = batch?;
            let ids = texts(&batch, id_column)?;
            let columns: Vec<StringArray> =
                linker.columns(side).iter().map(|name| texts(&batch, name)).collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                let cells: Vec<Option<&str>> =
                    columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect();
                for (number, variant) in linker.project(side, &cells).iter().enumerate() {
                    let blocks = self.builder.push(side, ids.value(row), number, variant);
                    self.buckets.extend(blocks.into_iter().map(|(rule, key)| self.report.place(rule, key)));
                }
                if self.builder.len() >= BATCH_ROWS {
                    self.flush()?;
                }
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), StageError> {
        let batch = self.builder.finish()?;
        let shards: Vec<u32> = self.buckets.iter().map(|(shard, _)| *shard).collect();
        self.shuffle.push(&batch, &shards)?;
        let sampled = self.buckets.iter().map(|(_, sampled)| Some(*sampled)).collect();
        let sample = arrow_select::filter::filter_record_batch(&batch, &sampled)?;
        self.shuffle.push(&sample, &vec![self.report.shards; sample.num_rows()])?;
        self.buckets.clear();
        Ok(())
    }
}

impl PlanReport {
    /// The shard of a block, and whether the model is trained on it.
    fn place(&self, rule: u16, key: u64) -> (u32, bool) {
        // Keys are hashes already; the odd factor keeps rules with equal keys apart.
        let mixed = (key ^ u64::from(rule)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let shard = u32::try_from((mixed >> 8) % u64::from(self.shards)).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "sampling by the leading bits of a hash")]
        let position = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        (shard, position < self.sample)
    }
}

/// A column as text, numbers and dates in their shortest form.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, StageError> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| StageError::Internal(format!("no column `{name}` in a validated table")))?;
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
