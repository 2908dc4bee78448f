//! Training: u from random pairs, m from blocked pairs, the prior from both.

pub(crate) mod block;
pub(crate) mod em;
mod lead;
mod limited;
pub(crate) mod population;
mod trainer;

use std::fmt;

use serde::Serialize;
use thiserror::Error;

pub(crate) use self::block::mix;
use self::trainer::Trainer;
use crate::linker::Linker;
use crate::model::{ComparisonModel, Model};
use crate::records::Records;
use crate::settings::Side;

/// What a model is trained from: some records and the blocks they are in. The order of either does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The records of both tables, all of them or those of sampled blocks.
    pub records: &'a Records,
    /// Per record its table, and a number that all readings of one row share.
    pub rows: &'a [(Side, u32)],
    /// The records that random pairs are drawn from: all of them or those of rows sampled one by one, whatever their
    /// blocks.
    pub random: &'a [u32],
    /// Per rule the (block key, record) of every sampled block.
    pub memberships: &'a [Vec<(u64, u32)>],
    /// Pairs of records that are known to match; of rows with several readings every pair of those. None are when empty.
    pub labelled: &'a [[u32; 2]],
    /// Rows in the whole left table.
    pub left_total: u64,
    /// Rows in the whole right table; ignored where one table is linked with itself.
    pub right_total: u64,
    /// Share of the block keys that are sampled; 1 when they all are.
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
    /// Values at this level are closer than at a looser one, and yet speak less for a match.
    NotMonotone {
        /// Name of the comparison.
        comparison: String,
        /// Label of the closer level.
        level: String,
        /// Label of the looser level, which weighs at least a bit more.
        looser: String,
    },
    /// Most matches disagree here.
    MostlyDisagree {
        /// Name of the comparison.
        comparison: String,
        /// The share of matches at else, its m probability.
        share: f64,
    },
    /// Equal values speak against a match.
    AgreementAgainst {
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
            Self::NotMonotone { comparison, level, looser } => write!(
                f,
                "level `{level}` of comparison `{comparison}` weighs less than the looser level `{looser}`; few matches are at \
                 one of them, or the looser level is too narrow"
            ),
            Self::MostlyDisagree { comparison, share } => write!(
                f,
                "{:.0} % of the matches disagree on comparison `{comparison}`; its columns may not hold the same thing",
                100.0 * share
            ),
            Self::AgreementAgainst { comparison } => {
                write!(
                    f,
                    "equal values of comparison `{comparison}` speak against a match; it may mislead more than help"
                )
            }
            Self::EmptyRule { rule } => write!(f, "blocking rule `{rule}` met no pair to train from"),
        }
    }
}

/// Trains a model without labels: u probabilities from about half a million random pairs chosen by
/// hash, m probabilities by expectation maximization within each blocking rule (comparisons the
/// rule fixes are held out), averaged over the rules by their expected matches. The prior counts
/// the expected matches of the most productive rule, corrected by the recall that rule should
/// have under the m probabilities.
///
/// Where pairs are known to match, they teach the m probabilities in place of the rules, which say only where the labels
/// start from.
///
/// At last u and the prior are taken from all pairs of the tables, candidates and others, less the
/// matches that the model finds among them; and, unless links are one to one, what depends on what
/// among non-matches. Where a record has at most one match, the prior becomes that of two records
/// that have no other.
///
/// The same records give the same model bit for bit, in any order, with sides swapped or not.
///
/// # Errors
/// [`TrainError`] when there is nothing to learn from.
pub fn train(linker: &Linker, training: Training<'_>) -> Result<(Model, Vec<Warning>), TrainError> {
    if !(training.fraction > 0.0 && training.fraction <= 1.0) {
        return Err(TrainError::Fraction { found: training.fraction });
    }
    let mut trainer = Trainer::new(linker, training)?;
    let u = trainer.random_levels();
    let sessions = trainer.sessions(&u);
    if sessions.is_empty() {
        return Err(TrainError::NoPairs { rules: linker.rules() });
    }
    let expected = trainer.average(&sessions, &u);
    let m = trainer.labelled(expected);
    let matches = trainer.total_matches(&sessions, &m) / training.fraction;
    let pairs = training.pairs();
    let prior = (matches / pairs).clamp(1.0 / (pairs + 1.0), 0.5);
    let mut refined = trainer.population(pairs).refine(prior, &m, &u);
    if linker.cardinality().limits().contains(&true) {
        refined.prior = trainer.limited_prior(&refined);
    }
    let model = Model::new(linker, &refined);
    let mut warnings = trainer.warnings;
    warnings.extend(implausible(&model));
    Ok((model, warnings))
}

/// What no one would expect of the levels of a model.
fn implausible(model: &Model) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for ComparisonModel { name, levels, .. } in &model.comparisons {
        if levels.first().is_some_and(|exact| exact.weight < 0.0) {
            warnings.push(Warning::AgreementAgainst { comparison: name.clone() });
        }
        if let Some(share) = levels.last().map(|other| other.m).filter(|share| *share > 0.5) {
            warnings.push(Warning::MostlyDisagree { comparison: name.clone(), share });
        }
        for pair in levels.windows(2).filter(|pair| pair[0].weight + 1.0 < pair[1].weight) {
            let (level, looser) = (pair[0].label.clone(), pair[1].label.clone());
            warnings.push(Warning::NotMonotone { comparison: name.clone(), level, looser });
        }
    }
    warnings
}

impl Training<'_> {
    /// Pairs of two random records of the whole tables.
    fn pairs(&self) -> f64 {
        let left = self.left_total.max(1) as f64;
        let dedupe = !self.rows.iter().any(|(side, _)| *side == Side::Right);
        if dedupe { (left * (left - 1.0) / 2.0).max(1.0) } else { left * self.right_total.max(1) as f64 }
    }
}
