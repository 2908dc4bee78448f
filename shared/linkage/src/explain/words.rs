//! An explanation in sentences.

use super::{Explanation, PartApart, RuleOutcome};

/// Comparisons named among those that lost most.
const MOST_LOST: usize = 3;

impl Explanation {
    /// What the explanation comes to, a sentence a line: whether the match weight reaches the threshold, which rules
    /// meet the pair, and below the threshold what cost most and what would change it.
    pub fn sentences(&self) -> Vec<String> {
        let mut lines = vec![self.threshold_sentence()];
        if !self.verdict.reaches_threshold {
            lines.extend(self.lost_sentence());
            lines.push(self.change_sentence());
        }
        lines.extend(self.rule_sentences());
        lines
    }

    fn threshold_sentence(&self) -> String {
        let (weight, threshold) = (self.match_weight, self.threshold_weight);
        let place = if self.verdict.reaches_threshold {
            format!("reaches the threshold {threshold:.2}")
        } else {
            format!("is {:.2} below the threshold {threshold:.2}", -self.verdict.margin)
        };
        let (found, least) = (probability(self.match_probability), self.threshold);
        format!("match weight {weight:.2} {place} (match probability {found}, a link needs {least})")
    }

    fn lost_sentence(&self) -> Option<String> {
        let lost = self.verdict.lost.iter().take(MOST_LOST);
        let lost: Vec<String> = lost
            .map(|lost| format!("{} {:.2} ({}, not {})", lost.comparison, lost.lost, lost.level, lost.best_level))
            .collect();
        (!lost.is_empty()).then(|| format!("cost most: {}", lost.join("; ")))
    }

    fn change_sentence(&self) -> String {
        let Some(change) = &self.verdict.smallest_change else {
            return "no change of levels reaches the threshold".to_owned();
        };
        let raises: Vec<String> = change
            .raises
            .iter()
            .map(|raise| format!("{} from {} to {} ({:+.2})", raise.comparison, raise.from, raise.to, raise.gain))
            .collect();
        format!("smallest change that reaches it: {}, which gives {:.2}", raises.join(" and "), change.match_weight)
    }

    fn rule_sentences(&self) -> Vec<String> {
        if self.rules.iter().any(|rule| rule.met) {
            let number = |(number, rule): (usize, &RuleOutcome)| rule.met.then(|| self.rule(number));
            let met: Vec<String> = self.rules.iter().enumerate().filter_map(number).collect();
            return vec![format!("compared, as it is met by {}", met.join(", "))];
        }
        let mut lines = vec!["never compared: no blocking rule meets the pair".to_owned()];
        lines.extend((0..self.rules.len()).map(|number| {
            let nearest = if self.verdict.nearest_rule == Some(number) { ", the nearest" } else { "" };
            format!("  {}{nearest}: {}", self.rule(number), apart(&self.rules[number]))
        }));
        lines
    }

    fn rule(&self, number: usize) -> String {
        format!("rule {number} ({})", self.rules[number].parts.join(", "))
    }
}

/// What keeps a rule from meeting a pair.
fn apart(rule: &RuleOutcome) -> String {
    if rule.apart.is_empty() {
        return "what agrees lies beyond the most keys that a record has".to_owned();
    }
    let part = |part: &PartApart| {
        let [left, right] = [&part.value_l, &part.value_r].map(|value| value.as_deref().unwrap_or("(null)"));
        format!("{} {left} | {right}", part.part)
    };
    rule.apart.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// A probability with enough digits to tell it from 0 and from 1.
pub(super) fn probability(probability: f64) -> String {
    if probability >= 0.9999 {
        format!("1-{:.1e}", 1.0 - probability)
    } else if probability < 0.0001 {
        format!("{probability:.1e}")
    } else {
        format!("{probability:.4}")
    }
}

/// The values of a comparison: one where they are the same.
pub(super) fn values(value_l: Option<&str>, value_r: Option<&str>, width: usize) -> String {
    match (value_l, value_r) {
        (Some(left), Some(right)) if left == right => clip(left, width),
        _ => {
            let [left, right] = [value_l, value_r].map(|value| value.unwrap_or("(null)"));
            let room = width.saturating_sub(3);
            // What the shorter value leaves is the longer one's.
            let (short, half) = (left.chars().count().min(right.chars().count()), room / 2);
            let most = room - short.min(half);
            format!("{} | {}", clip(left, most), clip(right, most))
        }
    }
}

/// Text of at most so many characters, on one line.
pub(super) fn clip(text: &str, width: usize) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    if text.chars().count() <= width {
        return text.chars().map(shown).collect();
    }
    text.chars().take(width.saturating_sub(1)).map(shown).chain(['…']).collect()
}

/// A sentence in lines of at most so many characters where its words allow; what follows the first is indented.
pub(super) fn wrap(sentence: &str, width: usize) -> Vec<String> {
    let indent = sentence.len() - sentence.trim_start().len();
    let mut lines = vec![" ".repeat(indent)];
    for word in sentence.split_whitespace() {
        let line = lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < width);
        match line {
            Some(line) if line.trim().is_empty() => line.push_str(word),
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(format!("{}{word}", " ".repeat(indent + 2))),
        }
    }
    lines
}
