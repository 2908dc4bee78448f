//! `lotline pull`: what is new in vendors' APIs, into the lake.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use lotline_stages::{
    Job,
    pull::{self, PullReport, Scope},
};
use lotline_store::Stores;

use super::LakeArgument;
use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print, print_json, pull_text},
    progress::Progress,
};

/// Pull what is new from the APIs of a job's sources into the lake, without running the job.
///
/// A pull that was interrupted goes on behind the last complete page. Secrets are read from the environment variables
/// that the job's settings name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lotline pull jobs/mls\n  \
                        lotline pull jobs/mls --source listings --from 2024-05-01T00:00:00Z --to 2024-05-31T23:59:59Z")]
pub(crate) struct Pull {
    /// Folder of the job, with `job.toml` and `tables/`.
    job: PathBuf,
    #[command(flatten)]
    lake: LakeArgument,
    /// One source; the default is every one that has `http` settings.
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Pull a window once more: the least watermark, as the source writes it.
    #[arg(long, value_name = "WATERMARK", requires = "to")]
    from: Option<String>,
    /// The window's greatest watermark.
    #[arg(long, value_name = "WATERMARK", requires = "from")]
    to: Option<String>,
    /// Look for deletions now, whether it is time or not.
    #[arg(long, conflicts_with = "from")]
    deletions: bool,
    /// Print what was done by source as JSON and show no progress.
    #[arg(long)]
    json: bool,
}

impl Pull {
    /// Pulls and prints what was done.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stores = self.lake.open()?;
        let (_, job) = job_folder::read(&self.job)?;
        let scope = match (self.from, self.to) {
            (Some(from), Some(until)) => Scope::Window { from, until },
            _ if self.deletions => Scope::Deletions,
            _ => Scope::News,
        };
        let progress = Progress::new(!self.json);
        let reports = match self.source {
            Some(source) => BTreeMap::from([(source.clone(), one(&stores, &job, &source, &scope, progress)?)]),
            None => each(&stores, &job, &scope, progress)?,
        };
        if self.json {
            print_json(&reports)?;
        } else {
            reports.iter().try_for_each(|(source, report)| print(&(pull_text(source, report) + "\n")))?;
        }
        Ok(Outcome::Done)
    }
}

/// Pulls what is new in every source of a job that is pulled.
pub(crate) fn all(stores: &Stores, job: &Job, progress: Progress) -> Result<BTreeMap<String, PullReport>, CliError> {
    each(stores, job, &Scope::News, progress)
}

/// Pulls every source; one that fails does not keep the others from what is new.
fn each(
    stores: &Stores,
    job: &Job,
    scope: &Scope,
    progress: Progress,
) -> Result<BTreeMap<String, PullReport>, CliError> {
    let pulls: Vec<_> = (job.pulled.keys())
        .map(|source| one(stores, job, source, scope, progress).map(|report| (source.clone(), report)))
        .collect();
    pulls.into_iter().collect()
}

fn one(stores: &Stores, job: &Job, source: &str, scope: &Scope, progress: Progress) -> Result<PullReport, CliError> {
    let bar = progress.pages(source);
    let mut shown = |report: &PullReport| {
        bar.set_position(report.pages);
        bar.set_message(format!("{} requests, {} s waited", report.requests, report.waited_ms / 1_000));
    };
    let report = pull::with_network(None, |outside| pull::run(stores, outside, job, source, scope, &mut shown));
    bar.finish();
    Ok(report?)
}
