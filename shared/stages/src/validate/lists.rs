//! The lists of a run's validate steps, which the state machine maps over.

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{ValidateRequest, buckets, chunks};
use crate::{Manifest, StageError};

/// How many steps were listed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListReport {
    /// In `lists/chunks.json`.
    pub chunks: usize,
    /// In `lists/buckets.json`.
    pub buckets: usize,
    /// In `lists/tables.json`.
    pub tables: usize,
}

/// Writes the lists of chunks, buckets and tables.
pub(super) fn run(stores: &Stores, manifest: &Manifest) -> Result<ListReport, StageError> {
    let (mut chunk_steps, mut bucket_steps, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    for source in manifest.inputs.keys() {
        let step = || (manifest.run_id.clone(), source.clone());
        for (file, chunk) in chunks(stores, manifest, source)? {
            let (run_id, source) = step();
            chunk_steps.push(ValidateRequest::Chunk { run_id, source, file, chunk });
        }
        for bucket in 0..buckets(manifest, source) {
            let (run_id, source) = step();
            bucket_steps.push(ValidateRequest::Bucket { run_id, source, bucket });
        }
        let (run_id, source) = step();
        tables.push(ValidateRequest::Table { run_id, source });
    }
    manifest.write_list(stores, "chunks", &chunk_steps)?;
    manifest.write_list(stores, "buckets", &bucket_steps)?;
    manifest.write_list(stores, "tables", &tables)?;
    Ok(ListReport { chunks: chunk_steps.len(), buckets: bucket_steps.len(), tables: tables.len() })
}
