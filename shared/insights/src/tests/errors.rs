//! Statements and tables that cannot be answered, and the words they are refused with.

use std::{
    io,
    sync::{Arc, Mutex},
};

use arrow_array::{Int64Array, StringArray};
use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use serde_json::json;

use super::{engine, file, table};
use crate::{Engine, SqlError, Table};

#[test]
fn mistakes_are_explained() {
    for (sql, expected) in [
        (
            "SELECT prize FROM sales",
            "no such column: prize; there are tables `cities` (`name`, `Order`), `sales` (`id`, `price`, `city`, `day`, `seen_at`, `sold`)",
        ),
        ("SELECT 1 FROM sale", "no such table: sale; there are tables `cities`, `sales`"),
        ("DELETE FROM sales", "the statement cannot be run"),
        ("DROP TABLE sales", "only one statement that reads is allowed, such as SELECT or WITH"),
        ("ATTACH 'x.sqlite' AS x", "only one statement that reads is allowed, such as SELECT or WITH"),
        ("CREATE TABLE x (a)", "only one statement that reads is allowed, such as SELECT or WITH"),
        ("SELECT 1; SELECT 2", "the statement cannot be run"),
        ("SELECT date_trunc('fortnight', day) FROM sales", "the statement cannot be run"),
        ("", "only one statement that reads is allowed, such as SELECT or WITH"),
    ] {
        assert_eq!(engine().query(sql).unwrap_err().to_string(), expected, "{sql}");
    }
    let error = engine().query("SELECT date_trunc('fortnight', day) FROM sales").unwrap_err();
    let SqlError::Statement { source } = error else { panic!("{error}") };
    assert!(source.to_string().contains("`fortnight` is none of `millisecond`"), "{source}");
}

#[test]
fn bad_tables_are_errors() {
    let open = |table| Engine::open(vec![table]).map(|_| ()).unwrap_err();
    assert!(matches!(open(table("t", vec![])), SqlError::NoFiles { .. }));
    assert!(matches!(open(table("t", vec![Bytes::from_static(b"no")])), SqlError::File { file: 1, .. }));
    let integers = || file(vec![("a", Arc::new(Int64Array::from(vec![1])))], 1);
    let texts = file(vec![("a", Arc::new(StringArray::from(vec!["1"])))], 1);
    let error = open(table("t", vec![integers(), texts]));
    assert_eq!(error.to_string(), "table `t`, file 2: columns are `a Utf8`, expected `a Int64` as in file 1");
    let mut damaged = integers().to_vec();
    damaged[4..30].fill(0xff);
    let engine = Engine::open(vec![table("t", vec![damaged.into()])]).unwrap();
    assert!(matches!(engine.query("SELECT sum(a) FROM t"), Err(SqlError::File { file: 1, .. })));
}

/// A file whose storage fails while `failure` names how.
struct Failing {
    bytes: Bytes,
    failure: Mutex<Option<io::ErrorKind>>,
}

impl RangedRead for Failing {
    fn len(&self) -> u64 {
        RangedRead::len(&self.bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let failure = *self.failure.lock().unwrap();
        failure.map_or_else(|| self.bytes.read_at(offset, buffer), |kind| Err(kind.into()))
    }
}

#[test]
fn failing_storage_is_told_from_damaged_files() {
    let bytes = file(vec![("a", Arc::new(Int64Array::from_iter_values(0..10)))], 5);
    let failing = Arc::new(Failing { bytes: bytes.clone(), failure: Mutex::default() });
    let failing_table =
        || Table { name: "t".into(), files: vec![Arc::new(bytes.clone()), Arc::<Failing>::clone(&failing)] };
    let engine = Engine::open(vec![failing_table(), table("other", vec![bytes.clone()])]).unwrap();
    for (kind, transient) in [
        (io::ErrorKind::TimedOut, true),
        (io::ErrorKind::WouldBlock, true),
        (io::ErrorKind::ResourceBusy, true),
        (io::ErrorKind::NotFound, false),
    ] {
        *failing.failure.lock().unwrap() = Some(kind);
        let opening = Engine::open(vec![failing_table()]).map(|_| ()).unwrap_err();
        let asked = engine.query("SELECT sum(o.a), sum(t.a) FROM other o JOIN t ON o.a = t.a");
        for error in [opening, asked.unwrap_err()] {
            assert_eq!(error.to_string(), "table `t`, file 2: cannot be read", "{kind}");
            assert_eq!(error.is_transient(), transient, "{kind}: {error:?}");
        }
        *failing.failure.lock().unwrap() = None;
        assert_eq!(json!(engine.query("SELECT sum(a) FROM t").unwrap().rows), json!([[90]]));
    }
    let mistake = engine.query("SELECT 1; SELECT 2").unwrap_err();
    assert!(!mistake.is_transient());
    let full = |_: &[String], _: &[serde_json::Value]| Err(io::ErrorKind::WouldBlock.into());
    assert!(engine.query_each("SELECT a FROM t", &mut { full }).unwrap_err().is_transient());
}

#[test]
fn the_sink_may_stop() {
    let mut seen = 0;
    let result = engine().query_each("SELECT id FROM sales", &mut |columns, row| {
        assert_eq!((columns, row), (["id".to_owned()].as_slice(), [json!(1)].as_slice()));
        seen += 1;
        Err(io::Error::other("enough"))
    });
    assert!(matches!(result, Err(SqlError::Sink { .. })));
    assert_eq!(seen, 1);
}
