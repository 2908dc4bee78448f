//! Columns that name rows: which one is the key of a table, and which mean nothing outside of it.

use std::collections::BTreeSet;

use super::TableSample;
use super::kind::Kind;
use super::profile::{Profile, cell};
use crate::standardize::Standardizer;

/// The least share of the values of one table that another table has as well, if both mean the same by them.
const SHARED: f64 = 0.05;

/// The column that names the rows: one with a different value in every row, of those that are called so the first, else
/// the first that looks like a key.
pub(super) fn id_column(profiles: &[Profile]) -> Option<usize> {
    let unique = |place: &usize| profiles[*place].is_unique();
    let called = |place: &usize| profiles[*place].heading.kind() == Some(Kind::Identifier);
    let looks =
        |place: &usize| matches!(profiles[*place].kind, Kind::Code | Kind::Identifier) || profiles[*place].counter;
    let mut places = (0..profiles.len()).filter(unique);
    places.clone().find(called).or_else(|| places.find(looks))
}

/// Whether a column says nothing about what its rows are: a key or counter whose values no column of the other table
/// shares.
pub(super) fn is_surrogate(
    profile: &Profile,
    table: &TableSample,
    column: usize,
    other: Option<(&TableSample, &[Profile])>,
) -> bool {
    let is_key = profile.is_unique() || profile.counter || profile.kind == Kind::Identifier;
    let keyed = matches!(profile.kind, Kind::Code | Kind::Identifier);
    // House numbers and years may run on as a counter does.
    let counts = profile.counter && profile.kind == Kind::Number;
    if !is_key || !(keyed || counts) {
        return false;
    }
    let Some((other, profiles)) = other else { return true };
    let values = plain_values(table, column);
    let shares = |(place, profile): (usize, &Profile)| {
        matches!(profile.kind, Kind::Code | Kind::Identifier) && overlap(&values, &plain_values(other, place)) >= SHARED
    };
    profile.counter || !profiles.iter().enumerate().any(shares)
}

/// The distinct values of a column, letters and digits alone.
pub(super) fn plain_values(table: &TableSample, column: usize) -> BTreeSet<String> {
    let read = |value: &str| Standardizer::Text.apply(value).into_iter().next().flatten();
    table.rows.iter().filter_map(|row| read(cell(row, column)?)).collect()
}

/// Shared values over the values of the smaller set.
pub(super) fn overlap(left: &BTreeSet<String>, right: &BTreeSet<String>) -> f64 {
    let shared = left.intersection(right).count();
    shared as f64 / left.len().min(right.len()).max(1) as f64
}
