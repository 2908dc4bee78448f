//! The model: m and u probabilities and match weights per level, as readable JSON.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::linker::Linker;
use crate::settings::Comparison;
use crate::train::population::{Dependence, Refined};

/// A value rarer than this share of what is usual weighs no more: agreement on it may be an error copied along, and it
/// must not outweigh disagreement elsewhere.
const LEAST_SHARE_OF_U: f64 = 1.0 / 16.0;

/// A trained model. Scores need nothing but this and the gammas of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The share of matches among all pairs of the two tables; where a record has at most one match, among the pairs of
    /// records that have no other.
    pub probability_two_random_records_match: f64,
    /// One entry per comparison, in the order of the gammas.
    pub comparisons: Vec<ComparisonModel>,
    /// Comparisons that depend on each other among non-matches, so that agreeing on both tells less than each alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interactions: Vec<InteractionModel>,
}

/// What two comparisons weigh together beyond what each of them weighs: a street lies in one ZIP code, so whoever agrees
/// on the street nearly always agrees on the ZIP code too, match or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionModel {
    /// Names of the two comparisons, the earlier first.
    pub comparisons: [String; 2],
    /// Match weight added, by the gamma of the first and of the second comparison, each from else (0) up; nothing is
    /// added when either is null.
    pub weights: Vec<Vec<f64>>,
}

/// The levels of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonModel {
    /// Name of the comparison.
    pub name: String,
    /// The least share of records that a value is taken to have, when levels weigh by term frequency: agreement on a
    /// value that is rarer still weighs no more; 0 for no bound. Null when none of them does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_frequency_minimum: Option<f64>,
    /// Levels from closest to else.
    pub levels: Vec<LevelModel>,
}

/// The probabilities of one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelModel {
    /// The level as the settings write it, or `else`.
    pub label: String,
    /// Its number in a comparison vector.
    pub gamma: i8,
    /// Probability of this level among matches.
    pub m: f64,
    /// Probability of this level among non-matches.
    pub u: f64,
    /// log2(m / u).
    pub weight: f64,
    /// How much of the term-frequency adjustment counts at this level, 0 to 1: the weight grows by that much of
    /// log2(u of the exact level / share of records with the value), the share of the more frequent of two values.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub term_frequency_weight: f64,
}

fn is_zero(weight: &f64) -> bool {
    *weight == 0.0
}

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The text is not the JSON of a model.
    #[error("the model is not readable")]
    Json(#[from] serde_json::Error),
    /// The model was trained for other comparisons.
    #[error("the model compares `{found}`, the settings compare `{expected}`")]
    Mismatch {
        /// Comparisons and levels of the model.
        found: String,
        /// Comparisons and levels of the settings.
        expected: String,
    },
    /// A number is no probability or no weight, or a gamma stands out of order.
    #[error("`{place}` of the model is `{found}`, expected {expected}")]
    Number {
        /// Path inside the model.
        place: String,
        /// The number found.
        found: f64,
        /// What belongs there.
        expected: &'static str,
    },
}

impl Model {
    pub(crate) fn new(linker: &Linker, refined: &Refined) -> Self {
        let settings = &linker.settings().comparisons;
        let comparisons = settings
            .iter()
            .zip(refined.m.iter().zip(&refined.u))
            .map(|(comparison, (m, u))| ComparisonModel::new(comparison, m, u))
            .collect();
        let interaction = |dependence: &Dependence| InteractionModel {
            comparisons: dependence.places.map(|place| settings[place].name.clone()),
            weights: dependence.ratios.iter().map(|row| row.iter().map(|ratio| -ratio.log2()).collect()).collect(),
        };
        let interactions = refined.dependences.iter().map(interaction).collect();
        Self { probability_two_random_records_match: refined.prior, comparisons, interactions }
    }

    /// The match probability that belongs to a match weight.
    pub fn match_probability(weight: f64) -> f64 {
        // Written so that neither very large nor very small weights overflow.
        1.0 / (1.0 + (-weight).exp2())
    }

    /// The match weight that belongs to a match probability.
    pub fn weight_of(probability: f64) -> f64 {
        (probability / (1.0 - probability)).log2()
    }

    /// log2 odds that two random records match, that have no other match where they can have only one.
    pub fn prior_weight(&self) -> f64 {
        Self::weight_of(self.probability_two_random_records_match)
    }

    /// Indented JSON that reads back bit for bit.
    ///
    /// # Errors
    /// [`ModelError::Json`] when a number is not finite.
    pub fn to_json(&self) -> Result<String, ModelError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Reads what [`Self::to_json`] wrote; check it against a linker before use.
    ///
    /// # Errors
    /// [`ModelError::Json`] with the line and column.
    pub fn from_json(json: &str) -> Result<Self, ModelError> {
        Ok(serde_json::from_str(json)?)
    }

    /// Checks that the model has the comparisons and levels of the linker, and sound numbers.
    ///
    /// # Errors
    /// [`ModelError::Mismatch`] or [`ModelError::Number`].
    pub fn check(&self, linker: &Linker) -> Result<(), ModelError> {
        let (found, expected) = (self.outline(), outline(&linker.settings().comparisons));
        if found != expected {
            return Err(ModelError::Mismatch { found, expected });
        }
        let place = "probability_two_random_records_match".to_owned();
        check_probability(place, self.probability_two_random_records_match)?;
        for comparison in &self.comparisons {
            for (level, gamma) in comparison.levels.iter().rev().zip(0_i8..) {
                let place = |name: &str| format!("{}.{}.{name}", comparison.name, level.label);
                check_probability(place("m"), level.m)?;
                check_probability(place("u"), level.u)?;
                if !level.weight.is_finite() {
                    let (place, found) = (place("weight"), level.weight);
                    return Err(ModelError::Number { place, found, expected: "a finite number" });
                }
                if !(0.0..=1.0).contains(&level.term_frequency_weight) {
                    let (place, found) = (place("term_frequency_weight"), level.term_frequency_weight);
                    return Err(ModelError::Number { place, found, expected: "a number from 0 to 1" });
                }
                if level.gamma != gamma {
                    let (place, found) = (place("gamma"), f64::from(level.gamma));
                    let expected = "levels from the highest gamma down to 0";
                    return Err(ModelError::Number { place, found, expected });
                }
            }
        }
        self.interactions.iter().try_for_each(|interaction| self.check_interaction(interaction))
    }

    fn check_interaction(&self, interaction: &InteractionModel) -> Result<(), ModelError> {
        let place = format!("interactions.{}", interaction.comparisons.join("."));
        let Some([first, second]) = self.places(interaction) else {
            let expected = "two comparisons of the model, the earlier first";
            return Err(ModelError::Number { place, found: 0.0, expected });
        };
        let [rows, columns] = [first, second].map(|place| self.comparisons[place].levels.len());
        let fits = interaction.weights.len() == rows && interaction.weights.iter().all(|row| row.len() == columns);
        if !fits {
            let expected = "a row per level of the first comparison and a column per level of the second";
            return Err(ModelError::Number { place, found: interaction.weights.len() as f64, expected });
        }
        match interaction.weights.iter().flatten().find(|weight| !weight.is_finite()) {
            Some(&found) => Err(ModelError::Number { place, found, expected: "a finite number" }),
            None => Ok(()),
        }
    }

    /// Where the two comparisons of an interaction stand; none when the model lacks one or they stand the other way round.
    pub(crate) fn places(&self, interaction: &InteractionModel) -> Option<[usize; 2]> {
        let place = |name: &String| self.comparisons.iter().position(|comparison| comparison.name == *name);
        let [first, second] = &interaction.comparisons;
        place(first).zip(place(second)).filter(|(first, second)| first < second).map(|(first, second)| [first, second])
    }

    fn outline(&self) -> String {
        let comparison = |comparison: &ComparisonModel| {
            let labels: Vec<&str> = comparison.levels.iter().map(|level| level.label.as_str()).collect();
            format!("{}({})", comparison.name, labels.join(", "))
        };
        self.comparisons.iter().map(comparison).collect::<Vec<_>>().join(" ")
    }
}

impl InteractionModel {
    /// What the levels of its two comparisons weigh together; 0 when one is null.
    #[inline]
    pub(crate) fn weight(&self, first: i8, second: i8) -> f64 {
        match (usize::try_from(first), usize::try_from(second)) {
            (Ok(first), Ok(second)) => self.weights[first][second],
            _ => 0.0,
        }
    }

    /// The most that it can add to a match weight.
    pub(crate) fn most(&self) -> f64 {
        self.weights.iter().flatten().copied().fold(0.0, f64::max)
    }
}

impl ComparisonModel {
    pub(crate) fn new(comparison: &Comparison, m: &[f64], u: &[f64]) -> Self {
        let level = |(gamma, (&m, &u)): (usize, (&f64, &f64))| LevelModel {
            label: label(comparison, gamma),
            gamma: i8::try_from(gamma).unwrap_or(i8::MAX),
            m,
            u,
            weight: (m / u).log2(),
            term_frequency_weight: comparison.term_frequency_weight(gamma),
        };
        let levels: Vec<LevelModel> = m.iter().zip(u).enumerate().map(level).rev().collect();
        let least = levels.first().map(|exact| exact.u * LEAST_SHARE_OF_U);
        Self {
            name: comparison.name.clone(),
            term_frequency_minimum: least.filter(|_| comparison.term_frequency),
            levels,
        }
    }

    /// The match weight of a gamma between values that at most this share of the records have; 0 for null.
    pub(crate) fn weight(&self, gamma: i8, frequency: f64) -> f64 {
        self.level(gamma).map_or(0.0, |level| level.weight + self.term_frequency_part(level, frequency))
    }

    /// What term frequency adds to the match weight of a level.
    pub(crate) fn term_frequency_part(&self, level: &LevelModel, frequency: f64) -> f64 {
        match (self.term_frequency_minimum, self.levels.first()) {
            (Some(least), Some(exact)) if level.term_frequency_weight > 0.0 && frequency > 0.0 => {
                level.term_frequency_weight * (exact.u / frequency.max(least)).log2()
            }
            _ => 0.0,
        }
    }

    /// The most that null, else and each level can weigh, by gamma + 1.
    pub(crate) fn most_weights(&self) -> Vec<f64> {
        let most = |level: &LevelModel| {
            // The rarest value weighs most.
            let least = self.term_frequency_minimum.map(|least| least.max(f64::MIN_POSITIVE));
            let rare = least.map_or(0.0, |least| self.term_frequency_part(level, least));
            level.weight + rare.max(0.0)
        };
        std::iter::once(0.0).chain(self.levels.iter().rev().map(most)).collect()
    }

    /// The level of a gamma; `None` for null.
    pub(crate) fn level(&self, gamma: i8) -> Option<&LevelModel> {
        let gamma = usize::try_from(gamma).ok()?;
        self.levels.get(self.levels.len().checked_sub(gamma + 1)?)
    }
}

/// The label of a gamma: its level as written, `else` for 0.
pub(crate) fn label(comparison: &Comparison, gamma: usize) -> String {
    let level = comparison.levels.len().checked_sub(gamma).and_then(|index| comparison.levels.get(index));
    level.map_or_else(|| "else".to_owned(), ToString::to_string)
}

fn outline(comparisons: &[Comparison]) -> String {
    let comparison = |comparison: &Comparison| {
        let labels: Vec<String> = (0..=comparison.levels.len()).rev().map(|gamma| label(comparison, gamma)).collect();
        format!("{}({})", comparison.name, labels.join(", "))
    };
    comparisons.iter().map(comparison).collect::<Vec<_>>().join(" ")
}

fn check_probability(place: String, found: f64) -> Result<(), ModelError> {
    if found > 0.0 && found < 1.0 {
        return Ok(());
    }
    Err(ModelError::Number { place, found, expected: "a number above 0 and below 1" })
}
