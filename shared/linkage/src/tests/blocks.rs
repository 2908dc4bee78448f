//! Blocks too large to train from whole.

use std::collections::BTreeMap;

use super::settings;
use crate::memory::InMemory;
use crate::train::block::{Block, thin};
use crate::{Linker, Side};

/// Pairs left of blocks of these sizes, in all, and those of the blocks that are left.
fn thinned(sizes: &[(usize, usize)], cap: u64, right_first: bool) -> (u64, Vec<(usize, usize)>) {
    let block = |&(left, right): &(usize, usize)| Block { left: (0..left).collect(), right: (0..right).collect() };
    let mut blocks: BTreeMap<u64, Block> = (0..).zip(sizes.iter().map(block)).collect();
    let total: u64 = blocks.values().map(Block::pairs).sum();
    let share = thin(&mut blocks, cap, right_first);
    let kept = blocks.values().map(Block::pairs).sum();
    assert_eq!(share, kept as f64 / total as f64, "{sizes:?}");
    (kept, blocks.values().map(|block| (block.left.len(), block.right.len())).collect())
}

#[test]
fn rows_go_evenly_and_some_always_stay() {
    for (sizes, left) in [
        (vec![(10, 10)], vec![(10, 10)]),
        (vec![(15, 15)], vec![(6, 15)]),
        (vec![(3, 70)], vec![(1, 70)]),
        (vec![(70, 3)], vec![(70, 1)]),
        (vec![(1, 1000)], vec![(1, 100)]),
        (vec![(1000, 2000)], vec![(1, 100)]),
        (vec![(10, 10), (10, 20)], vec![(3, 10), (3, 20)]),
        (vec![(1, 2); 500], vec![(1, 2); 50]),
    ] {
        assert_eq!(thinned(&sizes, 100, false).1, left, "{sizes:?}");
    }
    assert_eq!(thinned(&[(15, 15)], 100, true).1, [(15, 6)]);
    for (left, right) in (1..40).flat_map(|left| (1..40).map(move |right| (left, right))) {
        let (kept, _) = thinned(&[(left, right), (right, 7), (left, left)], 100, false);
        assert!((1..=200).contains(&kept), "{left} {right}: {kept}");
    }
}

const TOWN: &str = r#"
[link]
left = "a"
right = "b"
cardinality = "one_to_one"
blocking = [["town"]]
[link.fields.town]
standardizer = "text"
left = ["town"]
right = ["town"]
[link.fields.number]
standardizer = "digits"
left = ["number"]
right = ["number"]
[link.fields.street]
standardizer = "text"
left = ["street"]
right = ["street"]
[[link.comparisons]]
name = "number"
field = "number"
levels = ["exact"]
[[link.comparisons]]
name = "street"
field = "street"
levels = ["exact"]
"#;

#[test]
fn one_blocking_value_for_all_rows_trains_like_any_other() {
    let linker = Linker::new(&settings(TOWN)).unwrap();
    let trained = |sides: [Side; 2], backwards: bool| {
        let mut memory = InMemory::new(&linker);
        for (first, side) in [(true, sides[0]), (false, sides[1])] {
            for n in 0..1500 {
                let n = if backwards { 1499 - n } else { n };
                // Every tenth record of one table moved house.
                let number = if !first && n % 10 == 0 { n + 5000 } else { n };
                let (number, street) = (number.to_string(), format!("street {}", n % 40));
                let value = |column: &String| match column.as_str() {
                    "town" => Some("Rome"),
                    "number" => Some(number.as_str()),
                    _ => Some(street.as_str()),
                };
                let row: Vec<_> = linker.columns(side).iter().map(value).collect();
                memory.push(side, &n.to_string(), &row);
            }
        }
        memory.train().unwrap()
    };
    let (model, warnings) = trained([Side::Left, Side::Right], false);
    assert!(warnings.iter().all(|warning| !warning.to_string().contains("met no pair")), "{warnings:?}");
    // Nine in ten records have a match, which leaves 150 on either side for any other.
    let matches = model.prior_weight().exp2() * 150.0 * 150.0;
    assert!((1200.0..1700.0).contains(&matches), "the odds of {matches} matches");
    assert_eq!(trained([Side::Right, Side::Left], false).0, model);
    assert_eq!(trained([Side::Left, Side::Right], true).0, model);
}
