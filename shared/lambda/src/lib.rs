//! Lambda glue: payloads parsed in one place, stable error names, stores opened once.

use std::{env, path::Path, sync::Arc};

pub use lambda_runtime::Error;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use lotline_stages::{StageError, message};
use lotline_store::Stores;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Environment variable that names the lake: a folder, where the function runs beside a local lake.
pub const LAKE_VARIABLE: &str = "LOTLINE_LAKE";

/// A failure as the state machine sees it: a stable name and a sentence.
#[derive(Debug)]
pub struct Fault {
    name: &'static str,
    message: String,
}

impl From<StageError> for Fault {
    fn from(error: StageError) -> Self {
        Self { name: error.name(), message: message(&error) }
    }
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        Self { error_type: fault.name.to_owned(), error_message: fault.message }
    }
}

/// Serves a stage until the runtime ends the process.
///
/// # Errors
/// At start when [`LAKE_VARIABLE`] is missing or the lake cannot be opened; later when the runtime is gone.
pub async fn run<Request, Report>(stage: fn(&Stores, &Request) -> Result<Report, StageError>) -> Result<(), Error>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Serialize + Send + 'static,
{
    lambda_runtime::tracing::init_default_subscriber();
    let lake = env::var(LAKE_VARIABLE).map_err(|_| format!("environment variable `{LAKE_VARIABLE}` is missing"))?;
    let stores = Arc::new(Stores::local(Path::new(&lake))?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let stores = Arc::clone(&stores);
        async move { answer(stores, stage, event.payload).await.map_err(Diagnostic::from) }
    }))
    .await
}

/// Parses the payload and runs the stage, which blocks, beside the runtime's own thread.
async fn answer<Request, Report>(
    stores: Arc<Stores>,
    stage: fn(&Stores, &Request) -> Result<Report, StageError>,
    payload: Value,
) -> Result<Report, Fault>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Send + 'static,
{
    let request: Request = serde_json::from_value(payload)
        .map_err(|error| Fault { name: "Lotline.BadRequest", message: error.to_string() })?;
    let report = tokio::task::spawn_blocking(move || stage(&stores, &request)).await;
    report.map_err(|error| Fault { name: "Lotline.Internal", message: error.to_string() })?.map_err(Fault::from)
}
