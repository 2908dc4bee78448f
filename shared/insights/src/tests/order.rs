//! The same questions to two files of the same rows: one with row groups, pages, statistics and its order declared, and
//! one without.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use parquet::file::{
    metadata::SortingColumn,
    properties::{EnabledStatistics, WriterProperties},
};
use serde_json::Value;

use super::{file_with, table};
use crate::{Engine, Table};

const ROWS: i64 = 120;

/// Keys, ascending, nulls first, every value three times.
fn keys() -> Vec<Option<i64>> {
    (0..ROWS).map(|row| (row >= 7).then_some(row / 3)).collect()
}

/// The tables `pruned` and `plain` of a key and the number of the row.
fn both(keys: &ArrayRef) -> [Table; 2] {
    assert_eq!(keys.len(), usize::try_from(ROWS).unwrap());
    let columns = || -> Vec<(&str, ArrayRef)> {
        // Rising within each key and falling from key to key, so that the order is not also that of the numbers.
        let numbers = (0..ROWS).map(|row| if row < 7 { row } else { 100 - row / 3 * 3 + row % 3 });
        vec![("key", Arc::clone(keys)), ("n", Arc::new(Int64Array::from_iter_values(numbers)))]
    };
    let sorted = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: true };
    let pruned = WriterProperties::builder()
        .set_max_row_group_row_count(Some(25))
        .set_data_page_row_count_limit(4)
        .set_write_batch_size(2)
        .set_sorting_columns(Some(vec![sorted(0), sorted(1)]));
    let plain = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None);
    [table("pruned", vec![file_with(columns(), pruned)]), table("plain", vec![file_with(columns(), plain)])]
}

const CLAUSES: [&str; 14] = [
    "WHERE key {} {}",
    "WHERE key {} {} ORDER BY key",
    "WHERE key {} {} ORDER BY key, n LIMIT 5",
    "WHERE key {} {} ORDER BY key, n, rowid",
    "WHERE key {} {} ORDER BY n LIMIT 5",
    "WHERE key {} {} ORDER BY key DESC, n",
    "WHERE key {} {} ORDER BY key, n DESC LIMIT 5",
    "WHERE key {} {} ORDER BY rowid LIMIT 5",
    "WHERE key {} {} ORDER BY rowid DESC LIMIT 5",
    "WHERE key {} {} AND rowid > 50 ORDER BY key, n",
    "WHERE key {} {} AND n <= 80 AND rowid > 20.5 ORDER BY rowid",
    "WHERE (key, n) {} ({}, 61) ORDER BY key, n LIMIT 9",
    "WHERE key {} {} OR key IS NULL ORDER BY key, n",
    "WHERE NOT key {} {} ORDER BY key, n LIMIT 5 OFFSET 2",
];

/// Every clause with every comparison with these values.
#[track_caller]
fn check(keys: &ArrayRef, values: &[String]) {
    let engine = Engine::open(both(keys).into()).unwrap();
    let ask = |table: &str, clause: &str| -> Vec<Vec<Value>> {
        engine.query(&format!("SELECT rowid, key, n FROM {table} {clause}")).unwrap().rows
    };
    for clause in CLAUSES {
        for comparison in ["=", "<", "<=", ">", ">="] {
            for value in values {
                let clause = clause.replacen("{}", comparison, 1).replacen("{}", value, 1);
                assert_eq!(ask("pruned", &clause), ask("plain", &clause), "{clause}");
            }
        }
    }
    for list in ["SELECT DISTINCT key FROM", "SELECT key, count(*), max(n) FROM"] {
        let [pruned, plain] = ["pruned", "plain"].map(|table| {
            let group = if list.contains("count") { "GROUP BY key" } else { "" };
            engine.query(&format!("{list} {table} {group} ORDER BY key")).unwrap().rows
        });
        assert_eq!(pruned, plain, "{list}");
    }
}

/// Values that are in the column, between those that are, and before and behind all.
fn values(of: impl Fn(i64) -> String) -> Vec<String> {
    let others = ["NULL", "''", "-1", "17", "17.5", "1e9", "x'00'", "'zzz'"].map(str::to_owned);
    [0, 2, 3, 8, 16, 25, 33, 39, 40].map(of).into_iter().chain(others).collect()
}

#[test]
fn texts() {
    let keys: ArrayRef = Arc::new(StringArray::from_iter(keys().into_iter().map(|key| Some(format!("k{:03}", key?)))));
    check(&keys, &values(|key| format!("'k{key:03}'")));
    check(&keys, &values(|key| format!("'k{key:03}0'")));
    // Texts longer than statistics keep.
    let long = |key: i64| format!("{}{key:03}", "l".repeat(70));
    let keys: ArrayRef = Arc::new(StringArray::from_iter((0..ROWS).map(|row| Some(long(row / 3)))));
    check(&keys, &values(|key| format!("'{}'", long(key))));
}

#[test]
fn integers() {
    let keys: ArrayRef = Arc::new(Int64Array::from(keys()));
    check(&keys, &values(|key| key.to_string()));
    check(&keys, &values(|key| format!("{key}.5")));
    check(&keys, &values(|key| format!("'{key}'")));
}

#[test]
fn dates_and_timestamps() {
    let days = |key: i64| i32::try_from(key).unwrap() * 20 + 19723;
    let keys_of_days: ArrayRef = Arc::new(Date32Array::from_iter(keys().into_iter().map(|key| key.map(days))));
    let date = |key| crate::dates::date_text(i64::from(days(key))).unwrap();
    check(&keys_of_days, &values(|key| format!("'{}'", date(key))));
    let instants = |key: i64| i64::from(days(key)) * 86_400_000_000 + 999;
    let keys: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from_iter(keys().into_iter().map(|key| key.map(instants))));
    check(&keys, &values(|key| format!("'{} 00:00:00.000'", date(key))));
}

#[test]
fn what_sorts_otherwise_in_sql() {
    // NaN is null in SQL, which comes first; days beyond the calendar are null as well.
    let reals = (0..ROWS).map(|row| if row > 100 { f64::NAN } else { f64::from(i32::try_from(row / 3).unwrap()) });
    let keys: ArrayRef = Arc::new(Float64Array::from_iter_values(reals));
    check(&keys, &values(|key| key.to_string()));
    let days = (0..ROWS).map(|row| if row > 100 { i32::MAX } else { i32::try_from(row / 3).unwrap() });
    check(&(Arc::new(Date32Array::from_iter_values(days)) as ArrayRef), &values(|key| format!("'1970-01-{key:02}'")));
}
