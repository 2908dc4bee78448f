//! Planning: both tables projected and hashed by (blocking rule, block key) into shards, samples set apart, terms
//! counted.

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use lotline_linkage::{LinkSettings, Linker, Scratch, Side, TermFrequencies, Values};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::{LinkRequest, blocks::BlockWriter, linker, rows};
use crate::{
    Job, Manifest, StageError,
    run::{done, once},
    tables::TableFile,
    validate,
};

/// Rows of the larger table above which the model is trained on a sample of the blocks and of the records.
const SAMPLE_ROWS: u64 = 50_000;
/// Text of a projected row, about, before any was seen.
const ROW_TEXT_BYTES: u64 = 100;

/// How the pairs will be made.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PlanReport {
    /// Rows of the left table.
    pub left_rows: u64,
    /// Rows of the right table; 0 where one table is linked with itself.
    pub right_rows: u64,
    /// Shards to match.
    pub shards: u32,
    /// Share of the blocks, and of the records, by hash, that the model is trained on.
    pub sample: f64,
}

/// Where the projected rows are: by shard, then the sample of blocks, then the sample of records.
pub(super) fn plan_key(manifest: &Manifest) -> String {
    manifest.key("link/plan.blocks")
}

/// Where the counts of terms are.
fn terms_key(manifest: &Manifest) -> String {
    manifest.key("link/terms.counts")
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
        let report = cut(stores, manifest, &settings, &linker)?;
        let memory = manifest.worker_memory / 4;
        let writer = BlockWriter::new(&*stores.objects, &plan_key(manifest), report.shards + 2, memory)?;
        let mut projector = Projector::new(&linker, report, writer);
        for (side, source) in settings.tables() {
            projector.table(stores, manifest, &job, side, source)?;
        }
        projector.writer.commit()?;
        stores.objects.put(&terms_key(manifest), &projector.terms.to_bytes())?;
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

/// How frequent the values are that the linker counts.
pub(super) fn terms(stores: &Stores, manifest: &Manifest, linker: &Linker) -> Result<TermFrequencies, StageError> {
    let key = terms_key(manifest);
    let bytes = stores.objects.get(&key)?.unwrap_or_default();
    TermFrequencies::from_bytes(linker.terms().len(), &bytes).ok_or_else(|| StageError::Damaged {
        message: format!("found {} bytes, expected the counts of {} terms", bytes.len(), linker.terms().len()),
        key,
    })
}

/// The number of shards follows from memory, which changes no result; the sample follows from the rows alone.
fn cut(
    stores: &Stores,
    manifest: &Manifest,
    settings: &LinkSettings,
    linker: &Linker,
) -> Result<PlanReport, StageError> {
    let rows = |source: &str| Ok::<_, StageError>(validate::report(stores, manifest, source)?.accepted);
    let left_rows = rows(&settings.left)?;
    let right_rows = settings.right.as_deref().map_or(Ok(0), rows)?;
    let projected = (left_rows + right_rows) * linker.rules() as u64;
    let bytes = rows::loaded_bytes(linker, projected, projected * ROW_TEXT_BYTES);
    let shards = bytes.div_ceil((manifest.worker_memory / 2).max(1));
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    let sample = (SAMPLE_ROWS as f64 / left_rows.max(right_rows).max(1) as f64).min(1.0);
    Ok(PlanReport { left_rows, right_rows, shards: u32::try_from(shards).unwrap_or(u32::MAX).clamp(1, 4_096), sample })
}

/// Projects rows and sends each to the shard of its block, and to the samples that it is in.
struct Projector<'a> {
    linker: &'a Linker,
    report: PlanReport,
    writer: BlockWriter,
    terms: TermFrequencies,
    scratch: Scratch,
    keys: Vec<u64>,
    row: Vec<u8>,
}

impl<'a> Projector<'a> {
    fn new(linker: &'a Linker, report: PlanReport, writer: BlockWriter) -> Self {
        let terms = TermFrequencies::new(linker.terms().len());
        Self { linker, report, writer, terms, scratch: Scratch::default(), keys: Vec::new(), row: Vec::new() }
    }

    fn table(
        &mut self,
        stores: &Stores,
        manifest: &Manifest,
        job: &Job,
        side: Side,
        source: &str,
    ) -> Result<(), StageError> {
        let id_column = job.id_column(source)?;
        for batch in TableFile::open(&*stores.objects, &manifest.table_file(source))?.read()? {
            let batch = batch?;
            let ids = texts(&batch, id_column)?;
            let columns: Vec<StringArray> =
                self.linker.columns(side).iter().map(|name| texts(&batch, name)).collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                let cells: Vec<Option<&str>> =
                    columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect();
                self.project(side, ids.value(row), &cells)?;
            }
        }
        Ok(())
    }

    fn project(&mut self, side: Side, id: &str, cells: &[Option<&str>]) -> Result<(), StageError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut written = Ok(());
        self.linker.project(side, cells, &mut scratch, |values, key_text| {
            if written.is_ok() {
                written = self.record(side, id, values, key_text);
            }
        });
        self.scratch = scratch;
        written
    }

    fn record(&mut self, side: Side, id: &str, values: &Values, key_text: &mut String) -> Result<(), StageError> {
        for (term, field) in self.linker.terms().iter().enumerate() {
            if let Some(value) = values.get(*field) {
                self.terms.count(term, value);
            }
        }
        for rule in 0..self.linker.rules() {
            self.keys.clear();
            self.linker.keys(rule, values, key_text, &mut self.keys);
            // Rules past 256 are refused with the settings.
            let rule = u8::try_from(rule).unwrap_or(u8::MAX);
            for key in self.keys.iter().copied() {
                rows::encode(&mut self.row, rule, key, side, id, values);
                let (shard, sampled) = self.report.place(rule, key);
                self.writer.push(shard, &self.row)?;
                if sampled {
                    self.writer.push(self.report.shards, &self.row)?;
                }
            }
        }
        if self.report.is_sampled(XxHash3_64::oneshot(id.as_bytes())) {
            rows::encode(&mut self.row, 0, 0, side, id, values);
            self.writer.push(self.report.shards + 1, &self.row)?;
        }
        Ok(())
    }
}

impl PlanReport {
    /// The shard of a block, and whether the model is trained on it.
    fn place(&self, rule: u8, key: u64) -> (u32, bool) {
        // Keys are hashes already; the odd factor keeps rules with equal keys apart.
        let mixed = (key ^ u64::from(rule)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let shard = u32::try_from((mixed >> 8) % u64::from(self.shards)).unwrap_or_default();
        (shard, self.is_sampled(mixed))
    }

    #[expect(clippy::cast_precision_loss, reason = "sampling by the leading bits of a hash")]
    fn is_sampled(&self, hash: u64) -> bool {
        ((hash >> 11) as f64 / (1_u64 << 53) as f64) < self.sample
    }
}

/// A column as text, numbers and dates in their shortest form.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, StageError> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| StageError::Internal(format!("no column `{name}` in a validated table")))?;
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
