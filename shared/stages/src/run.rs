//! One run: its manifest, the keys of everything it writes, and steps that are done once.

use std::{collections::BTreeMap, time::Instant};

use lotline_store::{Objects, SettingsFiles, Stores};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use sha2::{Digest, Sha256};

use crate::{Job, StageError, bill::Work};

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The path as the user named it, or the key of an object in the lake.
    pub path: String,
    /// Whether it is an object in the lake.
    #[serde(default)]
    pub in_lake: bool,
    /// The version of that object, where the lake keeps versions.
    #[serde(default)]
    pub version: Option<String>,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

impl Input {
    /// The file's extension, which may decide how it is read; see [`lotline_formats::extension`].
    pub(crate) fn extension(&self) -> String {
        lotline_formats::extension(&self.path)
    }
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
    pub files: SettingsFiles,
    /// Files by source.
    pub inputs: BTreeMap<String, Vec<Input>>,
    /// Whether the files are linked as they are, without validated tables: for `lotline link`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unvalidated: bool,
    /// Memory that one worker may use for data, in bytes. It decides how work is cut, never what comes out.
    pub worker_memory: u64,
}

impl Manifest {
    /// A manifest whose `run_id` follows from the job's files, the inputs' bytes and extensions, and the program's
    /// version.
    pub fn new(
        place: &str,
        job: &Job,
        files: SettingsFiles,
        mut inputs: BTreeMap<String, Vec<Input>>,
        worker_memory: u64,
    ) -> Self {
        // Reports name a file by its position, so the same files must stand in the same order whenever they are planned.
        for inputs in inputs.values_mut() {
            inputs.sort_by_cached_key(|input| (input.sha256.clone(), input.extension(), input.path.clone()));
        }
        let mut hasher = Sha256::new();
        let mut part = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        part(env!("CARGO_PKG_VERSION"));
        files.iter().for_each(|(path, text)| [path, text].into_iter().for_each(|text| part(text)));
        for (source, inputs) in &inputs {
            part(source);
            inputs.iter().for_each(|input| part(&format!("{}.{}", input.sha256, input.extension())));
        }
        let run_id = format!("{}-{}", job.name, &hex(&hasher.finalize())[..16]);
        Self { run_id, place: place.to_owned(), files, inputs, unvalidated: false, worker_memory }
    }

    /// The manifest of a run that links files as they are; see [`Manifest::new`].
    pub fn unvalidated(
        place: &str,
        job: &Job,
        files: SettingsFiles,
        inputs: BTreeMap<String, Vec<Input>>,
        worker_memory: u64,
    ) -> Self {
        Self { unvalidated: true, ..Self::new(place, job, files, inputs, worker_memory) }
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

    /// Writes the manifest of a run that is not done. Steps of an earlier attempt stand, unless they were cut for
    /// another memory: then they are removed, so that a run that was too large for its memory can go on in less.
    ///
    /// # Errors
    /// The lake's.
    pub fn plan(self, stores: &Stores) -> Result<Self, StageError> {
        let key = manifest_key(&self.run_id);
        if let Some(earlier) = load::<Self>(&*stores.objects, &key)?
            && earlier.worker_memory != self.worker_memory
        {
            for step in stores.objects.list(&self.key(""))?.iter().filter(|step| step.key != key) {
                stores.objects.delete(&step.key)?;
            }
        }
        let bytes = serde_json::to_vec_pretty(&self).map_err(|error| StageError::Internal(error.to_string()))?;
        stores.objects.put(&key, &bytes)?;
        Ok(self)
    }

    /// Files and bytes by source: what the ledger keeps of the inputs, whose list may be long.
    pub fn inputs_in_short(&self) -> serde_json::Value {
        let of_source = |inputs: &Vec<Input>| serde_json::json!({ "files": inputs.len(), "bytes": inputs.iter().map(|input| input.bytes).sum::<u64>() });
        self.inputs.iter().map(|(source, inputs)| (source.clone(), of_source(inputs))).collect()
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

    /// Writes a list of requests, one a step, for the state machine to map over: `runs/<run>/lists/<name>.json`.
    pub(crate) fn write_list<T: Serialize>(
        &self,
        stores: &Stores,
        name: &str,
        requests: &[T],
    ) -> Result<(), StageError> {
        let bytes = serde_json::to_vec(requests).map_err(|error| StageError::Internal(error.to_string()))?;
        Ok(stores.objects.put(&self.key(&format!("lists/{name}.json")), &bytes)?)
    }

    /// The folder of a table's files in this run's version.
    pub fn table_location(&self, table: &str) -> String {
        format!("curated/{table}/{}", self.run_id)
    }

    /// The one file of a table in this run's version.
    pub(crate) fn table_file(&self, table: &str) -> String {
        part(&self.table_location(table))
    }

    /// The folder of the rows of a source that this run set aside.
    pub fn quarantine_location(&self, source: &str) -> String {
        format!("quarantine/{source}/{}", self.run_id)
    }
}

/// A report with the time its step took.
#[derive(Serialize, Deserialize)]
struct Timed<T> {
    seconds: f64,
    report: T,
}

/// Does a step unless its report is there already; the report is written last, so that it stands for the whole step.
pub(crate) fn once<T: Serialize + DeserializeOwned>(
    stores: &Stores,
    manifest: &Manifest,
    name: &str,
    step: impl FnOnce() -> Result<T, StageError>,
) -> Result<T, StageError> {
    let key = report_key(manifest, name);
    if let Some(Timed { report, .. }) = load(&*stores.objects, &key)? {
        return Ok(report);
    }
    let started = Instant::now();
    let timed = Timed { report: step()?, seconds: started.elapsed().as_secs_f64() };
    let bytes = serde_json::to_vec(&timed).map_err(|error| StageError::Internal(error.to_string()))?;
    stores.objects.put(&key, &bytes)?;
    Ok(timed.report)
}

/// The report of a step that must be done by now.
pub(crate) fn done<T: DeserializeOwned>(stores: &Stores, manifest: &Manifest, name: &str) -> Result<T, StageError> {
    let timed: Option<Timed<T>> = load(&*stores.objects, &report_key(manifest, name))?;
    timed.map(|timed| timed.report).ok_or_else(|| StageError::BadRequest {
        subject: "step",
        found: format!("{name} (not done)"),
        expected: "the steps before this one to be done".to_owned(),
    })
}

/// The steps of a run that are done, and the seconds they took in all.
pub(crate) fn work(stores: &Stores, manifest: &Manifest) -> Result<Work, StageError> {
    let mut work = Work::default();
    for object in stores.objects.list(&manifest.key("reports/"))? {
        let timed: Option<Timed<IgnoredAny>> = load(&*stores.objects, &object.key)?;
        work.steps += 1;
        work.seconds += timed.map_or(0.0, |timed| timed.seconds);
    }
    Ok(work)
}

/// Seconds by kind of step under `prefix`: its name up to the number or source that it has.
pub(crate) fn step_seconds(
    stores: &Stores,
    manifest: &Manifest,
    prefix: &str,
) -> Result<BTreeMap<String, f64>, StageError> {
    let mut seconds = BTreeMap::new();
    let folder = manifest.key("reports/");
    for object in stores.objects.list(&format!("{folder}{prefix}"))? {
        let timed: Option<Timed<IgnoredAny>> = load(&*stores.objects, &object.key)?;
        let name = object.key[folder.len() + prefix.len()..].trim_end_matches(".json");
        let kind = name.split('-').next().unwrap_or(name);
        *seconds.entry(kind.to_owned()).or_insert(0.0) += timed.map_or(0.0, |timed| timed.seconds);
    }
    Ok(seconds)
}

fn report_key(manifest: &Manifest, name: &str) -> String {
    manifest.key(&format!("reports/{name}.json"))
}

/// A JSON object of the lake; `None` when there is none under the key.
pub(crate) fn load<T: DeserializeOwned>(objects: &dyn Objects, key: &str) -> Result<Option<T>, StageError> {
    let Some(bytes) = objects.get(key)? else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| StageError::Damaged { key: key.to_owned(), message: error.to_string() })
}

/// The one file of a table at a location.
pub(crate) fn part(location: &str) -> String {
    format!("{location}/part-00000.parquet")
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest_key(run_id: &str) -> String {
    format!("runs/{run_id}/manifest.json")
}
