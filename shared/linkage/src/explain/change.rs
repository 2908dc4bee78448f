//! Why not: what the comparisons lost, and the smallest change that would make the pair a link.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{RuleOutcome, WaterfallStep};
use crate::model::{ComparisonModel, Model};

/// What an explanation comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the match weight reaches the threshold.
    pub reaches_threshold: bool,
    /// How far the match weight lies above the threshold; negative below it.
    pub margin: f64,
    /// What the comparisons lost, the most first; one at the level that weighs most lost nothing and is left out.
    pub lost: Vec<Lost>,
    /// The smallest change by which the match weight reaches the threshold; null when it does, and when no change of
    /// levels is enough.
    pub smallest_change: Option<Change>,
    /// Index of the rule with the fewest parts apart; null when a rule meets the pair.
    pub nearest_rule: Option<usize>,
}

/// How much less a comparison weighs than it could.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// Name of the comparison.
    pub comparison: String,
    /// The level it is at.
    pub level: String,
    /// What it adds to the match weight there, term frequency included.
    pub weight: f64,
    /// The level at which it would weigh most.
    pub best_level: String,
    /// What that level would add more.
    pub lost: f64,
}

/// Levels to raise, and what comes out. Of all changes that are enough it raises the fewest comparisons, of those by
/// the fewest levels, and of those to the greatest weight; what is still equal is decided by the order of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// One entry a comparison, in the order of the model.
    pub raises: Vec<Raise>,
    /// The match weight of the pair with all of them.
    pub match_weight: f64,
}

/// A comparison raised to another level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Raise {
    /// Name of the comparison.
    pub comparison: String,
    /// The level it is at.
    pub from: String,
    /// The level to raise it to.
    pub to: String,
    /// What it weighs more there. A value that agrees is taken to be the more frequent of the two.
    pub gain: f64,
}

/// Sums in another order differ by less than this.
const SLACK: f64 = 1e-9;

/// Judges a pair by its steps and rules.
pub(super) fn verdict(
    model: &Model,
    steps: &[WaterfallStep],
    rules: &[RuleOutcome],
    match_weight: f64,
    threshold_weight: f64,
) -> Verdict {
    let raises: Vec<Vec<Candidate>> =
        model.comparisons.iter().zip(steps).map(|(comparison, step)| candidates(comparison, step)).collect();
    let margin = match_weight - threshold_weight;
    let change = (margin < 0.0).then(|| smallest(&raises, -margin)).flatten();
    Verdict {
        reaches_threshold: margin >= 0.0,
        margin,
        lost: lost(steps, &raises),
        smallest_change: change.map(|plan| plan.change(model, steps, match_weight)),
        nearest_rule: nearest(rules),
    }
}

/// A level above the one reached that weighs more.
#[derive(Debug, Clone, Copy)]
struct Candidate<'a> {
    gamma: i8,
    label: &'a str,
    /// How many levels up.
    up: usize,
    gain: f64,
}

fn candidates<'a>(comparison: &'a ComparisonModel, step: &WaterfallStep) -> Vec<Candidate<'a>> {
    let frequency = step.term_frequency.unwrap_or(0.0);
    let candidate = |level: &'a crate::LevelModel| {
        let gain = comparison.weight(level.gamma, frequency) - step.total();
        let up = usize::try_from(level.gamma - step.gamma).unwrap_or(0);
        Candidate { gamma: level.gamma, label: &level.label, up, gain }
    };
    comparison.levels.iter().map(candidate).filter(|candidate| candidate.up > 0 && candidate.gain > 0.0).collect()
}

/// The candidate that gains most, of equal ones the closest.
fn best<'a>(candidates: &[Candidate<'a>]) -> Option<Candidate<'a>> {
    candidates.iter().copied().reduce(|best, next| if next.gain > best.gain { next } else { best })
}

fn lost(steps: &[WaterfallStep], raises: &[Vec<Candidate<'_>>]) -> Vec<Lost> {
    let of_step = |(step, candidates): (&WaterfallStep, &Vec<Candidate<'_>>)| {
        best(candidates).map(|best| Lost {
            comparison: step.comparison.clone(),
            level: step.level.clone(),
            weight: step.total(),
            best_level: best.label.to_owned(),
            lost: best.gain,
        })
    };
    let mut lost: Vec<Lost> = steps.iter().zip(raises).filter_map(of_step).collect();
    lost.sort_by(|a, b| b.lost.total_cmp(&a.lost));
    lost
}

fn nearest(rules: &[RuleOutcome]) -> Option<usize> {
    if rules.iter().any(|rule| rule.met) {
        return None;
    }
    (0..rules.len()).min_by_key(|rule| rules[*rule].apart.len())
}

/// Raises that are made together.
#[derive(Debug, Clone, Default)]
struct Plan {
    gain: f64,
    /// Position of the comparison and the gamma it is raised to.
    raises: Vec<(usize, i8)>,
}

/// The smallest change that gains so much: per number of comparisons and of levels the plan that gains most is kept,
/// as for a knapsack.
fn smallest(raises: &[Vec<Candidate<'_>>], needed: f64) -> Option<Plan> {
    let fewest = fewest(raises, needed + 2.0 * SLACK)?;
    let mut plans = BTreeMap::from([((0, 0), Plan::default())]);
    for (comparison, candidates) in raises.iter().enumerate() {
        for ((count, up), plan) in plans.clone() {
            for candidate in candidates.iter().filter(|_| count < fewest) {
                let place = (count + 1, up + candidate.up);
                let gain = plan.gain + candidate.gain;
                if plans.get(&place).is_none_or(|known| known.gain < gain) {
                    let mut raises = plan.raises.clone();
                    raises.push((comparison, candidate.gamma));
                    plans.insert(place, Plan { gain, raises });
                }
            }
        }
    }
    plans.into_iter().find(|((count, _), plan)| *count == fewest && plan.gain >= needed + SLACK).map(|(_, plan)| plan)
}

/// How many comparisons must be raised at least; none when all of them are not enough.
fn fewest(raises: &[Vec<Candidate<'_>>], needed: f64) -> Option<usize> {
    let mut gains: Vec<f64> = raises.iter().filter_map(|candidates| best(candidates)).map(|best| best.gain).collect();
    gains.sort_by(|a, b| b.total_cmp(a));
    let mut total = 0.0;
    let enough = |gain: &f64| {
        total += gain;
        total >= needed
    };
    gains.iter().position(enough).map(|place| place + 1)
}

impl Plan {
    /// What comparisons weigh together is taken to stay as it is.
    fn change(self, model: &Model, steps: &[WaterfallStep], match_weight: f64) -> Change {
        let raise = |(place, gamma): &(usize, i8)| {
            let (comparison, step) = (&model.comparisons[*place], &steps[*place]);
            let weight = comparison.weight(*gamma, step.term_frequency.unwrap_or(0.0));
            Raise {
                comparison: step.comparison.clone(),
                from: step.level.clone(),
                to: comparison.level(*gamma).map(|level| level.label.clone()).unwrap_or_default(),
                gain: weight - step.total(),
            }
        };
        let raises: Vec<Raise> = self.raises.iter().map(raise).collect();
        let match_weight = raises.iter().fold(match_weight, |total, raise| total + raise.gain);
        Change { raises, match_weight }
    }
}
