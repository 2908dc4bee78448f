//! Which standardizer reads the columns of a field.

use std::collections::BTreeMap;

use super::TableSample;
use super::headings::Heading;
use super::kind::Kind;
use super::profile::cell;
use crate::standardize::Standardizer;

/// The least share of the values of a side that a standardizer has to read.
const READABLE: f64 = 0.8;
/// The least share of values of one form, digits for digits, that makes it the form of a column.
const ONE_FORM: f64 = 0.9;
/// The most values of a column that are tried.
const MOST_VALUES: usize = 1_000;

/// Chooses for the columns of a field, each with its table. Dates all written in one form are read as digits, so that a
/// wrong digit stays one.
pub(super) fn standardizer(kind: Kind, columns: &[(&TableSample, &str)]) -> Standardizer {
    let values: Vec<Vec<&str>> = columns.iter().map(|(table, column)| values(table, column)).collect();
    let (wished, otherwise) = match kind {
        Kind::Date if one_form(&values) => return Standardizer::Digits,
        Kind::Date => (Standardizer::Date, Standardizer::Digits),
        Kind::Phone => (Standardizer::Phone, Standardizer::Digits),
        Kind::Email => (Standardizer::Email, Standardizer::Text),
        Kind::Postcode => (Standardizer::PostcodeGb, Standardizer::Text),
        Kind::Code if columns.iter().any(|(_, column)| is_parcel(column)) => (Standardizer::Parcel, Standardizer::Text),
        _ => return kind.standardizer(),
    };
    let reads = |values: &Vec<&str>| {
        let read = values.iter().filter(|value| wished.apply(value).first().is_some_and(Option::is_some)).count();
        read as f64 >= READABLE * values.len() as f64
    };
    if values.iter().all(reads) { wished } else { otherwise }
}

fn values<'t>(table: &'t TableSample, column: &str) -> Vec<&'t str> {
    let Some(place) = table.columns.iter().position(|known| known == column) else { return Vec::new() };
    let step = table.rows.len().div_ceil(MOST_VALUES).max(1);
    table.rows.iter().step_by(step).filter_map(|row| cell(row, place)).collect()
}

/// Whether nearly all values of all columns have the same signs in the same places.
fn one_form(columns: &[Vec<&str>]) -> bool {
    let form = |value: &&str| {
        value.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect::<String>()
    };
    let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (side, values) in columns.iter().enumerate() {
        for value in values {
            counts.entry(form(value)).or_insert_with(|| vec![0.0; columns.len()])[side] += 1.0 / values.len() as f64;
        }
    }
    counts.iter().any(|(form, shares)| form.len() <= 10 && shares.iter().all(|share| *share >= ONE_FORM))
}

fn is_parcel(column: &str) -> bool {
    Heading::of(column).words.iter().any(|word| matches!(word.as_str(), "parcel" | "apn" | "bbl" | "folio" | "pin"))
}
