//! `lotline tables`: what readers see.

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::LakeArgument;
use crate::{
    error::CliError,
    output::{Outcome, print, print_json, rows_text},
};

/// List the published tables: name, files, rows and version.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    #[command(flatten)]
    lake: LakeArgument,
    /// Print a JSON list of objects.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct TableLine {
    name: String,
    location: String,
    rows: u64,
    version: String,
}

impl Tables {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stores = self.lake.open_existing()?;
        let place = self.lake.place()?;
        let line = |version: lotline_store::TableVersion| TableLine {
            location: place.files(&version.location),
            version: version.location.rsplit('/').next().unwrap_or_default().to_owned(),
            name: version.table,
            rows: version.rows,
        };
        let lines: Vec<TableLine> = stores.catalog.tables()?.into_iter().map(line).collect();
        if self.json {
            print_json(&lines)?;
        } else {
            let columns = ["name", "rows", "version", "location"].map(str::to_owned);
            let rows: Vec<_> = lines
                .iter()
                .map(|line| vec![json!(line.name), json!(line.rows), json!(line.version), json!(line.location)])
                .collect();
            print(&rows_text(&columns, &rows))?;
        }
        Ok(Outcome::Done)
    }
}
