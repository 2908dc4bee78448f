//! Queries over small Parquet files, as tables of SQL and answer.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use bytes::Bytes;
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use crate::{Engine, Table};

/// `t(id, day, seen, x)` of 6 rows in row groups of 2.
fn engine() -> Engine {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(vec!["a", "b", "c", "d", "e", "f"]))),
        ("day", Arc::new(Date32Array::from(vec![Some(19_447), Some(19_443), Some(19_442), None, Some(0), Some(-1)]))),
        ("seen", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_000, 1, -1, 86_400_000_000, 0]).with_timezone("UTC"))),
        ("x", Arc::new(Float64Array::from(vec![Some(1.0), Some(2.0), Some(3.0), Some(10.0), None, None]))),
        ("n", Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5, 6]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let mut file = Vec::new();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).expect("a valid schema");
    writer.write(&batch).expect("memory");
    writer.close().expect("memory");
    Engine::open(vec![Table { name: "t".to_owned(), files: vec![Arc::new(Bytes::from(file))] }]).expect("a table")
}

fn check(sql: &str, expected: &str) {
    let rows = engine().query(sql).map(|rows| serde_json::to_string(&rows.rows).expect("JSON"));
    assert_eq!(rows.map_err(|error| error.to_string()), Ok(expected.to_owned()), "{sql}");
}

#[test]
fn values_keep_their_meaning() {
    check("SELECT * FROM t WHERE id = 'a'", r#"[["a","2023-03-31","1970-01-01 00:00:00.000",1.0,1]]"#);
    check("SELECT seen FROM t WHERE id IN ('c', 'd')", r#"[["1970-01-01 00:00:00.000001"],["1969-12-31 23:59:59.999999"]]"#);
    check("SELECT day, x FROM t WHERE id = 'd'", "[[null,10.0]]");
    check("SELECT count(*) FROM t", "[[6]]");
}

#[test]
fn comparisons_skip_nothing_that_matches() {
    check("SELECT id FROM t WHERE id >= 'c' AND id < 'e'", r#"[["c"],["d"]]"#);
    check("SELECT id FROM t WHERE n = 4", r#"[["d"]]"#);
    check("SELECT id FROM t WHERE x > 2.5", r#"[["c"],["d"]]"#);
    check("SELECT a.id FROM t a JOIN t b ON a.n = b.n + 4", r#"[["e"],["f"]]"#);
    check("SELECT id FROM t WHERE id > 'z'", "[]");
}

#[test]
fn athena_functions_answer_as_athena_does() {
    check("SELECT date_trunc('week', day) FROM t WHERE day IS NOT NULL ORDER BY id", r#"[["2023-03-27"],["2023-03-27"],["2023-03-20"],["1969-12-29"],["1969-12-29"]]"#);
    check("SELECT date_trunc('month', seen) FROM t WHERE id = 'e'", r#"[["1970-01-01 00:00:00.000"]]"#);
    check("SELECT date_diff('day', '2023-04-01', '2023-05-01')", "[[30]]");
    check("SELECT approx_percentile(x, 0.5), approx_percentile(x, 0), approx_percentile(x, 1) FROM t", "[[2.5,1.0,10.0]]");
    check("SELECT approx_percentile(x, 0.5) FROM t WHERE id > 'z'", "[[null]]");
    check("SELECT year('2023-04-01'), strpos('abc', 'c'), split_part('a-b', '-', 2)", "[[2023,3,\"b\"]]");
}

#[test]
fn mistakes_name_what_exists() {
    let message = |sql: &str| engine().query(sql).expect_err(sql).to_string();
    assert_eq!(message("SELECT * FROM u"), "no such table: u; the tables are `t`");
    assert!(message("SELECT y FROM t").ends_with("the columns are: `t` (`id`, `day`, `seen`, `x`, `n`)"));
    assert!(message("SELECT date_trunc('era', day) FROM t").contains("found unit `era`, expected `day`, `week`"));
    assert!(message("DROP TABLE t").contains("readonly") || message("DROP TABLE t").contains("read"));
}
