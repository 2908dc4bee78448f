//! Joins, by scan and by index.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use bytes::Bytes;
use serde_json::json;

use super::{file, table};
use crate::Engine;

#[test]
fn large_joins_answer_by_index_what_small_ones_answer_by_scan() {
    let count = 3000_i64;
    let keys: Vec<Option<String>> = (0..count).map(|n| (n % 7 != 0).then(|| format!("k{}", n % 1500))).collect();
    let side = || {
        let texts: ArrayRef = Arc::new(StringArray::from(keys.clone()));
        file(vec![("key", texts), ("n", Arc::new(Int64Array::from_iter_values(0..count)))], 500)
    };
    // The reference computes both sides into SQLite's own tables first.
    let joins = ["a.key = b.key", "a.n = b.n", "a.key = b.key AND a.n < b.n", "a.n % 1500 = b.n AND b.key > 'k7'"];
    check_joins([vec![side()], vec![side()]], &joins);
}

#[test]
fn joins_of_texts_and_numbers_do_not_change_with_an_index() {
    let side = |digits: fn(i64) -> String| {
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..200).map(digits)));
        let reals: ArrayRef = Arc::new(Float64Array::from_iter_values((0..200).map(f64::from)));
        file(vec![("key", texts), ("n", Arc::new(Int64Array::from_iter_values(0..200))), ("real", reals)], 50)
    };
    let joins = ["a.n = b.key", "a.key = b.n", "a.real = b.key", "a.key = b.real", "a.n = b.real", "a.real = b.n"];
    check_joins([vec![side(|n| format!("{n:05}"))], vec![side(|n| format!("{n:05}"))]], &joins);
    check_joins([vec![side(|n| n.to_string())], vec![side(|n| format!("{n}.0"))]], &joins);
    // The class of the value changes from row to row.
    let mixed = "CASE a.n % 3 WHEN 0 THEN a.n WHEN 1 THEN a.key ELSE a.real END";
    let mixed = [format!("{mixed} = b.key"), format!("{mixed} = b.n")];
    check_joins(
        [vec![side(|n| format!("{n:05}"))], vec![side(|n| n.to_string())]],
        &mixed.each_ref().map(String::as_str),
    );
}

/// Joins two tables of the columns `key` and `n`, as they are and copied into SQLite's own tables.
#[track_caller]
fn check_joins([a, b]: [Vec<Bytes>; 2], joins: &[&str]) {
    let engine = Engine::open(vec![table("a", a), table("b", b)]).unwrap();
    for (join, kind) in joins.iter().flat_map(|join| ["JOIN", "LEFT JOIN"].map(|kind| (join, kind))) {
        let ask = |with: &str| {
            let sql =
                format!("{with} SELECT count(*), sum(a.n), sum(b.n * a.n), max(b.key) FROM a a {kind} b b ON {join}");
            engine.query(&sql).unwrap().rows
        };
        let stored = "WITH a AS MATERIALIZED (SELECT * FROM main.a), b AS MATERIALIZED (SELECT * FROM main.b)";
        assert_eq!(ask(""), ask(stored), "{kind} {join}");
    }
}

#[test]
fn frequent_keys_are_fetched_in_parts() {
    let ones = || file(vec![("one", Arc::new(Int64Array::from(vec![1; 2500])))], 1000);
    let engine = Engine::open(vec![table("a", vec![ones()]), table("b", vec![ones()])]).unwrap();
    let rows = engine.query("SELECT count(*) FROM (SELECT * FROM a LIMIT 9) a JOIN b ON a.one = b.one").unwrap().rows;
    assert_eq!(json!(rows), json!([[9 * 2500]]));
}
