//! Linked properties: rows of the integrated table, by the names of the contract.

use std::collections::BTreeSet;

use lotline_store::TableVersion;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    page::Page,
    tables::{Conditions, Tables},
};

/// The integrated table that properties are rows of.
const TABLE: &str = "properties_linked";
/// Fields of a property that are no record, and their columns.
const OWN: [(&str, &str); 4] =
    [("id", "id_l"), ("listingId", "id_r"), ("matchWeight", "match_weight"), ("matchProbability", "match_probability")];
/// Fields of a property that are a record of either table, and the suffix of their columns.
const RECORDS: [(&str, &str); 2] = [("parcel", "_l"), ("listing", "_r")];

#[derive(Deserialize)]
pub(crate) struct ById {
    id: String,
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    zip: Option<String>,
    city: Option<String>,
    min_bedrooms: Option<i64>,
    max_bedrooms: Option<i64>,
    min_estimated_value: Option<f64>,
    max_estimated_value: Option<f64>,
}

/// Ids of all properties, a page at a time.
pub(crate) fn ids(tables: &Tables, page: &Page) -> Result<Value, ApiError> {
    let rows = select(tables, &BTreeSet::from(["id_l".to_owned()]), Conditions::default(), page)?;
    let ids = rows.into_iter().filter_map(|mut row| row.remove("id_l")).collect();
    page.connection(ids, |id| json!([id]))
}

/// One property; null when there is none.
pub(crate) fn by_id(tables: &Tables, ById { id }: ById, selection: &[String]) -> Result<Value, ApiError> {
    let mut conditions = Conditions::default();
    conditions.add("id_l = ?", Some(id));
    let rows = select(tables, &columns(&tables.version(TABLE)?, selection, ""), conditions, &Page::default())?;
    Ok(rows.into_iter().next().map_or(Value::Null, property))
}

/// Properties in order of their ids, a page at a time.
pub(crate) fn list(tables: &Tables, Listed { filter, page }: Listed, selection: &[String]) -> Result<Value, ApiError> {
    let filter = filter.unwrap_or_default();
    let mut conditions = Conditions::default();
    conditions.add("coalesce(zip_l, postal_code_r) = ?", filter.zip);
    conditions.add("upper(coalesce(city_l, city_r)) = upper(?)", filter.city);
    conditions.add("coalesce(bedrooms_l, beds_r) >= ?", filter.min_bedrooms);
    conditions.add("coalesce(bedrooms_l, beds_r) <= ?", filter.max_bedrooms);
    conditions.add("est_value_r >= ?", filter.min_estimated_value);
    conditions.add("est_value_r <= ?", filter.max_estimated_value);
    let rows = select(tables, &columns(&tables.version(TABLE)?, selection, "nodes/"), conditions, &page)?;
    page.connection(rows.into_iter().map(property).collect(), |property| json!([property["id"]]))
}

fn select(
    tables: &Tables,
    columns: &BTreeSet<String>,
    mut conditions: Conditions,
    page: &Page,
) -> Result<Vec<Map<String, Value>>, ApiError> {
    if let Some((after,)) = page.after::<(String,)>()? {
        conditions.add("id_l > ?", Some(after));
    }
    let listed: Vec<&str> = columns.iter().map(String::as_str).collect();
    let sql = format!(
        "SELECT {} FROM {TABLE} {} ORDER BY id_l LIMIT {}",
        listed.join(", "),
        conditions.clause(),
        page.rows()? + 1
    );
    tables.query(TABLE, &sql, &conditions.values)
}

/// Columns of the fields that are selected below `prefix`, and always the id. Where a name is no field's, as aliases are
/// none, all columns are.
fn columns(version: &TableVersion, selection: &[String], prefix: &str) -> BTreeSet<String> {
    let known: BTreeSet<String> = version.columns.iter().map(|column| column.name.clone()).collect();
    let mut columns = BTreeSet::from(["id_l".to_owned()]);
    for field in selection.iter().filter_map(|field| field.strip_prefix(prefix)) {
        let own = OWN.iter().find(|(name, _)| *name == field).map(|(_, column)| (*column).to_owned());
        let of_record = || {
            let (record, field) = field.split_once('/')?;
            let (_, suffix) = RECORDS.iter().find(|(name, _)| *name == record)?;
            Some(snake(field) + suffix)
        };
        // GraphQL answers `__typename` itself.
        if field.contains("__") || RECORDS.iter().any(|(record, _)| *record == field) {
            continue;
        }
        match own.or_else(of_record).filter(|column| known.contains(column)) {
            Some(column) => columns.insert(column),
            None => return known,
        };
    }
    columns
}

/// A row by the names of the contract.
fn property(row: Map<String, Value>) -> Value {
    let mut property = Map::new();
    for (record, _) in RECORDS {
        property.insert(record.to_owned(), json!({}));
    }
    for (column, value) in row {
        if let Some((name, _)) = OWN.iter().find(|(_, own)| **own == column) {
            property.insert((*name).to_owned(), value);
            continue;
        }
        for (record, suffix) in RECORDS {
            if let Some(name) = column.strip_suffix(suffix) {
                property[record][camel(name)] = value.clone();
            }
        }
    }
    Value::Object(property)
}

/// `yearBuilt` as `year_built`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `year_built` as `yearBuilt`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        camel + &head.to_ascii_uppercase() + tail
    })
}
