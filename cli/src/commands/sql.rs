//! `lotline sql`: any query over the published tables.

use std::io::{self, BufWriter, Write};

use clap::Args;
use lotline_insights::{Engine, SqlError};
use serde_json::{Map, Value};

use super::{LakeArgument, engine};
use crate::{
    error::CliError,
    output::{Outcome, TextTable},
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
        let engine = engine(&self.lake.open_existing()?)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let print = if self.json { print_json } else { print_table };
        match print(&engine, &self.query, &mut out).and_then(|()| out.flush().map_err(sink)) {
            // A reader that went away (`| head`) has what it wanted.
            Err(SqlError::Sink { source }) if source.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Done),
            answered => Ok(answered.map(|()| Outcome::Done)?),
        }
    }
}

fn sink(source: io::Error) -> SqlError {
    SqlError::Sink { source }
}

/// Prints the answer as a JSON list, an object a row, holding one row at a time.
fn print_json(engine: &Engine, query: &str, out: &mut dyn Write) -> Result<(), SqlError> {
    let mut before = "[\n  ";
    engine.query_each(query, &mut |columns, row| {
        let object: Map<_, _> = columns.iter().cloned().zip(row.iter().cloned()).collect();
        write!(out, "{before}{}", Value::Object(object))?;
        before = ",\n  ";
        Ok(())
    })?;
    writeln!(out, "{}", if before.starts_with('[') { "[]" } else { "\n]" }).map_err(sink)
}

/// Prints the answer in columns as wide as its first rows need; a longer cell further down pushes its line out.
fn print_table(engine: &Engine, query: &str, out: &mut dyn Write) -> Result<(), SqlError> {
    const MEASURED: usize = 1_000;
    let mut first: Vec<Vec<Value>> = Vec::new();
    let mut table: Option<TextTable> = None;
    let columns = engine.query_each(query, &mut |columns, row| match &table {
        Some(table) => out.write_all(table.line(row).as_bytes()),
        None => {
            first.push(row.to_vec());
            if first.len() < MEASURED {
                return Ok(());
            }
            out.write_all(table.insert(TextTable::measure(columns, &first)).text(columns, &first).as_bytes())
        }
    })?;
    if table.is_none() {
        out.write_all(TextTable::measure(&columns, &first).text(&columns, &first).as_bytes()).map_err(sink)?;
    }
    Ok(())
}
