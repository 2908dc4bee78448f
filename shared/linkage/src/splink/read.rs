//! From the JSON of Splink to link settings and a model.

use std::collections::BTreeMap;

use super::blocks;
use super::conditions::Subject;
use super::document::{ComparisonEntry, Document, LevelEntry};
use super::sql::{Expression, parse};
use super::{SplinkError, unsupported};
use crate::blocking::KeyPart;
use crate::level::Level;
use crate::linker::Linker;
use crate::model::{ComparisonModel, LevelModel, Model, label};
use crate::settings::{Cardinality, Comparison, Field, LinkSettings};
use crate::standardize::Standardizer;

/// Reads the settings of Splink 5, with what was trained: levels without probabilities have those that Splink takes
/// for them. The threshold is the default one, tables are named `left` and `right`, fields after their columns.
///
/// # Errors
/// [`SplinkError::Json`] with line and column, or [`SplinkError::Unsupported`] with the first thing that Lotline
/// cannot do; the other variants where the whole breaks a rule of ours, such as the greatest number of comparisons.
pub fn read(json: &str) -> Result<(LinkSettings, Model), SplinkError> {
    let document: Document = serde_json::from_str(json)?;
    document.check()?;
    let (right, cardinality) = match document.link_type.as_str() {
        "dedupe_only" => (None, Cardinality::Clusters),
        "link_only" => (Some("right".to_owned()), Cardinality::ManyToMany),
        other => return Err(unsupported("link_type", other, "a job either links two tables or finds clusters in one")),
    };
    let mut fields = Fields { is_dedupe: right.is_none(), fields: BTreeMap::new() };
    let (mut comparisons, mut models) = (Vec::new(), Vec::new());
    for (index, entry) in document.comparisons.iter().enumerate() {
        let (comparison, model) = comparison(&format!("comparisons[{index}]"), entry, &mut fields)?;
        comparisons.push(comparison);
        models.push(model);
    }
    let blocking = blocking(&document, &mut fields)?;
    let prior = document.probability_two_random_records_match;
    let settings = LinkSettings {
        left: "left".to_owned(),
        right,
        cardinality,
        threshold: 0.5,
        expected_precision: None,
        blocking,
        max_block_pairs: None,
        index: false,
        fields: fields.fields,
        comparisons,
    };
    let model = Model { probability_two_random_records_match: prior, interactions: Vec::new(), comparisons: models };
    model.check(&Linker::new(&settings)?)?;
    Ok((settings, model))
}

/// The fields found so far.
struct Fields {
    is_dedupe: bool,
    fields: BTreeMap<String, Field>,
}

impl Fields {
    /// The name of the field that reads these columns so.
    fn name(&mut self, standardizer: Standardizer, columns: &[&str]) -> String {
        let alike = |known: &Vec<String>| {
            known.len() == columns.len()
                && known.iter().zip(columns).all(|(known, column)| known.eq_ignore_ascii_case(column))
        };
        let found = self.fields.iter().find(|(_, field)| field.standardizer == standardizer && alike(&field.left));
        if let Some((name, _)) = found {
            return name.clone();
        }
        // A bar parts a field from what is made of it.
        let mut name = columns.join("_").replace('|', "_").trim().to_owned();
        name.push_str(match standardizer {
            Standardizer::IsoDate => "_date",
            Standardizer::IsoTime => "_time",
            Standardizer::PlainNumber => "_number",
            _ => "",
        });
        while self.fields.contains_key(&name) {
            name.push('_');
        }
        let left: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        let right = if self.is_dedupe { Vec::new() } else { left.clone() };
        let field = Field { standardizer, left, right, left_alternatives: Vec::new(), right_alternatives: Vec::new() };
        self.fields.insert(name.clone(), field);
        name
    }
}

fn blocking(document: &Document, fields: &mut Fields) -> Result<Vec<Vec<String>>, SplinkError> {
    let key = "blocking_rules_to_generate_predictions";
    if document.blocking_rules_to_generate_predictions.is_empty() {
        return Err(unsupported(key, "[]", "comparing all pairs is not offered, give a rule"));
    }
    let mut rules = Vec::new();
    for (index, rule) in document.blocking_rules_to_generate_predictions.iter().enumerate() {
        let wrong = |reason| unsupported(&format!("{key}[{index}].blocking_rule"), rule.sql(), reason);
        let parts = parse(rule.sql()).and_then(|condition| blocks::parts(&condition)).map_err(wrong)?;
        let mut part = |(column, transform): (String, _)| {
            KeyPart { field: fields.name(Standardizer::Verbatim, &[&column]), transform }.to_string()
        };
        rules.push(parts.into_iter().map(&mut part).collect());
    }
    Ok(rules)
}

/// The levels of a comparison of Splink.
struct Levels<'e> {
    place: &'e str,
    subject: Subject,
    /// Index in the JSON and the level, closest first, without null and else.
    close: Vec<(usize, &'e LevelEntry)>,
    otherwise: (usize, &'e LevelEntry),
}

fn comparison(
    place: &str,
    entry: &ComparisonEntry,
    fields: &mut Fields,
) -> Result<(Comparison, ComparisonModel), SplinkError> {
    let levels = Levels::of(place, entry)?;
    let subject = &levels.subject;
    let found = levels.close.iter().map(|(index, level)| {
        let wrong = |reason| levels.unsupported(*index, "sql_condition", &level.sql_condition, reason);
        let text = parse(&level.sql_condition).and_then(|condition| subject.level(&condition)).map_err(wrong)?;
        text.parse().map_err(|error| wrong(format!("{error}")))
    });
    let found = found.collect::<Result<Vec<Level>, SplinkError>>()?;
    let field = fields.name(subject.standardizer(&found), &subject.columns());
    let name = entry.output_column_name.clone().unwrap_or_else(|| subject.columns().join("_"));
    let minimum = levels.term_frequencies(&found)?;
    let term_frequency = minimum.is_some();
    let weights = levels.close.iter().map(|(_, level)| adjustment(level)).collect::<Vec<_>>();
    let comparison = Comparison {
        name: name.clone(),
        field,
        levels: found,
        term_frequency,
        term_frequency_weights: if term_frequency { weights } else { Vec::new() },
        decisive: false,
    };
    let levels = levels.models(&comparison)?;
    Ok((comparison, ComparisonModel { name, term_frequency_minimum: minimum, levels }))
}

impl<'e> Levels<'e> {
    fn of(place: &'e str, entry: &'e ComparisonEntry) -> Result<Self, SplinkError> {
        let all = || entry.comparison_levels.iter().enumerate();
        let name = entry.output_column_name.as_deref().unwrap_or_default();
        let lacks = |reason: &str| unsupported(&format!("{place}.comparison_levels"), name, reason);
        let mut nulls = all().filter(|(_, level)| level.is_null_level);
        let (index, null) =
            nulls.next().ok_or_else(|| lacks("without a null level, missing values count as different"))?;
        let key = format!("{place}.comparison_levels[{index}].sql_condition");
        let condition = parse(&null.sql_condition).map_err(|reason| unsupported(&key, &null.sql_condition, reason))?;
        let subject = Subject::of_null(&condition).ok_or_else(|| {
            let reason = "a null level says that one column, or latitude and longitude, are missing on either side";
            unsupported(&key, &null.sql_condition, reason)
        })?;
        if nulls.next().is_some() {
            return Err(lacks("there are several null levels"));
        }
        let mut close: Vec<_> = all().filter(|(_, level)| !level.is_null_level).collect();
        let otherwise =
            close.pop().filter(|(_, level)| level.is_else()).ok_or_else(|| lacks("the last level is not `ELSE`"))?;
        Ok(Self { place, subject, close, otherwise })
    }

    fn unsupported(&self, index: usize, key: &str, found: &str, reason: impl Into<String>) -> SplinkError {
        unsupported(&format!("{}.comparison_levels[{index}].{key}", self.place), found, reason)
    }

    /// The least share of records that a value is taken to have; none when no level weighs by term frequency.
    fn term_frequencies(&self, levels: &[Level]) -> Result<Option<f64>, SplinkError> {
        let mut minimum = None;
        for (place, (index, level)) in self.close.iter().enumerate().filter(|(_, (_, level))| adjustment(level) != 0.0)
        {
            let column = level.tf_adjustment_column.as_deref().unwrap_or_default();
            let wrong = |key: &str, found: &str, reason: &str| Err(self.unsupported(*index, key, found, reason));
            let own = matches!(&self.subject, Subject::Column(own) if own.eq_ignore_ascii_case(&unquoted(column)));
            if !own {
                let reason = "term frequencies are those of the compared column, as it is";
                return wrong("tf_adjustment_column", column, reason);
            }
            let is_closest = place == 0 && level.disable_tf_exact_match_detection;
            if !(is_closest || levels.first().is_some_and(Level::is_exact)) {
                return wrong("tf_adjustment_column", column, "the closest level is not equality");
            }
            if level.disable_tf_exact_match_detection && !is_closest {
                let reason = "term frequencies are held against u of the closest level";
                return wrong("disable_tf_exact_match_detection", "true", reason);
            }
            if !(0.0..=1.0).contains(&adjustment(level)) {
                let found = adjustment(level).to_string();
                return wrong("tf_adjustment_weight", &found, "it is not from 0 to 1");
            }
            let least = level.tf_minimum_u_value.unwrap_or(0.0);
            if minimum.is_some_and(|earlier| earlier != least) {
                let reason = "an earlier level of the comparison has another one";
                return wrong("tf_minimum_u_value", &least.to_string(), reason);
            }
            minimum = Some(least);
        }
        Ok(minimum)
    }

    fn models(&self, comparison: &Comparison) -> Result<Vec<LevelModel>, SplinkError> {
        let top = self.close.len();
        let mut models = Vec::new();
        for (place, (index, level)) in self.close.iter().chain([&self.otherwise]).enumerate() {
            let gamma = top - place;
            let (default_m, default_u) = untrained(top + 1, gamma);
            let m = self.probability(*index, "m_probability", level.m_probability.unwrap_or(default_m))?;
            let u = self.probability(*index, "u_probability", level.u_probability.unwrap_or(default_u))?;
            // Splink may have a 1, or more for a u that was never trained; the weight stays.
            let scale = (MOST / m.max(u)).min(1.0);
            models.push(LevelModel {
                label: label(comparison, gamma),
                gamma: i8::try_from(gamma).unwrap_or(i8::MAX),
                m: m * scale,
                u: u * scale,
                weight: (m / u).log2(),
                term_frequency_weight: if gamma == 0 { 0.0 } else { adjustment(level) },
            });
        }
        Ok(models)
    }

    fn probability(&self, index: usize, key: &str, found: f64) -> Result<f64, SplinkError> {
        if (LEAST..f64::INFINITY).contains(&found) {
            return Ok(found);
        }
        Err(self.unsupported(index, key, &found.to_string(), "it is no probability that has a weight"))
    }
}

/// The least probability that Splink itself takes.
const LEAST: f64 = 1e-300;

/// The greatest probability below 1.
const MOST: f64 = 1.0 - f64::EPSILON / 2.0;

/// How much of the term-frequency adjustment counts at a level.
fn adjustment(level: &LevelEntry) -> f64 {
    if level.tf_adjustment_column.is_none() { 0.0 } else { level.tf_adjustment_weight.unwrap_or(1.0) }
}

/// A column as settings name it, without quotes if it has them.
fn unquoted(column: &str) -> String {
    match parse(column) {
        Ok(Expression::Column(parsed)) if parsed.table.is_empty() => parsed.name,
        _ => column.to_owned(),
    }
}

/// m and u that Splink takes for a level that was never trained: `_default_m_values` and `_default_u_values`.
fn untrained(levels: usize, gamma: usize) -> (f64, f64) {
    let steps = levels.saturating_sub(1).max(1) as f64;
    if gamma + 1 == levels {
        return (0.95, 0.95 / 10_f64.exp2());
    }
    let m = (1.0 - 0.95) / steps;
    // Weights rise evenly from -5 to 3 below the closest level.
    let weight = if steps > 1.0 { -5.0 + 8.0 * gamma as f64 / (steps - 1.0) } else { -5.0 };
    (m, m / f64::exp2(weight))
}
