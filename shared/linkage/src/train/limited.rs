//! The prior where a record has at most one match.
//!
//! Each pair then excludes others, and a matching of records is as likely as the odds of its pairs together, where the
//! prior odds are those of two records that have no other match (Sadinle 2017, on bipartite matchings): of `n` matches
//! between `l` and `r` records `n / (l - n) / (r - n)`, and not `n / l / r`. Where nearly every record has a match, the
//! one candidate that a record has needs little more to be it.

use super::em::FLOOR;
use crate::model::Model;
use crate::rivals::{Candidate, share};

/// No model is surer than this that a record has a match.
const LEAST_FREE: f64 = 0.02;

/// A pair that may match, and how many pairs of the tables it stands for.
pub(crate) type Sampled = (Candidate, f64);

/// The share of matches among the pairs of records that have no other match, from all that may match. `totals` are the
/// rows of both tables, `limited` says on which sides a row has at most one match. The order of the pairs and which side
/// comes first change no bit.
pub(crate) fn prior(pairs: &[Sampled], totals: [u64; 2], limited: [bool; 2]) -> f64 {
    let candidates: Vec<Candidate> = pairs.iter().map(|(candidate, _)| *candidate).collect();
    let shared = share(&candidates, limited).into_iter().map(Model::match_probability);
    let mut expected: Vec<f64> = shared.zip(pairs).map(|(probability, (_, each))| probability * each).collect();
    expected.sort_unstable_by(f64::total_cmp);
    let matches: f64 = expected.iter().sum();
    let free = |side: usize| {
        let total = totals[side].max(1) as f64;
        if limited[side] { (total - matches).max(LEAST_FREE * total) } else { total }
    };
    let odds = matches / (free(0) * free(1));
    (odds / (1.0 + odds)).clamp(FLOOR * FLOOR, 0.5)
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
        let odds = |limited| prior(&pairs, [100, 190], limited) / (1.0 - prior(&pairs, [100, 190], limited));
        assert!((odds([true, true]) - 90.0 / 10.0 / 100.0).abs() < 1e-9);
        assert!((odds([true, false]) - 90.0 / 10.0 / 190.0).abs() < 1e-9);
    }

    #[test]
    fn rivals_are_one_match() {
        let pairs = [sure(0, 0), sure(0, 1), sure(1, 2)];
        let found = prior(&pairs, [1000, 1000], [true, true]);
        assert!((found * 998.0 * 998.0 - 2.0).abs() < 1e-3, "{found}");
    }
}
