//! One new record scored against the published blocking index of a job.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lotline_linkage::{Model, Records, Scorer, Scratch, Side};
use lotline_stages::{
    Manifest,
    link::{Scoring, index_table, scoring, side_letter},
};
use lotline_store::{Publication, Stores};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    error::{ApiError, ErrorKind},
    pairs::publication,
    tables::{Tables, quoted},
};

/// Matches of an answer when a client asks for no number, and at most.
const USUAL_MATCHES: usize = 10;
const MOST_MATCHES: usize = 100;
/// Records that a new one may share blocks with: all are scored.
const MOST_CANDIDATES: usize = 20_000;
/// Runs whose scoring is kept.
const MOST_SCORINGS: usize = 4;

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

/// What scores records, kept for the runs that were asked for last.
#[derive(Default)]
pub(crate) struct Scorings {
    /// With the run of each, the last one loaded at the end.
    kept: Mutex<VecDeque<(String, Arc<Scoring>)>>,
}

impl Scorings {
    fn of(&self, stores: &Stores, run_id: &str) -> Result<Arc<Scoring>, ApiError> {
        if let Some((_, scoring)) = self.kept().iter().find(|(kept, _)| kept == run_id) {
            return Ok(Arc::clone(scoring));
        }
        // Nobody waits while it is loaded; two may load the same.
        let scoring = Arc::new(scoring(stores, &Manifest::load(stores, run_id)?)?);
        let mut kept = self.kept();
        kept.push_back((run_id.to_owned(), Arc::clone(&scoring)));
        if kept.len() > MOST_SCORINGS {
            kept.pop_front();
        }
        drop(kept);
        Ok(scoring)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(String, Arc<Scoring>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tables of one run, whatever is published meanwhile.
struct OfRun<'a> {
    tables: &'a Tables,
    publication: &'a Publication,
}

impl OfRun<'_> {
    fn query(&self, table: &str, sql: &str, parameters: &[Value]) -> Result<Vec<Map<String, Value>>, ApiError> {
        let mut versions = self.publication.tables.iter();
        match versions.find(|version| version.table == table) {
            Some(version) => self.tables.query_version(version, sql, parameters),
            None => {
                let names = self.publication.tables.iter().map(|version| version.table.as_str());
                Err(ApiError::not_found("table", table, names))
            }
        }
    }
}

/// The published records that a new one matches, heaviest first.
pub(crate) fn score(stores: &Stores, tables: &Tables, scorings: &Scorings, asked: Asked) -> Result<Value, ApiError> {
    let first = match asked.first.unwrap_or(USUAL_MATCHES) {
        first @ 1..=MOST_MATCHES => first,
        first => return Err(ApiError::limit(format!("first: found {first}, expected 1 to {MOST_MATCHES}"))),
    };
    let publication = publication(stores, &asked.job)?;
    let tables = OfRun { tables, publication: &publication };
    let scoring = scorings.of(stores, &publication.run_id)?;
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
    let ids = candidates(&tables, &scoring, &keys, other, &mut records)?;
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
    matches.truncate(first);
    let nodes = matches.into_iter().map(|(id, weight)| node(&tables, &scoring, other, id, weight));
    nodes.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Adds the records that share a block with the new one; answers their ids, one a record.
fn candidates(
    tables: &OfRun<'_>,
    scoring: &Scoring,
    keys: &[(usize, u64)],
    side: Side,
    records: &mut Records,
) -> Result<Vec<String>, ApiError> {
    let table = index_table(&scoring.job.name);
    let (table, most) = (&table, MOST_CANDIDATES + 1);
    let sql = format!("SELECT id, record FROM {} WHERE rule = ? AND key = ? AND side = ? LIMIT {most}", quoted(table));
    let mut ids = Vec::new();
    let mut seen = HashSet::new();
    for (rule, key) in keys {
        let parameters = [json!(rule), json!(key.cast_signed()), json!(side_letter(side))];
        for row in tables.query(table, &sql, &parameters)? {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (id, record) = (text("id"), text("record"));
            if seen.insert((id.clone(), record.clone())) {
                let values: Vec<Option<String>> = serde_json::from_str(&record)?;
                records.push(&scoring.linker, values.iter().map(Option::as_deref));
                ids.push(id);
            }
        }
        if ids.len() > MOST_CANDIDATES {
            let expected = "one with more of its columns, or a job with `max_block_pairs`";
            let found = format!("more than {MOST_CANDIDATES} records that share a block with it");
            return Err(ApiError::limit(format!("record: found {found}, expected {expected}")));
        }
    }
    Ok(ids)
}

/// A match with the record as its table has it.
fn node(tables: &OfRun<'_>, scoring: &Scoring, side: Side, id: &str, weight: f64) -> Result<Value, ApiError> {
    let table = table(scoring, side);
    let column = scoring.job.id_column(table)?;
    let sql = format!("SELECT * FROM {} WHERE {} = ?", quoted(table), quoted(column));
    let record = tables.query(table, &sql, &[json!(id)])?.into_iter().next();
    let missing = || ApiError {
        kind: ErrorKind::Internal,
        message: format!("table `{table}`: found no `{id}`, which its index has"),
    };
    let record = record.ok_or_else(missing)?;
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
