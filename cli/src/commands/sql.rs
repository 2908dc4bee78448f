//! `lotline sql`: any query over the published tables.

use clap::Args;
use serde_json::{Map, Value};

use super::{LakeArgument, engine};
use crate::{
    error::CliError,
    output::{Outcome, print, print_json, rows_text},
};

/// Run an SQL query over the published tables.
///
/// The dialect is SQLite's, with the Athena functions that insights use (`date_trunc`, `approx_percentile`, ...).
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  lotline sql \"SELECT zipcode, count(*) FROM open_houses GROUP BY 1 ORDER BY 2 DESC LIMIT 5\""
)]
pub(crate) struct Sql {
    /// The query.
    #[arg(allow_hyphen_values = true)]
    query: String,
    #[command(flatten)]
    lake: LakeArgument,
    /// Print the rows as a JSON list of objects.
    #[arg(long)]
    json: bool,
}

impl Sql {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let rows = engine(&self.lake.open_existing()?)?.query(&self.query)?;
        if self.json {
            let object = |row: Vec<Value>| rows.columns.iter().cloned().zip(row).collect::<Map<_, _>>();
            print_json(&rows.rows.into_iter().map(object).collect::<Vec<_>>())?;
        } else {
            print(&rows_text(&rows.columns, &rows.rows))?;
        }
        Ok(Outcome::Done)
    }
}
