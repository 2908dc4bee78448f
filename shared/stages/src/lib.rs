//! The stages of a job, one module a stage. Lambdas and the command line call the same functions.
//!
//! Every stage is a plain blocking function over [`lotline_store::Stores`]: it reads what earlier stages of its run
//! wrote, writes under keys that follow from its request alone, and writes its report last. A step whose report is
//! there is not done again, so any step may be retried, redelivered or killed at any instant.

pub mod bill;
pub mod ddl;
mod derive;
mod digest;
mod error;
pub mod ingest;
mod job;
pub mod known_pairs;
pub mod labels;
pub mod link;
mod parameters;
pub mod publish;
pub mod pull;
pub mod receipt;
mod replay;
mod run;
mod shuffle;
mod sort;
pub mod summarize;
mod tables;
#[cfg(test)]
mod tests;
pub mod validate;

pub use derive::{Derived, DerivedReport};
pub use error::{StageError, message};
pub use job::{Insight, Job, LINK_FILES, OverLimit};
pub use parameters::{PARAMETERS_FILE, Parameters};
pub use replay::{ReplayReport, ReplayedRule, replay};
pub use run::{Input, Manifest};
