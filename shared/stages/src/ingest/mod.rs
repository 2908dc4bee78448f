//! `ingest`: pulls what is new, finds the files of a run, takes those from elsewhere into `raw/` as received, and cuts all into chunks.

mod file;
mod plan;
mod step;

use std::time::Duration;

use chrono::Utc;
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use crate::{Manifest, StageError, pull};

pub(crate) use file::ingested;
pub use file::{IngestReport, run as file};
pub use plan::{PlanReport, PlanStatus, digest, pulled, run as plan};
pub use step::{PullStepReport, run as pull_step};

/// One step of ingesting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum IngestRequest {
    /// Pull what is new of the job's sources that have APIs.
    Pull {
        /// The job, whose settings are in the lake's settings.
        job: String,
        /// Seconds after which the step stops between two pages: well below what the function has.
        seconds: u64,
    },
    /// Plan and claim a run over the files that lie under `drop/<job>/` in the lake, or were pulled.
    Plan {
        /// The job, whose settings are in the lake's settings.
        job: String,
        /// Who will work on the run: the execution of the state machine.
        owner: String,
        /// Memory that one worker may use for data, in bytes.
        worker_memory: u64,
    },
    /// Take one file into the lake and cut it.
    File {
        /// The run.
        run_id: String,
        /// The source.
        source: String,
        /// Position of the file among the source's inputs, from 0.
        file: usize,
    },
}

/// What a step did.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IngestStepReport {
    /// Of a pull.
    Pull(PullStepReport),
    /// Of the plan.
    Plan(PlanReport),
    /// Of a file.
    File(IngestReport),
}

/// Does one step.
///
/// # Errors
/// As for [`pull_step`], [`plan()`] and [`file()`].
pub fn run(stores: &Stores, request: &IngestRequest) -> Result<IngestStepReport, StageError> {
    match request {
        IngestRequest::Pull { job, seconds } => {
            let deadline = Some(Utc::now() + Duration::from_secs(*seconds));
            pull::with_network(deadline, |outside| pull_step(stores, outside, job)).map(IngestStepReport::Pull)
        }
        IngestRequest::Plan { job, owner, worker_memory } => {
            plan(stores, job, owner, *worker_memory).map(IngestStepReport::Plan)
        }
        IngestRequest::File { run_id, source, file: position } => {
            file(stores, &Manifest::load(stores, run_id)?, source, *position).map(IngestStepReport::File)
        }
    }
}
