//! The bars of the waterfall: each begins where the one before it ended.

use super::{Explanation, WaterfallStep};

/// One bar.
#[derive(Debug)]
pub(super) struct Bar<'a> {
    /// What it is called.
    pub(super) label: String,
    /// What it adds.
    pub(super) weight: f64,
    /// Match weight where it begins.
    pub(super) start: f64,
    /// Match weight where it ends.
    pub(super) end: f64,
    /// The comparison whose level it shows; none for all other bars.
    pub(super) step: Option<&'a WaterfallStep>,
}

/// Prior, comparisons with what their term frequency adds, what comparisons weigh together, and total.
pub(super) fn bars(explanation: &Explanation) -> Vec<Bar<'_>> {
    let prior = explanation.prior_weight;
    let mut bars = vec![Bar { label: "prior".to_owned(), weight: prior, start: 0.0, end: prior, step: None }];
    let mut at = prior;
    let mut add = |label: String, weight: f64, step| {
        bars.push(Bar { label, weight, start: at, end: at + weight, step });
        at += weight;
    };
    for step in &explanation.steps {
        add(step.comparison.clone(), step.weight, Some(step));
        if step.term_frequency_weight != 0.0 {
            add(format!("{}, term", step.comparison), step.term_frequency_weight, None);
        }
    }
    for interaction in explanation.interactions.iter().filter(|interaction| interaction.weight != 0.0) {
        add(interaction.comparisons.join(" & "), interaction.weight, None);
    }
    let total = explanation.match_weight;
    bars.push(Bar { label: "match weight".to_owned(), weight: total, start: 0.0, end: total, step: None });
    bars
}

/// From match weights to places on an axis.
#[derive(Debug)]
pub(super) struct Scale {
    least: f64,
    span: f64,
}

impl Scale {
    /// An axis on which all bars, zero and the threshold have room.
    pub(super) fn of(bars: &[Bar<'_>], threshold_weight: f64) -> Self {
        let ends = bars.iter().flat_map(|bar| [bar.start, bar.end]).chain([0.0, threshold_weight]);
        let (least, most) = ends.fold((0.0, 0.0), |(least, most): (f64, f64), end| (least.min(end), most.max(end)));
        Self { least, span: (most - least).max(1e-9) }
    }

    /// Where a match weight lies, 0 at the left end and 1 at the right.
    pub(super) fn place(&self, weight: f64) -> f64 {
        (weight - self.least) / self.span
    }
}
