//! Pulling as a step that ends before its function does, and is made again until all is pulled.

use std::collections::BTreeMap;

use lotline_sources::Clock;
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::plan::current;
use crate::{
    StageError,
    pull::{self, Outside, PullReport, Scope},
};

/// What a step pulled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PullStepReport {
    /// Whether all that is new was pulled; else the step is to be made again.
    pub done: bool,
    /// Seconds before that makes sense.
    pub wait_seconds: u64,
    /// By source, of this step alone; empty where the job has no source to pull.
    pub pulled: BTreeMap<String, PullReport>,
}

/// Pulls the sources of a job until the deadline, one after the other; one that fails does not keep the others from what
/// is new.
///
/// # Errors
/// `BadRequest` for a job without settings; what stopped the first source that failed; the lake's own.
pub fn run(stores: &Stores, outside: Outside<'_>, job: &str) -> Result<PullStepReport, StageError> {
    let (job, _) = current(stores, job)?;
    let reports: Vec<_> = (job.pulled.keys())
        .map(|source| Ok((source.clone(), pull::run(stores, outside, &job, source, &Scope::News, &mut |_| ())?)))
        .collect();
    let pulled = reports.into_iter().collect::<Result<BTreeMap<_, _>, StageError>>()?;
    // What can go on at once goes on at once; a source that has to wait is asked again then.
    let waiting = pulled.values().filter(|report| !report.done).map(|report| wait(report, outside.clock));
    Ok(PullStepReport {
        done: pulled.values().all(|report| report.done),
        wait_seconds: waiting.min().unwrap_or(0),
        pulled,
    })
}

fn wait(report: &PullReport, clock: &dyn Clock) -> u64 {
    report.resume_at.map_or(0, |at| (at - clock.now()).num_seconds().max(0).unsigned_abs())
}
