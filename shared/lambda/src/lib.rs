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
pub use environment::{DATABASE_VARIABLE, LAKE_VARIABLE, TABLE_VARIABLE, bucket, stores, variable};

/// A failure as callers see it: a stable name and a sentence.
#[derive(Debug)]
pub struct Fault {
    /// The stable name, such as `Lotline.BadRequest`.
    pub name: &'static str,
    /// What was found and what was expected.
    pub message: String,
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
    run_handler(name, move |payload| {
        let request: Request = serde_json::from_value(payload)
            .map_err(|error| Fault { name: "Lotline.BadRequest", message: error.to_string() })?;
        let report = stage(&stores, &request)?;
        Ok(serde_json::to_value(report).map_err(|error| StageError::Internal(error.to_string()))?)
    })
    .await
}

/// Answers whole events by a function, which may block, until the runtime ends the process; logs and metrics call it
/// `name`.
///
/// # Errors
/// When the runtime is gone.
pub async fn run_handler(
    name: &'static str,
    handler: impl Fn(Value) -> Result<Value, Fault> + Send + Sync + 'static,
) -> Result<(), Error> {
    tracing::init_default_subscriber();
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let handler = Arc::clone(&handler);
        async move {
            let step = Step::new(name, &event);
            let started = Instant::now();
            // It blocks, beside the runtime's own thread.
            let done = tokio::task::spawn_blocking(move || handler(event.payload)).await;
            let panicked =
                |error: tokio::task::JoinError| Fault { name: "Lotline.Internal", message: error.to_string() };
            let answer = done.map_err(panicked).flatten();
            step.log(started.elapsed(), answer.as_ref().map_err(|fault| (fault.name, fault.message.as_str())));
            answer.map_err(Diagnostic::from)
        }
    }))
    .await
}
