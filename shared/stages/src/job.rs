//! A job: its sources, table structures, linking and insights, read from the text of its files.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use lotline_formats::RangedRead;
use lotline_linkage::{LinkSettings, Linker, Model, Side};
use lotline_schema::{SettingsError, TableStructure, parse_settings};
use lotline_sources::{HttpSettings, HttpSource, MysqlSettings, MysqlSource, Origin};
use lotline_store::SettingsFiles;
use serde::{Deserialize, Serialize};

use crate::{Derived, Parameters, StageError, derive, known_pairs, link};

/// What `job.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobSettings {
    name: String,
    #[serde(default)]
    description: String,
    /// Source name to what is said of it.
    sources: BTreeMap<String, SourceSettings>,
    #[serde(default)]
    over_limit: OverLimit,
    link: Option<LinkSettings>,
    /// Defaults of what a run may set.
    #[serde(default)]
    parameters: Parameters,
}

/// What a run does when more rows of a source were set aside than its table structure's `max_reject_ratio` allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimit {
    /// It goes on, and says so: the receipt, the exit code, a metric.
    #[default]
    Publish,
    /// It fails before anything is published.
    Stop,
}

/// What `job.toml` says of one source.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceSettings {
    /// The table structure; absent means: the one of the source's name.
    table: Option<String>,
    /// What it is pulled from; absent means that its files are dropped or named.
    http: Option<HttpSettings>,
    mysql: Option<MysqlSettings>,
}

impl SourceSettings {
    /// What the source is pulled from, checked.
    fn origin(&self, place: &str, section: &str) -> Result<Option<Origin>, SettingsError> {
        match (&self.http, &self.mysql) {
            (None, None) => Ok(None),
            (Some(http), None) => {
                let http = HttpSource::of(place, &format!("{section}.http"), http.clone())?;
                Ok(Some(Origin::Http(Box::new(http))))
            }
            (None, Some(mysql)) => MysqlSource::of(place, &format!("{section}.mysql"), mysql.clone())
                .map(|mysql| Some(Origin::Mysql(mysql))),
            (Some(_), Some(_)) => Err(impossible(
                place,
                &format!("{section}.mysql"),
                "found beside `http`, expected one of them".to_owned(),
            )),
        }
    }
}

/// An insight: one SQL query over the job's tables.
#[derive(Debug, Clone)]
pub struct Insight {
    /// File name without `.sql`.
    pub name: String,
    /// The query, its parameters filled in.
    pub sql: String,
}

/// One pipeline with its settings, checked.
#[derive(Debug)]
pub struct Job {
    /// The job's name, which its links, its integrated table and its insights bear.
    pub name: String,
    /// One sentence on what it is for.
    pub description: String,
    /// Table structure by source name.
    pub sources: BTreeMap<String, TableStructure>,
    /// What sources are pulled from, by name; the others' files are dropped or named.
    pub pulled: BTreeMap<String, Origin>,
    /// What happens over a quality limit.
    pub over_limit: OverLimit,
    /// How two of the sources are linked; `None` when the job links nothing.
    pub link: Option<LinkSettings>,
    /// Pairs of keys that are known to match, from `labels.csv`: the model learns from them. None without the file.
    pub labels: Vec<(String, String)>,
    /// The model to link by, from `model.json`; without the file one is trained.
    pub model: Option<Model>,
    /// What a run may set, with the values in force.
    pub parameters: Parameters,
    /// Tables that SQL makes of the others, by name.
    pub derived: BTreeMap<String, Derived>,
    /// Insights in order of name.
    pub insights: Vec<Insight>,
}

/// The files of a job folder that say how it links, besides `job.toml`.
pub const LINK_FILES: [&str; 2] = ["labels.csv", "model.json"];

impl Job {
    /// Reads a job from its files; `place` is the folder that errors name.
    ///
    /// # Errors
    /// [`StageError::Settings`] or [`StageError::LinkSettings`] naming file, key, what was found and the valid choices.
    pub fn parse(place: &str, files: &SettingsFiles) -> Result<Self, StageError> {
        let settings: JobSettings = parse_settings(&format!("{place}/job.toml"), text(place, files, "job.toml")?)?;
        let (mut sources, mut pulled) = (BTreeMap::new(), BTreeMap::new());
        for (source, said) in &settings.sources {
            if let Some(origin) = said.origin(&format!("{place}/job.toml"), &format!("sources.{source}"))? {
                pulled.insert(source.clone(), origin);
            }
            let file = format!("tables/{}.toml", said.table.as_ref().unwrap_or(source));
            sources
                .insert(source.clone(), TableStructure::parse(&format!("{place}/{file}"), text(place, files, &file)?)?);
        }
        let JobSettings { name, description, over_limit, link, parameters, .. } = settings;
        let parameters = parameters.read(place, files)?;
        let insights = insights(place, files, &parameters)?;
        let derived = derive::read(place, files, &parameters)?;
        let (labels, model) = (Vec::new(), None);
        let mut job =
            Self { name, description, sources, pulled, over_limit, link, labels, model, parameters, derived, insights };
        job.check(place)?;
        job.learned(place, files)?;
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

    /// Reads what the job links by, where it says so.
    fn learned(&mut self, place: &str, files: &SettingsFiles) -> Result<(), StageError> {
        let [labels, model] = LINK_FILES.map(|name| files.get(name).map(|text| (format!("{place}/{name}"), text)));
        let Some(link) = &self.link else { return Ok(()) };
        if let Some((name, text)) = labels {
            let file: Arc<dyn RangedRead> = Arc::new(Bytes::copy_from_slice(text.as_bytes()));
            self.labels = known_pairs::read(&file, &name, &known_pairs::columns(self, link)?)?;
        }
        if let Some((name, text)) = model {
            let wrong = |source| StageError::Model { place: name.clone(), source };
            let model = Model::from_json(text).map_err(wrong)?;
            let linker = Linker::new(link)
                .map_err(|source| StageError::LinkSettings { place: format!("{place}/job.toml"), source })?;
            model.check(&linker).map_err(wrong)?;
            self.model = Some(model);
        }
        Ok(())
    }

    fn check(&self, place: &str) -> Result<(), StageError> {
        let job_file = format!("{place}/job.toml");
        self.check_names().map_err(|(key, message)| impossible(&job_file, &key, message))?;
        let Some(link) = &self.link else { return Ok(()) };
        for (side, source) in link.tables() {
            let key = if side == Side::Left { "link.left" } else { "link.right" };
            self.check_linked(source).map_err(|message| impossible(&job_file, key, message))?;
        }
        let columns = |source: &str| self.sources.get(source).map(TableStructure::column_names).unwrap_or_default();
        link.validate(&columns(&link.left), &link.right.as_deref().map(columns).unwrap_or_default())
            .and_then(|()| Linker::new(link).map(drop))
            .map_err(|source| StageError::LinkSettings { place: job_file, source })
    }

    /// Names become folders, keys and tables, and no two tables may have one name.
    fn check_names(&self) -> Result<(), (String, String)> {
        let mut names = BTreeMap::new();
        let sources = self.sources.keys().map(|source| (format!("sources.{source}"), source, "_"));
        let derived = self.derived.keys().map(|table| (format!("derived.{table}"), table, "_"));
        for (key, name, between) in sources.chain(derived).chain([("name".to_owned(), &self.name, "-_")]) {
            let inside =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || between.contains(letter);
            if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.chars().all(inside) {
                let message = format!(
                    "found the name `{name}`, expected a lower-case letter, then lower-case letters, digits or `{between}`"
                );
                return Err((key, message));
            }
        }
        for (key, table) in self.tables() {
            if let Some(other) = names.insert(table.clone(), key.clone()) {
                return Err((key, format!("makes a table `{table}`, which `{other}` makes too")));
            }
        }
        Ok(())
    }

    /// The tables that a run publishes, each with the setting that makes it.
    fn tables(&self) -> Vec<(String, String)> {
        let of_source = |source: &String| {
            let key = format!("sources.{source}");
            [(key.clone(), source.clone()), (key, quarantine_table(source))]
        };
        let of_link = self.link.iter().flat_map(|settings| {
            let clusters = settings.is_dedupe().then(|| link::clusters_table(&self.name));
            let index = settings.index.then(|| link::index_table(&self.name));
            let always = [link::links_table(&self.name), link::integrated_table(&self.name)];
            always.into_iter().chain(clusters).chain(index)
        });
        let of_link = of_link.map(|table| ("link".to_owned(), table));
        let derived = self.derived.keys().map(|table| (format!("derived.{table}"), table.clone()));
        self.sources.keys().flat_map(of_source).chain(of_link).chain(derived).collect()
    }

    fn check_linked(&self, source: &str) -> Result<(), String> {
        let Some(structure) = self.sources.get(source) else {
            return Err(format!("found unknown source `{source}`, expected one of {}", choices(self.sources.keys())));
        };
        match structure.key.as_slice() {
            [key] if key != "id" && structure.position("id").is_some() => Err(format!(
                "found `{source}` with a column `id` that is not its key: in the links `id` is the key's name"
            )),
            [_] => Ok(()),
            key => Err(format!("found `{source}` with {} key columns, expected a table with exactly one", key.len())),
        }
    }
}

pub(crate) fn impossible(place: &str, key: &str, message: String) -> SettingsError {
    SettingsError::Impossible { place: place.to_owned(), key: key.to_owned(), message }
}

fn insights(place: &str, files: &SettingsFiles, parameters: &Parameters) -> Result<Vec<Insight>, StageError> {
    let of_file = |(path, sql): (&String, &String)| {
        let name = path.strip_prefix("insights/")?.strip_suffix(".sql")?.to_owned();
        let filled = parameters.fill(sql);
        let filled = filled.map_err(|message| impossible(&format!("{place}/{path}"), "parameters", message).into());
        Some(filled.map(|sql| Insight { name, sql }))
    };
    files.iter().filter_map(of_file).collect()
}

/// Name of the table of a source's rows that were set aside.
pub(crate) fn quarantine_table(source: &str) -> String {
    format!("{source}_quarantine")
}

/// The text of a file that the job needs.
pub(crate) fn text<'a>(place: &str, files: &'a SettingsFiles, path: &str) -> Result<&'a str, StageError> {
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
