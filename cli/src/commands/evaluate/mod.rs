//! `lotline evaluate`: published links against known truth.

mod report;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use lotline_formats::{LocalFile, RangedRead};
use lotline_insights::Rows;
use lotline_linkage::{Evaluation, Judgment, Model, WeighedLink, evaluate, judge};
use lotline_stages::{
    Job, known_pairs,
    labels::{self, Label, Verdict},
    link::links_table,
};
use lotline_store::Stores;
use serde_json::Value;

use self::report::Report;
use super::{LakeArgument, engine, explain::published};
use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print, print_json, quoted},
};

pub(crate) use self::report::text;

/// Compare a job's published links with known truth: precision, recall and F1 over distinct pairs, the same at higher
/// thresholds, and the worst mistakes with the commands that explain them.
///
/// The truth is a CSV file with one row per true pair; its columns bear the names of the two tables' key columns, or
/// `id_l` and `id_r`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline evaluate jobs/properties --truth truth.csv")]
pub(crate) struct Evaluate {
    /// Folder of the job.
    job: PathBuf,
    /// CSV file of true pairs; without it, what people said of pairs in the dashboard judges those pairs alone.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// How many false links, the heaviest first, and how many misses to list.
    #[arg(long, value_name = "N", default_value_t = 5)]
    show: usize,
    #[command(flatten)]
    lake: LakeArgument,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (_, job) = job_folder::read(&self.job)?;
        let stores = self.lake.open_existing()?;
        let truth = match &self.truth {
            Some(path) => Truth::File(path),
            None => Truth::Labels(labels::list(&stores, &job.name)?),
        };
        let (threshold, judgment) = judged(&stores, &job, &truth)?;
        let report = Report::new(&judgment, threshold, self.show, &self.explain_command());
        if self.json {
            print_json(&report)?
        } else {
            print(&report.to_string())?
        }
        Ok(Outcome::Done)
    }

    /// The command that explains a pair, but for its keys.
    fn explain_command(&self) -> String {
        format!("lotline explain {}{}", quoted(&self.job.display().to_string()), self.lake.arguments())
    }
}

/// Evaluates the published links of a job.
pub(crate) fn against(stores: &Stores, job: &Job, truth: &Path) -> Result<Evaluation, CliError> {
    judged(stores, job, &Truth::File(truth)).map(|(_, judgment)| judgment.evaluation)
}

/// What links are judged by.
enum Truth<'a> {
    /// A CSV file of all true pairs.
    File(&'a Path),
    /// What people said of some pairs; the others are not judged.
    Labels(Vec<Label>),
}

/// The threshold that the published links of a job were settled at, and how good they are.
fn judged(stores: &Stores, job: &Job, truth: &Truth<'_>) -> Result<(f64, Judgment), CliError> {
    let Some(link) = &job.link else {
        return Err(CliError::argument(&job.name, "a job without links", "a job with a [link] section"));
    };
    let rows = engine(stores)?.query(&format!("SELECT id_l, id_r, match_weight FROM {}", links_table(&job.name)))?;
    let (truth, judged) = match truth {
        Truth::File(path) => (true_pairs(path, &known_pairs::columns(job, link)?)?, None),
        Truth::Labels(labels) => {
            let sure = || labels.iter().filter(|label| label.verdict != Verdict::Unsure);
            if sure().next().is_none() {
                let expected = "labels given in the dashboard of `lotline serve`, or --truth FILE";
                return Err(CliError::argument(&job.name, "no pair that a person was sure of", expected));
            }
            let pair = |label: &Label| (label.id_l.clone(), label.id_r.clone());
            let links = sure().filter(|label| label.verdict == Verdict::Link).map(pair).collect();
            (links, Some(sure().map(pair).collect::<HashSet<_>>()))
        }
    };
    // The run's own settings: the folder may have changed since.
    let threshold = published(stores, job)?.job()?.link.map_or(link.threshold, |link| link.threshold);
    let links = rows.rows.iter().map(|row| WeighedLink {
        id_l: cell(&row[0]),
        id_r: cell(&row[1]),
        match_weight: row[2].as_f64().unwrap_or_default(),
    });
    let is_judged = |link: &WeighedLink| {
        judged.as_ref().is_none_or(|judged| judged.contains(&(link.id_l.clone(), link.id_r.clone())))
    };
    Ok((threshold, judge(links.filter(is_judged), truth.into_iter(), Model::weight_of(threshold))))
}

/// Evaluates rows of two columns against a CSV file of true rows; `names` has the accepted names of its two columns.
pub(crate) fn of(rows: &Rows, truth: &Path, names: [Vec<String>; 2]) -> Result<Evaluation, CliError> {
    let truth = true_pairs(truth, &names)?;
    let found = rows.rows.iter().map(|row| (cell(&row[0]), cell(&row[1])));
    Ok(evaluate(found, truth.into_iter()))
}

fn true_pairs(path: &Path, columns: &[Vec<String>; 2]) -> Result<Vec<(String, String)>, CliError> {
    let file: Arc<dyn RangedRead> = Arc::new(LocalFile::open(path).map_err(|error| CliError::io(path, error))?);
    Ok(known_pairs::read(&file, &path.display().to_string(), columns)?)
}

fn cell(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
