//! A job for files that nobody has written one for: inferred from what is in them, or after a model of Splink, in files
//! that a user can edit.

use std::{fmt::Write as _, fs, path::Path};

use lotline_linkage::{LinkSettings, id_column, infer, splink};
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
    /// In plain words, one sentence each.
    pub(crate) notes: Vec<String>,
}

/// Two files, or one that is linked with itself.
pub(crate) struct LinkedFiles {
    names: String,
    left: FileSample,
    right: Option<FileSample>,
}

#[derive(Serialize)]
struct LinkSection<'a> {
    link: &'a LinkSettings,
}

impl LinkedFiles {
    /// Looks into the files.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn read(left: &Path, right: Option<&Path>) -> Result<Self, CliError> {
        let tables = table_names(left, right);
        let names: Vec<String> = [Some(left), right].iter().flatten().map(|path| path.display().to_string()).collect();
        Ok(Self {
            names: names.join(", "),
            left: sample::read(left, &tables[0])?,
            right: right.map(|path| sample::read(path, &tables[1])).transpose()?,
        })
    }

    /// Infers a job that links them.
    ///
    /// # Errors
    /// Files with nothing to compare.
    pub(crate) fn infer(&self) -> Result<InferredJob, CliError> {
        let right = self.right.as_ref().map(|file| &file.table);
        let inferred = infer(&self.left.table, right)
            .map_err(|error| CliError::argument(&self.names, error.to_string(), "files with columns to compare"))?;
        let ids = [inferred.left_id.as_deref(), inferred.right_id.as_deref()];
        let files = self.job("Inferred by `lotline link`; edit it as you like.", &inferred.settings, ids)?;
        Ok(InferredJob { files, notes: inferred.notes })
    }

    /// The job that links them as a model of Splink does.
    ///
    /// # Errors
    /// A model that cannot be read, or of another number of tables.
    pub(crate) fn after_splink(&self, path: &Path) -> Result<InferredJob, CliError> {
        let place = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| CliError::io(path, error))?;
        let wrong = |source| CliError::Splink { place: place.clone(), source };
        let (mut settings, model) = splink::read(&text).map_err(wrong)?;
        if settings.is_dedupe() != self.right.is_none() {
            let found = if settings.is_dedupe() { "link_type `dedupe_only`" } else { "link_type `link_only`" };
            let expected = "`link_only` for LEFT RIGHT, `dedupe_only` for --dedupe FILE";
            return Err(CliError::argument(&place, found, expected));
        }
        settings.left.clone_from(&self.left.table.name);
        settings.right = self.right.as_ref().map(|file| file.table.name.clone());
        let ids = [Some(&self.left), self.right.as_ref()].map(|file| file.and_then(|file| id_column(&file.table)));
        let mut files = self.job(&format!("After the Splink model {place}."), &settings, ids)?;
        let model = model.to_json().map_err(|error| wrong(error.into()))?;
        files.insert("model.json".to_owned(), model);
        Ok(InferredJob { files, notes: Vec::new() })
    }

    /// The files of a job, named after its tables.
    fn job(
        &self,
        description: &str,
        settings: &LinkSettings,
        ids: [Option<&str>; 2],
    ) -> Result<SettingsFiles, CliError> {
        let samples: Vec<&FileSample> = [Some(&self.left), self.right.as_ref()].into_iter().flatten().collect();
        let tables: Vec<&str> = samples.iter().map(|sample| sample.table.name.as_str()).collect();
        let mut job = format!("name = {}\ndescription = {}\n\n", quoted(&tables.join("_")), quoted(description));
        let mut files = SettingsFiles::new();
        for (sample, id) in samples.into_iter().zip(ids) {
            _ = writeln!(job, "[sources.{}]", sample.table.name);
            files.insert(format!("tables/{}.toml", sample.table.name), structure(sample, id));
        }
        let link = toml::to_string(&LinkSection { link: settings }).map_err(|error| {
            CliError::argument("the inferred job", error.to_string(), "settings that TOML can hold")
        })?;
        files.insert("job.toml".to_owned(), format!("{job}\n{link}"));
        Ok(files)
    }
}

impl InferredJob {
    /// Reads the job back.
    ///
    /// # Errors
    /// As [`Job::parse`], for files that name what the tables do not have.
    pub(crate) fn parse(self, place: &str) -> Result<(SettingsFiles, Job), CliError> {
        let job = Job::parse(place, &self.files)?;
        Ok((self.files, job))
    }
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
