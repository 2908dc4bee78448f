//! Training: u from random pairs, m from blocked pairs, the prior from both.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::block::{Block, blocks, mix, thin};
use crate::em::{FLOOR, Levels, Patterns, Session, estimate, starting_m};
use crate::gammas::Gammas;
use crate::linker::{CompareCache, Linker};
use crate::model::Model;
use crate::settings::Cardinality;
use crate::variant::Variant;

/// What a model is trained from. The order of the slices does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// Left variants, all of them or those of sampled block keys.
    pub left: &'a [Variant],
    /// Right variants, likewise.
    pub right: &'a [Variant],
    /// Records in the whole left table.
    pub left_total: u64,
    /// Records in the whole right table.
    pub right_total: u64,
    /// Share of block keys the slices cover; 1 when they are whole.
    pub fraction: f64,
}

/// Why no model could be trained.
#[derive(Debug, Error, PartialEq)]
pub enum TrainError {
    /// A side has no records.
    #[error("the {side} side has no records to train from")]
    NoRecords {
        /// `left` or `right`.
        side: &'static str,
    },
    /// The fraction is no share.
    #[error("the sampled fraction is `{found}`, expected a number above 0 and at most 1")]
    Fraction {
        /// The number given.
        found: f64,
    },
    /// No blocking rule met a pair.
    #[error("no blocking rule of `{rules}` met a pair to train from")]
    NoPairs {
        /// How many rules there are.
        rules: usize,
    },
}

/// A part of the model that rests on an assumption instead of data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// No random pair was at this level; its u probability is the stated floor.
    UnseenLevel {
        /// Name of the comparison.
        comparison: String,
        /// Label of the level.
        level: String,
        /// The u probability used instead.
        floor: f64,
    },
    /// No blocking rule leaves this comparison free; its m probabilities are the usual start.
    Untrained {
        /// Name of the comparison.
        comparison: String,
    },
    /// A blocking rule met no pair.
    EmptyRule {
        /// Index of the rule.
        rule: usize,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnseenLevel { comparison, level, floor } => {
                write!(f, "no random pair was at level `{level}` of comparison `{comparison}`; u is taken as `{floor}`")
            }
            Self::Untrained { comparison } => {
                write!(f, "every blocking rule fixes comparison `{comparison}`; its m probabilities are assumed")
            }
            Self::EmptyRule { rule } => write!(f, "blocking rule `{rule}` met no pair"),
        }
    }
}

const RANDOM_PAIRS: u64 = 1 << 20;
const PAIRS_PER_RULE: u64 = 1 << 21;

/// Trains a model without labels: u probabilities from about a million random pairs chosen by
/// hash, m probabilities by expectation maximization within each blocking rule (comparisons the
/// rule fixes are held out), averaged over the rules by their expected matches. The prior counts
/// the expected matches of the most productive rule, corrected by the recall that rule should
/// have under the m probabilities.
///
/// The same records give the same model bit for bit, in any order, with sides swapped or not.
///
/// # Errors
/// [`TrainError`] when there is nothing to learn from.
pub fn train(linker: &Linker, training: Training<'_>) -> Result<(Model, Vec<Warning>), TrainError> {
    let left = sorted(training.left, "left")?;
    let right = sorted(training.right, "right")?;
    if !(training.fraction > 0.0 && training.fraction <= 1.0) {
        return Err(TrainError::Fraction { found: training.fraction });
    }
    let mut trainer = Trainer { linker, left, right, cache: CompareCache::default(), warnings: Vec::new() };
    let u = trainer.random_levels();
    let sessions = trainer.sessions(&u)?;
    let m = trainer.average(&sessions, &u);
    let matches = trainer.total_matches(&sessions, &m) / training.fraction;
    let pairs = training.left_total.max(1) as f64 * training.right_total.max(1) as f64;
    let prior = (matches / pairs).clamp(1.0 / (pairs + 1.0), 0.5);
    Ok((Model::new(linker, prior, &m, &u), trainer.warnings))
}

fn sorted<'a>(variants: &'a [Variant], side: &'static str) -> Result<Vec<&'a Variant>, TrainError> {
    let mut sorted: Vec<&Variant> = variants.iter().collect();
    sorted.sort_unstable();
    if sorted.is_empty() { Err(TrainError::NoRecords { side }) } else { Ok(sorted) }
}

/// How many random pairs the trailing pairs of a rule are mixed with.
const TRAILING_PRIOR: f64 = 100.0;

fn varies(patterns: &Patterns, comparison: usize) -> bool {
    let mut seen = patterns.keys().map(|gammas| gammas[comparison]).filter(|gamma| *gamma >= 0);
    let first = seen.next();
    first.is_some_and(|first| seen.any(|gamma| gamma != first))
}

struct Trainer<'a> {
    linker: &'a Linker,
    left: Vec<&'a Variant>,
    right: Vec<&'a Variant>,
    cache: CompareCache,
    warnings: Vec<Warning>,
}

/// What a rule taught, and the comparisons it could teach about.
struct RuleSession {
    rule: usize,
    active: Vec<bool>,
    session: Session,
    /// Matches in the whole sample, when blocks had to be thinned.
    matches: f64,
}

impl Trainer<'_> {
    /// Shares of levels among random pairs.
    fn random_levels(&mut self) -> Levels {
        let mut counts = self.empty_counts();
        let (left_len, right_len) = (self.left.len() as u64, self.right.len() as u64);
        // Which side draws first follows the records, so that swapping the sides changes nothing.
        let swapped = (right_len, &self.right) < (left_len, &self.left);
        for draw in 0..RANDOM_PAIRS.min(left_len.saturating_mul(right_len).saturating_mul(4)) {
            let (first, second) = (mix(2 * draw), mix(2 * draw + 1));
            let (first, second) = if swapped { (second, first) } else { (first, second) };
            let left = self.left[(first % left_len) as usize];
            let right = self.right[(second % right_len) as usize];
            for (count, &gamma) in counts.iter_mut().zip(self.linker.gammas(left, right, &mut self.cache).iter()) {
                if let Ok(level) = usize::try_from(gamma) {
                    count[level] += 1;
                }
            }
        }
        self.shares(&counts)
    }

    fn empty_counts(&self) -> Vec<Vec<u64>> {
        let comparisons = &self.linker.settings().comparisons;
        comparisons.iter().map(|comparison| vec![0; comparison.levels.len() + 1]).collect()
    }

    fn shares(&mut self, counts: &[Vec<u64>]) -> Levels {
        let comparisons = &self.linker.settings().comparisons;
        let mut shares = Vec::with_capacity(counts.len());
        for (comparison, counts) in comparisons.iter().zip(counts) {
            let total = counts.iter().sum::<u64>().max(1) as f64;
            let floor = (0.5 / total).clamp(FLOOR, 0.5);
            for (gamma, _) in counts.iter().enumerate().filter(|(_, count)| **count == 0) {
                self.warnings.push(Warning::UnseenLevel {
                    comparison: comparison.name.clone(),
                    level: crate::model::label(comparison, gamma),
                    floor,
                });
            }
            let share = |&count: &u64| (count as f64 / total).clamp(floor, 1.0 - FLOOR);
            shares.push(counts.iter().map(share).collect());
        }
        shares
    }

    fn sessions(&mut self, u: &Levels) -> Result<Vec<RuleSession>, TrainError> {
        let mut sessions = Vec::new();
        let start: Levels = u.iter().map(|u| starting_m(u.len()).iter().zip(u).map(|(m, u)| (m / u).log2()).collect()).collect();
        for rule in 0..self.linker.rules() {
            let mut blocks = blocks(&self.left, &self.right, rule);
            let kept = thin(&mut blocks, PAIRS_PER_RULE);
            let named = self.linker.rule_fields(rule).to_vec();
            let fields: Vec<usize> = (0..u.len()).map(|index| self.linker.comparison_field(index)).collect();
            let weigh = |gammas: &Gammas| {
                let free = gammas.iter().enumerate().filter(|(index, _)| !named.contains(&fields[*index]));
                free.map(|(index, &gamma)| usize::try_from(gamma).map_or(0.0, |level| start[index][level])).sum()
            };
            let (patterns, trailing) = self.patterns(&blocks, weigh);
            if patterns.is_empty() {
                self.warnings.push(Warning::EmptyRule { rule });
                continue;
            }
            let active = self.active(rule, &patterns);
            let block_u = self.block_levels(&trailing, u);
            let session = estimate(&patterns, &block_u, &active);
            if std::env::var("LINK_DEBUG").is_ok() { eprintln!("  block u {block_u:?}"); }
            let matches = session.matches / kept;
            if std::env::var("LINK_DEBUG").is_ok() { eprintln!("rule {rule} pairs {} kept {kept} active {active:?} matches {matches} m {:?}", patterns.values().sum::<u64>(), session.m); }
            sessions.push(RuleSession { rule, active, session, matches });
        }
        if sessions.is_empty() { Err(TrainError::NoPairs { rules: self.linker.rules() }) } else { Ok(sessions) }
    }

    /// The comparisons a rule leaves free: those whose field it does not name and that vary.
    fn active(&self, rule: usize, patterns: &Patterns) -> Vec<bool> {
        let named = self.linker.rule_fields(rule);
        (0..self.linker.settings().comparisons.len())
            .map(|index| {
                !named.contains(&self.linker.comparison_field(index)) && varies(patterns, index)
            })
            .collect()
    }

    /// u probabilities inside the blocks of a rule. Sharing a street makes near house numbers and
    /// the same suffix common among non-matches too; with u of random pairs EM would take all of
    /// that for matches. The pairs that do not lead are non-matches nearly all, so their levels
    /// raise u where they occur more often than among random pairs.
    fn block_levels(&self, trailing: &Patterns, u: &Levels) -> Levels {
        let mut counts = self.empty_counts();
        for (gammas, pairs) in trailing {
            for (count, &gamma) in counts.iter_mut().zip(gammas.iter()) {
                if let Ok(level) = usize::try_from(gamma) {
                    count[level] += pairs;
                }
            }
        }
        let raise = |(counts, u): (&Vec<u64>, &Vec<f64>)| {
            let total = counts.iter().sum::<u64>() as f64 + TRAILING_PRIOR;
            let share = |(&count, &u): (&u64, &f64)| (count as f64 + TRAILING_PRIOR * u) / total;
            counts.iter().zip(u).map(|(count, u)| share((count, u)).max(*u).min(1.0 - FLOOR)).collect()
        };
        counts.iter().zip(u).map(raise).collect()
    }

    /// Counts the pairs of a rule: all of them, and those that do not lead. A pair leads when its
    /// weight is above zero and no other pair of its records weighs more; in a one-to-one job it
    /// has to be the best of both records, otherwise of one.
    fn patterns(&mut self, blocks: &BTreeMap<u64, Block>, weigh: impl Fn(&Gammas) -> f64) -> (Patterns, Patterns) {
        let both = self.linker.cardinality() == Cardinality::OneToOne;
        let (mut all, mut trailing) = (Patterns::new(), Patterns::new());
        for block in blocks.values() {
            let mut pairs = Vec::with_capacity(block.left.len() * block.right.len());
            let mut best_left = vec![0.0; block.left.len()];
            let mut best_right = vec![0.0; block.right.len()];
            for (l, &left) in block.left.iter().enumerate() {
                for (r, &right) in block.right.iter().enumerate() {
                    let gammas = self.linker.gammas(self.left[left], self.right[right], &mut self.cache);
                    let weight = weigh(&gammas);
                    best_left[l] = f64::max(best_left[l], weight);
                    best_right[r] = f64::max(best_right[r], weight);
                    pairs.push((l, r, weight, gammas));
                }
            }
            for (l, r, weight, gammas) in pairs {
                let (leads_l, leads_r) = (weight >= best_left[l], weight >= best_right[r]);
                let leads = if both { leads_l && leads_r } else { leads_l || leads_r };
                *all.entry(gammas).or_default() += 1;
                if !(leads && weight > 0.0) {
                    *trailing.entry(gammas).or_default() += 1;
                }
            }
        }
        (all, trailing)
    }

    /// Averages m over the sessions that left a comparison free, by their matches.
    fn average(&mut self, sessions: &[RuleSession], u: &Levels) -> Levels {
        let mut averaged = Vec::with_capacity(u.len());
        for (index, levels) in u.iter().enumerate() {
            let mut m = vec![0.0; levels.len()];
            let mut total = 0.0;
            for taught in sessions.iter().filter(|taught| taught.active[index]) {
                let weight = taught.session.support[index];
                total += weight;
                for (m, taught) in m.iter_mut().zip(&taught.session.m[index]) {
                    *m += weight * taught;
                }
            }
            if total > 0.0 {
                averaged.push(m.iter().map(|m| (m / total).clamp(FLOOR, 1.0 - FLOOR)).collect());
            } else {
                let comparison = self.linker.settings().comparisons[index].name.clone();
                self.warnings.push(Warning::Untrained { comparison });
                averaged.push(starting_m(levels.len()));
            }
        }
        averaged
    }

    /// Matches in the sample: the largest count of a rule over the recall its fields should have.
    fn total_matches(&self, sessions: &[RuleSession], m: &Levels) -> f64 {
        let matches = |taught: &RuleSession| {
            let recall: f64 = m
                .iter()
                .enumerate()
                .filter(|(index, _)| {
                    self.linker.rule_fields(taught.rule).contains(&self.linker.comparison_field(*index))
                })
                .filter_map(|(_, levels)| levels.last())
                .product();
            taught.matches / recall.max(0.5)
        };
        sessions.iter().map(matches).fold(1.0, f64::max)
    }
}
