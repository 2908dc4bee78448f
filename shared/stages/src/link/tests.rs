//! Shards in tiles against shards whole, and with blocks left out.

use arrow_array::{RecordBatch, cast::AsArray, types::Float64Type};
use lotline_linkage::{LinkSettings, Linker, Model, Scratch, Side, TermFrequencies, memory::InMemory};
use lotline_store::Stores;

use super::{
    blocks::{BlockFile, BlockWriter},
    count,
    matching::{MatchReport, Matcher},
    pairs,
    rows::{self, Block},
};
use crate::tables::{TableFile, TableWriter};

const TOWNSPEOPLE: &str = r#"
left = "a"
right = "b"
cardinality = "many_to_many"
threshold = 0.0001
blocking = [["town"], ["name|soundex"]]
[fields.name]
standardizer = "text"
left = ["name"]
right = ["name"]
[fields.town]
standardizer = "text"
left = ["town"]
right = ["town"]
[[comparisons]]
name = "name"
field = "name"
levels = ["exact", "jaro_winkler:0.8"]
[[comparisons]]
name = "town"
field = "town"
levels = ["exact"]
"#;

const NAMES: [&str; 7] = ["ANN LEE", "ANNA LEE", "BOB JONES", "BOP JONES", "CARL SMITH", "KARL SMYTH", "DORA KING"];

fn row(side: Side, number: usize) -> [Option<&'static str>; 2] {
    let town = if number % 5 == 4 { None } else { Some(["ROME", "BATH"][number % 2]) };
    [Some(NAMES[(number * 3 + side as usize) % NAMES.len()]), town]
}

/// Both tables in one shard, a segment for every few rows.
fn block_file(stores: &Stores, linker: &Linker) -> BlockFile {
    let mut writer = BlockWriter::new(&*stores.objects, "blocks", 1, 60).unwrap();
    let (mut scratch, mut keys) = (Scratch::default(), Vec::new());
    let (mut head, mut rest) = (Vec::new(), Vec::new());
    for (side, number) in [Side::Left, Side::Right].into_iter().flat_map(|side| (0..30).map(move |n| (side, n))) {
        linker.project(side, &row(side, number), &mut scratch, |values, text| {
            let mut blocks = Vec::new();
            for rule in 0..linker.rules() {
                keys.clear();
                linker.keys(rule, values, text, &mut keys);
                blocks.extend(keys.iter().map(|key| Block { rule: rule as u8, key: *key }));
            }
            rows::encode_blocks(&mut head, blocks.into_iter());
            rows::encode(&mut rest, side, number as u32, &format!("{number:02}"), values);
            writer.push(0, [&head, &rest]).unwrap();
        });
    }
    writer.commit().unwrap();
    BlockFile::open(&*stores.objects, "blocks").unwrap()
}

fn model(linker: &Linker, dedupe: bool) -> Model {
    let mut memory = InMemory::new(linker);
    for number in 0..30 {
        memory.push(Side::Left, &format!("{number:02}"), &row(Side::Left, number));
        if !dedupe {
            memory.push(Side::Right, &format!("{number:02}"), &row(Side::Right, number));
        }
    }
    memory.train().unwrap().0
}

fn scored(stores: &Stores, linker: &Linker, model: &Model, memory: u64) -> (MatchReport, Vec<(String, String, u64)>) {
    let file = block_file(stores, linker);
    assert!(file.segments(0).count() > 10);
    let writer = TableWriter::scratch(&*stores.objects, "scored", &pairs::scored_schema()).unwrap();
    let mut matcher = Matcher::new(linker, model, TermFrequencies::new(0), writer);
    matcher.shard(&[file], 0, memory).unwrap();
    let report = matcher.commit().unwrap();
    let batches = TableFile::open(&*stores.objects, "scored").unwrap().read().unwrap();
    let mut pairs: Vec<_> = batches.flat_map(|batch| of(&batch.unwrap())).collect();
    pairs.sort();
    (report, pairs)
}

#[test]
fn blocks_are_counted_and_large_ones_left_out() {
    let linker = Linker::new(&toml::from_str(TOWNSPEOPLE).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::local(folder.path()).unwrap();
    let file = block_file(&stores, &linker);
    let segments: Vec<_> = file.segments(0).collect();
    let counted = count::count(&linker, &segments, None).unwrap();
    // 24 of the 30 rows of a side have a town, 12 each.
    let [towns, names] = counted.rules[..] else { panic!("{counted:?}") };
    assert_eq!((towns.blocks, towns.pairs), (2, 2 * 12 * 12));
    let largest = &counted.largest[0];
    assert!(["BATH", "ROME"].contains(&largest.example.join(" ").as_str()), "{largest:?}");
    assert_eq!((largest.left, largest.right, largest.pairs), (12, 12, 144));
    assert!(counted.left_out.is_empty());
    let left_out = count::count(&linker, &segments, Some(143)).unwrap().left_out;
    assert_eq!(left_out.iter().map(|block| block.rule).collect::<Vec<_>>(), [0, 0]);
    let model = model(&linker, false);
    let mut without = linker.clone();
    without.leave_out(left_out.iter().map(|block| (block.rule, block.key)));
    let compared = |linker: &Linker| scored(&stores, linker, &model, u64::MAX).0.pairs_compared;
    assert!(compared(&linker) < towns.pairs + names.pairs);
    // Every pair of people whose names sound alike now meets there, whatever their towns.
    assert_eq!(compared(&without), names.pairs);
}

fn of(batch: &RecordBatch) -> Vec<(String, String, u64)> {
    let text = |column: usize, row: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
    let weights = batch.column(5).as_primitive::<Float64Type>();
    (0..batch.num_rows()).map(|row| (text(2, row), text(3, row), weights.value(row).to_bits())).collect()
}

#[test]
fn tiles_change_nothing() {
    for dedupe in [false, true] {
        let mut settings: LinkSettings = toml::from_str(TOWNSPEOPLE).unwrap();
        if dedupe {
            settings.right = None;
            settings.cardinality = lotline_linkage::Cardinality::Clusters;
            settings.fields.values_mut().for_each(|field| field.right.clear());
        }
        let linker = Linker::new(&settings).unwrap();
        let model = model(&linker, dedupe);
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::local(folder.path()).unwrap();
        let (whole, pairs) = scored(&stores, &linker, &model, u64::MAX);
        assert!(whole.pairs_kept > 0, "{whole:?}");
        for memory in [1, 5_000, 20_000] {
            let (tiled, again) = scored(&stores, &linker, &model, memory);
            assert_eq!((tiled.pairs_compared, &again), (whole.pairs_compared, &pairs), "{memory} bytes, {dedupe}");
        }
    }
}
