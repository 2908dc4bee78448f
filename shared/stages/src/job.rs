//! A job: its sources, table structures, linking and insights, read from the text of its files.

use std::collections::BTreeMap;

use lotline_linkage::{LinkSettings, Linker};
use lotline_schema::{SettingsError, TableStructure, parse_settings};
use serde::{Deserialize, Serialize};

use crate::StageError;

/// The text of a job's files by path within its folder: `job.toml`, `tables/<table>.toml`, `insights/<name>.sql`.
pub type JobFiles = BTreeMap<String, String>;

/// What `job.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobSettings {
    name: String,
    #[serde(default)]
    description: String,
    /// Source name to what is said of it.
    sources: BTreeMap<String, SourceSettings>,
    link: Option<LinkSettings>,
}

/// What `job.toml` says of one source.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceSettings {
    /// The table structure; absent means: the one of the source's name.
    table: Option<String>,
}

/// An insight: one SQL query over the job's tables.
#[derive(Debug, Clone)]
pub struct Insight {
    /// File name without `.sql`.
    pub name: String,
    /// The query.
    pub sql: String,
}

/// One pipeline with its settings, checked.
#[derive(Debug)]
pub struct Job {
    /// The job's name, which its integrated table and its insights bear.
    pub name: String,
    /// One sentence on what it is for.
    pub description: String,
    /// Table structure by source name.
    pub sources: BTreeMap<String, TableStructure>,
    /// How two of the sources are linked; `None` when the job links nothing.
    pub link: Option<LinkSettings>,
    /// Insights in order of name.
    pub insights: Vec<Insight>,
}

impl Job {
    /// Reads a job from its files; `place` is the folder that errors name.
    ///
    /// # Errors
    /// [`StageError::Settings`] or [`StageError::LinkSettings`] naming file, key, what was found and the valid choices.
    pub fn parse(place: &str, files: &JobFiles) -> Result<Self, StageError> {
        let settings: JobSettings = parse_settings(&format!("{place}/job.toml"), text(place, files, "job.toml")?)?;
        let mut sources = BTreeMap::new();
        for (source, said) in &settings.sources {
            let file = format!("tables/{}.toml", said.table.as_ref().unwrap_or(source));
            sources
                .insert(source.clone(), TableStructure::parse(&format!("{place}/{file}"), text(place, files, &file)?)?);
        }
        let insight = |(path, sql): (&String, &String)| {
            let name = path.strip_prefix("insights/")?.strip_suffix(".sql")?;
            Some(Insight { name: name.to_owned(), sql: sql.clone() })
        };
        let insights = files.iter().filter_map(insight).collect();
        let job =
            Self { name: settings.name, description: settings.description, sources, link: settings.link, insights };
        job.check(place)?;
        Ok(job)
    }

    /// The table structure of a source.
    ///
    /// # Errors
    /// [`StageError::BadRequest`] with the job's sources.
    pub fn structure(&self, source: &str) -> Result<&TableStructure, StageError> {
        self.sources.get(source).ok_or_else(|| StageError::BadRequest {
            subject: "source",
            found: source.to_owned(),
            expected: choices(self.sources.keys()),
        })
    }

    /// The column that identifies a row of a linked source.
    ///
    /// # Errors
    /// As for [`Job::structure`]; a linked table has exactly one key column, which parsing has checked.
    pub fn id_column(&self, source: &str) -> Result<&str, StageError> {
        let structure = self.structure(source)?;
        structure.key.first().map(String::as_str).ok_or_else(|| StageError::Internal(format!("`{source}` has no key")))
    }

    fn check(&self, place: &str) -> Result<(), StageError> {
        let Some(link) = &self.link else { return Ok(()) };
        let job_file = format!("{place}/job.toml");
        let impossible = |key: &str, message: String| SettingsError::Impossible {
            place: job_file.clone(),
            key: key.to_owned(),
            message,
        };
        for (key, source) in [("link.left", &link.left), ("link.right", &link.right)] {
            let Some(structure) = self.sources.get(source) else {
                let expected = choices(self.sources.keys());
                return Err(
                    impossible(key, format!("found unknown source `{source}`, expected one of {expected}")).into()
                );
            };
            if structure.key.len() != 1 {
                let message = format!(
                    "found `{source}` with {} key columns, expected a table with exactly one",
                    structure.key.len()
                );
                return Err(impossible(key, message).into());
            }
        }
        let columns = |source: &str| self.sources.get(source).map(TableStructure::column_names).unwrap_or_default();
        link.validate(&columns(&link.left), &columns(&link.right))
            .and_then(|()| Linker::new(link).map(drop))
            .map_err(|source| StageError::LinkSettings { place: job_file, source })
    }
}

fn text<'a>(place: &str, files: &'a JobFiles, path: &str) -> Result<&'a str, StageError> {
    files.get(path).map(String::as_str).ok_or_else(|| StageError::BadRequest {
        subject: "settings file",
        found: format!("{place}/{path} (absent)"),
        expected: format!("a file; the folder has {}", choices(files.keys())),
    })
}

/// The valid choices of a message: "`a`, `b`".
pub(crate) fn choices<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let listed = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if listed.is_empty() { "none (there are none)".to_owned() } else { listed }
}
