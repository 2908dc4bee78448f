//! Scoring: match weights of pairs, with as few string metrics as can be.

use crate::gammas::Gammas;
use crate::linker::{Linker, ResolvedComparison};
use crate::model::{InteractionModel, Model};
use crate::records::{Likeness, Records};

/// A model made ready for one linker. Answers the match weight of a pair, unless it stays below a floor.
///
/// Comparisons run cheapest and most telling first; a pair is given up as soon as what is left cannot lift it to the
/// floor. Which order they run in changes no weight: weights are added in the order of the model.
#[derive(Debug)]
pub struct Scorer<'a> {
    linker: &'a Linker,
    model: &'a Model,
    steps: Vec<Step<'a>>,
    /// Places of two comparisons and what they weigh together.
    interactions: Vec<([usize; 2], &'a InteractionModel)>,
    floor: f64,
}

#[derive(Debug)]
struct Step<'a> {
    place: usize,
    comparison: &'a ResolvedComparison,
    /// Weight of null, else and every level, by gamma + 1, at the most that term frequency can make of it.
    most: Vec<f64>,
    /// The most that unequal values can weigh.
    most_unequal: f64,
    /// The most that all later steps can add.
    rest: f64,
}

/// Rounding of sums in another order stays far below this.
const SLACK: f64 = 1e-6;

impl<'a> Scorer<'a> {
    /// Pairs below a match weight of `floor` are given up. The model must have passed [`Model::check`].
    pub fn new(linker: &'a Linker, model: &'a Model, floor: f64) -> Self {
        let step = |(place, comparison): (usize, &'a ResolvedComparison)| {
            let most = model.comparisons[place].most_weights();
            let unequal = comparison.levels.iter().filter(|level| !level.is_exact()).count().min(most.len() - 2);
            let most_unequal = most[1..=1 + unequal].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Step { place, comparison, most, most_unequal, rest: 0.0 }
        };
        let mut steps: Vec<Step<'a>> = linker.comparisons().iter().enumerate().map(step).collect();
        steps.sort_by(|a, b| {
            a.cost().cmp(&b.cost()).then(b.spread().total_cmp(&a.spread())).then(a.place.cmp(&b.place))
        });
        let place = |interaction: &'a InteractionModel| Some((model.places(interaction)?, interaction));
        let interactions: Vec<([usize; 2], &InteractionModel)> = model.interactions.iter().filter_map(place).collect();
        let mut rest = interactions.iter().map(|(_, interaction)| interaction.most()).sum();
        for step in steps.iter_mut().rev() {
            step.rest = rest;
            rest += step.most.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        }
        Self { linker, model, steps, interactions, floor }
    }

    /// The match weight and comparison vector of a pair; none below the floor.
    pub fn weigh(&self, records: &Records, left: usize, right: usize) -> Option<(f64, Gammas)> {
        let mut gammas = Gammas::of_len(self.steps.len());
        let mut most = self.model.prior_weight();
        let least = self.floor - SLACK;
        for step in &self.steps {
            let gamma = match records.likeness(left, right, step.comparison.field) {
                Likeness::Null => -1,
                Likeness::Equal => step.comparison.equal_gamma(records, left, right),
                Likeness::Unequal if most + step.most_unequal + step.rest < least => return None,
                Likeness::Unequal => step.comparison.unequal_gamma(records, left, right),
            };
            most += step.most[(gamma + 1) as usize];
            if most + step.rest < least {
                return None;
            }
            gammas.set(step.place, gamma);
        }
        let weight = self.weight(records, left, right, &gammas);
        (weight >= self.floor).then_some((weight, gammas))
    }

    /// The match weight of a comparison vector for this pair, whose values decide the term frequencies.
    pub fn weight(&self, records: &Records, left: usize, right: usize, gammas: &Gammas) -> f64 {
        let parts = self.model.comparisons.iter().zip(self.linker.comparisons()).zip(gammas.iter());
        let weights = parts.map(|((model, comparison), gamma)| {
            let frequency =
                comparison.term.map_or(0.0, |term| records.frequency(left, term).max(records.frequency(right, term)));
            model.weight(*gamma, frequency)
        });
        let together = self
            .interactions
            .iter()
            .map(|([first, second], interaction)| interaction.weight(gammas[*first], gammas[*second]));
        weights.chain(together).fold(self.model.prior_weight(), |total, weight| total + weight)
    }
}

impl Step<'_> {
    fn cost(&self) -> u32 {
        self.comparison.levels.iter().map(|level| level.cost()).max().unwrap_or_default()
    }

    /// How far apart the comparison can drive two pairs.
    fn spread(&self) -> f64 {
        let most = self.most.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most - self.most.iter().copied().fold(f64::INFINITY, f64::min)
    }
}
