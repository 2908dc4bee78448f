//! Splink models without Splink: scores pairs with one, writes one again, or trains its comparisons.
//!
//! ```text
//! splink_score score MODEL RECORDS PAIRS   match weights of pairs, as CSV: id_l, id_r, match_weight
//! splink_score write MODEL                 the model as Lotline writes it for Splink
//! splink_score train MODEL RECORDS         the same comparisons as Lotline trains them, written for Splink
//! ```
//!
//! RECORDS is a CSV file with a header and a column `unique_id`; empty cells are null. PAIRS is one with the columns
//! `unique_id_l` and `unique_id_r`.

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;

use lotline_linkage::memory::InMemory;
use lotline_linkage::{LinkSettings, Linker, Model, Records, Scorer, Scratch, Side, splink};

const USAGE: &str = "splink_score score MODEL RECORDS PAIRS | write MODEL | train MODEL RECORDS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = std::io::stdout().lock();
    match arguments.as_slice() {
        ["score", model, records, pairs] => score(&read(model)?, records, pairs, &mut out),
        ["write", model] => {
            let (settings, model) = read(model)?;
            Ok(writeln!(out, "{}", splink::write(&settings, &model)?)?)
        }
        ["train", model, records] => {
            let (settings, _) = read(model)?;
            Ok(writeln!(out, "{}", splink::write(&settings, &train(&settings, records)?)?)?)
        }
        _ => Err(USAGE.into()),
    }
}

fn read(path: &str) -> Result<(LinkSettings, Model), Box<dyn Error>> {
    Ok(splink::read(&std::fs::read_to_string(path)?)?)
}

/// Hands over the id of every row and the cells of these columns.
fn each_row(path: &str, columns: &[String], mut each: impl FnMut(&str, &[Option<&str>])) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place = |name: &str| {
        header.iter().position(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| format!("no column `{name}`"))
    };
    let id = place("unique_id")?;
    let places = columns.iter().map(|column| place(column)).collect::<Result<Vec<_>, _>>()?;
    for row in reader.records() {
        let row = row?;
        let cells: Vec<Option<&str>> =
            places.iter().map(|place| row.get(*place).filter(|cell| !cell.is_empty())).collect();
        each(&row[id], &cells);
    }
    Ok(())
}

fn score(
    (settings, model): &(LinkSettings, Model),
    records_path: &str,
    pairs_path: &str,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let linker = Linker::new(settings)?;
    let (mut records, mut scratch) = (Records::new(&linker), Scratch::default());
    let mut places = HashMap::new();
    // Counted to the last record, as Splink does it.
    let mut counts: Vec<HashMap<String, f64>> = vec![HashMap::new(); linker.terms().len()];
    each_row(records_path, linker.columns(Side::Left), |id, row| {
        linker.project(Side::Left, row, &mut scratch, |values, _| {
            places.insert(id.to_owned(), records.len());
            records.push(&linker, values.iter());
            for (counts, field) in counts.iter_mut().zip(linker.terms()) {
                if let Some(value) = values.get(*field) {
                    *counts.entry(value.to_owned()).or_default() += 1.0;
                }
            }
        });
    })?;
    let totals: Vec<f64> = counts.iter().map(|counts| counts.values().sum()).collect();
    records.give_terms(&linker, |term, value| counts[term].get(value).map_or(0.0, |count| count / totals[term]));
    let scorer = Scorer::new(&linker, model, f64::NEG_INFINITY);
    writeln!(out, "unique_id_l,unique_id_r,match_weight")?;
    let mut reader = csv::Reader::from_path(pairs_path)?;
    for row in reader.records() {
        let row = row?;
        let place = |id: &str| places.get(id).copied().ok_or_else(|| format!("no record `{id}`"));
        let weighed = scorer.weigh(&records, place(&row[0])?, place(&row[1])?);
        let (weight, _) = weighed.ok_or("a pair has no weight")?;
        writeln!(out, "{},{},{weight}", &row[0], &row[1])?;
    }
    Ok(())
}

fn train(settings: &LinkSettings, records_path: &str) -> Result<Model, Box<dyn Error>> {
    let linker = Linker::new(settings)?;
    let mut memory = InMemory::new(&linker);
    each_row(records_path, linker.columns(Side::Left), |id, row| memory.push(Side::Left, id, row))?;
    let mut model = memory.train()?.0;
    // Splink has no form for comparisons that depend on each other.
    model.interactions.clear();
    Ok(model)
}
