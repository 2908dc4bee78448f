//! `lotline rollback`: readers see an earlier run again.

use clap::Args;
use lotline_store::Published;

use super::LakeArgument;
use crate::{
    error::CliError,
    output::{Outcome, print},
};

/// Show readers an earlier run of a job again, all of its tables in one step.
///
/// Nothing is computed and nothing is removed: the tables of every run stay where they are. The next run of the job is
/// shown as always.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline tables                                   # the versions readers see\n  \
                        lotline rollback open-houses-55d13d01f73afb80")]
pub(crate) struct Rollback {
    /// The run to show again.
    run_id: String,
    #[command(flatten)]
    lake: LakeArgument,
}

impl Rollback {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stores = self.lake.open_existing()?;
        let Some(publication) = stores.catalog.published(&self.run_id)? else {
            let found = format!("a run that never published, `{}`", self.run_id);
            return Err(CliError::argument("RUN_ID", found, published(&stores)?));
        };
        let said = match stores.catalog.publish(&publication, stores.ledger.ticket()?)? {
            Published::Unchanged => "readers saw this run already",
            Published::Switched => "readers see this run again",
            Published::Superseded => "another run was asked for in this moment and is shown",
        };
        print(&format!("{}: {said} ({} tables of `{}`)\n", self.run_id, publication.tables.len(), publication.job))?;
        Ok(Outcome::Done)
    }
}

/// The valid choices.
fn published(stores: &lotline_store::Stores) -> Result<String, CliError> {
    let mut runs = Vec::new();
    for run in stores.ledger.runs(None)? {
        if stores.catalog.published(&run.run_id)?.is_some() {
            runs.push(format!("`{}`", run.run_id));
        }
    }
    Ok(if runs.is_empty() {
        "a run that published (there is none)".to_owned()
    } else {
        format!("one of {}", runs.join(", "))
    })
}
