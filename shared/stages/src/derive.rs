//! Derived tables: what a job's SQL makes of its other tables, typed by a table structure and published beside them.

use std::{collections::BTreeMap, io};

use arrow_row::OwnedRow;
use lotline_insights::{Engine, SqlError};
use lotline_schema::{Cell, RowBuilder, TableStructure, Violation};
use lotline_store::{SettingsFiles, Stores};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Manifest, StageError,
    digest::TableDigest,
    job::{impossible, text},
    parameters::Parameters,
    sort::{Order, Sorter},
    tables::{BATCH_ROWS, TableWriter},
};

/// One derived table: `derived/<name>.sql` over the job's sources and links, and `tables/<name>.toml`.
#[derive(Debug, Clone)]
pub struct Derived {
    /// Its columns, in the order of the query's, and its key, which names one row.
    pub structure: TableStructure,
    /// The query, its parameters filled in.
    pub sql: String,
}

/// A derived table of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DerivedReport {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Digest of its rows.
    pub digest: String,
}

/// The derived tables of a job, by name.
pub(crate) fn read(
    place: &str,
    files: &SettingsFiles,
    parameters: &Parameters,
) -> Result<BTreeMap<String, Derived>, StageError> {
    let names = files.keys().filter_map(|path| path.strip_prefix("derived/")?.strip_suffix(".sql"));
    let of_name = |name: &str| {
        let file = format!("tables/{name}.toml");
        let structure = TableStructure::parse(&format!("{place}/{file}"), text(place, files, &file)?)?;
        let path = format!("derived/{name}.sql");
        let sql = parameters.fill(text(place, files, &path)?);
        let sql = sql.map_err(|message| impossible(&format!("{place}/{path}"), "parameters", message))?;
        Ok((name.to_owned(), Derived { structure, sql }))
    };
    names.map(of_name).collect()
}

/// Where the SQL of a derived table is, for messages.
fn sql_place(place: &str, name: &str) -> String {
    format!("{place}/derived/{name}.sql")
}

/// Checks that a query could be run and answers the columns of its structure.
pub(crate) fn check(place: &str, engine: &Engine, name: &str, derived: &Derived) -> Result<(), StageError> {
    let place = sql_place(place, name);
    let columns = engine.columns(&derived.sql).map_err(|source| StageError::Sql { place: place.clone(), source })?;
    let expected = derived.structure.column_names();
    if columns == expected {
        return Ok(());
    }
    let [found, expected] = [columns, expected].map(|names| names.join("`, `"));
    Err(impossible(&place, "columns", format!("found `{found}`, expected `{expected}` as in tables/{name}.toml"))
        .into())
}

/// Writes a derived table, sorted by its key. Holds one batch and what sorting holds.
pub(crate) fn run(
    stores: &Stores,
    manifest: &Manifest,
    engine: &Engine,
    name: &str,
    derived: &Derived,
) -> Result<DerivedReport, StageError> {
    let place = sql_place(&manifest.place, name);
    let sql_error = |source| StageError::Sql { place: place.clone(), source };
    let structure = &derived.structure;
    let (schema, order) = (structure.arrow_schema(), Order::ascending(structure.key_positions()));
    let folder = manifest.key(&format!("derived/{name}"));
    let mut sorter = Sorter::new(&*stores.objects, folder, &schema, order.clone(), manifest.worker_memory / 4)?;
    let mut builder = RowBuilder::new(structure);
    let mut taken = 0_u64;
    engine
        .query_each(&derived.sql, &mut |_, row| {
            taken += 1;
            let texts: Vec<_> = row.iter().map(number_text).collect();
            let cells: Vec<_> = row.iter().zip(&texts).map(|(value, text)| cell(value, text.as_deref())).collect();
            builder.push(&cells).map_err(|violations| io::Error::other(broken(taken, &violations)))?;
            if builder.len() < BATCH_ROWS {
                return Ok(());
            }
            let batch = builder.finish().map_err(io::Error::other)?;
            sorter.push(batch).map_err(io::Error::other)
        })
        .map_err(sql_error)?;
    sorter.push(builder.finish()?)?;
    let key = manifest.table_file(name);
    let sorted_by: Vec<&str> = structure.key.iter().map(String::as_str).collect();
    let mut writer = TableWriter::published(&*stores.objects, &key, &schema, &sorted_by)?;
    let mut digest = TableDigest::new();
    let mut converter = order.converter(&schema)?;
    let mut last: Option<OwnedRow> = None;
    for batch in sorter.finish()? {
        let batch = batch?;
        let rows = order.rows(&mut converter, &batch)?;
        for row in &rows {
            if !structure.key.is_empty() && last.as_ref().is_some_and(|last| last.row() == row) {
                let source = io::Error::other(format!("found two rows of one key (`{}`)", structure.key.join("`, `")));
                return Err(sql_error(SqlError::Sink { source }));
            }
            last = Some(row.owned());
        }
        digest.update(&batch)?;
        writer.write(&batch)?;
    }
    Ok(DerivedReport { table: name.to_owned(), rows: writer.commit()?, digest: digest.finish() })
}

/// The digits of a number that a query answered.
fn number_text(value: &Value) -> Option<String> {
    value.as_number().map(ToString::to_string)
}

/// A value of a query as its table structure judges it: a number by its digits.
fn cell<'a>(value: &'a Value, number: Option<&'a str>) -> Cell<'a> {
    match (value, number) {
        (Value::String(text), _) => Cell::Text(text),
        (_, Some(digits)) => Cell::Text(digits),
        _ => Cell::Null,
    }
}

fn broken(row: u64, violations: &[Violation]) -> String {
    let rules = violations.iter().map(|violation| format!("`{}`: {}", violation.column, violation.reason));
    format!("row {row}: {}", rules.collect::<Vec<_>>().join("; "))
}
