//! Why a pair is a link or is not: the waterfall of its match weight.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::linker::{CompareCache, Linker};
use crate::model::Model;
use crate::variant::{Variant, match_key};

/// The match weight of one pair of variants, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// log2 odds that two random records match.
    pub prior_weight: f64,
    /// One step per comparison.
    pub steps: Vec<WaterfallStep>,
    /// Prior and steps together.
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
    /// What the step adds to the match weight.
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

/// Explains a pair of variants; of records with several variants, explain the heaviest pair.
pub fn explain(linker: &Linker, model: &Model, left: &Variant, right: &Variant) -> Explanation {
    let gammas = linker.gammas(left, right, &mut CompareCache::default());
    let steps = (0..gammas.len().min(model.comparisons.len()))
        .map(|index| step(linker, model, index, gammas[index], left, right))
        .collect();
    let match_weight = model.match_weight(&gammas);
    Explanation {
        prior_weight: model.prior_weight(),
        steps,
        match_weight,
        match_probability: Model::match_probability(match_weight),
        threshold: linker.threshold(),
        match_key: match_key(left, right),
        rules: (0..linker.rules()).map(|rule| outcome(linker, rule, left, right)).collect(),
    }
}

fn step(linker: &Linker, model: &Model, index: usize, gamma: i8, left: &Variant, right: &Variant) -> WaterfallStep {
    let comparison = &model.comparisons[index];
    let level = comparison.level(gamma);
    let field = linker.comparison_field(index);
    WaterfallStep {
        comparison: comparison.name.clone(),
        value_l: left.values.get(field).cloned().flatten(),
        value_r: right.values.get(field).cloned().flatten(),
        gamma,
        level: level.map_or_else(|| "null".to_owned(), |level| level.label.clone()),
        m: level.map(|level| level.m),
        u: level.map(|level| level.u),
        weight: level.map_or(0.0, |level| level.weight),
    }
}

fn outcome(linker: &Linker, rule: usize, left: &Variant, right: &Variant) -> RuleOutcome {
    let value = |variant: &Variant, field: usize| variant.values.get(field).cloned().flatten();
    let name = |field: &usize| linker.derived()[*field].clone();
    let fields = linker.rule_fields(rule);
    let differs = |field: &&usize| {
        let value_l = value(left, **field);
        value_l.is_none() || value_l != value(right, **field)
    };
    let apart: Vec<String> = fields.iter().filter(differs).map(name).collect();
    RuleOutcome { fields: fields.iter().map(name).collect(), met: apart.is_empty(), apart }
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
