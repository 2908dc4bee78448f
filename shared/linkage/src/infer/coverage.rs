//! Which pairs that ought to be met a blocking rule meets: likely matches with some of their fields spoiled by chance.

use super::comparing::Plan;
use super::kind::Kind;
use super::parts::Part;
use super::reading::Reading;
use super::twins::Twins;
use crate::train::mix;

/// Pairs that are tried.
const TRIALS: usize = 8_192;
/// The share of fields that are spoiled in a trial of a likely match, which was found by what agrees in it.
const SPOILED_TWIN: f64 = 0.15;
/// The share of fields that are spoiled where a record is tried with itself.
const SPOILED_SELF: f64 = 0.25;
/// The least twins that trials are made of.
const LEAST_TWINS: usize = 150;

/// Trials as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trials(Vec<u64>);

impl Trials {
    /// No trial of so many.
    pub(super) fn none() -> Self {
        Self(vec![0; TRIALS / 64])
    }

    /// The trials in both.
    pub(super) fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// The trials in either.
    pub(super) fn either(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    /// The share of all trials that are in these and not in others, 0 to 1.
    pub(super) fn beyond(&self, other: &Self) -> f64 {
        let count: u32 = self.0.iter().zip(&other.0).map(|(a, b)| (a & !b).count_ones()).sum();
        f64::from(count) / TRIALS as f64
    }
}

/// The trials that each part survives.
pub(super) fn trials(parts: &[Part], plans: &[Plan], reading: &Reading, twins: &Twins) -> Vec<Trials> {
    let real = twins.pairs.len() >= LEAST_TWINS;
    let mut survived = vec![Trials::none(); parts.len()];
    let spoiled_share = if real { SPOILED_TWIN } else { SPOILED_SELF };
    for trial in 0..TRIALS {
        let draw = |what: u64| mix(mix(trial as u64) ^ what.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let spoiled = |plan: usize| unit(draw(plan as u64 + 1)) < spoiled_share * frailty(plans[plan].kind);
        let slips = |plan: usize| draw(plan as u64 + 1).count_ones() % 2 == 0;
        let pair = if real { twins.pairs[(draw(0) % twins.pairs.len() as u64) as usize] } else { (0, 0) };
        let record = draw(0);
        for (index, part) in parts.iter().enumerate() {
            let agrees =
                if real { part.meets(reading.right(), pair.0, pair.1) } else { present(part, reading, record) };
            let kept = part.plans.iter().all(|plan| !spoiled(*plan) || (part.loose && slips(*plan)));
            if agrees && kept {
                survived[index].0[trial / 64] |= 1 << (trial % 64);
            }
        }
    }
    survived
}

/// Whether a random record of each side has a key.
fn present(part: &Part, reading: &Reading, draw: u64) -> bool {
    (0..=reading.right()).all(|side| {
        let keys = &part.keys[side];
        let record = (mix(draw + side as u64) % keys.len().max(1) as u64) as usize;
        keys.get(record).is_some_and(|keys| !keys.is_empty())
    })
}

/// How much likelier than others a kind of value is written differently in two places.
fn frailty(kind: Kind) -> f64 {
    match kind {
        Kind::Title | Kind::List | Kind::Name | Kind::Person | Kind::Number | Kind::Category => 1.5,
        _ => 1.0,
    }
}

/// A number from 0 to 1.
fn unit(draw: u64) -> f64 {
    (draw >> 11) as f64 / (1_u64 << 53) as f64
}
