//! Planning: in what parts the two tables are projected, into how many shards, and which sample the model learns from.

use std::{ops::Range, path::Path, sync::Arc};

use lotline_formats::{Cut, LocalFile, cut};
use lotline_linkage::{LinkSettings, Linker, Side};
use lotline_store::{StoreError, Stores};
use serde::{Deserialize, Serialize};

use super::{LinkRequest, gather, linker, read::Tables, rows};
use crate::{
    Job, Manifest, StageError,
    run::{done, once},
    tables::TableFile,
    validate,
};

/// Projected rows, one a record and rule, above which the model is trained on a sample of the blocks.
const SAMPLE_ROWS: u64 = 240_000;
/// Rows of a table above which random pairs are drawn from a sample of it.
const RANDOM_ROWS: u64 = 20_000;
/// Row groups of a validated table that are projected in one step: half a million rows.
const PART_GROUPS: usize = 4;
/// Text of a projected row, about, before any was seen.
const ROW_TEXT_BYTES: u64 = 100;

/// How the pairs will be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanReport {
    /// Rows of the left table.
    pub left_rows: u64,
    /// Rows of the right table; 0 where one table is linked with itself.
    pub right_rows: u64,
    /// Parts to project, below which the steps of [`super::project()`] are numbered.
    pub parts: Vec<Part>,
    /// Shards to match.
    pub shards: u32,
    /// Whether the blocks have to be counted before pairs are made: some may be left out.
    #[serde(default)]
    pub counts: bool,
    /// Per rule the one of [`Linker::shared_parts`] by whose value its rows are sent to shards; null where each is sent
    /// by its own block.
    pub gathered: Vec<Option<usize>>,
    /// Share of the blocks, by hash, that the model is trained on.
    pub sample: f64,
    /// Share of the rows of either table, by hash, that random pairs are drawn from.
    pub random: [f64; 2],
}

/// Rows that are projected in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Whether they are the right table's.
    pub right: bool,
    /// Which of its rows.
    pub rows: PartRows,
}

impl Part {
    /// The side of its rows.
    pub(super) fn side(&self) -> Side {
        if self.right { Side::Right } else { Side::Left }
    }
}

/// Rows of a table that belong to one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartRows {
    /// Row groups of the validated table.
    Groups(Range<usize>),
    /// A chunk of a file that is linked as it is.
    Chunk(FileChunk),
}

/// A chunk of one of a source's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChunk {
    /// Position of the file among its source's.
    pub file: usize,
    /// Position of the chunk in the file.
    pub chunk: usize,
    /// Rows before it in its table.
    pub rows_before: u64,
}

impl PlanReport {
    /// # Errors
    /// `BadRequest` for a shard that is not one of the plan's.
    pub(super) fn check_shard(&self, shard: u32) -> Result<(), StageError> {
        if shard < self.shards {
            return Ok(());
        }
        let expected = format!("a shard below {}", self.shards);
        Err(StageError::BadRequest { subject: "shard", found: shard.to_string(), expected })
    }
}

const REPORT: &str = "link/plan";

/// Decides how both tables are projected.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<PlanReport, StageError> {
    once(stores, manifest, REPORT, || {
        let job = manifest.job()?;
        let (settings, linker) = linker(&job, manifest)?;
        let (mut rows, mut parts) = ([0; 2], Vec::new());
        for (side, source) in settings.tables() {
            let place = &mut rows[usize::from(side == Side::Right)];
            if manifest.unvalidated {
                *place = cut_files(stores, manifest, &job, side, source, &mut parts)?;
            } else {
                *place = validate::report(stores, manifest, source)?.accepted;
                let groups = TableFile::open(&*stores.objects, &manifest.table_file(source))?.groups();
                let part = |first: usize| PartRows::Groups(first..groups.min(first + PART_GROUPS));
                let of_table = (0..groups).step_by(PART_GROUPS).map(part);
                parts.extend(of_table.map(|rows| Part { right: side == Side::Right, rows }));
            }
        }
        if rows[0] + rows[1] > u64::from(u32::MAX) {
            return Err(StageError::BadRequest {
                subject: "tables",
                found: format!("{} rows", rows[0] + rows[1]),
                expected: format!("at most {} in both tables", u32::MAX),
            });
        }
        let tables = Tables { stores, manifest, job: &job, settings: &settings, linker: &linker };
        let alone = vec![None; linker.rules()];
        // A single shard holds every record once anyhow.
        let gathered = match shards(manifest, &linker, (rows[0] + rows[1]) * gather::copies(&alone)) {
            1 => alone,
            _ => gather::gathered(&tables, &parts, rows[0] + rows[1])?,
        };
        let report = PlanReport {
            left_rows: rows[0],
            right_rows: rows[1],
            shards: shards(manifest, &linker, (rows[0] + rows[1]) * gather::copies(&gathered)),
            counts: settings.max_block_pairs.is_some(),
            gathered,
            sample: share(SAMPLE_ROWS, (rows[0] + rows[1]) * linker.rules() as u64),
            random: rows.map(|rows| share(RANDOM_ROWS, rows)),
            parts,
        };
        write_lists(stores, manifest, &report)?;
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

/// Cuts the files of a source, adds a part for every chunk, and answers their rows.
fn cut_files(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    side: Side,
    source: &str,
    parts: &mut Vec<Part>,
) -> Result<u64, StageError> {
    let mut rows_before = 0;
    for file in 0..manifest.inputs.get(source).map_or(0, Vec::len) {
        let cut = file_cut(stores, manifest, job, source, file)?;
        for (chunk, bounds) in cut.chunks.iter().enumerate() {
            let chunk = FileChunk { file, chunk, rows_before };
            parts.push(Part { right: side == Side::Right, rows: PartRows::Chunk(chunk) });
            rows_before += bounds.rows;
        }
    }
    Ok(rows_before)
}

/// The chunks of a file that is linked as it is.
pub(super) fn file_cut(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    source: &str,
    file: usize,
) -> Result<Cut, StageError> {
    once(stores, manifest, &format!("link/cut-{source}-{file:05}"), || {
        let path = &manifest.inputs[source][file].path;
        let opened = LocalFile::open(Path::new(path)).map_err(|error| StoreError::from_io(path, error))?;
        let chunk_bytes = (manifest.worker_memory / 8).clamp(1 << 20, 64 << 20);
        cut(Arc::new(opened), path, &job.structure(source)?.format, chunk_bytes, &mut |_| ())
            .map_err(|source| StageError::Format { file: path.clone(), source })
    })
}

/// The number of shards follows from memory, which changes no result.
fn shards(manifest: &Manifest, linker: &Linker, projected: u64) -> u32 {
    let bytes = projected * row_bytes(linker);
    let shards = bytes.div_ceil((manifest.worker_memory / 4).max(1));
    u32::try_from(shards).unwrap_or(u32::MAX).clamp(1, 4_096)
}

/// Bytes of memory that a projected row takes, about, before any was seen.
pub(super) fn row_bytes(linker: &Linker) -> u64 {
    rows::loaded_bytes(linker, 1, ROW_TEXT_BYTES)
}

/// The share of so many rows that makes about `wanted`: samples follow from the rows alone.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
fn share(wanted: u64, rows: u64) -> f64 {
    (wanted as f64 / rows.max(1) as f64).min(1.0)
}

fn write_lists(stores: &Stores, manifest: &Manifest, report: &PlanReport) -> Result<(), StageError> {
    let run_id = || manifest.run_id.clone();
    let parts: Vec<LinkRequest> =
        (0..report.parts.len()).map(|part| LinkRequest::Project { run_id: run_id(), part }).collect();
    let shards: Vec<LinkRequest> =
        (0..report.shards).map(|shard| LinkRequest::Match { run_id: run_id(), shard }).collect();
    if report.counts {
        let counts: Vec<LinkRequest> =
            (0..report.shards).map(|shard| LinkRequest::Count { run_id: run_id(), shard }).collect();
        manifest.write_list(stores, "counts", &counts)?;
    }
    manifest.write_list(stores, "parts", &parts)?;
    manifest.write_list(stores, "shards", &shards)
}

/// The table of a side.
pub(super) fn source_of(settings: &LinkSettings, right: bool) -> &str {
    settings.right.as_deref().filter(|_| right).unwrap_or(&settings.left)
}
