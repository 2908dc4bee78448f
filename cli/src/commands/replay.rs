//! `lotline replay`: rows that were set aside, judged again.

use std::path::{Path, PathBuf};

use clap::Args;
use lotline_stages::{Input, Manifest, ReplayReport, ingest, replay};
use lotline_store::Stores;
use serde_json::{Value, json};

use super::{
    LakeArgument,
    run::{Run, size},
};
use crate::{
    error::CliError,
    inputs::InputArgument,
    job_folder,
    output::{Outcome, print, print_json, rows_text},
};

/// Judge quarantined rows again by the table structures as they are now, and with --apply take those back that pass.
///
/// Correct `tables/SOURCE.toml`, look at what would become of the rows that the published run set aside, then apply: the
/// same files are run again with the corrected job. Without --apply nothing is written. Exit code 1 says that rows would
/// still be set aside.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lotline replay jobs/open-houses\n  \
                        lotline replay jobs/open-houses --source open_houses --apply")]
pub(crate) struct Replay {
    /// Folder of the job, as corrected.
    job: PathBuf,
    /// Only rows of this source.
    #[arg(long, value_name = "SOURCE", conflicts_with = "apply")]
    source: Option<String>,
    #[command(flatten)]
    lake: LakeArgument,
    /// Run the job over the files of the published run.
    #[arg(long)]
    apply: bool,
    /// Memory for data when applying, such as 512MB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    max_memory: u64,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (_, job) = job_folder::read(&self.job)?;
        let stores = self.lake.open_existing()?;
        let Some(publication) = stores.catalog.publication(&job.name)? else {
            let expected = "a job whose run was published in this lake";
            return Err(CliError::argument(&self.job.display().to_string(), "a job without a published run", expected));
        };
        let manifest = Manifest::load(&stores, &publication.run_id)?;
        if self.apply {
            return self.again(&stores, &manifest);
        }
        let sources = job.sources.keys().filter(|name| self.source.as_ref().is_none_or(|source| source == *name));
        let report = |name: &String| Ok((name.clone(), replay(&stores, &manifest, &job, name, u64::MAX)?));
        let reports = match sources.map(report).collect::<Result<Vec<_>, CliError>>()? {
            // Says which sources there are.
            none if none.is_empty() => vec![report(&self.source.clone().unwrap_or_default())?],
            reports => reports,
        };
        if self.json {
            print_json(&reports.iter().cloned().collect::<std::collections::BTreeMap<_, _>>())?;
        } else {
            print(&text(&reports))?;
        }
        let is_left = reports.iter().any(|(_, report)| report.accepted < report.rows);
        Ok(if is_left { Outcome::OverLimit } else { Outcome::Done })
    }

    /// Runs the job over the files of an earlier run: where they lie, or as the lake keeps them.
    fn again(self, stores: &Stores, manifest: &Manifest) -> Result<Outcome, CliError> {
        let mut inputs = Vec::new();
        let earlier = manifest.job()?;
        // What was pulled is in the lake; a run finds it there.
        for (source, files) in manifest.inputs.iter().filter(|(source, _)| !earlier.pulled.contains_key(*source)) {
            for (position, input) in files.iter().enumerate() {
                let path = if is_there(input) {
                    PathBuf::from(&input.path)
                } else {
                    self.lake.lake.join(ingest::file(stores, manifest, source, position)?.key)
                };
                inputs.push(InputArgument::new(source, &path));
            }
        }
        let Self { job, lake, max_memory, json, .. } = self;
        let set = earlier.parameters.assignments();
        Run { job, lake, inputs, set, no_pull: true, max_memory, threads: None, json }.run()
    }
}

/// Whether a file still lies where the run found it.
fn is_there(input: &Input) -> bool {
    let path = Path::new(&input.path);
    let file = lotline_formats::ranged::LocalFile::open(path);
    !input.in_lake && file.is_ok_and(|file| ingest::digest(&file).is_ok_and(|sha256| sha256 == input.sha256))
}

fn text(reports: &[(String, ReplayReport)]) -> String {
    let columns = ["source", "rule", "column", "set aside", "would pass", "why one would not"].map(str::to_owned);
    let of_source = |(source, report): &(String, ReplayReport)| {
        let row = |rule: &lotline_stages::ReplayedRule| {
            let [name, column] = [&rule.rule, &rule.column].map(|text| json!(text));
            vec![json!(source), name, column, json!(rule.rows), json!(rule.accepted), json!(rule.still)]
        };
        report.rules.iter().map(row).collect::<Vec<Vec<Value>>>()
    };
    let rows: Vec<Vec<Value>> = reports.iter().flat_map(of_source).collect();
    let sum = |count: fn(&ReplayReport) -> u64| reports.iter().map(|(_, report)| count(report)).sum::<u64>();
    let (all, accepted) = (sum(|report| report.rows), sum(|report| report.accepted));
    match (all, accepted) {
        (0, _) => "no row was set aside\n".to_owned(),
        (_, 0) => format!("{}\nnone of {all} rows would pass\n", rows_text(&columns, &rows)),
        _ => format!("{}\n{accepted} of {all} rows would pass; --apply takes them back\n", rows_text(&columns, &rows)),
    }
}
