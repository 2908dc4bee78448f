//! The waterfall as text for a terminal: no color, at most 100 columns.

use std::fmt;

use super::bars::{Bar, Scale, bars};
use super::words::{clip, probability, values, wrap};
use super::{Explanation, WaterfallStep};

const WIDTH: usize = 100;
/// The longest name that is shown whole.
const NAME: usize = 20;
/// A match weight and the blanks around it.
const WEIGHT: usize = 11;

const MORE: char = '█';
const LESS: char = '▒';
const ZERO: char = '│';
const THRESHOLD: char = '┊';

impl fmt::Display for Explanation {
    /// The bars, a table of levels, and the sentences.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bars = bars(self);
        let chart = Chart::of(&bars, self.threshold_weight);
        writeln!(f, "{}", chart.axis(self.threshold_weight))?;
        for bar in &bars {
            writeln!(f, "{}", chart.line(bar))?;
        }
        writeln!(f)?;
        for line in table(&self.steps) {
            writeln!(f, "{line}")?;
        }
        writeln!(f)?;
        for sentence in self.sentences() {
            for line in wrap(&sentence, WIDTH) {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

struct Chart {
    scale: Scale,
    names: usize,
    /// Cells of the bars.
    cells: usize,
    zero: usize,
    threshold: usize,
}

impl Chart {
    fn of(bars: &[Bar<'_>], threshold_weight: f64) -> Self {
        let names = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0).min(NAME);
        let mut chart = Self {
            scale: Scale::of(bars, threshold_weight),
            names,
            cells: WIDTH - names - WEIGHT,
            zero: 0,
            threshold: 0,
        };
        chart.zero = chart.cell(0.0);
        chart.threshold = chart.cell(threshold_weight);
        chart
    }

    /// The border between cells that a match weight is nearest to.
    fn border(&self, weight: f64) -> usize {
        (self.scale.place(weight) * self.cells as f64).round() as usize
    }

    /// The cell behind that border.
    fn cell(&self, weight: f64) -> usize {
        self.border(weight).min(self.cells - 1)
    }

    /// Zero and the threshold above their cells.
    fn axis(&self, threshold_weight: f64) -> String {
        let label: Vec<char> = format!("threshold {threshold_weight:.2}").chars().collect();
        let mut cells = vec![' '; self.cells];
        let start = self.threshold.min(self.cells.saturating_sub(label.len()));
        cells[start..start + label.len()].copy_from_slice(&label);
        let around = self.zero.saturating_sub(1)..(self.zero + 2).min(self.cells);
        if cells[around].iter().all(|cell| *cell == ' ') {
            cells[self.zero] = '0';
        }
        let cells: String = cells.iter().collect();
        format!("{}{}", " ".repeat(self.names + WEIGHT), cells.trim_end())
    }

    fn line(&self, bar: &Bar<'_>) -> String {
        let mut cells = vec![' '; self.cells];
        cells[self.threshold] = THRESHOLD;
        cells[self.zero] = ZERO;
        let (low, high) = (bar.start.min(bar.end), bar.start.max(bar.end));
        if bar.weight == 0.0 {
            cells[self.cell(low)] = '·';
        } else {
            let first = self.cell(low);
            // The smallest step still shows.
            let end = self.border(high).max(first + 1);
            cells[first..end].fill(if bar.weight > 0.0 { MORE } else { LESS });
        }
        let name = clip(&bar.label, self.names);
        let cells: String = cells.iter().collect();
        format!("{name:<names$} {:>+8.2}  {}", bar.weight, cells.trim_end(), names = self.names)
    }
}

/// Comparison, level, m, u, share of the term where any weighs by it, and values.
fn table(steps: &[WaterfallStep]) -> Vec<String> {
    let with_terms = steps.iter().any(|step| step.term_frequency.is_some());
    let widest = |head: &str, text: fn(&WaterfallStep) -> &str, most: usize| {
        steps.iter().map(|step| text(step).chars().count()).chain([head.len()]).max().unwrap_or(0).min(most)
    };
    let names = widest("comparison", |step| &step.comparison, NAME);
    let levels = widest("level", |step| &step.level, 28);
    let line = |name: &str, level: &str, [m, u, share]: [String; 3]| {
        let mut line = format!("{:<names$}  {:<levels$}  {m:>8}  {u:>8}  ", clip(name, names), clip(level, levels));
        if with_terms {
            line.push_str(&format!("{share:>8}  "));
        }
        line
    };
    let head = line("comparison", "level", ["m", "u", "share"].map(str::to_owned)) + "values";
    let row = |step: &WaterfallStep| {
        let numbers = [step.m, step.u, step.term_frequency].map(|number| number.map(probability).unwrap_or_default());
        let start = line(&step.comparison, &step.level, numbers);
        let room = WIDTH.saturating_sub(start.chars().count());
        start + &values(step.value_l.as_deref(), step.value_r.as_deref(), room)
    };
    std::iter::once(head).chain(steps.iter().map(row)).collect()
}
