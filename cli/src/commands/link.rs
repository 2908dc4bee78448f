//! `lotline link`: two files, or one with itself, and nothing else.

use std::{fs, path::PathBuf, thread, time::Instant};

use clap::Args;
use lotline_stages::{Manifest, link::{self, LinkSummary}};
use lotline_store::Stores;

use super::run::size;
use crate::{
    error::CliError,
    inputs::{self, InputArgument},
    job_folder,
    output::{Outcome, peak_rss_bytes, print, print_json},
    progress::Progress,
    walk::Walk,
};

/// Link the records of two files, or those of one with each other.
///
/// Rows are linked as the files have them; what cannot be read as a record is counted and left out. Links, the trained
/// model and the job go to a folder; `lotline run` takes the job from there when it is to become a pipeline.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lotline link assessor.csv listings.csv --job jobs/properties --out linked\n  lotline link customers.csv --job jobs/customers")]
pub(crate) struct Link {
    /// The left file: CSV, JSON, NDJSON or Parquet.
    left: PathBuf,
    /// The right file; left out, the records of the left one are linked with each other.
    right: Option<PathBuf>,
    /// Folder for what comes out.
    #[arg(long, value_name = "DIR", default_value = "linked")]
    out: PathBuf,
    /// Folder of a job whose link settings are used.
    #[arg(long, value_name = "DIR")]
    job: PathBuf,
    /// Memory for data, such as 256MB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    max_memory: u64,
    /// Workers; the default is one for every processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Print the summary as JSON and show no progress.
    #[arg(long)]
    json: bool,
}

impl Link {
    /// Links and prints what came out.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let started = Instant::now();
        let (files, job) = job_folder::read(&self.job)?;
        let Some(settings) = job.link.clone() else {
            return Err(CliError::argument(&job.name, "a job without links", "a job with a [link] section"));
        };
        let given = [Some(&self.left), self.right.as_ref()].into_iter().flatten();
        let arguments: Vec<InputArgument> =
            settings.tables().zip(given).map(|((_, source), path)| InputArgument::new(source, path)).collect();
        let inputs = inputs::resolve(&job, &arguments)?;
        let threads = self.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
        let work = self.out.join("work");
        let stores = Stores::local(&work)?;
        let mut manifest =
            Manifest::new(&self.job.display().to_string(), &job, files, inputs, self.max_memory / threads as u64);
        manifest.unvalidated = true;
        let manifest = manifest.plan(&stores)?;
        let walk = Walk { stores: &stores, manifest: &manifest, threads, progress: Progress::new(!self.json), started };
        walk.link()?;
        let summary = link::summary(&stores, &manifest)?;
        for (key, name) in [(&summary.links_file, "links.parquet"), (&summary.model_file, "model.json")] {
            if let Some(key) = key {
                let target = self.out.join(name);
                fs::rename(work.join(key), &target).map_err(|error| CliError::io(&target, error))?;
            }
        }
        drop(walk);
        drop(stores);
        fs::remove_dir_all(&work).map_err(|error| CliError::io(&work, error))?;
        if self.json {
            print_json(&summary)?;
        } else {
            print(&text(&summary, started.elapsed().as_secs_f64()))?;
        }
        Ok(Outcome::Done)
    }
}

fn text(summary: &LinkSummary, seconds: f64) -> String {
    format!(
        "{} links from {} candidate pairs of {} x {} rows\n{seconds:.2} s, {} MB peak memory\n",
        summary.links,
        summary.pairs_compared,
        summary.left_rows,
        summary.right_rows,
        peak_rss_bytes() / 1_000_000,
    )
}
