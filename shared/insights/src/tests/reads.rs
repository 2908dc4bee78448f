//! How much is read, and in how many reads.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::{ArrayRef, Int64Array, StringArray};
use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use parquet::file::{metadata::SortingColumn, properties::WriterProperties};

use super::{file, file_with};
use crate::{Engine, Table};

/// A file that counts reads and their bytes.
#[derive(Clone)]
struct Counted {
    bytes: Bytes,
    reads: Arc<AtomicU64>,
    read: Arc<AtomicU64>,
}

impl RangedRead for Counted {
    fn len(&self) -> u64 {
        RangedRead::len(&self.bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read_at(offset, buffer)?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Counted {
    fn new(bytes: Bytes) -> Self {
        Self { bytes, reads: Arc::default(), read: Arc::default() }
    }

    fn open(&self) -> Engine {
        Engine::open(vec![Table { name: "t".into(), files: vec![Arc::new(self.clone())] }]).unwrap()
    }

    /// Reads and bytes since the last call.
    fn taken(&self) -> (u64, u64) {
        (self.reads.swap(0, Ordering::Relaxed), self.read.swap(0, Ordering::Relaxed))
    }
}

/// Digits that hardly compress.
fn wide(row: u64) -> String {
    format!("{:x}", row.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[test]
fn only_needed_columns_and_groups_are_read() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..20_000))),
        ("wide", Arc::new(StringArray::from_iter_values((0..20_000).map(wide)))),
    ];
    let counted = Counted::new(file(columns, 1000));
    let whole = RangedRead::len(&counted);
    let engine = counted.open();
    let read_by = |sql: &str| {
        counted.taken();
        engine.query(sql).unwrap();
        counted.taken().1
    };
    assert!(read_by("SELECT max(wide), max(id) FROM t") > whole * 8 / 10);
    assert!(read_by("SELECT max(id) FROM t") < whole / 2);
    assert!(read_by("SELECT max(wide) FROM t WHERE id = 777") < whole / 10);
    assert!(read_by("SELECT max(wide) FROM t WHERE id >= 18000 AND id < 19000") < whole * 2 / 10);
    assert_eq!(read_by("SELECT count(*) FROM t"), 0);
}

const ROWS: u64 = 200_000;

/// Many wide columns sorted by the first two, in groups of pages.
fn sorted() -> Counted {
    let text = |of: &dyn Fn(u64) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values((0..ROWS).map(of))) };
    let mut columns =
        vec![("id_l", text(&|row| format!("{:07}", row / 3))), ("id_r", text(&|row| format!("{row:07}")))];
    columns.extend(["a", "b", "c", "d", "e", "f"].map(|name| (name, text(&wide))));
    let sorted = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: true };
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(16_384))
        .set_data_page_row_count_limit(1024)
        .set_dictionary_enabled(false)
        .set_sorting_columns(Some(vec![sorted(0), sorted(1)]));
    Counted::new(file_with(columns, properties))
}

#[test]
fn a_look_up_takes_three_reads_and_once_open_two() {
    let counted = sorted();
    let whole = RangedRead::len(&counted);
    let select = "SELECT * FROM t WHERE id_l = '0033333' ORDER BY id_l LIMIT 101";
    assert_eq!(counted.open().query(select).unwrap().rows.len(), 3);
    let (reads, _) = counted.taken();
    assert!(reads <= 3, "{reads} reads, cold");
    let engine = counted.open();
    assert_eq!(counted.taken().0, 1, "to open");
    for row in (0..ROWS).step_by(997) {
        let key = row / 3;
        let rows = engine.query(&format!("SELECT * FROM t WHERE id_l = '{key:07}'")).unwrap().rows;
        assert_eq!(rows[usize::try_from(row % 3).unwrap()][1], format!("{row:07}"));
        let (reads, read) = counted.taken();
        // A key may lie on both sides of a border between groups.
        let border = (key * 3) / 16_384 != (key * 3 + 2) / 16_384;
        assert!(reads <= if border { 4 } else { 2 }, "row {row}: {reads} reads");
        assert!(read < whole / 8, "row {row}: {read} of {whole} bytes");
    }
    assert!(engine.query("SELECT * FROM t WHERE id_l = 'nobody'").unwrap().rows.is_empty());
    assert_eq!(counted.taken().0, 0, "for what no group can hold");
}

#[test]
fn a_page_of_a_list_reads_little() {
    let counted = sorted();
    let engine = counted.open();
    let whole = RangedRead::len(&counted);
    for (clause, first) in [
        ("ORDER BY id_l LIMIT 101", "0000000"),
        ("WHERE id_l > '0030000' ORDER BY id_l LIMIT 101", "0090003"),
        ("WHERE id_l >= '0030000' AND (id_l, id_r) > ('0030000', '0090001') ORDER BY id_l, id_r LIMIT 101", "0090002"),
        ("WHERE (id_l, id_r) > ('0030000', '0090001') ORDER BY id_l, id_r LIMIT 101", "0090002"),
        ("WHERE rowid > 90001 ORDER BY rowid LIMIT 101", "0090002"),
        ("WHERE rowid >= 90001.5 AND rowid < 90200 ORDER BY rowid", "0090002"),
        ("WHERE rowid = 90001", "0090001"),
    ] {
        counted.taken();
        let rows = engine.query(&format!("SELECT id_r, a, e FROM t {clause}")).unwrap().rows;
        assert_eq!(rows[0][0], first, "{clause}");
        let (reads, read) = counted.taken();
        assert!(reads <= 2 && read < whole / 8, "{clause}: {reads} reads, {read} of {whole} bytes");
    }
}

#[test]
fn a_whole_column_takes_few_reads() {
    let counted = sorted();
    let engine = counted.open();
    counted.taken();
    engine.query("SELECT max(a), max(f) FROM t").unwrap();
    let (reads, _) = counted.taken();
    assert!(reads <= 2 * ROWS.div_ceil(16_384) + 2, "{reads} reads");
}
