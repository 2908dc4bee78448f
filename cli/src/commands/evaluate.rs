//! `lotline evaluate`: published links against known truth.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use lotline_formats::{
    ChunkReader, cut,
    ranged::{LocalFile, RangedRead},
};
use lotline_insights::Rows;
use lotline_linkage::{Evaluation, evaluate};
use lotline_schema::{Cell, Format};
use lotline_stages::{Job, link::links_table};
use lotline_store::Stores;
use serde_json::Value;

use super::{LakeArgument, engine};
use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print, print_json},
};

/// Compare a job's published links with known truth: precision, recall and F1 over distinct pairs.
///
/// The truth is a CSV file with one row per true pair; its columns bear the names of the two tables' key columns, or
/// `id_l` and `id_r`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline evaluate jobs/properties --truth truth.csv")]
pub(crate) struct Evaluate {
    /// Folder of the job.
    job: PathBuf,
    /// CSV file of true pairs.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    #[command(flatten)]
    lake: LakeArgument,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (_, job) = job_folder::read(&self.job)?;
        let evaluation = against(&self.lake.open_existing()?, &job, &self.truth)?;
        if self.json {
            print_json(&evaluation)?
        } else {
            print(&text(&evaluation))?
        }
        Ok(Outcome::Done)
    }
}

/// The figures in one line for people.
pub(crate) fn text(evaluation: &Evaluation) -> String {
    format!(
        "precision {:.4}, recall {:.4}, F1 {:.4} ({} right, {} wrong, {} missed)\n",
        evaluation.precision,
        evaluation.recall,
        evaluation.f1,
        evaluation.true_positives,
        evaluation.false_positives,
        evaluation.false_negatives
    )
}

/// Evaluates the published links of a job.
pub(crate) fn against(stores: &Stores, job: &Job, truth: &Path) -> Result<Evaluation, CliError> {
    let Some(link) = &job.link else {
        return Err(CliError::argument(&job.name, "a job without links", "a job with a [link] section"));
    };
    let rows = engine(stores)?.query(&format!("SELECT id_l, id_r FROM {}", links_table(&job.name)))?;
    let right = link.right.as_ref().unwrap_or(&link.left);
    let keys = [(job.id_column(&link.left)?, "id_l"), (job.id_column(right)?, "id_r")];
    // Tables whose keys bear one name can only be told apart by the names that the links have.
    let by_key = keys[0].0 != keys[1].0;
    of(
        &rows,
        truth,
        keys.map(|(key, side)| [key, side].into_iter().skip(usize::from(!by_key)).map(str::to_owned).collect()),
    )
}

/// Evaluates rows of two columns against a CSV file of true rows; `names` has the accepted names of its two columns.
pub(crate) fn of(rows: &Rows, truth: &Path, names: [Vec<String>; 2]) -> Result<Evaluation, CliError> {
    let truth = true_pairs(truth, &names)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = rows.rows.iter().map(|row| (text(&row[0]), text(&row[1])));
    Ok(evaluate(found, truth.into_iter()))
}

fn true_pairs(path: &Path, names: &[Vec<String>; 2]) -> Result<Vec<(String, String)>, CliError> {
    let file: Arc<dyn RangedRead> = Arc::new(LocalFile::open(path).map_err(|error| CliError::io(path, error))?);
    let name = path.display().to_string();
    let format = Format::default();
    let wrong = |source| CliError::Format { file: name.clone(), source };
    let cut = cut(Arc::clone(&file), &name, &format, 1 << 20, &mut |_| ()).map_err(wrong)?;
    let expected = format!("true pairs of `{}` and `{}`", names[0].join("` or `"), names[1].join("` or `"));
    let mut pairs = Vec::new();
    for chunk in &cut.chunks {
        let mut reader = ChunkReader::open(Arc::clone(&file), &format, &cut, chunk, names).map_err(wrong)?;
        while let Some(record) = reader.next().map_err(wrong)? {
            match record.cells {
                Ok([Cell::Text(left), Cell::Text(right)]) => {
                    pairs.push((left.trim().to_owned(), right.trim().to_owned()))
                }
                _ => {
                    let place = format!("{name}, row {}", record.row);
                    return Err(CliError::argument(&place, "a damaged row", expected));
                }
            }
        }
    }
    if pairs.is_empty() {
        return Err(CliError::argument(&name, "no rows", expected));
    }
    Ok(pairs)
}
