//! The ledger port: which runs there are, who works on them and how they ended.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::StoreError;

/// The record of runs; a run has one owner at a time and succeeds at most once.
pub trait Ledger: Send + Sync {
    /// A number greater than every one given before. A run takes one before it looks at its inputs: of two runs of a
    /// job the one with the greater ticket is shown to readers, whoever is done first.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn ticket(&self) -> Result<u64, StoreError>;

    /// Takes a run on, in one step against every other claimant. Whatever the answer, the run now has the ticket
    /// unless it had a greater one.
    ///
    /// A claim by the owner that already holds the run answers `Resumed`, so a retried request is harmless.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn claim(&self, run: &RunClaim) -> Result<Claim, StoreError>;

    /// Records how a run ended. The first ending stands: told again, its receipt is kept.
    ///
    /// # Errors
    /// `UnknownRun` for a run nobody claimed; `RunFinished` when it ended otherwise before, or for the
    /// status `Running`, which is no ending.
    fn finish(&self, run_id: &str, status: RunStatus, receipt: &Value) -> Result<(), StoreError>;

    /// One run, or none of that name.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn run(&self, run_id: &str) -> Result<Option<RunRecord>, StoreError>;

    /// Runs of one job or of all, the greatest ticket first.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn runs(&self, job: Option<&str>) -> Result<Vec<RunRecord>, StoreError>;
}

/// What a claimant says about the run it wants.
#[derive(Clone, Debug, PartialEq)]
pub struct RunClaim {
    /// The run's name; the same work has the same name.
    pub run_id: String,
    /// Its place among all that was asked for, from [`Ledger::ticket`].
    pub ticket: u64,
    /// The job it is a run of.
    pub job: String,
    /// Who asks; on one machine the words of [`crate::owner`].
    pub owner: String,
    /// What the run reads, in short; kept as it was when first claimed.
    pub inputs: Value,
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// Nobody claimed the run before.
    New,
    /// An earlier owner died or failed, and what it wrote may be found.
    Resumed,
    /// The run succeeded before, and nothing is left but to show it to readers.
    Done(RunRecord),
    /// A living owner works on the run.
    Busy(RunRecord),
}

/// One run as the ledger knows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RunRecord {
    /// The greatest ticket that it was asked for with.
    pub ticket: u64,
    /// The run's name.
    pub run_id: String,
    /// The job it is a run of.
    pub job: String,
    /// Who holds or last held it.
    pub owner: String,
    /// What the run reads.
    pub inputs: Value,
    /// Where it stands.
    pub status: RunStatus,
    /// What it said when it ended; none while it runs.
    pub receipt: Option<Value>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Claimed and not ended; its owner may have died.
    Running,
    /// Ended well, for good.
    Succeeded,
    /// Ended badly; it may be claimed again.
    Failed,
}

impl RunStatus {
    /// Every status, in the order of a run's life.
    pub const ALL: [Self; 3] = [Self::Running, Self::Succeeded, Self::Failed];

    /// The word written in records and receipts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
