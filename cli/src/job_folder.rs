//! Reading a job's folder: its settings, table structures, derived tables, insights, parameters and what it links by,
//! as text.

use std::{fs, io, path::Path};

use lotline_stages::{Job, LINK_FILES, PARAMETERS_FILE, summarize};
use lotline_store::SettingsFiles;

use crate::error::CliError;

/// The files of a job folder and the job they make.
pub(crate) fn read(folder: &Path) -> Result<(SettingsFiles, Job), CliError> {
    if !folder.join("job.toml").is_file() {
        let found = if folder.is_dir() { "a folder without `job.toml`" } else { "no such folder" };
        return Err(CliError::argument(&folder.display().to_string(), found, siblings(folder)));
    }
    let mut files = SettingsFiles::new();
    let mut add = |name: String| -> Result<(), CliError> {
        let path = folder.join(&name);
        files.insert(name, fs::read_to_string(&path).map_err(|error| CliError::io(&path, error))?);
        Ok(())
    };
    add("job.toml".to_owned())?;
    for (part, extension) in [("tables", "toml"), ("derived", "sql"), ("insights", "sql")] {
        for name in names(&folder.join(part), extension)? {
            add(format!("{part}/{name}"))?;
        }
    }
    for name in LINK_FILES.into_iter().chain([PARAMETERS_FILE]) {
        if folder.join(name).is_file() {
            add(name.to_owned())?;
        }
    }
    let place = folder.display().to_string();
    let job = Job::parse(&place, &files)?;
    summarize::check(&place, &job)?;
    Ok((files, job))
}

fn names(folder: &Path, extension: &str) -> Result<Vec<String>, CliError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CliError::io(folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| CliError::io(folder, error))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            names.extend(path.file_name().and_then(|name| name.to_str()).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

/// What to write instead: the job folders beside the one that is not there.
fn siblings(folder: &Path) -> String {
    let parent = folder.parent().filter(|parent| parent.is_dir()).unwrap_or(Path::new("jobs"));
    let mut jobs: Vec<String> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join("job.toml").is_file())
        .map(|entry| format!("`{}`", entry.path().display()))
        .collect();
    jobs.sort();
    if jobs.is_empty() { "a job folder".to_owned() } else { format!("a job folder, such as {}", jobs.join(", ")) }
}
