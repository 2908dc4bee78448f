//! Lambda glue: payloads parsed in one place, stable error names, stores opened once, logs and metrics.

mod environment;
mod metrics;

use std::{sync::Arc, time::Instant};

pub use lambda_runtime::Error;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn, tracing};
use lotline_stages::{StageError, message};
use lotline_store::Stores;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::metrics::Step;
pub use environment::{DATABASE_VARIABLE, LAKE_VARIABLE, TABLE_VARIABLE};

/// A failure as the state machine sees it: a stable name and a sentence.
#[derive(Debug)]
struct Fault {
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

/// Serves a stage, which logs and metrics call `name`, until the runtime ends the process.
///
/// # Errors
/// At start when a variable is missing or the lake cannot be opened; later when the runtime is gone.
pub async fn run<Request, Report>(name: &'static str, stage: Stage<Request, Report>) -> Result<(), Error>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Serialize + Send + 'static,
{
    serve(name, stage, environment::stores().await?).await
}

/// Serves a stage that touches objects alone: as [`run`], but without ledger, catalog and settings.
///
/// # Errors
/// As for [`run`].
pub async fn run_on_objects<Request, Report>(name: &'static str, stage: Stage<Request, Report>) -> Result<(), Error>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Serialize + Send + 'static,
{
    serve(name, stage, environment::objects().await?).await
}

/// A stage: from a request to a report.
type Stage<Request, Report> = fn(&Stores, &Request) -> Result<Report, StageError>;

async fn serve<Request, Report>(name: &'static str, stage: Stage<Request, Report>, stores: Stores) -> Result<(), Error>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Serialize + Send + 'static,
{
    tracing::init_default_subscriber();
    let stores = Arc::new(stores);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let stores = Arc::clone(&stores);
        async move {
            let step = Step::new(name, &event);
            let started = Instant::now();
            let answer = answer(stores, stage, event.payload).await;
            step.log(started.elapsed(), answer.as_ref().map_err(|fault| (fault.name, fault.message.as_str())));
            answer.map_err(Diagnostic::from)
        }
    }))
    .await
}

/// Parses the payload and runs the stage, which blocks, beside the runtime's own thread.
async fn answer<Request, Report>(
    stores: Arc<Stores>,
    stage: Stage<Request, Report>,
    payload: Value,
) -> Result<Value, Fault>
where
    Request: DeserializeOwned + Send + 'static,
    Report: Serialize + Send + 'static,
{
    let request: Request = serde_json::from_value(payload)
        .map_err(|error| Fault { name: "Lotline.BadRequest", message: error.to_string() })?;
    let done = tokio::task::spawn_blocking(move || {
        let report = stage(&stores, &request)?;
        serde_json::to_value(report).map_err(|error| StageError::Internal(error.to_string()))
    });
    let panicked = |error: tokio::task::JoinError| Fault { name: "Lotline.Internal", message: error.to_string() };
    done.await.map_err(panicked)?.map_err(Fault::from)
}
