//! What `lotline evaluate` prints.

use std::fmt;

use lotline_linkage::{Cut, Evaluation, Judgment};
use serde::Serialize;
use serde_json::{Value, json};

use crate::output::{quoted, rows_text};

/// The figures, the threshold table and the worst mistakes.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    /// The least match probability of the links. Pairs below it were not kept, so that no cut lies there.
    threshold: f64,
    cuts: &'a [Cut],
    best_cut: &'a Cut,
    /// The heaviest first.
    false_links: Vec<FalseLink<'a>>,
    /// In order of their keys.
    misses: Vec<Miss<'a>>,
}

/// A link that is not true.
#[derive(Debug, Serialize)]
struct FalseLink<'a> {
    id_l: &'a str,
    id_r: &'a str,
    match_weight: f64,
    /// The command that explains it.
    explain: String,
}

/// A true pair without a link.
#[derive(Debug, Serialize)]
struct Miss<'a> {
    id_l: &'a str,
    id_r: &'a str,
    /// The command that explains it.
    explain: String,
}

impl<'a> Report<'a> {
    /// With so many false links and misses, each to be explained by `command` and its keys.
    pub(super) fn new(judgment: &'a Judgment, threshold: f64, show: usize, command: &str) -> Self {
        let explain = |id_l: &str, id_r: &str| format!("{command} {} {}", quoted(id_l), quoted(id_r));
        let false_links = judgment.false_links.iter().take(show).map(|link| FalseLink {
            id_l: &link.id_l,
            id_r: &link.id_r,
            match_weight: link.match_weight,
            explain: explain(&link.id_l, &link.id_r),
        });
        let misses = judgment.misses.iter().take(show);
        Self {
            evaluation: &judgment.evaluation,
            threshold,
            cuts: &judgment.cuts,
            best_cut: &judgment.best_cut,
            false_links: false_links.collect(),
            misses: misses.map(|(id_l, id_r)| Miss { id_l, id_r, explain: explain(id_l, id_r) }).collect(),
        }
    }

    fn table(&self) -> String {
        let columns = ["match weight", "probability", "links", "precision", "recall", "F1"].map(str::to_owned);
        let row = |cut: &Cut| -> Vec<Value> {
            let ratio = |ratio: f64| json!(format!("{ratio:.4}"));
            let Evaluation { precision, recall, f1, .. } = cut.evaluation;
            let weight = format!("{:>12.2}", cut.match_weight);
            let probability = format!("{:.6}", cut.match_probability);
            vec![json!(weight), json!(probability), json!(cut.links), ratio(precision), ratio(recall), ratio(f1)]
        };
        rows_text(&columns, &self.cuts.iter().map(row).collect::<Vec<_>>())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", text(self.evaluation))?;
        writeln!(f, "at higher thresholds (pairs below the run's threshold {} are not kept)", self.threshold)?;
        f.write_str(&self.table())?;
        let best = self.best_cut;
        writeln!(f, "highest F1 {:.4} at a match weight of {:.2}", best.evaluation.f1, best.match_weight)?;
        if !self.false_links.is_empty() {
            writeln!(f, "\nheaviest false links, {} of {}", self.false_links.len(), self.evaluation.false_positives)?;
            self.false_links.iter().try_for_each(|link| writeln!(f, "{:>8.2}  {}", link.match_weight, link.explain))?;
        }
        if !self.misses.is_empty() {
            writeln!(f, "\nmisses, {} of {}", self.misses.len(), self.evaluation.false_negatives)?;
            self.misses.iter().try_for_each(|miss| writeln!(f, "          {}", miss.explain))?;
        }
        Ok(())
    }
}

/// The figures in one line for people.
pub(crate) fn text(evaluation: &Evaluation) -> String {
    format!(
        "precision {:.4}, recall {:.4}, F1 {:.4} ({} right, {} wrong, {} missed)\n",
        evaluation.precision,
        evaluation.recall,
        evaluation.f1,
        evaluation.true_positives,
        evaluation.false_positives,
        evaluation.false_negatives
    )
}
