//! Why a pair is a link or is not: the waterfall of its match weight.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::linker::Linker;
use crate::model::{InteractionModel, Model};
use crate::records::Records;
use crate::scorer::Scorer;

/// The match weight of one pair of variants, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// log2 odds that two random records match.
    pub prior_weight: f64,
    /// One step per comparison.
    pub steps: Vec<WaterfallStep>,
    /// What pairs of comparisons add, because they depend on each other.
    pub interactions: Vec<InteractionStep>,
    /// Prior, steps and interactions together.
    pub match_weight: f64,
    /// The probability of that weight.
    pub match_probability: f64,
    /// The least probability of a link.
    pub threshold: f64,
    /// Index of the first rule that meets the pair; null when none does.
    pub match_key: Option<usize>,
    /// What every rule says about the pair.
    pub rules: Vec<RuleOutcome>,
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

/// What two comparisons weigh together beyond what each of them weighs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InteractionStep {
    /// Names of the two comparisons.
    pub comparisons: [String; 2],
    /// What they add to the match weight.
    pub weight: f64,
}

/// Whether a blocking rule meets a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The derived fields of the rule.
    pub fields: Vec<String>,
    /// Whether all are present and equal.
    pub met: bool,
    /// The fields that differ or are missing on a side.
    pub apart: Vec<String>,
}

/// Explains a pair of records; of rows with several readings, explain the heaviest pair.
pub fn explain(linker: &Linker, model: &Model, records: &Records, left: usize, right: usize) -> Explanation {
    let gammas = linker.gammas(records, left, right);
    let steps = (0..gammas.len().min(model.comparisons.len()))
        .map(|index| step(linker, model, records, index, gammas[index], left, right))
        .collect();
    let interaction = |interaction: &InteractionModel| {
        let [first, second] = model.places(interaction)?;
        let weight = interaction.weight(gammas[first], gammas[second]);
        Some(InteractionStep { comparisons: interaction.comparisons.clone(), weight })
    };
    let match_weight = Scorer::new(linker, model, f64::NEG_INFINITY).weight(records, left, right, &gammas);
    Explanation {
        prior_weight: model.prior_weight(),
        steps,
        interactions: model.interactions.iter().filter_map(interaction).collect(),
        match_weight,
        match_probability: Model::match_probability(match_weight),
        threshold: linker.threshold(),
        match_key: linker.match_key(records, left, right),
        rules: (0..linker.rules()).map(|rule| outcome(linker, rule, records, left, right)).collect(),
    }
}

fn step(
    linker: &Linker,
    model: &Model,
    records: &Records,
    index: usize,
    gamma: i8,
    left: usize,
    right: usize,
) -> WaterfallStep {
    let comparison = &model.comparisons[index];
    let level = comparison.level(gamma);
    let resolved = &linker.comparisons()[index];
    let frequency =
        resolved.term.map(|term| records.frequency(left, term).max(records.frequency(right, term)));
    let value = |record: usize| records.value(record, resolved.field).map(str::to_owned);
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
        term_frequency_weight: level.zip(frequency).map_or(0.0, |(level, share)| comparison.term_frequency_part(level, share)),
    }
}

fn outcome(linker: &Linker, rule: usize, records: &Records, left: usize, right: usize) -> RuleOutcome {
    let rule = &linker.blocking()[rule];
    let name = |field: usize| linker.derived()[field].clone();
    let differs = |field: &usize| {
        let value_l = records.value(left, *field);
        value_l.is_none() || value_l != records.value(right, *field)
    };
    let met = rule.meets(records, left, right);
    let apart = if met { Vec::new() } else { rule.fields().filter(differs).map(name).collect() };
    RuleOutcome { fields: rule.fields().map(name).collect(), met, apart }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>8.2}  prior", self.prior_weight)?;
        for step in &self.steps {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "(null)".to_owned());
            write!(f, "{:>+8.2}  {}: ", step.weight, step.comparison)?;
            write!(f, "{} | {}, {}", value(&step.value_l), value(&step.value_r), step.level)?;
            match (step.m, step.u) {
                (Some(m), Some(u)) => writeln!(f, " (m {m:.6}, u {u:.6})")?,
                _ => writeln!(f)?,
            }
        }
        for InteractionStep { comparisons: [first, second], weight } in &self.interactions {
            writeln!(f, "{weight:>+8.2}  {first} and {second} depend on each other")?;
        }
        write!(f, "{:>8.2}  match weight, ", self.match_weight)?;
        writeln!(f, "probability {:.6}, threshold {}", self.match_probability, self.threshold)?;
        for (index, rule) in self.rules.iter().enumerate() {
            let fields = rule.fields.join(", ");
            if rule.met {
                writeln!(f, "blocking rule {index} ({fields}) meets the pair")?;
            } else {
                writeln!(f, "blocking rule {index} ({fields}) does not: {}", rule.apart.join(", "))?;
            }
        }
        Ok(())
    }
}
