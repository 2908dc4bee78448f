//! `validate`: raw chunks against their table structure, then the latest row per key, then one sorted table.

mod bucket;
mod chunk;
mod gate;
mod lists;
mod quarantine;
mod table;

#[cfg(test)]
mod tests;

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use crate::{Manifest, StageError, ingest};

pub use bucket::{BucketReport, run as bucket};
pub use chunk::{ChunkReport, run as chunk};
pub use gate::{GateReport, run as gate};
pub use lists::ListReport;
pub use table::{TableReport, report, run as table};

/// One step of validating a source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum ValidateRequest {
    /// Judge the records of one chunk: good rows to the buckets of their keys, bad rows to quarantine.
    Chunk {
        /// The run.
        run_id: String,
        /// The source.
        source: String,
        /// Position of the file among the source's inputs.
        file: usize,
        /// Position of the chunk in the file.
        chunk: usize,
    },
    /// Keep the latest row of every key of one bucket.
    Bucket {
        /// The run.
        run_id: String,
        /// The source.
        source: String,
        /// The bucket, below [`buckets`].
        bucket: u32,
    },
    /// Merge the buckets into the table that is published, and balance the source's ledger.
    Table {
        /// The run.
        run_id: String,
        /// The source.
        source: String,
    },
    /// Write the lists of the steps above, once all files are ingested.
    List {
        /// The run.
        run_id: String,
    },
    /// Judge the run as a whole, once all tables are written.
    Gate {
        /// The run.
        run_id: String,
    },
}

/// What a step did.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ValidateReport {
    /// Of a chunk.
    Chunk(ChunkReport),
    /// Of a bucket.
    Bucket(BucketReport),
    /// Of the table.
    Table(TableReport),
    /// Of the lists.
    List(ListReport),
    /// Of the gate.
    Gate(GateReport),
}

/// Does one step.
///
/// # Errors
/// `BadRequest` for places that the run does not have, `Imbalance` when rows got lost, and the lake's own.
pub fn run(stores: &Stores, request: &ValidateRequest) -> Result<ValidateReport, StageError> {
    match request {
        ValidateRequest::Chunk { run_id, source, file, chunk } => {
            chunk::run(stores, &Manifest::load(stores, run_id)?, source, *file, *chunk).map(ValidateReport::Chunk)
        }
        ValidateRequest::Bucket { run_id, source, bucket } => {
            bucket::run(stores, &Manifest::load(stores, run_id)?, source, *bucket).map(ValidateReport::Bucket)
        }
        ValidateRequest::Table { run_id, source } => {
            table::run(stores, &Manifest::load(stores, run_id)?, source).map(ValidateReport::Table)
        }
        ValidateRequest::List { run_id } => {
            lists::run(stores, &Manifest::load(stores, run_id)?).map(ValidateReport::List)
        }
        ValidateRequest::Gate { run_id } => {
            gate::run(stores, &Manifest::load(stores, run_id)?).map(ValidateReport::Gate)
        }
    }
}

/// The columns of a table of rows that were set aside.
pub(crate) fn quarantine_schema() -> arrow_schema::SchemaRef {
    quarantine::Quarantine::schema()
}

/// Into how many buckets a source is hashed so that each fits a worker's memory: decoded and compared, rows take
/// several times their raw bytes.
pub fn buckets(manifest: &Manifest, source: &str) -> u32 {
    const EXPANSION: u64 = 6;
    let bytes: u64 = manifest.inputs.get(source).into_iter().flatten().map(|input| input.bytes).sum();
    u32::try_from((bytes * EXPANSION).div_ceil(manifest.worker_memory.max(1))).unwrap_or(u32::MAX).clamp(1, 4_096)
}

/// File and chunk positions of a source, in order.
///
/// # Errors
/// `BadRequest` while `ingest` has not done all of its files.
pub fn chunks(stores: &Stores, manifest: &Manifest, source: &str) -> Result<Vec<(usize, usize)>, StageError> {
    let files = manifest.inputs.get(source).map_or(0, Vec::len);
    let mut places = Vec::new();
    for file in 0..files {
        let count = ingest::ingested(stores, manifest, source, file)?.cut.chunks.len();
        places.extend((0..count).map(|chunk| (file, chunk)));
    }
    Ok(places)
}
