//! `ingest`: takes a source's file into `raw/` as received and cuts it into chunks at record boundaries.

use std::{io::Write, path::Path, sync::Arc};

use lotline_formats::{
    Cut, cut,
    ranged::{LocalFile, RangedRead},
};
use lotline_store::{StoreError, Stores};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Input, Manifest, StageError,
    run::{done, hex, once},
};

/// One file of one source of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestRequest {
    /// The run.
    pub run_id: String,
    /// The source.
    pub source: String,
    /// Position of the file among the source's inputs, from 0.
    pub file: usize,
}

/// What became of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IngestReport {
    /// The object under `raw/`.
    pub key: String,
    /// Records found.
    pub rows: u64,
    /// Chunks cut.
    pub chunks: usize,
}

/// The chunk list of a file, for the validate stage.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IngestedFile {
    pub(crate) key: String,
    pub(crate) cut: Cut,
}

/// Copies the file into `raw/` under its digest (unless it is there) and writes its chunk list.
///
/// # Errors
/// `Format` when the file as a whole is not what the table structure declares, `InputChanged` when its bytes are no
/// longer those that the run was planned with, and the lake's own.
pub fn run(stores: &Stores, request: &IngestRequest) -> Result<IngestReport, StageError> {
    let manifest = Manifest::load(stores, &request.run_id)?;
    let ingested = once(stores, &manifest, &report_name(&request.source, request.file), || {
        ingest_file(stores, &manifest, request)
    })?;
    Ok(IngestReport { rows: ingested.cut.rows, chunks: ingested.cut.chunks.len(), key: ingested.key })
}

/// The chunk list of a file that `ingest` has done.
pub(crate) fn ingested(
    stores: &Stores,
    manifest: &Manifest,
    source: &str,
    file: usize,
) -> Result<IngestedFile, StageError> {
    done(stores, manifest, &report_name(source, file))
}

fn report_name(source: &str, file: usize) -> String {
    format!("ingest/{source}/{file:05}")
}

fn ingest_file(stores: &Stores, manifest: &Manifest, request: &IngestRequest) -> Result<IngestedFile, StageError> {
    let job = manifest.job()?;
    let structure = job.structure(&request.source)?;
    let inputs = manifest.inputs.get(&request.source).map(Vec::as_slice).unwrap_or_default();
    let input = inputs.get(request.file).ok_or_else(|| StageError::BadRequest {
        subject: "file",
        found: request.file.to_string(),
        expected: format!("a position below {}", inputs.len()),
    })?;
    let file: Arc<dyn RangedRead> =
        Arc::new(LocalFile::open(Path::new(&input.path)).map_err(|source| StoreError::from_io(&input.path, source))?);
    let key = raw_key(&request.source, input);
    let mut copy = if stores.objects.exists(&key)? { None } else { Some(stores.objects.create(&key)?) };
    let mut copied = Ok(());
    let mut hasher = Sha256::new();
    let mut observe = |bytes: &[u8]| {
        hasher.update(bytes);
        if let (Ok(()), Some(writer)) = (&copied, copy.as_mut()) {
            copied = writer.write_all(bytes);
        }
    };
    let chunk_bytes = (manifest.worker_memory / 8).clamp(256 << 10, 32 << 20);
    let cut = cut(file, &input.path, &structure.format, chunk_bytes, &mut observe)
        .map_err(|source| StageError::Format { file: input.path.clone(), source })?;
    copied.map_err(|source| StoreError::from_io(&key, source))?;
    let found = hex(&hasher.finalize());
    if found != input.sha256 {
        return Err(StageError::InputChanged { file: input.path.clone(), expected: input.sha256.clone(), found });
    }
    if let Some(writer) = copy {
        writer.commit()?;
    }
    Ok(IngestedFile { key, cut })
}

fn raw_key(source: &str, input: &Input) -> String {
    let extension = Some(input.extension()).filter(|extension| !extension.is_empty());
    format!("raw/{source}/{}.{}", input.sha256, extension.as_deref().unwrap_or("bin"))
}
