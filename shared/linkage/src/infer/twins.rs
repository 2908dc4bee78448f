//! Pairs of the sample that are most likely the same thing, found by agreement alone, and what they say of each field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::comparing::Plan;
use super::reading::Reading;
use crate::level::Level;
use crate::train::mix;

/// The most pairs that are looked at.
const MOST_PAIRS: usize = 400_000;
/// Blocks of more pairs than this say little.
const MOST_IN_BLOCK: usize = 60;
/// Random pairs that are compared.
const RANDOM_PAIRS: u64 = 8_192;
/// How far the odds of a twin must exceed those against a random pair, in bits.
const MARGIN: f64 = 4.0;
/// The most bits one field may add.
const MOST_BITS: f64 = 12.0;
/// What a disagreement takes away, in bits.
const DISAGREES: f64 = 2.5;

/// How two values of a field compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// One of them is null.
    Unknown,
    /// Equal.
    Exact,
    /// At one of the levels.
    Close,
    /// At none.
    Apart,
}

/// What is known of one planned comparison.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Share of random pairs with equal values.
    pub(super) random_exact: f64,
    /// Share of random pairs at any level.
    pub(super) random_close: f64,
    /// Twins, told by the other fields, with both values.
    pub(super) seen: f64,
    /// Twins with equal values.
    pub(super) exact: f64,
    /// Twins at any level.
    pub(super) close: f64,
}

/// Likely matches with what they tell.
#[derive(Debug)]
pub(super) struct Twins {
    /// Records left and right.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Per plan.
    pub(super) evidence: Vec<Evidence>,
}

/// How two records compare in a plan.
pub(super) fn agreement(plan: &Plan, reading: &Reading, left: u32, right: u32) -> Agreement {
    let side = reading.right();
    let numbers = &reading.numbers[plan.place];
    let (number_l, number_r) = (numbers[0][left as usize], numbers[side][right as usize]);
    if number_l == 0 || number_r == 0 {
        return Agreement::Unknown;
    }
    if number_l == number_r {
        return Agreement::Exact;
    }
    let value = |side: usize, record: u32| reading.sides[side][record as usize].get(plan.place).unwrap_or_default();
    let (value_l, value_r) = (value(0, left), value(side, right));
    let holds = |level: &Level| level.holds(value_l, value_r);
    if plan.levels.iter().any(holds) { Agreement::Close } else { Agreement::Apart }
}

/// Finds the twins of the samples.
pub(super) fn find(plans: &[Plan], reading: &Reading) -> Twins {
    let mut evidence: Vec<Evidence> = plans.iter().map(|plan| random(plan, reading)).collect();
    let pairs: Vec<(u32, u32)> = candidates(plans, reading, &evidence).into_iter().collect();
    let agreements: Vec<Vec<Agreement>> = pairs
        .iter()
        .map(|(left, right)| plans.iter().map(|plan| agreement(plan, reading, *left, *right)).collect())
        .collect();
    let weights: Vec<Vec<f64>> = agreements
        .iter()
        .map(|agreements| {
            agreements.iter().zip(&evidence).map(|(agreement, evidence)| bits(*agreement, evidence)).collect()
        })
        .collect();
    let totals: Vec<f64> = weights.iter().map(|weights| weights.iter().sum()).collect();
    let least = least(reading);
    let leads = leading(&pairs, &totals, reading.is_dedupe());
    let mut twins = Vec::new();
    for (at, pair) in pairs.iter().enumerate().filter(|(at, _)| leads[*at]) {
        if totals[at] >= least {
            twins.push(*pair);
        }
        for (plan, evidence) in evidence.iter_mut().enumerate() {
            let agreement = agreements[at][plan];
            if totals[at] - weights[at][plan] >= least && agreement != Agreement::Unknown {
                evidence.seen += 1.0;
                evidence.exact += f64::from(u8::from(agreement == Agreement::Exact));
                evidence.close += f64::from(u8::from(agreement != Agreement::Apart));
            }
        }
    }
    Twins { pairs: twins, evidence }
}

/// The bits that make a pair a twin.
fn least(reading: &Reading) -> f64 {
    let records = reading.sides.iter().map(Vec::len).max().unwrap_or(1);
    (records.max(2) as f64).log2() + MARGIN
}

fn bits(agreement: Agreement, evidence: &Evidence) -> f64 {
    let bits = |share: f64| (-share.max(1e-6).log2()).clamp(0.0, MOST_BITS);
    match agreement {
        Agreement::Unknown => 0.0,
        Agreement::Exact => bits(evidence.random_exact),
        Agreement::Close => 0.6 * bits(evidence.random_close),
        Agreement::Apart => -DISAGREES,
    }
}

fn random(plan: &Plan, reading: &Reading) -> Evidence {
    let (left, right) = (reading.sides[0].len() as u64, reading.sides[reading.right()].len() as u64);
    let (mut seen, mut close) = (0.0, 0.0);
    for draw in 0..RANDOM_PAIRS {
        let (l, r) = (mix(2 * draw) % left.max(1), mix(2 * draw + 1) % right.max(1));
        if left == 0 || right == 0 || (reading.is_dedupe() && l == r) {
            continue;
        }
        match agreement(plan, reading, l as u32, r as u32) {
            Agreement::Unknown => continue,
            Agreement::Apart => {}
            Agreement::Exact | Agreement::Close => close += 1.0,
        }
        seen += 1.0;
    }
    let random_exact = reading.agreement(plan.place);
    let random_close = f64::max(close / f64::max(seen, 1.0), random_exact);
    Evidence { random_exact, random_close, ..Evidence::default() }
}

/// Pairs that agree on one rare value, or on two values that are rare together; the rarest first.
fn candidates(plans: &[Plan], reading: &Reading, evidence: &[Evidence]) -> BTreeSet<(u32, u32)> {
    let records = reading.sides.iter().map(Vec::len).max().unwrap_or(1) as f64;
    let mut joins: Vec<(f64, usize, usize)> = Vec::new();
    for (at, first) in evidence.iter().enumerate() {
        let alone = first.random_exact * records;
        if alone <= 4.0 {
            joins.push((alone, at, at));
        }
        for (offset, second) in evidence[at + 1..].iter().enumerate() {
            let expected = alone * second.random_exact;
            if expected <= 1.0 {
                joins.push((expected, at, at + 1 + offset));
            }
        }
    }
    joins.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let mut pairs = BTreeSet::new();
    for (_, first, second) in joins {
        if pairs.len() >= MOST_PAIRS {
            break;
        }
        join(reading, plans[first].place, plans[second].place, &mut pairs);
    }
    pairs
}

fn join(reading: &Reading, first: usize, second: usize, pairs: &mut BTreeSet<(u32, u32)>) {
    let side = reading.right();
    let keys = |side: usize| {
        reading.numbers[first][side].iter().zip(&reading.numbers[second][side]).map(|(first, second)| (*first, *second))
    };
    let mut rights: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
    for (record, key) in (0..).zip(keys(side)).filter(|(_, key)| key.0 > 0 && key.1 > 0) {
        rights.entry(key).or_default().push(record);
    }
    for (left, key) in (0..).zip(keys(0)) {
        let Some(rights) = rights.get(&key).filter(|rights| rights.len() <= MOST_IN_BLOCK) else { continue };
        for right in rights {
            let apart = !reading.is_dedupe()
                || (left < *right && reading.rows[0][left as usize] != reading.rows[0][*right as usize]);
            if apart {
                pairs.insert((left, *right));
            }
        }
    }
}

/// Whether no other pair of a record weighs more: of both records, or of one table of either.
fn leading(pairs: &[(u32, u32)], totals: &[f64], dedupe: bool) -> Vec<bool> {
    let mut best: [BTreeMap<u32, f64>; 2] = Default::default();
    for ((left, right), total) in pairs.iter().zip(totals) {
        for (side, record) in [(0, left), (usize::from(!dedupe), right)] {
            let known = best[side].entry(*record).or_insert(*total);
            *known = known.max(*total);
        }
    }
    let leads = |((left, right), total): (&(u32, u32), &f64)| {
        let leads = |side: usize, record: &u32| best[side].get(record).is_none_or(|best| total >= best);
        let (left, right) = (leads(0, left), leads(usize::from(!dedupe), right));
        if dedupe { left || right } else { left && right }
    };
    pairs.iter().zip(totals).map(leads).collect()
}
