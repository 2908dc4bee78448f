//! Rows of published tables as they are, and of quarantines with their reasons.

use lotline_stages::Job;
use lotline_store::Stores;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Actions,
    error::ApiError,
    page::Page,
    pairs::published,
    tables::{Conditions, Tables, quoted},
};

#[derive(Deserialize)]
pub(crate) struct OfTable {
    table: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize)]
pub(crate) struct OfQuarantine {
    source: String,
    #[serde(default)]
    rule: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize)]
pub(crate) struct OfReplay {
    job: String,
    source: String,
}

/// Rows that are judged again for one answer.
const MOST_REPLAYED: u64 = 20_000;

/// Rows of a table in the order that they are stored in, each an object in JSON.
pub(crate) fn list(tables: &Tables, OfTable { table, page }: OfTable) -> Result<Value, ApiError> {
    let version = tables.version(&table)?;
    let columns: Vec<String> = version.columns.iter().map(|column| quoted(&column.name)).collect();
    let mut connection = numbered(tables, &table, &columns.join(", "), Conditions::default(), &page)?;
    for node in connection["nodes"].as_array_mut().into_iter().flatten() {
        *node = json!(node.to_string());
    }
    Ok(connection)
}

/// Rows that were set aside, in the order of their files, and how many broke each rule.
pub(crate) fn quarantine(
    tables: &Tables,
    OfQuarantine { source, rule, page }: OfQuarantine,
) -> Result<Value, ApiError> {
    let table = format!("{source}_quarantine");
    let sql = format!("SELECT rule, count(*) AS rows FROM {} GROUP BY 1 ORDER BY 2 DESC, 1", quoted(&table));
    let rules: Vec<Value> = tables.query(&table, &sql, &[])?.into_iter().map(Value::Object).collect();
    let mut conditions = Conditions::default();
    conditions.add("rule = ?", rule);
    let columns = "file, row_number AS rowNumber, byte_offset AS byteOffset, \"column\", rule, reason, raw";
    let mut connection = numbered(tables, &table, columns, conditions, &page)?;
    connection["rules"] = Value::Array(rules);
    Ok(connection)
}

/// What would become of rows that were set aside.
pub(crate) fn replay(stores: &Stores, actions: &dyn Actions, asked: &OfReplay) -> Result<Value, ApiError> {
    let OfReplay { job, source } = asked;
    let settings = Job::parse(job, &actions.settings(job)?)?;
    let report = lotline_stages::replay(stores, &published(stores, job)?, &settings, source, MOST_REPLAYED)?;
    Ok(serde_json::to_value(report)?)
}

/// A page of rows in the order that they are stored in.
fn numbered(
    tables: &Tables,
    table: &str,
    columns: &str,
    mut conditions: Conditions,
    page: &Page,
) -> Result<Value, ApiError> {
    if let Some((after,)) = page.after::<(i64,)>()? {
        conditions.add("rowid > ?", Some(after));
    }
    let (clause, rows) = (conditions.clause(), page.rows()? + 1);
    // The place of a row goes by a name that no column has.
    let sql = format!("SELECT rowid AS \"\", {columns} FROM {} {clause} ORDER BY rowid LIMIT {rows}", quoted(table));
    let rows = tables.query(table, &sql, &conditions.values)?;
    let mut connection = page.connection(rows.into_iter().map(Value::Object).collect(), |row| json!([row[""]]))?;
    for row in connection["nodes"].as_array_mut().into_iter().flatten() {
        row.as_object_mut().map(|row| row.remove(""));
    }
    Ok(connection)
}
