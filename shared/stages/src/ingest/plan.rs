//! Planning a run over what lies in the lake: the settings as of now, the files as of now, and the claim.

use std::collections::BTreeMap;

use lotline_formats::ranged::RangedRead;
use lotline_store::{Claim, ObjectMeta, Opened, RunClaim, RunStatus, SettingsVersion, StoreError, Stores};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::IngestRequest;
use crate::{Input, Job, Manifest, StageError, job::choices, labels, message, pull, run::hex, summarize};

/// What became of the wish for a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanReport {
    /// The run over the files as they are; null while a source has none.
    pub run_id: Option<String>,
    /// Whether there is work to do.
    pub status: PlanStatus,
    /// Sources without a file.
    pub missing: Vec<String>,
}

/// Whether a planned run has work to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// The run is ours to do, from the start or from where an earlier owner stopped.
    Claimed,
    /// The run is done; it is left to show it to readers once more, in case they see another.
    Done,
    /// Another execution works on the same run and will show it.
    Busy,
    /// A source has no file yet.
    Waiting,
}

/// Plans the run over all files that lie in the job's drop, `drop/<job>/<source>/<any name>`, or were pulled, claims it,
/// and writes its list of files.
///
/// # Errors
/// `BadRequest` for a job without settings, with the jobs that have some; `Settings` when they cannot be used; and the
/// lake's own.
pub fn run(stores: &Stores, job: &str, owner: &str, worker_memory: u64) -> Result<PlanReport, StageError> {
    // Before the files are looked at: see `Ledger::ticket`.
    let ticket = stores.ledger.ticket()?;
    let (job, settings) = current(stores, job)?;
    let place = place(&settings);
    summarize::check(&place, &job)?;
    let inputs = dropped(stores, &job)?;
    let missing: Vec<String> = job.sources.keys().filter(|source| !inputs.contains_key(*source)).cloned().collect();
    if !missing.is_empty() {
        return Ok(PlanReport { run_id: None, status: PlanStatus::Waiting, missing });
    }
    let taught = labels::teach(stores, &job, settings.files)?;
    let manifest = Manifest::new(&place, &job, taught, inputs, worker_memory);
    let claim = stores.ledger.claim(&RunClaim {
        run_id: manifest.run_id.clone(),
        ticket,
        job: job.name.clone(),
        owner: owner.to_owned(),
        inputs: manifest.inputs_in_short(),
    })?;
    let status = match claim {
        Claim::Done(_) => PlanStatus::Done,
        Claim::Busy(_) => PlanStatus::Busy,
        Claim::New | Claim::Resumed => {
            let planned = manifest
                .clone()
                .plan(stores)
                .and_then(|manifest| manifest.write_list(stores, "files", &files(&manifest)));
            planned.inspect_err(|error| give_up(stores, &manifest, error))?;
            PlanStatus::Claimed
        }
    };
    Ok(PlanReport { run_id: Some(manifest.run_id), status, missing })
}

/// A job by its settings as they are now.
pub(super) fn current(stores: &Stores, job: &str) -> Result<(Job, SettingsVersion), StageError> {
    let settings = stores.settings.current(job)?.ok_or_else(|| unknown_job(stores, job))?;
    Ok((Job::parse(&place(&settings), &settings.files)?, settings))
}

/// What messages call settings of the lake.
fn place(settings: &SettingsVersion) -> String {
    format!("{} (settings version {})", settings.job, settings.version)
}

/// SHA-256 of a file in hexadecimal; holds one block.
///
/// # Errors
/// Those of reading.
pub fn digest(file: &dyn RangedRead) -> std::io::Result<String> {
    const BLOCK: usize = 4 << 20;
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut offset = 0;
    loop {
        let count = file.read_at(offset, &mut block)?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&block[..count]);
        offset += count as u64;
    }
}

/// Says that a run failed whose claim went through; the state machine knows its name only from our answer.
fn give_up(stores: &Stores, manifest: &Manifest, error: &StageError) {
    let failure = serde_json::json!({ "error": error.name(), "cause": message(error) });
    // What stopped the plan is the news, also where the ledger cannot take it.
    _ = stores.ledger.finish(&manifest.run_id, RunStatus::Failed, &failure);
}

fn unknown_job(stores: &Stores, job: &str) -> StageError {
    match stores.settings.jobs() {
        Ok(jobs) => {
            let expected = format!("a job with settings: {}", choices(jobs.iter()));
            StageError::BadRequest { subject: "job", found: job.to_owned(), expected }
        }
        Err(error) => error.into(),
    }
}

/// The files by source: what was dropped, then what was pulled, each in order of key.
fn dropped(stores: &Stores, job: &Job) -> Result<BTreeMap<String, Vec<Input>>, StageError> {
    let mut inputs: BTreeMap<String, Vec<Input>> = BTreeMap::new();
    for source in job.sources.keys() {
        let files = [files_in(stores, &format!("drop/{}/{source}/", job.name))?, pulled(stores, job, source)?].concat();
        if !files.is_empty() {
            inputs.insert(source.clone(), files);
        }
    }
    Ok(inputs)
}

/// What was pulled of a source, in order of key; nothing for a source that is not pulled.
///
/// # Errors
/// The lake's own.
pub fn pulled(stores: &Stores, job: &Job, source: &str) -> Result<Vec<Input>, StageError> {
    let folders = pull::folders(stores, job, source)?.into_iter();
    folders.map(|folder| files_in(stores, &folder)).collect::<Result<Vec<_>, _>>().map(|files| files.concat())
}

/// The objects whose keys begin so, as files of a run.
fn files_in(stores: &Stores, folder: &str) -> Result<Vec<Input>, StageError> {
    // Consoles make an empty object for a folder.
    let objects = stores.objects.list(folder)?.into_iter().filter(|object| !object.key.ends_with('/'));
    let input = |object: ObjectMeta| {
        let Opened { file, version } = stores.objects.open_version(&object.key, None)?;
        let sha256 = known_digest(stores, &object.key, version.as_deref(), &*file)?;
        Ok(Input { path: object.key, in_lake: true, version, sha256, bytes: file.len() })
    };
    objects.map(input).collect()
}

/// The digest of a dropped file. That of a version is written down, so that a file is hashed once however many runs look
/// at it.
fn known_digest(
    stores: &Stores,
    key: &str,
    version: Option<&str>,
    file: &dyn RangedRead,
) -> Result<String, StageError> {
    let of_file = || digest(file).map_err(|error| StoreError::from_io(key, error));
    let Some(version) = version else { return Ok(of_file()?) };
    let note = format!("runs/digests/{}", hex(&Sha256::digest(format!("{version}/{key}"))));
    let known = stores.objects.get(&note)?.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(known) = known {
        return Ok(known);
    }
    let sha256 = of_file()?;
    stores.objects.put(&note, sha256.as_bytes())?;
    Ok(sha256)
}

/// One request a file.
fn files(manifest: &Manifest) -> Vec<IngestRequest> {
    let of_source = |(source, inputs): (&String, &Vec<Input>)| {
        let request = |file| IngestRequest::File { run_id: manifest.run_id.clone(), source: source.clone(), file };
        (0..inputs.len()).map(request).collect::<Vec<_>>()
    };
    manifest.inputs.iter().flat_map(of_source).collect()
}
