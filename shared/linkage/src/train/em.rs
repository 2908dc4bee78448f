//! Expectation maximization over counted comparison vectors of one blocking rule.

use std::collections::BTreeMap;

use crate::gammas::Gammas;

/// How often each comparison vector occurs. Integer counts in vector order: the order pairs come
/// in cannot change a bit of what is estimated from them.
pub(crate) type Patterns = BTreeMap<Gammas, u64>;

/// Probabilities per comparison, indexed by gamma (0 is else).
pub(crate) type Levels = Vec<Vec<f64>>;

/// Least probability of a level.
pub(crate) const FLOOR: f64 = 1e-6;

/// The largest share of matches that may disagree on a comparison. Without a bound, EM may settle
/// on any trait that splits a block in two, such as the street suffix.
pub(crate) const MOST_ELSE: f64 = 0.1;

/// The share of matches that disagree before anything is known.
const STARTING_ELSE: f64 = 0.05;

const ROUNDS: usize = 500;
const SETTLED: f64 = 1e-7;

/// What one blocking rule says about its matches.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Estimated m probabilities; those of held-out comparisons are meaningless.
    pub(crate) m: Levels,
    /// Matches with a value on both sides, per comparison: the weight of its m probabilities.
    pub(crate) support: Vec<f64>,
    /// Estimated matches among the pairs of the rule.
    pub(crate) matches: f64,
}

/// Estimates m probabilities and the share of matches with u held fixed (Winkler 1988), over the
/// comparisons marked `active`.
pub(crate) fn estimate(patterns: &Patterns, u: &Levels, active: &[bool], most_else: &[f64]) -> Session {
    let pairs: f64 = patterns.values().map(|&count| count as f64).sum();
    let mut session = Session {
        m: u.iter().zip(most_else).map(|(levels, most)| starting_m(levels.len(), *most)).collect(),
        support: Vec::new(),
        matches: 0.0,
    };
    let mut share: f64 = 0.2;
    for _ in 0..ROUNDS {
        let (counts, matches) = expected(patterns, &session.m, u, active, share);
        let next = (matches / pairs.max(1.0)).clamp(FLOOR, 1.0 - FLOOR);
        let moved = maximize(&mut session, counts, most_else).max((next - share).abs());
        share = next;
        session.matches = matches;
        if moved < SETTLED {
            break;
        }
    }
    session
}

/// Most matches agree exactly, the rest thins out level by level, and a few disagree.
pub(crate) fn starting_m(levels: usize, most_else: f64) -> Vec<f64> {
    let otherwise = STARTING_ELSE.min(most_else);
    let mut rest = 1.0 - otherwise;
    let mut m = vec![otherwise; levels];
    for place in m.iter_mut().skip(2).rev() {
        *place = rest * 0.9;
        rest -= *place;
    }
    if let Some(loosest) = m.get_mut(1) {
        *loosest = rest;
    }
    m
}

/// Expected matches per comparison and level, and in all.
fn expected(patterns: &Patterns, m: &Levels, u: &Levels, active: &[bool], share: f64) -> (Levels, f64) {
    let mut counts: Levels = u.iter().map(|levels| vec![0.0; levels.len()]).collect();
    let mut matches = 0.0;
    for (gammas, &count) in patterns {
        let mut odds = share / (1.0 - share);
        for (index, &gamma) in gammas.iter().enumerate() {
            if let Ok(level) = usize::try_from(gamma)
                && active[index]
            {
                odds *= m[index][level] / u[index][level];
            }
        }
        let expected = count as f64 * probability(odds);
        matches += expected;
        for (index, &gamma) in gammas.iter().enumerate() {
            if let Ok(level) = usize::try_from(gamma) {
                counts[index][level] += expected;
            }
        }
    }
    (counts, matches)
}

fn probability(odds: f64) -> f64 {
    if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
}

/// Sets m from expected counts; returns the largest move of a probability.
fn maximize(session: &mut Session, counts: Levels, most_else: &[f64]) -> f64 {
    let mut moved: f64 = 0.0;
    session.support = counts.iter().map(|levels| levels.iter().sum()).collect();
    for ((m, counts), &most_else) in session.m.iter_mut().zip(counts).zip(most_else) {
        let total: f64 = counts.iter().sum();
        if total > 0.0 {
            // Convex constraint (Winkler 1993): scale so that else keeps at most its bound.
            let apart = counts.first().copied().unwrap_or_default() / total;
            let bounded = apart.min(most_else);
            let scale = if apart < 1.0 { (1.0 - bounded) / (1.0 - apart) } else { 1.0 };
            for (level, (m, count)) in m.iter_mut().zip(counts).enumerate() {
                let share = if level == 0 { bounded } else { count / total * scale };
                let next = share.clamp(FLOOR, 1.0 - FLOOR);
                moved = moved.max((next - *m).abs());
                *m = next;
            }
        }
    }
    moved
}
