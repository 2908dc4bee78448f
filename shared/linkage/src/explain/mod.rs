//! Why a pair is a link or is not: the waterfall of its match weight, what every blocking rule says, and what would
//! change the answer.

mod bars;
mod change;
mod chart;
mod svg;
mod words;

use serde::{Deserialize, Serialize};

use crate::linker::Linker;
use crate::model::Model;
use crate::records::Records;
use crate::scorer::Scorer;

pub use change::{Change, Lost, Raise, Verdict};

/// The match weight of one pair of records, taken apart.
///
/// `Display` draws it as a chart of at most 100 columns; [`Explanation::svg`] draws it for a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// log2 odds that two random records match.
    pub prior_weight: f64,
    /// One step per comparison, in the order of the model.
    pub steps: Vec<WaterfallStep>,
    /// Prior and steps together.
    pub match_weight: f64,
    /// The probability of that weight.
    pub match_probability: f64,
    /// The least probability of a link.
    pub threshold: f64,
    /// The match weight of that probability.
    pub threshold_weight: f64,
    /// Index of the first rule that meets the pair; null when none does, so that the pair is never compared.
    pub match_key: Option<usize>,
    /// What every rule says about the pair, in the order of the settings.
    pub rules: Vec<RuleOutcome>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// One comparison's part in a match weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaterfallStep {
    /// Name of the comparison.
    pub comparison: String,
    /// The left value.
    pub value_l: Option<String>,
    /// The right value.
    pub value_r: Option<String>,
    /// The level reached: -1 null, 0 else.
    pub gamma: i8,
    /// Label of the level, `null` when a value is missing.
    pub level: String,
    /// m probability; null for a null level.
    pub m: Option<f64>,
    /// u probability; null for a null level.
    pub u: Option<f64>,
    /// What the level adds to the match weight.
    pub weight: f64,
    /// The share of records with the more frequent of the two values; null when the comparison does not weigh by it.
    pub term_frequency: Option<f64>,
    /// What term frequency adds to the match weight.
    pub term_frequency_weight: f64,
}

impl WaterfallStep {
    /// What the comparison adds to the match weight in all.
    fn total(&self) -> f64 {
        self.weight + self.term_frequency_weight
    }
}

/// Whether a blocking rule meets a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The parts of the rule as the settings write them.
    pub parts: Vec<String>,
    /// Whether all of them agree.
    pub met: bool,
    /// Those that do not. Empty for a rule that is not met when the parts agree in keys beyond the most that a record
    /// has.
    pub apart: Vec<PartApart>,
}

/// A part of a blocking rule whose values make no common key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartApart {
    /// The part as the settings write it.
    pub part: String,
    /// The left value of its field.
    pub value_l: Option<String>,
    /// The right value of its field.
    pub value_r: Option<String>,
}

/// Explains a pair of records whose terms are counted; of rows with several readings, explain the heaviest pair.
///
/// The match weight is the one that [`Scorer::weigh`] gives, bit for bit. The model must have passed [`Model::check`].
pub fn explain(linker: &Linker, model: &Model, records: &Records, left: usize, right: usize) -> Explanation {
    let gammas = linker.gammas(records, left, right);
    let steps: Vec<WaterfallStep> = (0..gammas.len().min(model.comparisons.len()))
        .map(|index| step(linker, model, records, (index, gammas[index]), left, right))
        .collect();
    let match_weight = Scorer::new(linker, model, f64::NEG_INFINITY).weight(records, left, right, &gammas);
    let rules: Vec<RuleOutcome> = (0..linker.rules()).map(|rule| outcome(linker, rule, records, left, right)).collect();
    let threshold_weight = Model::weight_of(linker.threshold());
    Explanation {
        prior_weight: model.prior_weight(),
        verdict: change::verdict(model, &steps, &rules, match_weight, threshold_weight),
        steps,
        match_weight,
        match_probability: Model::match_probability(match_weight),
        threshold: linker.threshold(),
        threshold_weight,
        match_key: rules.iter().position(|rule| rule.met),
        rules,
    }
}

fn step(
    linker: &Linker,
    model: &Model,
    records: &Records,
    (index, gamma): (usize, i8),
    left: usize,
    right: usize,
) -> WaterfallStep {
    let comparison = &model.comparisons[index];
    let level = comparison.level(gamma);
    let resolved = &linker.comparisons()[index];
    let frequency = resolved.term.map(|term| records.frequency(left, term).max(records.frequency(right, term)));
    let value = |record: usize| records.value(record, resolved.field).map(str::to_owned);
    let term_frequency_part = |(level, share)| comparison.term_frequency_part(level, share);
    WaterfallStep {
        comparison: comparison.name.clone(),
        value_l: value(left),
        value_r: value(right),
        gamma,
        level: level.map_or_else(|| "null".to_owned(), |level| level.label.clone()),
        m: level.map(|level| level.m),
        u: level.map(|level| level.u),
        weight: level.map_or(0.0, |level| level.weight),
        term_frequency: frequency,
        term_frequency_weight: level.zip(frequency).map_or(0.0, term_frequency_part),
    }
}

fn outcome(linker: &Linker, index: usize, records: &Records, left: usize, right: usize) -> RuleOutcome {
    let rule = &linker.blocking()[index];
    let parts = linker.settings().blocking[index].clone();
    let met = rule.meets(records, left, right);
    let apart = |(place, field): (usize, usize)| {
        let value = |record: usize| records.value(record, field).map(str::to_owned);
        PartApart { part: parts[place].clone(), value_l: value(left), value_r: value(right) }
    };
    let apart = if met { Vec::new() } else { rule.apart(records, left, right).map(apart).collect() };
    RuleOutcome { parts, met, apart }
}
