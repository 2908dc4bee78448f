//! `lotline doctor`: whether a deployment can do its work, and what is wrong where it cannot.
//!
//! One file a theme. Each check looks at one thing and says in one line what it found; what several of them need is
//! read once.

mod jobs;
mod lake;
mod quotas;
mod resources;
mod runs;
mod starts;

use std::error::Error;

use aws_sdk_glue::error::{ProvideErrorMetadata, SdkError};
use clap::Args;
use lotline_stages::message;
use lotline_store::aws::io_error;

use crate::{
    error::CliError,
    output::{Outcome, print},
    stack::Stack,
};

/// Check a deployment: its resources, your access to the lake, what uploads and the schedule start, starts that failed,
/// the settings, the account's quotas, the published tables and the runs. Exit code 1 when something is wrong.
///
/// It looks and, but for one object under runs/doctor/ that it removes again, changes nothing. The rights of the
/// functions' own roles are not tried: they show in the last runs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline doctor --stack lotline")]
pub(crate) struct Doctor {
    /// Name of the CloudFormation stack.
    #[arg(long, value_name = "NAME")]
    stack: String,
}

/// What a check found: a sentence when all is well.
type Finding = Result<String, Trouble>;

/// Why a check cannot say that all is well.
enum Trouble {
    /// Something is wrong: what, and what to do.
    Wrong(String),
    /// Nobody knows whether something is wrong: what was not to be seen, and why.
    NotChecked(String),
}

impl From<String> for Trouble {
    fn from(wrong: String) -> Self {
        Self::Wrong(wrong)
    }
}

/// What to do about resources that are not as the template says: deploying it again leaves them as they are.
const RESTORE: &str = "restore it (docs/operations.md, Changed by hand)";

impl Doctor {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stack = Stack::open(&self.stack)?;
        let listed = resources::list(&stack, &self.stack);
        let runs = runs::read(&stack);
        let checks: [(&str, Finding); 12] = [
            ("resources", given(&listed, resources::complete)),
            ("uploads", lake::uploads(&stack)),
            ("upload rule", given(&listed, |listed| starts::upload_rule(&stack, listed))),
            ("schedule", given(&listed, |listed| starts::schedule(&stack, listed))),
            ("failed starts", given(&listed, |listed| starts::failed(&stack, listed))),
            ("lake", lake::access(&stack)),
            ("settings", jobs::settings(&stack)),
            ("state machine", jobs::state_machine(&stack)),
            ("quotas", quotas::concurrency(&stack)),
            ("tables", lake::tables(&stack)),
            ("running", given(&runs, |runs| runs::running(&stack, &self.stack, runs))),
            ("last runs", given(&runs, runs::last)),
        ];
        for (name, finding) in &checks {
            let (sign, text) = match finding {
                Ok(fine) => ("ok", fine),
                Err(Trouble::Wrong(wrong)) => ("WRONG", wrong),
                Err(Trouble::NotChecked(why)) => ("not checked", why),
            };
            print(&format!("{sign:<12} {name:<14} {text}\n"))?;
        }
        let wrong = checks.iter().any(|(_, finding)| matches!(finding, Err(Trouble::Wrong(_))));
        Ok(if wrong { Outcome::OverLimit } else { Outcome::Done })
    }
}

/// A check of what was read before it.
fn given<T>(read: &Result<Vec<T>, String>, check: impl FnOnce(&[T]) -> Finding) -> Finding {
    read.as_deref().map_err(|why| why.clone().into()).and_then(check)
}

/// A refusal of a store in words.
fn refused(what: &str, error: &dyn Error) -> String {
    format!("{what}: {}", message(error))
}

/// A refusal of AWS in its own words, without the response around them.
fn denied<E>(what: &str, error: SdkError<E>) -> String
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(words)) => format!("{what}: {code}: {words}"),
        _ => refused(what, &io_error(error)),
    }
}
