//! The files of a run's sources: named on the command line, checked and digested before anything is done.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use lotline_formats::ranged::{LocalFile, RangedRead};
use lotline_stages::{Input, Job, ingest};
use lotline_store::Stores;

use crate::error::CliError;

/// `SOURCE=PATH` on the command line.
#[derive(Debug, Clone)]
pub(crate) struct InputArgument {
    source: String,
    path: PathBuf,
}

impl InputArgument {
    /// A file of a source.
    pub(crate) fn new(source: &str, path: &Path) -> Self {
        Self { source: source.to_owned(), path: path.to_owned() }
    }
}

impl fmt::Display for InputArgument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "--input {}={}", self.source, self.path.display())
    }
}

impl FromStr for InputArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((source, path)) if !source.is_empty() && !path.is_empty() => Ok(Self::new(source, Path::new(path))),
            _ => Err(format!("found `{text}`, expected SOURCE=PATH, such as `open_houses=events.json`")),
        }
    }
}

/// The inputs by source, what was pulled into the lake among them; a folder stands for all files in it. Every source of
/// the job needs at least one.
pub(crate) fn resolve(
    stores: &Stores,
    job: &Job,
    arguments: &[InputArgument],
) -> Result<BTreeMap<String, Vec<Input>>, CliError> {
    let sources = job.sources.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut inputs: BTreeMap<String, Vec<Input>> = BTreeMap::new();
    for source in job.pulled.keys() {
        let files = ingest::pulled(stores, job, source)?;
        if !files.is_empty() {
            inputs.insert(source.clone(), files);
        }
    }
    for argument in arguments {
        if !job.sources.contains_key(&argument.source) {
            let found = format!("unknown source `{}`", argument.source);
            return Err(CliError::argument("--input", found, format!("one of {sources}")));
        }
        for path in files(argument)? {
            inputs.entry(argument.source.clone()).or_default().push(digest(&path)?);
        }
    }
    for name in job.sources.keys() {
        if !inputs.contains_key(name) {
            let pulled = if job.pulled.contains_key(name) { ", and no record pulled of it" } else { "" };
            let found = format!("no file for source `{name}` of job `{}`{pulled}", job.name);
            return Err(CliError::argument("--input", found, format!("--input {name}=PATH")));
        }
    }
    Ok(inputs)
}

fn files(argument: &InputArgument) -> Result<Vec<PathBuf>, CliError> {
    let path = &argument.path;
    let metadata = fs::metadata(path).map_err(|error| CliError::Io { place: argument.to_string(), source: error })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| CliError::io(path, error))? {
        let entry = entry.map_err(|error| CliError::io(path, error))?.path();
        if entry.is_file() {
            files.push(entry);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(CliError::argument(&argument.to_string(), "an empty folder", "at least one file"));
    }
    Ok(files)
}

fn digest(path: &Path) -> Result<Input, CliError> {
    let file = LocalFile::open(path).map_err(|error| CliError::io(path, error))?;
    let sha256 = ingest::digest(&file).map_err(|error| CliError::io(path, error))?;
    Ok(Input { path: path.display().to_string(), in_lake: false, version: None, sha256, bytes: file.len() })
}
