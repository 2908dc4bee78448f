//! One new record scored against the published blocking index of a job.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use lotline_linkage::{Model, Records, Scorer, Scratch, Side};
use lotline_stages::link::{Scoring, index_table, scoring, side_letter};
use lotline_store::Stores;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    pairs::published,
    tables::{Tables, quoted},
};

/// Matches of an answer, at most.
const MOST_MATCHES: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Asked {
    job: String,
    /// Columns of one of the tables as an object, or that object as text, as AppSync sends it.
    record: Value,
    #[serde(default)]
    side: Option<AskedSide>,
    #[serde(default)]
    first: Option<usize>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum AskedSide {
    Left,
    Right,
}

/// What scores records, kept for the run that was asked for last.
#[derive(Default)]
pub(crate) struct Scorings {
    last: Mutex<Option<(String, Arc<Scoring>)>>,
}

impl Scorings {
    fn of(&self, stores: &Stores, job: &str) -> Result<Arc<Scoring>, ApiError> {
        let manifest = published(stores, job)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((run_id, scoring)) = &*last
            && *run_id == manifest.run_id
        {
            return Ok(Arc::clone(scoring));
        }
        let scoring = Arc::new(scoring(stores, &manifest)?);
        *last = Some((manifest.run_id, Arc::clone(&scoring)));
        Ok(scoring)
    }
}

/// The published records that a new one matches, heaviest first.
pub(crate) fn score(stores: &Stores, tables: &Tables, scorings: &Scorings, asked: Asked) -> Result<Value, ApiError> {
    let scoring = scorings.of(stores, &asked.job)?;
    let linker = &scoring.linker;
    let dedupe = linker.settings().is_dedupe();
    let (side, other) = match asked.side {
        _ if dedupe => (Side::Left, Side::Left),
        Some(AskedSide::Left) => (Side::Left, Side::Right),
        Some(AskedSide::Right) | None => (Side::Right, Side::Left),
    };
    let table = table(&scoring, side);
    let cells = cells(&asked.record, linker.columns(side), &scoring.job.structure(table)?.column_names())?;
    let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
    let mut records = Records::new(linker);
    let mut keys: Vec<(usize, u64)> = Vec::new();
    linker.project(side, &cells, &mut Scratch::default(), |values, text| {
        records.push(linker, values.iter());
        let mut of_rule = Vec::new();
        for rule in 0..linker.rules() {
            of_rule.clear();
            linker.keys(rule, values, text, &mut of_rule);
            keys.extend(of_rule.iter().filter(|key| !linker.leaves_out(rule, **key)).map(|key| (rule, *key)));
        }
    });
    let readings = records.len();
    let ids = candidates(tables, &scoring, &keys, other, &mut records)?;
    records.count_terms(linker, &scoring.terms);
    let scorer = Scorer::new(linker, &scoring.model, f64::NEG_INFINITY);
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for (id, candidate) in ids.iter().zip(readings..) {
        for new in 0..readings {
            let (left, right) = if side == Side::Left { (new, candidate) } else { (candidate, new) };
            let weight = scorer.weight(&records, left, right, &linker.gammas(&records, left, right));
            let known = best.entry(id).or_insert(weight);
            *known = known.max(weight);
        }
    }
    let mut matches: Vec<(&str, f64)> = best.into_iter().collect();
    matches.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    matches.truncate(asked.first.unwrap_or(10).min(MOST_MATCHES));
    let nodes = matches.into_iter().map(|(id, weight)| node(tables, &scoring, other, id, weight));
    nodes.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Adds the records that share a block with the new one; answers their ids, one a record.
fn candidates(
    tables: &Tables,
    scoring: &Scoring,
    keys: &[(usize, u64)],
    side: Side,
    records: &mut Records,
) -> Result<Vec<String>, ApiError> {
    let table = index_table(&scoring.job.name);
    let sql = format!("SELECT id, record FROM {} WHERE rule = ? AND key = ? AND side = ?", quoted(&table));
    let mut ids = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (rule, key) in keys {
        let parameters = [json!(rule), json!(key.cast_signed()), json!(side_letter(side))];
        for row in tables.query(&table, &sql, &parameters)? {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (id, record) = (text("id"), text("record"));
            if seen.insert((id.clone(), record.clone())) {
                let values: Vec<Option<String>> = serde_json::from_str(&record)?;
                records.push(&scoring.linker, values.iter().map(Option::as_deref));
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

/// A match with the record as its table has it.
fn node(tables: &Tables, scoring: &Scoring, side: Side, id: &str, weight: f64) -> Result<Value, ApiError> {
    let table = table(scoring, side);
    let column = scoring.job.id_column(table)?;
    let sql = format!("SELECT * FROM {} WHERE {} = ?", quoted(table), quoted(column));
    let record = tables.query(table, &sql, &[json!(id)])?.into_iter().next().unwrap_or_default();
    let threshold = Model::weight_of(scoring.linker.threshold());
    Ok(json!({
        "id": id,
        "matchWeight": weight,
        "matchProbability": Model::match_probability(weight),
        "aboveThreshold": weight >= threshold,
        "record": Value::Object(record).to_string(),
    }))
}

/// The table of a side.
fn table(scoring: &Scoring, side: Side) -> &str {
    let settings = scoring.linker.settings();
    settings.right.as_deref().filter(|_| side == Side::Right).unwrap_or(&settings.left)
}

/// The cells of a record in the order of these columns; null for what it lacks. `known` are all that its table has.
fn cells(record: &Value, columns: &[String], known: &[String]) -> Result<Vec<Option<String>>, ApiError> {
    let expected = || ApiError::bad(format!("record: expected an object with some of `{}`", known.join("`, `")));
    let object: Map<String, Value> = match record {
        Value::String(text) => serde_json::from_str(text).map_err(|_| expected())?,
        Value::Object(object) => object.clone(),
        _ => return Err(expected()),
    };
    if let Some(unknown) = object.keys().find(|name| !known.contains(name)) {
        let message = format!("record: found `{unknown}`, expected some of `{}`", known.join("`, `"));
        return Err(ApiError::bad(message));
    }
    let cell = |column: &String| match object.get(column) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Some(other) => Some(other.to_string()),
    };
    Ok(columns.iter().map(cell).collect())
}
