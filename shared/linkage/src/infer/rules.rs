//! Blocking rules: few pairs, and nearly every pair of the same thing met by at least one of them.

use super::comparing::Plan;
use super::cost::cost;
use super::coverage::{Trials, trials};
use super::parts::{Part, parts};
use super::reading::Reading;
use super::twins::Twins;

/// Candidate pairs for each record of a table of so many rows; fewer for a larger one, more for a smaller one.
const BUDGET: f64 = 100.0;
const ROWS: f64 = 50_000.0;
const LEAST_BUDGET: f64 = 20.0;
const MOST_BUDGET: f64 = 300.0;
/// The share of the budget that a rule of words may take.
const WORDS: f64 = 0.4;
/// The pairs a record of another rule: a rule of many pairs has few matches among them, and what is learned from those
/// is worth little.
const ONE_RULE: f64 = 15.0;
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
    let budget = (BUDGET * (ROWS / rows.max(1.0)).sqrt()).clamp(LEAST_BUDGET, MOST_BUDGET);
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
                let met =
                    if shorter.parts.is_empty() { survived[part].clone() } else { shorter.met.both(&survived[part]) };
                if met.beyond(&Trials::none()) < GAIN {
                    continue;
                }
                let longer: Vec<usize> = shorter.parts.iter().copied().chain([part]).collect();
                let cost = cost(&longer, parts, reading);
                next.push(Offer { parts: longer, cost, met });
            }
        }
        let meets = |offer: &&Offer| offer.cost > 0.0 || reading.is_sampled();
        let cheap = |offer: &&Offer| offer.cost <= most(offer, parts, budget);
        offers.extend(next.iter().filter(meets).filter(cheap).cloned());
        open = next.into_iter().filter(|offer| offer.cost > CHEAP).collect();
    }
    offers
}

fn most(offer: &Offer, parts: &[Part], budget: f64) -> f64 {
    match offer.parts[..] {
        [part] if !parts[part].alone => f64::NEG_INFINITY,
        [part] if !parts[part].words => ONE_PART,
        _ if offer.parts.iter().any(|part| parts[*part].words) => budget * WORDS,
        _ => ONE_RULE.min(budget * WORDS),
    }
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
