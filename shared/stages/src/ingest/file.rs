//! One file: into `raw/` as received unless it lies in the lake, and cut into chunks at record boundaries.

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

/// What became of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IngestReport {
    /// The object with the file's bytes.
    pub key: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Records found.
    pub rows: u64,
    /// Chunks cut.
    pub chunks: usize,
}

/// The chunk list of a file, for the validate stage.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IngestedFile {
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    pub(crate) cut: Cut,
}

/// Copies the file into `raw/` under its digest (unless it is there, or in the lake anyway) and writes its chunk list.
///
/// # Errors
/// `Format` when the file as a whole is not what the table structure declares, `InputChanged` when its bytes are no
/// longer those that the run was planned with, and the lake's own.
pub fn run(stores: &Stores, manifest: &Manifest, source: &str, file: usize) -> Result<IngestReport, StageError> {
    let ingested = once(stores, manifest, &report_name(source, file), || ingest_file(stores, manifest, source, file))?;
    let bytes = manifest.inputs.get(source).and_then(|inputs| inputs.get(file)).map_or(0, |input| input.bytes);
    Ok(IngestReport { bytes, rows: ingested.cut.rows, chunks: ingested.cut.chunks.len(), key: ingested.key })
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

fn ingest_file(
    stores: &Stores,
    manifest: &Manifest,
    source: &str,
    position: usize,
) -> Result<IngestedFile, StageError> {
    let job = manifest.job()?;
    let structure = job.structure(source)?;
    let inputs = manifest.inputs.get(source).map(Vec::as_slice).unwrap_or_default();
    let input = inputs.get(position).ok_or_else(|| StageError::BadRequest {
        subject: "file",
        found: position.to_string(),
        expected: format!("a position below {}", inputs.len()),
    })?;
    let (file, key) = open(stores, source, input)?;
    let mut copy =
        if input.in_lake || stores.objects.exists(&key)? { None } else { Some(stores.objects.create(&key)?) };
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
    Ok(IngestedFile { key, version: input.version.clone(), cut })
}

/// The file, and the key under which the lake has it when it is ingested.
fn open(stores: &Stores, source: &str, input: &Input) -> Result<(Arc<dyn RangedRead>, String), StageError> {
    if input.in_lake {
        let opened = stores.objects.open_version(&input.path, input.version.as_deref())?;
        return Ok((opened.file, input.path.clone()));
    }
    let file = LocalFile::open(Path::new(&input.path)).map_err(|error| StoreError::from_io(&input.path, error))?;
    Ok((Arc::new(file), raw_key(source, input)))
}

fn raw_key(source: &str, input: &Input) -> String {
    let extension = Some(input.extension()).filter(|extension| !extension.is_empty());
    format!("raw/{source}/{}.{}", input.sha256, extension.as_deref().unwrap_or("bin"))
}
