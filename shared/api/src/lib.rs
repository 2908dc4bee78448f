//! The fields of `infra/schema.graphql`, answered from published files: one function behind AppSync's resolver and
//! `lotline serve`.
//!
//! An answer is JSON by the names of the contract. Fields of objects that were not selected may be absent.

pub mod appsync;
mod drop;
mod error;
mod labels;
mod links;
mod page;
mod pairs;
mod properties;
mod rows;
mod runs;
mod scoring;
mod tables;

use std::sync::Arc;

use lotline_store::{SettingsFiles, Stores};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::{page::Page, scoring::Scorings, tables::Tables};
pub use drop::{check_source, drop_key};
pub use error::{ApiError, ErrorKind};

/// A root field of the contract that is to be answered.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its arguments, an object.
    pub arguments: Value,
    /// Paths of the fields that are selected below it, such as `nodes/parcel/city`.
    pub selection: Vec<String>,
    /// Who asks, where the server knows.
    pub caller: Option<String>,
}

/// What a server can do besides reading.
pub trait Actions: Send + Sync {
    /// Starts a run of a job; answers the execution.
    ///
    /// # Errors
    /// `NotFound` for a job that is not there.
    fn start_run(&self, job: &str) -> Result<Value, ApiError>;

    /// The files of a job's settings as they are now.
    ///
    /// # Errors
    /// `NotFound` for a job that is not there.
    fn settings(&self, job: &str) -> Result<SettingsFiles, ApiError>;

    /// An address that a file may be sent to; answers `UploadUrl` of the contract.
    ///
    /// # Errors
    /// `NotFound` for a job or source that is not there.
    fn upload_url(&self, job: &str, source: &str, file: &str) -> Result<Value, ApiError>;
}

/// Answers fields.
pub struct Api {
    stores: Arc<Stores>,
    tables: Tables,
    scorings: Scorings,
    actions: Arc<dyn Actions>,
}

#[derive(serde::Deserialize)]
struct OfJob {
    job: String,
    #[serde(default)]
    name: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfRun {
    run_id: String,
}

#[derive(serde::Deserialize)]
struct Upload {
    job: String,
    source: String,
    file: String,
}

impl Api {
    /// Answers from these stores.
    pub fn new(stores: Stores, actions: Arc<dyn Actions>) -> Self {
        let stores = Arc::new(stores);
        Self { tables: Tables::new(Arc::clone(&stores)), scorings: Scorings::default(), stores, actions }
    }

    /// Answers a field of `Query` or `Mutation`; blocks while it reads.
    ///
    /// # Errors
    /// [`ApiError`] with one of the contract's types.
    pub fn resolve(&self, field: &Field) -> Result<Value, ApiError> {
        let Self { stores, tables, scorings, actions } = self;
        match field.name.as_str() {
            "propertyIds" => properties::ids(tables, &field.arguments::<Page>()?),
            "property" => properties::by_id(tables, field.arguments()?, &field.selection),
            "properties" => properties::list(tables, field.arguments()?, &field.selection),
            "links" => links::list(tables, field.arguments()?),
            "weights" => links::weights(tables, &field.arguments::<OfJob>()?.job),
            "explain" => pairs::explain(stores, field.arguments()?),
            "match" => scoring::score(stores, tables, scorings, field.arguments()?),
            "summary" => runs::summary(stores, &field.arguments::<OfJob>()?.job),
            "insight" => {
                let OfJob { job, name } = field.arguments()?;
                runs::insight(stores, &job, &name)
            }
            "runs" => runs::list(stores, field.arguments()?),
            "receipt" => runs::receipt(stores, &field.arguments::<OfRun>()?.run_id),
            "quarantine" => rows::quarantine(tables, field.arguments()?),
            "replay" => rows::replay(stores, &**actions, &field.arguments()?),
            "tables" => Ok(stores.catalog.tables()?.iter().map(runs::table).collect()),
            "rows" => rows::list(tables, field.arguments()?),
            "labelQueue" => labels::queue(stores, tables, field.arguments()?),
            "labels" => labels::list(stores, field.arguments()?),
            "startRun" => actions.start_run(&field.arguments::<OfJob>()?.job),
            "uploadUrl" => {
                let Upload { job, source, file } = field.arguments()?;
                actions.upload_url(&job, &source, &file)
            }
            "label" => labels::say(stores, field.arguments()?, field.caller.as_deref()),
            other => Err(ApiError::bad(format!("field: found `{other}`, expected one of the contract's"))),
        }
    }
}

impl Field {
    fn arguments<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let given = match &self.arguments {
            Value::Null => Value::Object(serde_json::Map::new()),
            given => given.clone(),
        };
        serde_json::from_value(given).map_err(|error| ApiError::bad(format!("{}: {error}", self.name)))
    }
}
