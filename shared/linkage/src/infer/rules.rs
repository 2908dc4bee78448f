//! Blocking rules: few pairs, and nearly every pair of the same thing met by at least one of them.

use super::comparing::Plan;
use super::coverage::{Trials, trials};
use super::parts::{Part, parts};
use super::reading::Reading;
use super::twins::Twins;

/// Candidate pairs for each record of a table of up to [`SMALL`] rows; fewer for larger ones.
const BUDGET: f64 = 100.0;
const SMALL: f64 = 100_000.0;
const LEAST_BUDGET: f64 = 20.0;
/// The share of the budget that a rule of words may take.
const WORDS: f64 = 0.4;
/// The share of the budget that another rule may take: a rule of many pairs has few matches among them, and what is
/// learned from those is worth little.
const ONE_RULE: f64 = 0.15;
/// The pairs a record of a rule of one part, for the same reason.
const ONE_PART: f64 = 1.5;
/// A rule of more pairs a record than this is also tried with a part more.
const CHEAP: f64 = 0.5;
/// A rule that meets less than this share beyond the others is not worth its pairs.
const GAIN: f64 = 0.002;
/// The most rules.
const MOST_RULES: usize = 10;
/// Pairs a record that a rule costs in any case, for its blocks have to be made.
const OVERHEAD: f64 = 0.5;
/// The most records of a side that are counted.
const MOST_COUNTED: usize = 20_000;
/// The most keys of a record under one rule, as in the linker.
const MOST_KEYS: usize = 64;

/// A conjunction of parts under consideration.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    parts: Vec<usize>,
    /// Pairs for each record of the larger table.
    pub(super) cost: f64,
    met: Trials,
}

/// The rules that were chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    /// As the settings write them, the rule of the largest gain first.
    pub(super) rules: Vec<Vec<String>>,
    /// Per rule the pairs for each record.
    pub(super) costs: Vec<f64>,
    /// The share of trials met, 0 to 1.
    pub(super) met: f64,
}

/// Chooses rules over the planned comparisons.
pub(super) fn choose(plans: &[Plan], reading: &Reading, twins: &Twins) -> Chosen {
    let parts = parts(plans, reading);
    let survived = trials(&parts, plans, reading, twins);
    let rows = reading.totals.iter().max().copied().unwrap_or(1) as f64;
    let budget = (BUDGET * (SMALL / rows.max(1.0)).sqrt()).clamp(LEAST_BUDGET, BUDGET);
    let offers = offers(&parts, &survived, reading, budget);
    let mut picked = greedy(&offers, budget);
    add_independent(&offers, &parts, &mut picked);
    let met = picked.iter().fold(Trials::none(), |met, offer| met.either(&offers[*offer].met));
    let text = |offer: &usize| offers[*offer].parts.iter().map(|part| parts[*part].text.clone()).collect();
    Chosen {
        rules: picked.iter().map(text).collect(),
        costs: picked.iter().map(|offer| offers[*offer].cost).collect(),
        met: met.beyond(&Trials::none()),
    }
}

/// Conjunctions of one to three parts within their share of the budget; a cheap one is not made longer.
fn offers(parts: &[Part], survived: &[Trials], reading: &Reading, budget: f64) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mut open: Vec<Offer> = vec![Offer { parts: Vec::new(), cost: f64::INFINITY, met: Trials::none() }];
    for _ in 0..3 {
        let mut next = Vec::new();
        for shorter in &open {
            let start = shorter.parts.last().map_or(0, |last| last + 1);
            for part in start..parts.len() {
                let apart = |known: &usize| parts[*known].plans.iter().all(|plan| !parts[part].plans.contains(plan));
                if !shorter.parts.iter().all(apart) {
                    continue;
                }
                let met = if shorter.parts.is_empty() { survived[part].clone() } else { shorter.met.both(&survived[part]) };
                if met.beyond(&Trials::none()) < GAIN {
                    continue;
                }
                let longer: Vec<usize> = shorter.parts.iter().copied().chain([part]).collect();
                let cost = cost(&longer, parts, reading);
                next.push(Offer { parts: longer, cost, met });
            }
        }
        offers.extend(next.iter().filter(|offer| offer.cost > 0.0 && offer.cost <= most(offer, parts, budget)).cloned());
        open = next.into_iter().filter(|offer| offer.cost > CHEAP).collect();
    }
    offers
}

fn most(offer: &Offer, parts: &[Part], budget: f64) -> f64 {
    match offer.parts[..] {
        [part] if !parts[part].words => ONE_PART,
        _ if offer.parts.iter().any(|part| parts[*part].words) => budget * WORDS,
        _ => budget * ONE_RULE,
    }
}

/// Pairs for each record of the larger whole table.
fn cost(rule: &[usize], parts: &[Part], reading: &Reading) -> f64 {
    let counted = |side: usize| reading.sides[side].len().min(MOST_COUNTED);
    let keys: Vec<Vec<u64>> = (0..=reading.right()).map(|side| rule_keys(rule, parts, side, counted(side))).collect();
    let scale = |side: usize| {
        let rows = reading.rows[side].last().map_or(1.0, |row| f64::from(*row) + 1.0);
        let readings = reading.sides[side].len() as f64 / rows;
        reading.totals[side] as f64 * readings / counted(side).max(1) as f64
    };
    let most = reading.totals.iter().max().copied().unwrap_or(1).max(1) as f64;
    if reading.is_dedupe() {
        shared(&keys[0], &keys[0], |left, _| left * (left - 1.0) / 2.0) * scale(0) * scale(0) / most
    } else {
        shared(&keys[0], &keys[1], |left, right| left * right) * scale(0) * scale(1) / most
    }
}

fn rule_keys(rule: &[usize], parts: &[Part], side: usize, records: usize) -> Vec<u64> {
    let mut all = Vec::with_capacity(records);
    let mut keys = Vec::new();
    let mut longer = Vec::new();
    for record in 0..records {
        keys.clear();
        keys.push(0_u64);
        for part in rule {
            longer.clear();
            for key in &keys {
                longer.extend(parts[*part].keys[side][record].iter().map(|next| join(*key, *next)));
            }
            longer.truncate(MOST_KEYS);
            std::mem::swap(&mut keys, &mut longer);
        }
        all.extend_from_slice(&keys);
    }
    all.sort_unstable();
    all
}

fn join(key: u64, next: u64) -> u64 {
    (key.rotate_left(23) ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The pairs under all keys that both lists have, each list in order.
fn shared(left: &[u64], right: &[u64], pairs: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut l, mut r, mut sum) = (0, 0, 0.0);
    while l < left.len() && r < right.len() {
        let key = left[l].max(right[r]);
        if left[l] < key {
            l += 1;
        } else if right[r] < key {
            r += 1;
        } else {
            let count = |list: &[u64], from: usize| list[from..].iter().take_while(|next| **next == key).count();
            let (count_l, count_r) = (count(left, l), count(right, r));
            sum += pairs(count_l as f64, count_r as f64);
            (l, r) = (l + count_l, r + count_r);
        }
    }
    sum
}

/// Takes the rule that meets most beyond the others for its pairs, again and again.
fn greedy(offers: &[Offer], budget: f64) -> Vec<usize> {
    let (mut picked, mut met, mut spent) = (Vec::new(), Trials::none(), 0.0);
    while picked.len() < MOST_RULES {
        let mut best: Option<(f64, usize)> = None;
        for (index, offer) in offers.iter().enumerate().filter(|(_, offer)| spent + offer.cost <= budget) {
            let gain = offer.met.beyond(&met);
            let worth = gain / (offer.cost + OVERHEAD);
            if gain >= GAIN && best.is_none_or(|(known, _)| worth > known) {
                best = Some((worth, index));
            }
        }
        let Some((_, index)) = best else { break };
        met = met.either(&offers[index].met);
        spent += offers[index].cost;
        picked.push(index);
    }
    picked
}

/// A comparison that every rule needs could never be learned: for each such one the best rule without it is added.
fn add_independent(offers: &[Offer], parts: &[Part], picked: &mut Vec<usize>) {
    let needs = |offer: usize, plan: usize| offers[offer].parts.iter().any(|part| parts[*part].plans.contains(&plan));
    let plans: Vec<usize> = parts.iter().flat_map(|part| part.plans.clone()).collect();
    for plan in plans {
        if picked.is_empty() || !picked.iter().all(|offer| needs(*offer, plan)) {
            continue;
        }
        let worth = |offer: &usize| offers[*offer].met.beyond(&Trials::none()) / (offers[*offer].cost + OVERHEAD);
        let free = (0..offers.len()).filter(|offer| !needs(*offer, plan));
        picked.extend(free.max_by(|a, b| worth(a).total_cmp(&worth(b)).then(b.cmp(a))));
    }
}
