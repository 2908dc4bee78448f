//! A job for files that nobody has written one for: inferred from what is in them, in files that a user can edit.

use std::{fmt::Write as _, path::Path};

use lotline_linkage::{LinkSettings, TableSample, infer};
use lotline_stages::{Job, link::ROW_NUMBER};
use lotline_store::SettingsFiles;
use serde::Serialize;

use crate::{
    error::CliError,
    sample::{self, FileSample},
};

/// A job and what was taken for what.
pub(crate) struct InferredJob {
    /// Its files.
    pub(crate) files: SettingsFiles,
    /// What they make.
    pub(crate) job: Job,
    /// In plain words, one sentence each.
    pub(crate) notes: Vec<String>,
}

#[derive(Serialize)]
struct LinkSection<'a> {
    link: &'a LinkSettings,
}

/// Infers a job that links two files, or one with itself.
///
/// # Errors
/// A file that cannot be read, or files with nothing to compare.
pub(crate) fn infer_job(left: &Path, right: Option<&Path>) -> Result<InferredJob, CliError> {
    let names = table_names(left, right);
    let left_sample = sample::read(left, &names[0])?;
    let right_sample = right.map(|path| sample::read(path, &names[1])).transpose()?;
    let tables: [Option<&TableSample>; 2] = [Some(&left_sample.table), right_sample.as_ref().map(|file| &file.table)];
    let inferred = infer(&left_sample.table, tables[1]).map_err(|error| {
        let files: Vec<String> = [Some(left), right].iter().flatten().map(|path| path.display().to_string()).collect();
        CliError::argument(&files.join(", "), error.to_string(), "files with columns to compare")
    })?;
    let mut files = SettingsFiles::new();
    let mut job =
        "name = \"linked\"\ndescription = \"Inferred by `lotline link`; edit it as you like.\"\n\n".to_owned();
    for (sample, id) in [(Some(&left_sample), &inferred.left_id), (right_sample.as_ref(), &inferred.right_id)] {
        let Some(sample) = sample else { continue };
        _ = writeln!(job, "[sources.{}]", sample.table.name);
        files.insert(format!("tables/{}.toml", sample.table.name), structure(sample, id.as_deref()));
    }
    let link = toml::to_string(&LinkSection { link: &inferred.settings })
        .map_err(|error| CliError::argument("the inferred job", error.to_string(), "settings that TOML can hold"))?;
    files.insert("job.toml".to_owned(), format!("{job}\n{link}"));
    let job = Job::parse("the inferred job", &files)?;
    Ok(InferredJob { files, job, notes: inferred.notes })
}

/// The table structure of a file: every column as text, so that no row is set aside.
fn structure(sample: &FileSample, id: Option<&str>) -> String {
    let key = id.unwrap_or(ROW_NUMBER);
    let mut text = format!("key = [{}]\n", quoted(key));
    if id.is_none() {
        text.push_str("\n# No column tells the rows apart: `lotline link` numbers them, from 1.\n[[columns]]\n");
        _ = writeln!(text, "name = {}\ntype = \"integer\"", quoted(key));
    }
    for (name, source) in sample.table.columns.iter().zip(&sample.source_names) {
        _ = write!(text, "\n[[columns]]\nname = {}\n", quoted(name));
        if name != source {
            _ = writeln!(text, "source = {}", quoted(source));
        }
        text.push_str("type = \"text\"\n");
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Names of tables after their files, as the lake wants names; two of one name are told apart.
fn table_names(left: &Path, right: Option<&Path>) -> [String; 2] {
    let name = |path: &Path| {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        sample::lake_names(&[stem]).swap_remove(0)
    };
    let names = [name(left), right.map(name).unwrap_or_default()];
    if names[0] == names[1] { [format!("{}_left", names[0]), format!("{}_right", names[1])] } else { names }
}
