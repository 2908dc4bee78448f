//! The last step of training: u, the prior and the dependence of comparisons from all pairs of the two tables.
//!
//! Random pairs tell how often non-matches agree, but in a small table many of the agreeing ones are matches, and of the
//! rarest agreements there is none among them. Candidate pairs have those. Both together are the whole population: the
//! candidates one by one, the pairs that no rule meets by their sample. Taking from it what the model holds for matches,
//! in turns with the model, leaves the non-matches.

use std::collections::BTreeMap;

use super::em::{FLOOR, Levels, Patterns};
use crate::gammas::Gammas;

/// All pairs of the two tables, by comparison vector.
#[derive(Debug, Default)]
pub(crate) struct Population {
    /// Pairs that a rule meets.
    candidates: BTreeMap<Gammas, f64>,
    /// Pairs that no rule meets: non-matches, or out of reach.
    others: BTreeMap<Gammas, f64>,
    /// Pairs of rows.
    pairs: f64,
    /// Matches that there can be at most.
    most_matches: f64,
    /// Whether comparisons may depend on each other among non-matches.
    dependent: bool,
    /// Comparisons whose m probabilities are learned; none when empty.
    learned: Vec<bool>,
}

/// How many pairs have which comparison vector.
type Counts<'a> = Vec<(&'a Gammas, f64)>;

/// What the population says.
#[derive(Debug, Clone)]
pub(crate) struct Refined {
    /// Shares of levels among matches.
    pub(crate) m: Levels,
    /// The share of matches among all pairs.
    pub(crate) prior: f64,
    /// Shares of levels among non-matches.
    pub(crate) u: Levels,
    /// Comparisons that agree together among non-matches, at most one fewer than there are comparisons.
    pub(crate) dependences: Vec<Dependence>,
}

/// How two comparisons depend on each other among non-matches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dependence {
    /// Places of the two comparisons.
    pub(crate) places: [usize; 2],
    /// Per level of the first and of the second, from else up, how much more often both occur than chance has it.
    pub(crate) ratios: Vec<Vec<f64>>,
}

const ROUNDS: usize = 30;
const SETTLED: f64 = 1e-6;

/// Pairs of levels count as if chance had added so many, which keeps what was seen once or twice from weighing much.
const PSEUDO_PAIRS: f64 = 1.0;

/// Dependence that moves the weight of no match by more than this is left out.
const LEAST_WEIGHT: f64 = 0.1;

/// So large a share of the matches at two levels may be taken for non-matches; as many pairs prove no dependence. Matches
/// agree on everything, so that a few of them among the non-matches would look like much dependence.
const MISJUDGED: f64 = 0.05;

/// Where too few pairs match, the class that expectation maximization settles on need not be the matches (Yancey 2004,
/// Census Bureau RRS2004-01); one in twenty is the usual rule of thumb.
const LEAST_SHARE_TO_LEARN: f64 = 0.05;

impl Population {
    /// No pairs yet, of so many pairs of rows in all.
    pub(crate) fn new(pairs: f64) -> Self {
        Self { pairs, most_matches: pairs / 2.0, dependent: true, ..Self::default() }
    }

    /// Says that a record has at most one match, and that there are at most so many.
    ///
    /// Non-matches that agree on much are then mostly rivals: copies and further editions of a record that is matched.
    /// Sharing the record among them takes that into account already, and dependence would count it twice.
    pub(crate) fn limit(&mut self, most_matches: f64) {
        self.most_matches = most_matches;
        self.dependent = false;
    }

    /// Says that the m probabilities of these comparisons are to be learned anew from the candidates of all rules
    /// together, bound by no share that may disagree.
    ///
    /// Where clusters are large, matches are many among the candidates, and they differ more than the pairs of any one
    /// rule: that rule met those that agree on it. Where matches are few nothing is learned, see
    /// [`LEAST_SHARE_TO_LEARN`].
    pub(crate) fn learn(&mut self, comparisons: Vec<bool>) {
        self.learned = comparisons;
    }

    /// The m probabilities of these matches.
    fn learned(matches: &[(&Gammas, f64)], m: &Levels, learns: &[bool]) -> Levels {
        // One match more, as it was expected before: a comparison without values stays as it was.
        let mut learned = m.clone();
        for (gammas, count) in matches {
            for (levels, &gamma) in learned.iter_mut().zip(gammas.iter()) {
                if let Ok(level) = usize::try_from(gamma) {
                    levels[level] += count;
                }
            }
        }
        for ((levels, before), learns) in learned.iter_mut().zip(m).zip(learns) {
            let total: f64 = levels.iter().sum();
            levels.iter_mut().for_each(|count| *count = (*count / total).clamp(FLOOR, 1.0 - FLOOR));
            if !learns {
                levels.clone_from(before);
            }
        }
        learned
    }

    /// Adds candidate pairs, each of which stands for so many.
    pub(crate) fn add_candidates(&mut self, patterns: &Patterns, each: f64) {
        for (gammas, count) in patterns {
            *self.candidates.entry(*gammas).or_default() += *count as f64 * each;
        }
    }

    /// Adds a sample of the pairs that no rule meets: they are what the candidates leave of the population.
    pub(crate) fn add_others(&mut self, patterns: &Patterns) {
        let sampled = patterns.values().sum::<u64>().max(1) as f64;
        let each = (self.pairs - self.candidates.values().sum::<f64>()).max(0.0) / sampled;
        self.others = patterns.iter().map(|(gammas, count)| (*gammas, *count as f64 * each)).collect();
    }

    /// Tells non-matches from matches, whose m probabilities stay as they are unless they are learned.
    pub(crate) fn refine(&self, prior: f64, m: &Levels, u: &Levels) -> Refined {
        let mut refined = Refined { prior, m: m.clone(), u: u.clone(), dependences: Vec::new() };
        self.settle(&mut refined, &[]);
        let candidates: f64 = self.candidates.values().sum();
        if self.learned.contains(&true) && refined.prior * self.pairs >= LEAST_SHARE_TO_LEARN * candidates {
            self.settle(&mut refined, &self.learned);
        }
        let m = &refined.m;
        refined.dependences.retain(|dependence| dependence.most_weight(m) > LEAST_WEIGHT);
        refined
    }

    /// Takes matches from the population and tells what is left, in turns until it settles.
    fn settle(&self, refined: &mut Refined, learned: &[bool]) {
        let m = &refined.m.clone();
        let least = 1.0 / (self.pairs + 1.0);
        for _ in 0..ROUNDS {
            let (matches, non_matches) = self.told_apart(refined);
            let expected: f64 = matches.iter().map(|(_, count)| count).sum();
            let next = (expected.min(self.most_matches) / self.pairs).clamp(least, 0.5);
            if learned.contains(&true) {
                refined.m = Self::learned(&matches, m, learned);
            }
            let moved = (next / refined.prior).ln().abs();
            refined.prior = next;
            refined.u = levels(&non_matches, m);
            if self.dependent {
                refined.dependences = dependences(&matches, &non_matches, m);
            }
            if moved < SETTLED {
                break;
            }
        }
    }

    /// The pairs that match and those that do not, each pair to some share of either.
    fn told_apart(&self, refined: &Refined) -> (Counts<'_>, Counts<'_>) {
        let (mut matches, mut non_matches) = (Counts::new(), Counts::new());
        for (gammas, count) in &self.candidates {
            let probability = refined.probability(gammas);
            matches.push((gammas, count * probability));
            non_matches.push((gammas, count * (1.0 - probability)));
        }
        non_matches.extend(self.others.iter().map(|(gammas, count)| (gammas, *count)));
        (matches, non_matches)
    }
}

impl Refined {
    /// The odds that a pair matches.
    pub(crate) fn odds(&self, gammas: &Gammas) -> f64 {
        let mut odds = self.prior / (1.0 - self.prior);
        for (index, &gamma) in gammas.iter().enumerate() {
            if let Ok(level) = usize::try_from(gamma) {
                odds *= self.m[index][level] / self.u[index][level];
            }
        }
        for dependence in &self.dependences {
            odds /= dependence.ratio(gammas);
        }
        odds
    }

    fn probability(&self, gammas: &Gammas) -> f64 {
        let odds = self.odds(gammas);
        if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
    }
}

impl Dependence {
    fn ratio(&self, gammas: &Gammas) -> f64 {
        let [a, b] = self.places.map(|place| usize::try_from(gammas[place]));
        match (a, b) {
            (Ok(a), Ok(b)) => self.ratios[a][b],
            _ => 1.0,
        }
    }

    /// How much a match would weigh too much without it, on average and in bits.
    fn mean_weight(&self, m: &Levels) -> f64 {
        let [a, b] = self.places;
        let rows = self.ratios.iter().zip(&m[a]);
        rows.flat_map(|(ratios, m_a)| ratios.iter().zip(&m[b]).map(move |(ratio, m_b)| m_a * m_b * ratio.log2())).sum()
    }

    /// The most that a match of more than rare levels gains or loses.
    fn most_weight(&self, m: &Levels) -> f64 {
        let [a, b] = self.places;
        let mut most: f64 = 0.0;
        for (ratios, m_a) in self.ratios.iter().zip(&m[a]) {
            for (ratio, m_b) in ratios.iter().zip(&m[b]) {
                most = most.max(if m_a * m_b > 1e-3 { ratio.log2().abs() } else { 0.0 });
            }
        }
        most
    }
}

/// Shares of levels.
fn levels(pairs: &[(&Gammas, f64)], m: &Levels) -> Levels {
    let mut counts: Levels = m.iter().map(|levels| vec![0.5 / levels.len() as f64; levels.len()]).collect();
    for (gammas, count) in pairs {
        for (counts, &gamma) in counts.iter_mut().zip(gammas.iter()) {
            if let Ok(level) = usize::try_from(gamma) {
                counts[level] += count;
            }
        }
    }
    for counts in &mut counts {
        let total: f64 = counts.iter().sum();
        counts.iter_mut().for_each(|count| *count = (*count / total).clamp(FLOOR * FLOOR, 1.0 - FLOOR));
    }
    counts
}

/// The tree of the strongest dependences: of all that leave no ring, those that matches would weigh the most too much
/// without. On a tree the joint probability is the product of all levels and of the ratios along it (Chow & Liu 1968).
///
/// The tree that is closest to the non-matches as a whole would describe how they disagree, as nearly all of them do;
/// what counts are the few that look like matches.
fn dependences(matches: &[(&Gammas, f64)], non_matches: &[(&Gammas, f64)], m: &Levels) -> Vec<Dependence> {
    let mut found: Vec<(f64, Dependence)> = Vec::new();
    for a in 0..m.len() {
        for b in a + 1..m.len() {
            let [matched, joint] = [matches, non_matches].map(|pairs| together(pairs, [a, b], m));
            let dependence = Dependence { places: [a, b], ratios: ratios(&joint, &matched) };
            found.push((dependence.mean_weight(m), dependence));
        }
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.places.cmp(&other.1.places)));
    let mut trees: Vec<usize> = (0..m.len()).collect();
    let mut kept = Vec::new();
    for (weight, dependence) in found {
        let [a, b] = dependence.places.map(|place| trees[place]);
        if weight > 0.0 && a != b {
            trees.iter_mut().filter(|tree| **tree == b).for_each(|tree| *tree = a);
            kept.push(dependence);
        }
    }
    kept
}

/// How many pairs are at which levels of two comparisons.
fn together(pairs: &[(&Gammas, f64)], [a, b]: [usize; 2], m: &Levels) -> Levels {
    let mut joint = vec![vec![0.0; m[b].len()]; m[a].len()];
    for (gammas, count) in pairs {
        if let (Ok(level_a), Ok(level_b)) = (usize::try_from(gammas[a]), usize::try_from(gammas[b])) {
            joint[level_a][level_b] += count;
        }
    }
    joint
}

/// How much more often than chance has it non-matches are at the levels of two comparisons.
fn ratios(joint: &Levels, matched: &Levels) -> Levels {
    let of_a: Vec<f64> = joint.iter().map(|row| row.iter().sum()).collect();
    let of_b: Vec<f64> = (0..joint[0].len()).map(|b| joint.iter().map(|row| row[b]).sum()).collect();
    let total: f64 = of_a.iter().sum::<f64>().max(1.0);
    let ratio = |a: usize, b: usize| {
        let (count, by_chance) = (joint[a][b], of_a[a] * of_b[b] / total);
        let count = count.min(by_chance.max(count - MISJUDGED * matched[a][b]));
        (count + PSEUDO_PAIRS) / (by_chance + PSEUDO_PAIRS)
    };
    (0..of_a.len()).map(|a| (0..of_b.len()).map(|b| ratio(a, b)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Patterns, Population};
    use crate::gammas::Gammas;

    fn patterns(counts: &[([i8; 2], u64)]) -> Patterns {
        counts.iter().map(|(gammas, count)| (Gammas::collect(gammas.iter().copied()), *count)).collect()
    }

    #[test]
    fn matches_are_taken_from_the_non_matches() {
        let mut population = Population::new(100_000.0);
        population.add_candidates(&patterns(&[([1, 1], 100), ([1, 0], 200), ([0, 1], 200)]), 1.0);
        population.add_others(&patterns(&[([0, 0], 10)]));
        let m = vec![vec![0.02, 0.98]; 2];
        let u = vec![vec![0.997, 0.003]; 2];
        let refined = population.refine(0.01, &m, &u);
        // Nearly all of the hundred that agree on both are matches, so that half of `u` goes.
        assert!((refined.prior * 100_000.0 - 100.0).abs() < 5.0, "{}", refined.prior);
        assert!((refined.u[0][1] - 0.002).abs() < 1e-4, "{}", refined.u[0][1]);
    }

    #[test]
    fn what_agrees_together_among_non_matches_weighs_once() {
        let mut population = Population::new(1_000_000.0);
        population.add_candidates(&patterns(&[([1, 1], 10_000), ([1, 0], 100), ([0, 1], 100)]), 1.0);
        population.add_others(&patterns(&[([0, 0], 10)]));
        let m = vec![vec![0.02, 0.98]; 2];
        let u = vec![vec![0.99, 0.01]; 2];
        let refined = population.refine(1e-5, &m, &u);
        let [dependence] = &refined.dependences[..] else { panic!("{refined:?}") };
        assert!(dependence.ratios[1][1] > 50.0, "{dependence:?}");
        assert!(refined.prior < 0.002, "{}", refined.prior);
    }
}
