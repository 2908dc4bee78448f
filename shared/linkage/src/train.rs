//! Training: u from random pairs, m from blocked pairs, the prior from both.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::linker::Linker;
use crate::model::Model;
use crate::trainer::Trainer;
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
    /// No two records of the sample share a key of this blocking rule.
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
            Self::EmptyRule { rule } => write!(f, "blocking rule `{rule}` met no pair to train from"),
        }
    }
}

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
    let mut trainer = Trainer::new(linker, left, right);
    let u = trainer.random_levels();
    let sessions = trainer.sessions(&u);
    if sessions.is_empty() {
        return Err(TrainError::NoPairs { rules: linker.rules() });
    }
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
