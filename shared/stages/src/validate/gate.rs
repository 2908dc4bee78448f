//! The quality gate: whether a run with this many bad rows goes on.

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::table;
use crate::{Manifest, StageError, job::OverLimit};

/// How the sources of a run are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GateReport {
    /// Sources with more rows set aside than their table structures allow.
    pub over_limit: Vec<String>,
    /// Whether the job links its sources.
    pub links: bool,
}

/// Judges a run whose tables are written.
///
/// # Errors
/// `OverLimit` when a source is over its limit and the job says `over_limit = "stop"`; `BadRequest` before the tables
/// are written.
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<GateReport, StageError> {
    let job = manifest.job()?;
    let mut over_limit = Vec::new();
    for source in job.sources.keys() {
        let report = table::report(stores, manifest, source)?;
        if report.over_limit && job.over_limit == OverLimit::Stop {
            return Err(StageError::OverLimit {
                source_name: source.clone(),
                quarantined: report.quarantined,
                read: report.read,
                limit: job.structure(source)?.max_reject_ratio,
            });
        }
        over_limit.extend(report.over_limit.then(|| source.clone()));
    }
    Ok(GateReport { over_limit, links: job.link.is_some() })
}
