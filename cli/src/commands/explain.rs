//! `lotline explain`: why two records are linked or are not.

use std::{fs, path::PathBuf};

use clap::Args;
use lotline_stages::{Job, Manifest, link};
use lotline_store::Stores;

use super::LakeArgument;
use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print, print_json},
};

/// Explain why two records are linked or are not, in the run of a job that readers see.
///
/// The chart shows how the match weight comes about: the prior, then what every comparison adds or takes. Below it: the
/// levels with their m and u probabilities, and for records that are not linked which rules never met them, which
/// comparisons cost most, and the smallest change that would reach the threshold. It reads what the run has left in the
/// lake, which a deployed lake keeps for 30 days.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lotline explain jobs/properties 000-037-404 ML467823404\n  \
                        lotline explain jobs/properties 000-037-404 ML467823404 --svg pair.svg")]
pub(crate) struct Explain {
    /// Folder of the job.
    job: PathBuf,
    /// Key of the left record: `id_l` in the links.
    #[arg(allow_hyphen_values = true)]
    id_l: String,
    /// Key of the right record: `id_r` in the links.
    #[arg(allow_hyphen_values = true)]
    id_r: String,
    #[command(flatten)]
    lake: LakeArgument,
    /// Print the explanation as JSON.
    #[arg(long)]
    json: bool,
    /// Write the chart to an SVG file.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    svg: Option<PathBuf>,
}

impl Explain {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (_, job) = job_folder::read(&self.job)?;
        let stores = self.lake.open_existing()?;
        let explained = link::explain(&stores, &published(&stores, &job)?, &self.id_l, &self.id_r)?;
        if self.json {
            print_json(&explained)?;
        } else if let Some(path) = &self.svg {
            let svg = explained.explanation.svg(&explained.heading());
            fs::write(path, svg).map_err(|error| CliError::io(path, error))?;
            print(&format!("{explained}{}\n", path.display()))?;
        } else {
            print(&format!("{explained}\n{}", explained.explanation))?;
        }
        Ok(Outcome::Done)
    }
}

/// The run of a job that readers see.
pub(super) fn published(stores: &Stores, job: &Job) -> Result<Manifest, CliError> {
    let Some(publication) = stores.catalog.publication(&job.name)? else {
        let expected = "a job that `lotline run` has published in this lake";
        return Err(CliError::argument("JOB", format!("`{}`, which published nothing", job.name), expected));
    };
    Ok(Manifest::load(stores, &publication.run_id)?)
}
