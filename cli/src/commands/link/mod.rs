//! `lotline link`: two files, or one with itself, and nothing else.

mod plan;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use clap::{Args, Subcommand};
use lotline_linkage::{Model, splink};
use lotline_stages::{
    Job, LINK_FILES, Manifest,
    link::{self, LinkSummary},
};
use lotline_store::{SettingsFiles, Stores};

use super::run::size;
use crate::{
    error::CliError,
    inferred_job::LinkedFiles,
    inputs::{self, InputArgument},
    job_folder,
    output::{Outcome, peak_rss_bytes, print, print_json},
    progress::Progress,
    walk::Walk,
};

/// Link the records of two files, or with --dedupe those of one with each other, without any settings.
///
/// What the columns hold, how they are compared and which pairs are worth comparing is inferred from the data, and the
/// model is trained without labels. Links, the trained model and the job that was inferred go to a folder: edit the job
/// and give it back with --job, or make it a pipeline with `lotline run`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:\n  \
    lotline link assessor.csv listings.csv --out linked\n  \
    lotline link --dedupe customers.csv\n  \
    lotline link plan assessor.csv listings.csv\n  \
    lotline link assessor.csv listings.csv --job linked/job")]
pub(crate) struct Link {
    #[command(subcommand)]
    command: Option<LinkCommand>,
    #[command(flatten)]
    task: Task,
}

/// What may come out, by its name in the output folder.
const RESULTS: [&str; 3] = ["links.parquet", "clusters.parquet", "model.json"];

#[derive(Debug, Subcommand)]
enum LinkCommand {
    /// What linking would take: pairs by blocking rule, the largest blocks, time, memory and dollars
    ///
    /// Projects the files, counts every block exactly, trains the model, and matches one shard to foretell the rest.
    /// `lotline link` with the same arguments goes on from there.
    Plan(Task),
}

/// What is linked, and with what.
#[derive(Debug, Args)]
struct Task {
    /// The left file: CSV, JSON, NDJSON or Parquet; all but Parquet also as .gz or .zst.
    #[arg(required_unless_present = "dedupe", requires = "right")]
    left: Option<PathBuf>,
    /// The right file.
    right: Option<PathBuf>,
    /// One file, whose records are linked with each other.
    #[arg(long, value_name = "FILE", conflicts_with = "left")]
    dedupe: Option<PathBuf>,
    /// Folder for what comes out.
    #[arg(long, value_name = "DIR", default_value = "linked")]
    out: PathBuf,
    /// Folder of a job whose link settings are used; nothing is inferred then.
    #[arg(long, value_name = "DIR")]
    job: Option<PathBuf>,
    /// CSV file of pairs that are known to match, which the model learns from; columns as for `lotline evaluate`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["job", "splink_model"])]
    labels: Option<PathBuf>,
    /// Link as a Splink 5 model does: its comparisons, blocking rules and trained weights.
    #[arg(long, value_name = "JSON", conflicts_with = "job")]
    splink_model: Option<PathBuf>,
    /// Write the model in Splink's form too, if Splink has all of it.
    #[arg(long, value_name = "JSON")]
    save_splink: Option<PathBuf>,
    /// Memory for data, such as 256MB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    max_memory: u64,
    /// Workers; the default is one for every processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Print the outcome as JSON and show no progress.
    #[arg(long)]
    json: bool,
}

impl Link {
    /// Links, or tells what linking would take, and prints what came out.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        match self.command {
            None => self.task.link(),
            Some(LinkCommand::Plan(task)) => task.plan(),
        }
    }
}

impl Task {
    fn link(&self) -> Result<Outcome, CliError> {
        let started = Instant::now();
        let (stores, manifest) = self.open()?;
        self.walk(&stores, &manifest, started).link()?;
        let summary = link::summary(&stores, &manifest)?;
        for name in RESULTS {
            let to = self.out.join(name);
            match summary.files.get(name) {
                Some(key) => fs::rename(self.work().join(key), &to).map_err(|error| CliError::io(&to, error))?,
                // Of an earlier run, which had one.
                None => _ = fs::remove_file(&to),
            }
        }
        drop(stores);
        fs::remove_dir_all(self.work()).map_err(|error| CliError::io(&self.work(), error))?;
        if let Some(path) = &self.save_splink {
            self.save_splink(path, &manifest.job()?)?;
        }
        if self.json {
            print_json(&summary)?;
        } else {
            print(&text(&summary, &self.out, started.elapsed().as_secs_f64()))?;
        }
        Ok(Outcome::Done)
    }

    /// Writes the model of the output folder as Splink's.
    fn save_splink(&self, path: &Path, job: &Job) -> Result<(), CliError> {
        let place = self.out.join("model.json");
        let text = fs::read_to_string(&place).map_err(|error| CliError::io(&place, error))?;
        let wrong = |source| CliError::Splink { place: path.display().to_string(), source };
        let model = Model::from_json(&text).map_err(|error| wrong(error.into()))?;
        let Some(settings) = &job.link else { return Ok(()) };
        let text = splink::write(settings, &model).map_err(wrong)?;
        fs::write(path, text).map_err(|error| CliError::io(path, error))
    }

    fn plan(&self) -> Result<Outcome, CliError> {
        let (stores, manifest) = self.open()?;
        let forecast = self.walk(&stores, &manifest, Instant::now()).forecast()?;
        if self.json {
            print_json(&forecast)?;
        } else {
            print(&plan::text(&forecast, self.threads(), self.max_memory))?;
        }
        Ok(Outcome::Done)
    }

    fn work(&self) -> PathBuf {
        self.out.join("work")
    }

    fn threads(&self) -> usize {
        self.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    fn walk<'a>(&self, stores: &'a Stores, manifest: &'a Manifest, started: Instant) -> Walk<'a> {
        Walk { stores, manifest, threads: self.threads(), progress: Progress::new(!self.json), started }
    }

    /// The stores of the work and the run in them: a new one, or one that goes on.
    fn open(&self) -> Result<(Stores, Manifest), CliError> {
        let (files, job) = self.job()?;
        let stores = Stores::local(&self.work())?;
        let place = self.job.as_deref().unwrap_or(&self.out.join("job")).display().to_string();
        let inputs = inputs::resolve(&stores, &job, &self.inputs(&job)?)?;
        let memory = self.max_memory / self.threads() as u64;
        let manifest = Manifest::unvalidated(&place, &job, files, inputs, memory).plan(&stores)?;
        Ok((stores, manifest))
    }

    /// The job given, or one inferred and written to the output folder.
    fn job(&self) -> Result<(SettingsFiles, Job), CliError> {
        if let Some(folder) = &self.job {
            return job_folder::read(folder);
        }
        let left = self.dedupe.as_deref().or(self.left.as_deref()).unwrap_or(Path::new(""));
        let linked = LinkedFiles::read(left, self.right.as_deref())?;
        let mut inferred = match &self.splink_model {
            Some(model) => linked.after_splink(model)?,
            None => linked.infer()?,
        };
        if let Some(labels) = &self.labels {
            let text = fs::read_to_string(labels).map_err(|error| CliError::io(labels, error))?;
            inferred.files.insert("labels.csv".to_owned(), text);
        }
        self.keep_edits(&inferred.files)?;
        for stale in LINK_FILES.into_iter().filter(|name| !inferred.files.contains_key(*name)) {
            _ = fs::remove_file(self.out.join("job").join(stale));
        }
        for (name, text) in &inferred.files {
            let path = self.out.join("job").join(name);
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| CliError::io(&path, error))?;
            fs::write(&path, text).map_err(|error| CliError::io(&path, error))?;
        }
        if !self.json {
            inferred.notes.iter().for_each(|note| eprintln!("{note}"));
        }
        inferred.parse(&self.out.join("job").display().to_string())
    }

    /// Refuses to write over a job that is not what is inferred: somebody may have edited it.
    fn keep_edits(&self, inferred: &SettingsFiles) -> Result<(), CliError> {
        for (name, text) in inferred.iter().filter(|(name, _)| !LINK_FILES.contains(&name.as_str())) {
            let path = self.out.join("job").join(name);
            if fs::read_to_string(&path).is_ok_and(|there| there != *text) {
                let job = self.out.join("job");
                let expected = format!("`--job {}` to link with it, or another folder", job.display());
                return Err(CliError::argument(
                    "--out",
                    format!("{}, edited or inferred from other files", path.display()),
                    expected,
                ));
            }
        }
        Ok(())
    }

    /// The files by the tables that the job links.
    fn inputs(&self, job: &Job) -> Result<Vec<InputArgument>, CliError> {
        let Some(settings) = &job.link else {
            return Err(CliError::argument(&job.name, "a job without links", "a job with a [link] section"));
        };
        let given: Vec<&PathBuf> = [&self.dedupe, &self.left, &self.right].into_iter().flatten().collect();
        let tables: Vec<&str> = settings.tables().map(|(_, table)| table).collect();
        if given.len() != tables.len() {
            let found = format!("{} files for tables `{}`", given.len(), tables.join("`, `"));
            return Err(CliError::argument(&job.name, found, "LEFT RIGHT, or --dedupe FILE for a job without `right`"));
        }
        Ok(tables.into_iter().zip(given).map(|(table, path)| InputArgument::new(table, path)).collect())
    }
}

fn text(summary: &LinkSummary, out: &Path, seconds: f64) -> String {
    let rows = if summary.right_rows == 0 {
        format!("{} rows", summary.left_rows)
    } else {
        format!("{} x {} rows", summary.left_rows, summary.right_rows)
    };
    let mut text = format!("{} links from {} candidate pairs of {rows}\n", summary.links, summary.pairs_compared);
    if let Some(clusters) = &summary.clusters {
        let (found, records, cut) = (clusters.clusters, clusters.records, clusters.bridges_cut);
        text += &format!("{found} clusters of {records} records; {cut} weak bridges cut\n");
    }
    text += &format!("expected precision {:.4}, give or take {:.4}\n", summary.expected_precision, summary.uncertainty);
    if summary.blocks_left_out > 0 {
        let cut = summary.blocks_left_out;
        text += &format!("{cut} blocks were left out for their size; `lotline link plan` names them\n");
    }
    if summary.damaged > 0 {
        text += &format!("{} rows could not be read and are in no link\n", summary.damaged);
    }
    for warning in &summary.warnings {
        text += &format!("note: {warning}\n");
    }
    let names: Vec<String> = summary.files.keys().map(|name| out.join(name).display().to_string()).collect();
    text += &format!("{seconds:.2} s, {} MB peak memory; see {}\n", peak_rss_bytes() / 1_000_000, names.join(", "));
    text
}
