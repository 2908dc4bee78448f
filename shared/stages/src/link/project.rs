//! Projecting: the rows of one part read, standardized, and hashed by (blocking rule, block key) into shards; samples
//! set apart, terms counted.

use std::{collections::HashSet, ops::Range, path::Path, sync::Arc};

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use lotline_formats::{ChunkReader, LocalFile};
use lotline_linkage::{Linker, Scratch, Side, TermFrequencies, Values};
use lotline_schema::{Cell, Column};
use lotline_store::{StoreError, Stores};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::{
    blocks::{BlockFile, BlockWriter},
    linker,
    plan::{self, FileChunk, PartRows, PlanReport},
    rows,
};
use crate::{
    Job, Manifest, StageError,
    run::{done, once},
    tables::TableFile,
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
        let source = plan::source_of(&settings, part.right);
        let side = if part.right { Side::Right } else { Side::Left };
        let memory = manifest.worker_memory / 4;
        let writer = BlockWriter::new(&*stores.objects, &blocks_key(manifest, number), plan.shards + SAMPLES, memory)?;
        let mut projector = Projector::new(&job, &linker, &plan, side, writer);
        match &part.rows {
            PartRows::Chunk(chunk) => projector.file(stores, manifest, &job, source, chunk)?,
            PartRows::Groups(groups) => projector.table(stores, manifest, &job, source, groups.clone())?,
        }
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

/// Projects rows and sends each to the shard of its block, and to the samples that it is in.
struct Projector<'a> {
    linker: &'a Linker,
    plan: &'a PlanReport,
    side: Side,
    writer: BlockWriter,
    terms: TermFrequencies,
    /// Keys of the rows that labels name.
    labelled: HashSet<&'a str>,
    scratch: Scratch,
    buffers: Buffers,
    report: ProjectReport,
    /// Number of the part's first row among those of both tables, the left ones first.
    first: u64,
}

#[derive(Default)]
struct Buffers {
    keys: Vec<u64>,
    row: Vec<u8>,
}

impl<'a> Projector<'a> {
    fn new(job: &'a Job, linker: &'a Linker, plan: &'a PlanReport, side: Side, writer: BlockWriter) -> Self {
        let dedupe = linker.settings().is_dedupe();
        let named = |(left, right): &'a (String, String)| {
            let left = Some(left).filter(|_| side == Side::Left);
            [left, Some(right).filter(|_| dedupe || side == Side::Right)].into_iter().flatten().map(String::as_str)
        };
        Self {
            labelled: job.labels.iter().flat_map(named).collect(),
            terms: TermFrequencies::new(linker.terms().len()),
            scratch: Scratch::default(),
            buffers: Buffers::default(),
            report: ProjectReport { rows: 0, damaged: 0 },
            first: if side == Side::Right { plan.left_rows } else { 0 },
            linker,
            plan,
            side,
            writer,
        }
    }

    /// Some row groups of a validated table.
    fn table(
        &mut self,
        stores: &Stores,
        manifest: &Manifest,
        job: &Job,
        source: &str,
        groups: Range<usize>,
    ) -> Result<(), StageError> {
        let id_column = job.id_column(source)?;
        let table = TableFile::open(&*stores.objects, &manifest.table_file(source))?;
        self.first += table.rows_before(groups.start);
        for batch in table.read_groups_in(groups)? {
            let batch = batch?;
            let ids = texts(&batch, id_column)?;
            let columns: Vec<StringArray> =
                self.linker.columns(self.side).iter().map(|name| texts(&batch, name)).collect::<Result<_, _>>()?;
            let mut cells = Vec::with_capacity(columns.len());
            for row in 0..batch.num_rows() {
                cells.clear();
                cells.extend(columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))));
                self.project(ids.value(row), &cells)?;
            }
        }
        Ok(())
    }

    /// The rows of a chunk of a file, as they are.
    fn file(
        &mut self,
        stores: &Stores,
        manifest: &Manifest,
        job: &Job,
        source: &str,
        place: &FileChunk,
    ) -> Result<(), StageError> {
        self.first += place.rows_before;
        let path = &manifest.inputs[source][place.file].path;
        let wrong = |source| StageError::Format { file: path.clone(), source };
        let structure = job.structure(source)?;
        let cut = plan::file_cut(stores, manifest, job, source, place.file)?;
        let file = Arc::new(LocalFile::open(Path::new(path)).map_err(|error| StoreError::from_io(path, error))?);
        let id = structure.key.first().filter(|_| structure.position(ROW_NUMBER).is_none());
        let in_file = |name: &String| {
            let column = structure.columns.iter().find(|column| column.name == *name);
            column.map_or_else(|| vec![name.clone()], Column::source_names)
        };
        let names: Vec<Vec<String>> = id.into_iter().chain(self.linker.columns(self.side)).map(in_file).collect();
        let mut reader =
            ChunkReader::open(file, &structure.format, &cut, &cut.chunks[place.chunk], &names).map_err(wrong)?;
        let mut texts: Vec<String> = vec![String::new(); names.len()];
        while let Some(record) = reader.next().map_err(wrong)? {
            let Ok(found) = record.cells else {
                self.report.damaged += 1;
                continue;
            };
            let mut cells = Vec::with_capacity(names.len());
            for (cell, text) in found.iter().zip(&mut texts) {
                cells.push(as_text(cell, text));
            }
            let number;
            let (id, cells) = match id {
                Some(_) => (cells[0], &cells[1..]),
                None => {
                    number = (place.rows_before + self.report.rows + self.report.damaged + 1).to_string();
                    (Some(number.as_str()), &cells[..])
                }
            };
            match id {
                Some(id) => self.project(id, cells)?,
                None => self.report.damaged += 1,
            }
        }
        Ok(())
    }

    fn project(&mut self, id: &str, cells: &[Option<&str>]) -> Result<(), StageError> {
        // More rows than numbers are refused with the plan.
        let number = u32::try_from(self.first + self.report.rows + self.report.damaged).unwrap_or(u32::MAX);
        self.report.rows += 1;
        let Self { linker, plan, side, writer, terms, labelled, scratch, buffers, .. } = self;
        let is_labelled = !labelled.is_empty() && labelled.contains(id);
        let mut written = Ok(());
        linker.project(*side, cells, scratch, |values, key_text| {
            if written.is_ok() {
                for (term, field) in linker.terms().iter().enumerate() {
                    if let Some(value) = values.get(*field) {
                        terms.count(term, value);
                    }
                }
                written = buffers.write(linker, plan, writer, &Row { side: *side, number, id, values }, key_text);
                if written.is_ok() && is_labelled {
                    written = writer.push(plan.shards + 2, &buffers.row);
                }
            }
        });
        written
    }
}

/// One reading of a row.
struct Row<'a> {
    side: Side,
    number: u32,
    id: &'a str,
    values: &'a Values,
}

impl Buffers {
    /// Writes a record once for every block that it is in, and once more for every sample.
    fn write(
        &mut self,
        linker: &Linker,
        plan: &PlanReport,
        writer: &mut BlockWriter,
        row: &Row<'_>,
        key_text: &mut String,
    ) -> Result<(), StageError> {
        let Row { side, number, id, values } = *row;
        rows::encode(&mut self.row, side, number, id, values);
        for rule in 0..linker.rules() {
            self.keys.clear();
            linker.keys(rule, values, key_text, &mut self.keys);
            // Settings with more rules than a byte counts are refused.
            let rule = u8::try_from(rule).unwrap_or(u8::MAX);
            for key in &self.keys {
                rows::set_block(&mut self.row, rule, *key);
                let (shard, sampled) = plan.place(rule, *key);
                writer.push(shard, &self.row)?;
                if sampled {
                    writer.push(plan.shards, &self.row)?;
                }
            }
        }
        if is_below(XxHash3_64::oneshot(id.as_bytes()), plan.random[usize::from(side == Side::Right)]) {
            writer.push(plan.shards + 1, &self.row)?;
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
        (shard, is_below(mixed, self.sample))
    }
}

/// Whether a hash is among this share of all hashes.
#[expect(clippy::cast_precision_loss, reason = "sampling by the leading bits of a hash")]
fn is_below(hash: u64, share: f64) -> bool {
    ((hash >> 11) as f64 / (1_u64 << 53) as f64) < share
}

/// The key column of a table whose rows have no key but their number in the file, from 1.
pub const ROW_NUMBER: &str = "row_number";

/// A cell as text, written to `text` where the file has it otherwise; null for nothing and for empty text.
fn as_text<'a>(cell: &Cell<'a>, text: &'a mut String) -> Option<&'a str> {
    use std::fmt::Write as _;
    match cell {
        Cell::Null => None,
        Cell::Text(found) => Some(found.trim()).filter(|found| !found.is_empty()),
        other => {
            text.clear();
            write!(text, "{other}").ok()?;
            Some(text)
        }
    }
}

/// A column as text, numbers and dates in their shortest form.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, StageError> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| StageError::Internal(format!("no column `{name}` in a validated table")))?;
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
