//! `lotline settings`: the settings of a deployed lake, which are all that its functions read.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use lotline_store::{SettingsFiles, SettingsVersion};
use similar::TextDiff;

use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print},
    stack::Stack,
};

/// What to do with a job's settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Check a job folder and make it the newest version.
    Push(Push),
    /// Write a version into a folder.
    Pull(Pull),
    /// Compare the newest version with a job folder.
    Diff(Diff),
    /// List the versions of a job, or the jobs.
    History(History),
}

impl Settings {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        match self {
            Self::Push(command) => command.run(),
            Self::Pull(command) => command.run(),
            Self::Diff(command) => command.run(),
            Self::History(command) => command.run(),
        }
    }
}

/// Check a job folder and make it the newest version; a folder with a fault is refused and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline settings push jobs/open-houses --stack lotline")]
pub(crate) struct Push {
    /// Folder of the job.
    job: PathBuf,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// The version that the folder was made from; refused when there is a newer one. The default is the newest.
    #[arg(long, value_name = "VERSION")]
    seen: Option<u64>,
}

impl Push {
    fn run(self) -> Result<Outcome, CliError> {
        let (files, job) = job_folder::read(&self.job)?;
        let settings = Stack::open(&self.stack)?.stores.settings;
        let newest = settings.current(&job.name)?.map(|current| current.version);
        let version = settings.save(&job.name, &files, self.seen.or(newest))?;
        let said = if newest == Some(version) { "is the newest version already" } else { "is the newest version now" };
        print(&format!("{} version {version} {said}\n", job.name))?;
        Ok(Outcome::Done)
    }
}

/// Write a version of a job's settings into a folder, which must be absent or empty.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline settings pull open-houses --stack lotline --out open-houses")]
pub(crate) struct Pull {
    /// The job.
    job: String,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The version; the default is the newest.
    #[arg(long)]
    version: Option<u64>,
}

impl Pull {
    fn run(self) -> Result<Outcome, CliError> {
        let found = version(&Stack::open(&self.stack)?, &self.job, self.version)?;
        if self.out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(CliError::argument(&self.out.display().to_string(), "a folder with files", "an empty one"));
        }
        for (name, text) in &found.files {
            let path = self.out.join(name);
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder).map_err(|error| CliError::io(folder, error))?;
            fs::write(&path, text).map_err(|error| CliError::io(&path, error))?;
        }
        print(&format!("{} version {} in {}\n", found.job, found.version, self.out.display()))?;
        Ok(Outcome::Done)
    }
}

/// Compare the newest version of a job's settings with its folder, as a unified diff; exit code 1 when they differ.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline settings diff jobs/open-houses --stack lotline")]
pub(crate) struct Diff {
    /// Folder of the job.
    job: PathBuf,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

impl Diff {
    fn run(self) -> Result<Outcome, CliError> {
        let (files, job) = job_folder::read(&self.job)?;
        let current = Stack::open(&self.stack)?.stores.settings.current(&job.name)?;
        let (deployed, version) = current.map_or_else(Default::default, |current| (current.files, current.version));
        let text = differences(&deployed, &files, &format!("version {version}"), &self.job.display().to_string());
        print(&text)?;
        Ok(if text.is_empty() { Outcome::Done } else { Outcome::OverLimit })
    }
}

/// List the versions of a job's settings, newest first, or the jobs that have some.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The job; without one, the jobs are listed.
    job: Option<String>,
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

impl History {
    fn run(self) -> Result<Outcome, CliError> {
        let settings = Stack::open(&self.stack)?.stores.settings;
        let Some(job) = self.job else {
            print(&settings.jobs()?.iter().map(|job| format!("{job}\n")).collect::<String>())?;
            return Ok(Outcome::Done);
        };
        let versions = settings.history(&job)?;
        for (place, version) in versions.iter().enumerate() {
            let before = versions.get(place + 1).map_or_else(SettingsFiles::default, |before| before.files.clone());
            print(&format!("version {}: {}\n", version.version, changed(&before, &version.files)))?;
        }
        Ok(Outcome::Done)
    }
}

fn version(stack: &Stack, job: &str, number: Option<u64>) -> Result<SettingsVersion, CliError> {
    let settings = &stack.stores.settings;
    let found = match number {
        None => settings.current(job)?,
        Some(number) => settings.history(job)?.into_iter().find(|version| version.version == number),
    };
    let wanted = number.map_or_else(String::new, |number| format!(" version {number}"));
    match found {
        Some(found) => Ok(found),
        None => {
            let jobs = settings.jobs()?.join("`, `");
            Err(CliError::argument("JOB", format!("no settings `{job}`{wanted}"), format!("one of `{jobs}`")))
        }
    }
}

/// The files of two versions as unified diffs, one after the other.
fn differences(old: &SettingsFiles, new: &SettingsFiles, old_name: &str, new_name: &str) -> String {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of_file = |name: &&String| {
        let text = |files: &SettingsFiles| files.get(*name).cloned().unwrap_or_default();
        let (old, new) = (text(old), text(new));
        let diff = TextDiff::from_lines(&old, &new);
        diff.unified_diff().header(&format!("{name} ({old_name})"), &format!("{name} ({new_name})")).to_string()
    };
    names.iter().map(of_file).collect()
}

/// The files that differ, in words.
fn changed(old: &SettingsFiles, new: &SettingsFiles) -> String {
    let names: BTreeSet<&String> =
        old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    names.into_iter().cloned().collect::<Vec<_>>().join(", ")
}
