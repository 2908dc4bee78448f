//! Candidates that exclude each other: match weights where a record has at most one match.
//!
//! A record that may match one of two others equally well matches neither with a probability above one half, whatever
//! the pairs weigh alone. What its rivals leave of a pair is the marginal of the monomer-dimer model over the candidate
//! pairs, by belief propagation (Zdeborova & Mezard 2006): exact where candidates form no ring, and sure to settle.

use std::collections::BTreeMap;

/// A candidate pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Number of the left record.
    pub left: u32,
    /// Number of the right record.
    pub right: u32,
    /// log2 odds that the records match, seen alone.
    pub weight: f64,
}

const ROUNDS: usize = 120;

/// Messages that move less than this have settled.
const SETTLED: f64 = 1e-9;

/// Odds above 2 to this power would drown the rivals in rounding.
const MOST_WEIGHT: f64 = 40.0;

/// The match weights of candidates once their rivals have taken their share, in the order given; none grows.
///
/// `limited` says of the left and of the right records whether one has at most one match. Each pair of records stands
/// there once. The order of the candidates changes no bit.
pub fn share(candidates: &[Candidate], limited: [bool; 2]) -> Vec<f64> {
    let sides: [Vec<Vec<usize>>; 2] = [
        contested(candidates.iter().map(|candidate| candidate.left), limited[0]),
        contested(candidates.iter().map(|candidate| candidate.right), limited[1]),
    ];
    let odds: Vec<f64> = candidates.iter().map(|candidate| candidate.weight.min(MOST_WEIGHT).exp2()).collect();
    // Per side and candidate the probability that its record is free for it: that none of its rivals has the record.
    let mut free = [vec![1.0; candidates.len()], vec![1.0; candidates.len()]];
    let mut terms = Vec::new();
    for _ in 0..ROUNDS {
        let mut moved: f64 = 0.0;
        // Both sides answer the last round, so that left and right can be swapped.
        let before = free.clone();
        for (side, other) in [(0, 1), (1, 0)] {
            for rivals in &sides[side] {
                terms.clear();
                terms.extend(rivals.iter().map(|&place| odds[place] * before[other][place]));
                let total = Total::of(&mut terms);
                for &place in rivals {
                    let answer = 1.0 / (1.0 + total.without(odds[place] * before[other][place]));
                    // Halfway in log odds: among equals plain answers swing to and fro for long.
                    let next = (answer * before[side][place]).sqrt();
                    moved = moved.max((next / before[side][place]).ln().abs());
                    free[side][place] = next;
                }
            }
        }
        if moved < SETTLED {
            break;
        }
    }
    let shared = |(place, candidate): (usize, &Candidate)| {
        candidate.weight + (free[0][place].log2() + free[1][place].log2())
    };
    candidates.iter().enumerate().map(shared).collect()
}

/// The candidates of every record that has several.
fn contested(records: impl Iterator<Item = u32>, limited: bool) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.enumerate().filter(|_| limited) {
        places.entry(record).or_default().push(place);
    }
    places.into_values().filter(|places| places.len() > 1).collect()
}

/// A sum that depends on no order, and that can spare one of its terms without loss.
struct Total {
    all: f64,
    largest: f64,
    without_largest: f64,
}

impl Total {
    fn of(terms: &mut [f64]) -> Self {
        terms.sort_unstable_by(f64::total_cmp);
        let largest = terms.last().copied().unwrap_or_default();
        let without_largest = terms.iter().rev().skip(1).rev().sum();
        Self { all: without_largest + largest, largest, without_largest }
    }

    fn without(&self, term: f64) -> f64 {
        if term >= self.largest { self.without_largest } else { (self.all - term).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, share};
    use crate::Model;

    fn shared(limited: [bool; 2], candidates: &[(u32, u32, f64)]) -> Vec<f64> {
        let candidate = |&(left, right, weight): &(u32, u32, f64)| Candidate { left, right, weight };
        let weights = share(&candidates.iter().map(candidate).collect::<Vec<_>>(), limited);
        weights.into_iter().map(|weight| (Model::match_probability(weight) * 1e3).round() / 1e3).collect()
    }

    #[test]
    fn equals_share_what_a_record_has() {
        assert_eq!(shared([true, true], &[(0, 0, 20.0), (0, 1, 20.0)]), [0.5, 0.5]);
        assert_eq!(shared([true, true], &[(0, 0, 20.0), (0, 1, 20.0), (1, 0, 20.0), (1, 1, 20.0)]), [0.5; 4]);
    }

    #[test]
    fn a_rival_with_a_better_match_takes_nothing() {
        let probabilities = shared([true, true], &[(0, 0, 20.0), (0, 1, 15.0), (1, 1, 15.0)]);
        assert_eq!(probabilities, [1.0, 0.0, 1.0]);
    }

    #[test]
    fn sides_without_limit_share_nothing() {
        assert_eq!(shared([true, false], &[(0, 0, 20.0), (1, 0, 20.0)]), [1.0, 1.0]);
        assert_eq!(shared([false, false], &[(0, 0, 20.0), (0, 1, 20.0)]), [1.0, 1.0]);
    }

    #[test]
    fn a_pair_without_rivals_keeps_its_weight() {
        assert_eq!(share(&[Candidate { left: 3, right: 4, weight: 1.25 }], [true, true]), [1.25]);
    }

    #[test]
    fn trees_are_exact() {
        // Two left records that both fit the only right one: odds 8 and 2 against neither.
        let weights = share(
            &[Candidate { left: 0, right: 0, weight: 3.0 }, Candidate { left: 1, right: 0, weight: 1.0 }],
            [true, true],
        );
        let probabilities: Vec<f64> = weights.into_iter().map(Model::match_probability).collect();
        assert!((probabilities[0] - 8.0 / 11.0).abs() < 1e-8 && (probabilities[1] - 2.0 / 11.0).abs() < 1e-8);
    }

    #[test]
    fn the_order_changes_no_bit() {
        let mut candidates: Vec<Candidate> = (0..40_u32)
            .map(|n| Candidate { left: n * 7 % 11, right: n * 5 % 9, weight: f64::from(n * 13 % 17) / 3.0 })
            .collect();
        let straight = share(&candidates, [true, true]);
        candidates.reverse();
        let mut back = share(&candidates, [true, true]);
        back.reverse();
        assert_eq!(straight, back);
    }
}
