//! The prior where a record has at most one match.
//!
//! Each pair then excludes others, and a matching of records is as likely as the odds of its pairs together, where the
//! prior odds are those of two records that have no other match (Sadinle 2017, on bipartite matchings): of `n` matches
//! between `l` and `r` records `n / (l - n) / (r - n)`, and not `n / l / r`. Where nearly every record has a match, the
//! one candidate that a record has needs little more to be it.

use std::collections::HashMap;

use super::em::FLOOR;
use crate::model::Model;
use crate::rivals::{Candidate, share};

/// No model is surer than this that a record has a match.
const LEAST_FREE: f64 = 0.02;

/// A record is taken where one pair has it with odds of at least 2 to this power.
const SURE: f64 = 10.0;

/// Steps of the search between the two priors.
const STEPS: i32 = 32;

/// A pair that may match, and how many pairs of the tables it stands for.
pub(crate) type Sampled = (Candidate, f64);

/// The share of matches among the pairs of records that have no other match, from all that may match, whose weights count
/// on a prior of `plain`. `totals` are the rows of both tables, `limited` says on which sides a row has at most one match.
/// The order of the pairs and which side comes first change no bit.
pub(crate) fn prior(pairs: &[Sampled], plain: f64, totals: [u64; 2], limited: [bool; 2]) -> f64 {
    let candidates: Vec<Candidate> = pairs.iter().map(|(candidate, _)| *candidate).collect();
    let shared = share(&candidates, limited);
    let matches = sum(shared.iter().zip(pairs).map(|(weight, (_, each))| Model::match_probability(*weight) * each));
    let free = [0, 1].map(|side: usize| {
        let total = totals[side].max(1) as f64;
        if limited[side] { (total - matches).max(LEAST_FREE * total) } else { total }
    });
    let odds = matches / (free[0] * free[1]);
    let most = (odds / (1.0 + odds)).clamp(FLOOR * FLOOR, 0.5);
    let decoys = Decoys::of(pairs, &shared, limited, free);
    let bits = |prior: f64| Model::weight_of(prior) - Model::weight_of(plain);
    let (top, bottom) = (bits(most), bits(plain).min(bits(most)));
    let lifts = (0..=STEPS).map(|step| top + (bottom - top) * f64::from(step) / f64::from(STEPS));
    let lift = lifts.take_while(|lift| *lift > bottom).find(|lift| decoys.allow(*lift)).unwrap_or(bottom);
    Model::match_probability(Model::weight_of(plain) + lift)
}

/// What is known to be false without labels: pairs of a record whose match is sure with one that has no match. Pairs of
/// two records without a match are false as often, so that a prior under which they seem true more often is too high
/// (target-decoy estimation, Elias & Gygi 2007).
struct Decoys {
    /// Weights of pairs between two free records.
    targets: Vec<(f64, f64)>,
    /// Weights of pairs that are known to be false, and how many false ones between free records each stands for.
    decoys: Vec<(f64, f64)>,
}

impl Decoys {
    fn of(pairs: &[Sampled], shared: &[f64], limited: [bool; 2], free: [f64; 2]) -> Self {
        let mut taken = [HashMap::new(), HashMap::new()];
        for ((candidate, each), _) in pairs.iter().zip(shared).filter(|(_, weight)| **weight >= SURE) {
            for (taken, record) in taken.iter_mut().zip([candidate.left, candidate.right]) {
                taken.insert(record, *each);
            }
        }
        let sure = [0, 1].map(|side: usize| sum(taken[side].values().copied()).max(1.0));
        let mut sorted = Self { targets: Vec::new(), decoys: Vec::new() };
        let unsure = pairs.iter().zip(shared).filter(|(_, weight)| **weight < SURE);
        for ((Candidate { left, right, weight }, each), _) in unsure {
            match [limited[0] && taken[0].contains_key(left), limited[1] && taken[1].contains_key(right)] {
                [false, false] => sorted.targets.push((*weight, *each)),
                [true, false] => sorted.decoys.push((*weight, each * free[0] / sure[0])),
                [false, true] => sorted.decoys.push((*weight, each * free[1] / sure[1])),
                [true, true] => {}
            }
        }
        // Where both sides are limited, each gives an estimate of the same number.
        if limited == [true, true] {
            sorted.decoys.iter_mut().for_each(|(_, each)| *each /= 2.0);
        }
        sorted
    }

    /// Whether links between free records under weights that are lifted so far are false as often as they are said to be.
    fn allow(&self, lift: f64) -> bool {
        let linked = |(weight, _): &&(f64, f64)| weight + lift >= 0.0;
        let said = self.targets.iter().filter(linked);
        let said = sum(said.map(|(weight, each)| (1.0 - Model::match_probability(weight + lift)) * each));
        let found = sum(self.decoys.iter().filter(linked).map(|(_, each)| *each));
        found <= said + 1.0
    }
}

/// A sum that depends on no order.
fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let mut terms: Vec<f64> = terms.collect();
    terms.sort_unstable_by(f64::total_cmp);
    terms.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::prior;
    use crate::rivals::Candidate;

    fn sure(left: u32, right: u32) -> (Candidate, f64) {
        (Candidate { left, right, weight: 40.0 }, 1.0)
    }

    #[test]
    fn records_that_have_a_match_are_free_for_no_other() {
        let pairs: Vec<_> = (0..90).map(|row| sure(row, row)).collect();
        let odds = |limited| {
            let prior = prior(&pairs, 1e-4, [100, 190], limited);
            prior / (1.0 - prior)
        };
        assert!((odds([true, true]) - 90.0 / 10.0 / 100.0).abs() < 1e-9);
        assert!((odds([true, false]) - 90.0 / 10.0 / 190.0).abs() < 1e-9);
    }

    #[test]
    fn pairs_known_to_be_false_keep_the_prior_down() {
        // 90 sure matches of 100 rows a side, and 10 free records with a pair each that seems true.
        let weak = |left, right| (Candidate { left, right, weight: -1.0 }, 1.0);
        let seeming = (90..100).map(|row| weak(row, row));
        let pairs: Vec<_> = (0..90).map(|row| sure(row, row)).chain(seeming).collect();
        let plain = 90.0 / 1e4;
        let lifted = prior(&pairs, plain, [100, 100], [true, true]);
        assert!(lifted > 0.4, "{lifted}");
        // Records with a sure match have pairs just like them.
        let decoys = (0..90).flat_map(|row| [weak(row, 90 + row % 10), weak(90 + row % 10, row)]);
        let pairs: Vec<_> = pairs.iter().copied().chain(decoys).collect();
        let kept = prior(&pairs, plain, [100, 100], [true, true]);
        assert!(kept < 0.1, "{kept}");
    }

    #[test]
    fn rivals_are_one_match() {
        let pairs = [sure(0, 0), sure(0, 1), sure(1, 2)];
        let found = prior(&pairs, 1e-6, [1000, 1000], [true, true]);
        assert!((found * 998.0 * 998.0 - 2.0).abs() < 1e-3, "{found}");
    }
}
