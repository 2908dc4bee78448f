//! One run: its manifest, the keys of everything it writes, and steps that are done once.

use std::collections::BTreeMap;

use lotline_store::{Objects, Stores};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Job, JobFiles, StageError};

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The path as the user named it; for an object in the lake its key.
    pub path: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// What a run works on; written once at its start, read by every stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The run's name: a digest of everything that decides its result.
    pub run_id: String,
    /// Folder of the job as the user named it, for messages.
    pub place: String,
    /// The job's files at the time of the run.
    pub files: JobFiles,
    /// Files by source.
    pub inputs: BTreeMap<String, Vec<Input>>,
    /// Memory that one worker may use for data, in bytes. It decides how work is cut, never what comes out.
    pub worker_memory: u64,
}

impl Manifest {
    /// A manifest whose `run_id` follows from the job's files, the inputs' bytes and the program's version.
    pub fn new(
        place: &str,
        job: &Job,
        files: JobFiles,
        inputs: BTreeMap<String, Vec<Input>>,
        worker_memory: u64,
    ) -> Self {
        let mut hasher = Sha256::new();
        let mut part = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        part(env!("CARGO_PKG_VERSION"));
        files.iter().for_each(|(path, text)| [path, text].into_iter().for_each(|text| part(text)));
        for (source, inputs) in &inputs {
            part(source);
            let mut digests: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
            digests.sort_unstable();
            digests.into_iter().for_each(&mut part);
        }
        let run_id = format!("{}-{}", job.name, &hex(&hasher.finalize())[..16]);
        Self { run_id, place: place.to_owned(), files, inputs, worker_memory }
    }

    /// Reads the manifest of a run from the lake.
    ///
    /// # Errors
    /// [`StageError::BadRequest`] for an unknown run.
    pub fn load(stores: &Stores, run_id: &str) -> Result<Self, StageError> {
        load(&*stores.objects, &manifest_key(run_id))?.ok_or_else(|| StageError::BadRequest {
            subject: "run_id",
            found: run_id.to_owned(),
            expected: "a run that was planned in this lake".to_owned(),
        })
    }

    /// Writes the manifest unless the run has one, and answers the one that counts: a resumed run keeps its cut.
    ///
    /// # Errors
    /// The lake's.
    pub fn plan(self, stores: &Stores) -> Result<Self, StageError> {
        let bytes = serde_json::to_vec_pretty(&self).map_err(|error| StageError::Internal(error.to_string()))?;
        stores.objects.put_if_absent(&manifest_key(&self.run_id), &bytes)?;
        Self::load(stores, &self.run_id)
    }

    /// The job as it was when the run was planned.
    ///
    /// # Errors
    /// As for [`Job::parse`].
    pub fn job(&self) -> Result<Job, StageError> {
        Job::parse(&self.place, &self.files)
    }

    /// The key of something this run writes for itself.
    pub fn key(&self, rest: &str) -> String {
        format!("runs/{}/{rest}", self.run_id)
    }

    /// The folder of a table's files in this run's version.
    pub fn table_location(&self, table: &str) -> String {
        format!("curated/{table}/{}", self.run_id)
    }

    /// The folder of the rows of a source that this run set aside.
    pub fn quarantine_location(&self, source: &str) -> String {
        format!("quarantine/{source}/{}", self.run_id)
    }
}

/// Does a step unless its report is there already; the report is written last, so that it stands for the whole step.
pub(crate) fn once<T: Serialize + DeserializeOwned>(
    stores: &Stores,
    key: &str,
    step: impl FnOnce() -> Result<T, StageError>,
) -> Result<T, StageError> {
    if let Some(report) = load(&*stores.objects, key)? {
        return Ok(report);
    }
    let report = step()?;
    let bytes = serde_json::to_vec(&report).map_err(|error| StageError::Internal(error.to_string()))?;
    stores.objects.put(key, &bytes)?;
    Ok(report)
}

/// A JSON object of the lake; `None` when there is none under the key.
pub(crate) fn load<T: DeserializeOwned>(objects: &dyn Objects, key: &str) -> Result<Option<T>, StageError> {
    let Some(bytes) = objects.get(key)? else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| StageError::Damaged { key: key.to_owned(), message: error.to_string() })
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest_key(run_id: &str) -> String {
    format!("runs/{run_id}/manifest.json")
}
