//! `lotline run`: one job, whole.

use std::{collections::BTreeMap, path::PathBuf, thread, time::Instant};

use clap::Args;
use lotline_stages::{
    Manifest, labels, message,
    publish::{self, PublishRequest},
    receipt::Receipt,
};
use lotline_store::{Claim, RunClaim, RunStatus, Stores, owner};
use serde_json::json;

use super::{LakeArgument, pull};
use crate::{
    error::CliError,
    inputs::{self, InputArgument},
    job_folder,
    output::{Outcome, peak_rss_bytes, print, print_json, receipt_text},
    progress::Progress,
    walk::Walk,
};

/// Run a job: pull, ingest, validate, link, summarize, publish.
///
/// A run that was interrupted goes on where it stopped; a run over the same files and settings changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline run jobs/open-houses --input open_houses=openhouses.json")]
pub(crate) struct Run {
    /// Folder of the job, with `job.toml`, `tables/` and `insights/`.
    pub(crate) job: PathBuf,
    #[command(flatten)]
    pub(crate) lake: LakeArgument,
    /// A file of a source, or a folder of files; may be given several times.
    #[arg(long = "input", value_name = "SOURCE=PATH")]
    pub(crate) inputs: Vec<InputArgument>,
    /// A parameter of the job in place of its default, such as `as_of=2017-02-02`; may be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
    /// Run over what was pulled before; ask no vendor.
    #[arg(long)]
    pub(crate) no_pull: bool,
    /// Memory for data, such as 512MB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    pub(crate) max_memory: u64,
    /// Workers; the default is one for every processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// Print the receipt as JSON and show no progress.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Run {
    /// Runs the job and prints the receipt.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let receipt = self.receipt(&self.lake.open()?)?;
        if self.json {
            print_json(&receipt)?
        } else {
            print(&receipt_text(&receipt))?
        }
        Ok(if receipt.over_limit() { Outcome::OverLimit } else { Outcome::Done })
    }

    /// Runs the job.
    pub(crate) fn receipt(&self, stores: &Stores) -> Result<Receipt, CliError> {
        let started = Instant::now();
        let ticket = stores.ledger.ticket()?;
        let (files, job) = job_folder::read(&self.job)?;
        let files = job.parameters.set(files, &self.set)?;
        let files = labels::teach(stores, &job, files)?;
        let pulled = if self.no_pull { BTreeMap::new() } else { pull::all(stores, &job, Progress::new(!self.json))? };
        let inputs = inputs::resolve(stores, &job, &self.inputs)?;
        let threads = self.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
        let worker_memory = self.max_memory / threads as u64;
        let manifest = Manifest::new(&self.job.display().to_string(), &job, files, inputs, worker_memory);
        let claim = stores.ledger.claim(&RunClaim {
            run_id: manifest.run_id.clone(),
            ticket,
            job: job.name.clone(),
            owner: owner(),
            inputs: manifest.inputs_in_short(),
        })?;
        let manifest = match claim {
            Claim::Done(_) => {
                let (elapsed_s, peak_rss_bytes) = (Some(started.elapsed().as_secs_f64()), Some(peak_rss_bytes()));
                let request = PublishRequest { run_id: manifest.run_id, elapsed_s, peak_rss_bytes };
                return Ok(Receipt { pulled, ..publish::run(stores, &request)? });
            }
            Claim::New | Claim::Resumed => manifest.plan(stores)?,
            Claim::Busy(record) => return Err(CliError::Busy { run_id: record.run_id, owner: record.owner }),
        };
        let walk = Walk { stores, manifest: &manifest, threads, progress: Progress::new(!self.json), started };
        let done = walk.run().inspect_err(|error| {
            let failure = json!({ "error": error.name(), "cause": message(error) });
            // What stopped the run is the news, also where the ledger cannot take it: a run that succeeded stays so.
            _ = stores.ledger.finish(&manifest.run_id, RunStatus::Failed, &failure);
        });
        Ok(Receipt { pulled, ..done? })
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("found `{text}`, expected NAME=VALUE, such as `as_of=2017-02-02`")),
    }
}

/// A number of bytes with an optional unit.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const LEAST: u64 = 16 << 20;
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        other => return Err(format!("found unit `{other}`, expected one of B, KB, MB, GB, KiB, MiB, GiB")),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match bytes {
        Some(bytes) if bytes >= LEAST => Ok(bytes),
        _ => Err(format!("found `{text}`, expected a size of at least 16MiB, such as 512MB or 2GiB")),
    }
}
