//! Sorting, shuffling and digests against plain Rust over the same rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Field, Schema, SchemaRef, SortOptions};
use lotline_store::{SettingsFiles, Stores};
use proptest::prelude::*;

use crate::{
    Input, Job, Manifest,
    digest::TableDigest,
    shuffle::Shuffle,
    sort::{Merge, Order, Sorter},
    tables::TableFile,
};

/// A nullable number and a text.
type Row = (Option<i64>, String);

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("number", DataType::Int64, true), Field::new("text", DataType::Utf8, false)]))
}

fn batch(rows: &[Row]) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.0)));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.1)));
    RecordBatch::try_new(schema(), vec![numbers, texts]).expect("equal lengths")
}

fn rows(batch: &RecordBatch) -> Vec<Row> {
    let numbers = batch.column(0).as_primitive::<Int64Type>().iter();
    numbers.zip(batch.column(1).as_string::<i32>()).map(|(n, t)| (n, t.unwrap_or_default().to_owned())).collect()
}

fn stores(folder: &tempfile::TempDir) -> Stores {
    Stores::local(folder.path()).expect("a lake")
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((prop::option::of(-3_i64..3), "[ab]{0,2}"), 0..60)
}

#[test]
fn the_same_files_in_any_order_are_one_run_with_one_order() {
    let table = "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n";
    let files: SettingsFiles = [("job.toml", "name = \"j\"\n[sources.rows]\n"), ("tables/rows.toml", table)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let job = Job::parse("j", &files).expect("a valid job");
    let input = |name: &str| Input {
        path: format!("{name}.csv"),
        in_lake: false,
        version: None,
        sha256: name.repeat(64),
        bytes: 1,
    };
    let planned = |names: [&str; 2]| {
        let inputs = [("rows".to_owned(), names.map(input).to_vec())].into();
        Manifest::new("j", &job, files.clone(), inputs, 1 << 20)
    };
    assert_eq!(planned(["a", "b"]), planned(["b", "a"]));
    assert_ne!(planned(["a", "b"]).run_id, planned(["a", "c"]).run_id);
}

#[test]
fn more_spilled_parts_than_are_read_at_once_are_merged_in_passes() {
    let all: Vec<Row> = (0..300).map(|row| (Some(row * 7_919 % 300), "row".to_owned())).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let stores = stores(&folder);
    let order = Order::ascending([0]);
    let mut sorter = Sorter::new(&*stores.objects, "runs/sort".to_owned(), &schema(), order, 0).expect("a sorter");
    let mut shuffle = Shuffle::new(&*stores.objects, "runs/shuffle", &schema(), 2, 0);
    for row in all.chunks(1) {
        sorter.push(batch(row)).expect("room");
        shuffle.push(&batch(row), &[u32::from(row[0].0 > Some(99))]).expect("room");
    }
    let sorted: Vec<Row> = sorter.finish().expect("streams").flat_map(|batch| rows(&batch.expect("rows"))).collect();
    assert!(sorted.is_sorted() && sorted.len() == 300);
    shuffle.commit().expect("a lake");
    let file = TableFile::open(&*stores.objects, "runs/shuffle").expect("a file");
    let counts = [0, 1].map(|bucket| {
        let batches = file.read_bucket(bucket).expect("a bucket");
        batches.map(|batch| batch.expect("rows").num_rows()).sum::<usize>()
    });
    assert_eq!(counts, [100, 200]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn sorting_in_little_memory_is_sorting(all in any_rows(), part in 1_usize..20, memory in 0_u64..4_000) {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = stores(&folder);
        let order = Order::ascending([0, 1]);
        let mut sorter = Sorter::new(&*stores.objects, "runs/sort".to_owned(), &schema(), order, memory).expect("a sorter");
        for part in all.chunks(part) {
            sorter.push(batch(part)).expect("room");
        }
        let sorted: Vec<Row> = sorter.finish().expect("streams").flat_map(|batch| rows(&batch.expect("rows"))).collect();
        let mut expected = all;
        expected.sort();
        prop_assert_eq!(sorted, expected);
    }

    #[test]
    fn merging_sorted_streams_is_sorting_them_together(streams in prop::collection::vec(any_rows(), 0..5)) {
        let descending = SortOptions { descending: true, nulls_first: false };
        let order = Order(vec![(0, descending), (1, descending)]);
        let mut sorted = streams.clone();
        sorted.iter_mut().for_each(|rows| rows.sort_by(|a, b| b.cmp(a)));
        let inputs = sorted.iter().map(|rows| Box::new(rows.chunks(7).map(|part| Ok(batch(part)))) as _).collect();
        let merge = Merge::new(&schema(), &order, inputs).expect("streams");
        let merged: Vec<Row> = merge.flat_map(|batch| rows(&batch.expect("rows"))).collect();
        let mut expected: Vec<Row> = streams.concat();
        expected.sort_by(|a, b| b.cmp(a));
        prop_assert_eq!(merged, expected);
    }

    #[test]
    fn every_row_lands_in_its_bucket_once(all in any_rows(), part in 1_usize..20, memory in 0_u64..4_000, buckets in 1_u32..5) {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = stores(&folder);
        let bucket_of = |row: &Row| u32::try_from(row.1.len()).expect("small") % buckets;
        let mut shuffle = Shuffle::new(&*stores.objects, "runs/shuffle", &schema(), buckets, memory);
        for part in all.chunks(part) {
            let places: Vec<u32> = part.iter().map(bucket_of).collect();
            shuffle.push(&batch(part), &places).expect("room");
        }
        shuffle.commit().expect("a lake");
        for bucket in 0..buckets {
            let file = TableFile::open(&*stores.objects, "runs/shuffle").expect("a file");
            let found = file.read_bucket(bucket).expect("a bucket").flat_map(|batch| rows(&batch.expect("rows")));
            let expected: Vec<Row> = all.iter().filter(|row| bucket_of(row) == bucket).cloned().collect();
            prop_assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_digest_follows_rows_and_not_batches(all in any_rows(), part in 1_usize..20, other in any_rows()) {
        let digest = |rows: &[Row], part: usize| {
            let mut digest = TableDigest::new();
            rows.chunks(part).for_each(|part| digest.update(&batch(part)).expect("known types"));
            digest.finish()
        };
        prop_assert_eq!(digest(&all, part), digest(&all, 1_000));
        prop_assert_eq!(all == other, digest(&all, part) == digest(&other, part));
    }
}
