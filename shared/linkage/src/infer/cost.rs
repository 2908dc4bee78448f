//! How many pairs a blocking rule makes, counted on the samples and scaled to the whole tables.

use std::collections::BTreeSet;

use super::parts::Part;
use super::reading::Reading;

/// The most records of a side that are counted.
const MOST_COUNTED: usize = 20_000;
/// The most left records whose pairs are listed where several keys may make the same pair.
const MOST_LISTED: usize = 400;
/// The most keys of a record under one rule, as in the linker.
const MOST_KEYS: usize = 64;

/// Pairs for each record of the larger whole table.
pub(super) fn cost(rule: &[usize], parts: &[Part], reading: &Reading) -> f64 {
    let counted = |side: usize| reading.sides[side].len().min(MOST_COUNTED);
    let keys: Vec<Vec<(u64, u32)>> = (0..=reading.right()).map(|side| keys(rule, parts, side, counted(side))).collect();
    let scale = |side: usize| {
        let rows = reading.rows[side].last().map_or(1.0, |row| f64::from(*row) + 1.0);
        let readings = reading.sides[side].len() as f64 / rows;
        reading.totals[side] as f64 * readings / counted(side).max(1) as f64
    };
    let right = reading.right();
    let pairs = if rule.iter().any(|part| parts[*part].words) {
        listed(rule, parts, counted(0), &keys[right]) / if reading.is_dedupe() { 2.0 } else { 1.0 }
    } else if reading.is_dedupe() {
        shared(&keys[0], &keys[0], |left, _| left * (left - 1.0) / 2.0)
    } else {
        shared(&keys[0], &keys[1], |left, right| left * right)
    };
    pairs * scale(0) * scale(right) / reading.totals.iter().max().copied().unwrap_or(1).max(1) as f64
}

/// The keys of all records with their record, in order.
fn keys(rule: &[usize], parts: &[Part], side: usize, records: usize) -> Vec<(u64, u32)> {
    let mut all = Vec::with_capacity(records);
    for record in 0..records {
        all.extend(keys_of(rule, parts, side, record).into_iter().map(|key| (key, record as u32)));
    }
    all.sort_unstable();
    all
}

fn keys_of(rule: &[usize], parts: &[Part], side: usize, record: usize) -> Vec<u64> {
    let mut keys = vec![0_u64];
    for part in rule {
        let next = &parts[*part].keys[side][record];
        keys = keys.iter().flat_map(|key| next.iter().map(|next| join(*key, *next))).take(MOST_KEYS).collect();
    }
    keys
}

fn join(key: u64, next: u64) -> u64 {
    (key.rotate_left(23) ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The pairs under all keys that both lists have.
fn shared(left: &[(u64, u32)], right: &[(u64, u32)], pairs: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut l, mut r, mut sum) = (0, 0, 0.0);
    while l < left.len() && r < right.len() {
        let key = left[l].0.max(right[r].0);
        if left[l].0 < key {
            l += 1;
        } else if right[r].0 < key {
            r += 1;
        } else {
            let count = |list: &[(u64, u32)], from: usize| list[from..].iter().take_while(|next| next.0 == key).count();
            let (count_l, count_r) = (count(left, l), count(right, r));
            sum += pairs(count_l as f64, count_r as f64);
            (l, r) = (l + count_l, r + count_r);
        }
    }
    sum
}

/// The pairs of some left records, each once however many keys make it, for as many records as there are.
fn listed(rule: &[usize], parts: &[Part], lefts: usize, right: &[(u64, u32)]) -> f64 {
    let step = lefts.div_ceil(MOST_LISTED).max(1);
    let (mut pairs, mut records) = (0, 0);
    for left in (0..lefts).step_by(step) {
        let mut partners = BTreeSet::new();
        for key in keys_of(rule, parts, 0, left) {
            let start = right.partition_point(|known| known.0 < key);
            partners.extend(right[start..].iter().take_while(|known| known.0 == key).map(|known| known.1));
        }
        pairs += partners.len();
        records += 1;
    }
    pairs as f64 * lefts as f64 / f64::from(records.max(1))
}
