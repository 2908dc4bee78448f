//! Queries over small Parquet files, as tables of statement and answer.

mod errors;
mod joins;
mod order;
mod reads;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use parquet::{
    arrow::ArrowWriter,
    file::properties::{WriterProperties, WriterPropertiesBuilder},
};
use serde_json::{Value, json};

use crate::{
    Engine, Table,
    opened::OpenTable,
    pruning::{Bound, Comparison, Condition},
};

/// A Parquet file in memory with so many rows a row group.
fn file(columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> Bytes {
    file_with(columns, WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)))
}

fn file_with(columns: Vec<(&str, ArrayRef)>, properties: WriterPropertiesBuilder) -> Bytes {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes.into()
}

fn table(name: &str, files: Vec<Bytes>) -> Table {
    let files = files.into_iter().map(|file| Arc::new(file) as Arc<dyn RangedRead>).collect();
    Table { name: name.to_owned(), files }
}

/// Days 19723 to 19727 are Monday 2024-01-01 to Friday 2024-01-05.
fn sales() -> Table {
    let part = |ids: Vec<i64>, prices: Vec<Option<f64>>, cities: Vec<Option<&str>>, days: Vec<i32>| {
        let instants: Vec<i64> = days.iter().map(|day| i64::from(*day) * 86_400_000_000 + 3_723_004_567).collect();
        let sold: Vec<Option<bool>> = ids.iter().map(|id| (id % 3 != 0).then_some(id % 2 == 0)).collect();
        file(
            vec![
                ("id", Arc::new(Int64Array::from(ids))),
                ("price", Arc::new(Float64Array::from(prices))),
                ("city", Arc::new(StringArray::from(cities))),
                ("day", Arc::new(Date32Array::from(days))),
                ("seen_at", Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC"))),
                ("sold", Arc::new(BooleanArray::from(sold))),
            ],
            2,
        )
    };
    let first = part(
        vec![1, 2, 3],
        vec![Some(10.5), None, Some(f64::NAN)],
        vec![Some("Ayr"), None, Some("Bath")],
        vec![19723, 19727, 19730],
    );
    let second = part(vec![4, 5], vec![Some(20.0), Some(0.1)], vec![Some("Ayr"), Some("Ça")], vec![19731, -1]);
    table("sales", vec![first, second])
}

fn engine() -> Engine {
    let cities = file(
        vec![
            ("name", Arc::new(StringArray::from(vec!["Ayr", "Bath"]))),
            ("Order", Arc::new(Int64Array::from(vec![7, 8]))),
        ],
        10,
    );
    Engine::open(vec![sales(), table("cities", vec![cities])]).unwrap()
}

#[track_caller]
fn check(sql: &str, expected: Value) {
    let rows = engine().query(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}")).rows;
    assert_eq!(json!(rows), expected, "{sql}");
}

#[track_caller]
fn check_value(expression: &str, expected: Value) {
    check(&format!("SELECT {expression}"), json!([[expected]]));
}

#[test]
fn types_appear_as_documented() {
    check(
        "SELECT * FROM sales ORDER BY id",
        json!([
            [1, 10.5, "Ayr", "2024-01-01", "2024-01-01 01:02:03.004", 0],
            [2, null, null, "2024-01-05", "2024-01-05 01:02:03.004", 1],
            [3, null, "Bath", "2024-01-08", "2024-01-08 01:02:03.004", null],
            [4, 20.0, "Ayr", "2024-01-09", "2024-01-09 01:02:03.004", 1],
            [5, 0.1, "Ça", "1969-12-31", "1969-12-31 01:02:03.004", 0],
        ]),
    );
    check(
        "SELECT DISTINCT typeof(id), typeof(day), typeof(sold) FROM sales WHERE id = 1",
        json!([["integer", "text", "integer"]]),
    );
    let rows = engine().query("SELECT id AS number, count(*) FROM sales WHERE id > 9 GROUP BY id").unwrap();
    assert_eq!(rows.columns, ["number", "count(*)"]);
    assert_eq!(rows.rows, Vec::<Vec<Value>>::new());
}

#[test]
fn conditions_select_the_same_rows_with_and_without_pruning() {
    let conditions = [
        "id = 4",
        "id >= 4",
        "id > 4",
        "id < 2",
        "id <= 2",
        "id = 4.0",
        "id > 3.5",
        "id = '4'",
        "price = 20",
        "price < 1",
        "city = 'Ayr'",
        "city > 'B'",
        "city = 'ayr'",
        "city = 'ayr' COLLATE NOCASE",
        "city = 4",
        "day = '2024-01-09'",
        "day >= '2024-01-08'",
        "seen_at < '2024'",
        "seen_at >= '2024-01-08 01:02:03.004'",
        "sold = 1",
        "id IN (1, 5, 9)",
        "id = 1 OR city = 'Bath'",
        "id = 2 OR day = '2024-01-05' OR id = 5",
        "id = NULL",
        "id = 9223372036854775807",
        "price > 1e300",
        "id BETWEEN 2 AND 3",
        "city IS NULL",
        "4 = id",
        "rowid = 3",
        "rowid >= 3",
    ];
    for condition in conditions {
        let pruned = engine().query(&format!("SELECT id FROM sales WHERE {condition} ORDER BY id")).unwrap();
        // A CTE that must be computed first sees every row.
        let all = format!(
            "WITH everything AS MATERIALIZED (SELECT rowid AS rowid, * FROM sales)
             SELECT id FROM everything WHERE {condition} ORDER BY id"
        );
        // A subquery's column keeps its affinity, so both ask the same.
        let all = if condition.starts_with("rowid") { None } else { Some(engine().query(&all).unwrap()) };
        assert!(all.is_none_or(|all| all == pruned), "{condition}: {pruned:?}");
    }
    check("SELECT id FROM sales WHERE rowid = 3", json!([[4]]));
    check("SELECT rowid, id FROM sales WHERE id = 5", json!([[4, 5]]));
}

#[test]
fn weeks_group_by_monday() {
    check(
        "SELECT date_trunc('week', day) AS week, count(*) FROM sales GROUP BY 1 ORDER BY 1",
        json!([["1969-12-29", 1], ["2024-01-01", 2], ["2024-01-08", 2]]),
    );
}

#[test]
fn tables_join() {
    check(
        "SELECT c.\"Order\", count(*) FROM sales s JOIN cities c ON s.city = c.name GROUP BY 1 ORDER BY 1",
        json!([[7, 2], [8, 1]]),
    );
    check("SELECT count(*) FROM sales a, sales b WHERE a.id = b.id", json!([[5]]));
    check("SELECT count(*) FROM sales", json!([[5]]));
}

#[test]
fn aggregates() {
    let values = |list: &str| format!("FROM (SELECT column1 AS x FROM (VALUES {list}))");
    let cases = [
        ("approx_percentile(x, 0.5)", "(3), (1), (2)", json!(2.0)),
        ("approx_percentile(x, 0.5)", "(4), (1), (2), (3.0)", json!(2.5)),
        ("approx_percentile(x, 0.5)", "(NULL), (7)", json!(7.0)),
        ("approx_percentile(x, 0.5)", "(NULL)", json!(null)),
        ("approx_percentile(x, 0)", "(4), (1), (2)", json!(1.0)),
        ("approx_percentile(x, 1)", "(4), (1), (2)", json!(4.0)),
        ("approx_percentile(x, 0.25)", "(0), (10)", json!(2.5)),
        ("stddev(x)", "(2), (4), (4), (4), (5), (5), (7), (9), (NULL)", json!(2.138_089_935_299_395)),
        ("stddev_pop(x)", "(2), (4), (4), (4), (5), (5), (7), (9)", json!(2.0)),
        ("var_pop(x)", "(2), (4), (4), (4), (5), (5), (7), (9)", json!(4.0)),
        ("stddev(x)", "(1)", json!(null)),
        ("count_if(x > 1)", "(1), (2), (NULL), (3)", json!(2)),
        ("bool_or(x > 2)", "(1), (2), (NULL), (3)", json!(1)),
        ("bool_and(x > 2)", "(1), (3)", json!(0)),
        ("bool_and(x > 2)", "(NULL)", json!(null)),
    ];
    for (call, list, expected) in cases {
        check(&format!("SELECT {call} {}", values(list)), json!([[expected]]));
    }
    check("SELECT count_if(id > 0), approx_percentile(id, 0.5) FROM sales WHERE id > 99", json!([[0, null]]));
}

#[test]
fn functions_of_time() {
    for (expression, expected) in [
        ("date_trunc('month', '2024-02-29')", json!("2024-02-01")),
        ("date_trunc('quarter', '2024-06-30')", json!("2024-04-01")),
        ("date_trunc('year', '2024-06-30 10:11:12')", json!("2024-01-01 00:00:00.000")),
        ("date_trunc('HOUR', '2024-06-30T10:11:12.5Z')", json!("2024-06-30 10:00:00.000")),
        ("date_trunc('week', '2024-01-07')", json!("2024-01-01")),
        ("date_trunc('day', NULL)", json!(null)),
        ("date_diff('day', '2024-02-28', '2024-03-01')", json!(2)),
        ("date_diff('day', '2024-03-01', '2024-02-28 12:00:00')", json!(-1)),
        ("date_diff('month', '2024-01-31', '2024-02-29')", json!(1)),
        ("date_diff('month', '2024-01-15', '2024-02-14')", json!(0)),
        ("date_diff('month', '2024-02-14', '2024-01-15')", json!(0)),
        ("date_diff('year', '2020-02-29', '2024-02-29')", json!(4)),
        ("date_diff('week', '2024-01-01', '2024-01-15')", json!(2)),
        ("date_add('month', 1, '2024-01-31')", json!("2024-02-29")),
        ("date_add('day', -1, '2024-03-01')", json!("2024-02-29")),
        ("date_add('millisecond', 2592000000, '2024-03-01 00:00:00')", json!("2024-03-31 00:00:00.000")),
        ("date_add('second', -4294967296, '2024-03-01 00:00:00')", json!("1888-01-23 17:31:44.000")),
        ("date_add('day', 9223372036854775807, '2024-03-01')", json!(null)),
        ("date_add('hour', 25, '2024-03-01 00:00:00')", json!("2024-03-02 01:00:00.000")),
        ("year('2024-03-02')", json!(2024)),
        ("month('2024-03-02')", json!(3)),
        ("day('2024-03-02 23:00:00')", json!(2)),
        ("week('2021-01-03')", json!(53)),
        ("day_of_week('2024-01-07')", json!(7)),
        ("hour('2024-03-02 23:00:00')", json!(23)),
    ] {
        check_value(expression, expected);
    }
}

#[test]
fn functions_of_text_and_numbers() {
    for (expression, expected) in [
        ("split_part('a-b-c', '-', 2)", json!("b")),
        ("split_part('a-b-c', '-', 4)", json!(null)),
        ("strpos('Straße 9', '9')", json!(8)),
        ("strpos('abc', 'x')", json!(0)),
        ("starts_with('abc', 'ab')", json!(1)),
        ("reverse('aç')", json!("ça")),
        ("concat('a', 1, 'b')", json!("a1b")),
        ("concat('a', NULL)", json!(null)),
        ("substring('abcd', 2, 2)", json!("bc")),
        ("regexp_like('Apt 4', '\\d+$')", json!(1)),
        ("regexp_extract('Apt 42 B', '(\\d+) (\\w)', 2)", json!("B")),
        ("greatest(1, 2.5, 2)", json!(2.5)),
        ("least('b', 'a')", json!("a")),
        ("greatest(1, NULL)", json!(null)),
        ("log2(8)", json!(3.0)),
        ("power(2, 10)", json!(1024.0)),
        ("ln(0)", json!(null)),
        ("floor(-1.5)", json!(-2.0)),
        ("1e999", json!(null)),
        ("9007199254740993", json!(9_007_199_254_740_993_i64)),
        ("0.1 + 0.2", json!(0.300_000_000_000_000_04)),
    ] {
        check_value(expression, expected);
    }
}

#[test]
fn statistics_refute_row_groups() {
    let table = OpenTable::open(&sales()).unwrap();
    let groups = |column, comparison, value| {
        let conditions = [Condition { column: Some(column), comparison, value }];
        let possible = |group: &usize| !table.possible_rows(*group, &conditions).is_empty();
        (0..table.groups.len()).filter(possible).collect::<Vec<_>>()
    };
    let text = |text: &str| Bound::Text(text.into());
    // Groups hold the ids 1 and 2, 3, 4 and 5.
    for (column, comparison, value, expected) in [
        (0, Comparison::Equal, Bound::Integer(3), vec![1]),
        (0, Comparison::AtLeast, Bound::Integer(4), vec![2]),
        (0, Comparison::AtMost, Bound::Real(2.5), vec![0]),
        (0, Comparison::Equal, text("3"), vec![0, 1, 2]),
        (2, Comparison::Equal, text("Bath"), vec![1, 2]),
        (3, Comparison::AtLeast, text("2024-01-09"), vec![2]),
        (4, Comparison::AtMost, text("2024-01-01 23"), vec![0, 2]),
        // The second group has but a null there, and booleans have no bounds.
        (5, Comparison::Equal, Bound::Integer(1), vec![0, 2]),
    ] {
        assert_eq!(groups(column, comparison, value.clone()), expected, "column {column} {comparison:?} {value:?}");
    }
}
