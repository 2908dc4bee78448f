//! From link settings and a model to the JSON of Splink.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::Subject;
use super::document::{ComparisonEntry, Document, LevelEntry, RuleEntry};
use super::{SplinkError, blocks, inexpressible};
use crate::blocking::KeyPart;
use crate::level::{Condition, Level};
use crate::linker::Linker;
use crate::model::{ComparisonModel, LevelModel, Model};
use crate::settings::{Comparison, Field, LinkSettings};
use crate::standardize::Standardizer;

/// Writes settings of Splink 5 and its DuckDB dialect that give every pair the weight of the model.
///
/// A field that is `verbatim`, or another that leaves values as they are, becomes its column. What other standardizers
/// derive is a column too, `address.street` becomes `address_street`: the tables given to Splink have to hold the
/// standardized values under those names. Splink counts bytes where `jaro_winkler`, `levenshtein` and
/// `damerau_levenshtein` count characters, which differ beyond ASCII.
///
/// # Errors
/// [`SplinkError::Inexpressible`] with the first thing that Splink cannot do; [`SplinkError::Settings`] or
/// [`SplinkError::Model`] where the two are unsound or do not fit each other.
pub fn write(settings: &LinkSettings, model: &Model) -> Result<String, SplinkError> {
    model.check(&Linker::new(settings)?)?;
    if let Some(interaction) = model.interactions.first() {
        let found = interaction.comparisons.join(" and ");
        return Err(inexpressible("interactions".to_owned(), found, "its comparisons are independent of each other"));
    }
    let subjects = subjects(settings)?;
    let mut rules = Vec::new();
    for (index, rule) in settings.blocking.iter().enumerate() {
        rules.push(self::rule(index, rule, &subjects)?);
    }
    let mut comparisons: Vec<ComparisonEntry> = Vec::new();
    for (index, (comparison, model)) in settings.comparisons.iter().zip(&model.comparisons).enumerate() {
        let entry = self::comparison(index, comparison, model, &subjects)?;
        if comparisons.iter().any(|earlier| earlier.output_column_name == entry.output_column_name) {
            let place = format!("link.comparisons[{index}].name");
            return Err(inexpressible(place, &comparison.name, "an earlier comparison has that name in SQL"));
        }
        comparisons.push(entry);
    }
    let link_type = if settings.is_dedupe() { "dedupe_only" } else { "link_only" };
    let document = Document::new(link_type, model.probability_two_random_records_match, rules, comparisons);
    Ok(serde_json::to_string_pretty(&document)?)
}

/// What each derived value is in Splink.
fn subjects(settings: &LinkSettings) -> Result<BTreeMap<String, Subject>, SplinkError> {
    let is_dedupe = settings.is_dedupe();
    let mut subjects = BTreeMap::new();
    // Columns of the tables, and those that standardized values are given in.
    let (mut own, mut made) = (BTreeSet::new(), Vec::new());
    for (name, field) in &settings.fields {
        if !field.left_alternatives.is_empty() || !field.right_alternatives.is_empty() {
            let place = format!("link.fields.{name}");
            return Err(inexpressible(place, "alternatives", "a record has one value of a column"));
        }
        for derived in field.standardizer.derived(name) {
            let subject = match (field.standardizer, column(field, is_dedupe)) {
                (Standardizer::Place, _) => place(name, field, is_dedupe)?,
                (Standardizer::Verbatim | Standardizer::PlainNumber, Some(column)) => {
                    Subject::Column(column.to_owned())
                }
                (Standardizer::IsoDate, Some(column)) => Subject::Date(column.to_owned()),
                (Standardizer::IsoTime, Some(column)) => Subject::Time(column.to_owned()),
                _ => {
                    let column = identifier(&derived);
                    made.push((derived.clone(), column.clone()));
                    subjects.insert(derived, Subject::Column(column));
                    continue;
                }
            };
            own.extend(subject.columns().into_iter().map(str::to_owned));
            subjects.insert(derived, subject);
        }
    }
    for (derived, column) in made {
        if !own.insert(column.clone()) {
            return Err(inexpressible(format!("link.fields, {derived}"), column, "that is another column already"));
        }
    }
    Ok(subjects)
}

/// The one column that a field reads on all sides.
fn column(field: &Field, is_dedupe: bool) -> Option<&str> {
    let [column] = field.left.as_slice() else { return None };
    (is_dedupe || field.right == field.left).then_some(column)
}

fn place(name: &str, field: &Field, is_dedupe: bool) -> Result<Subject, SplinkError> {
    match field.left.as_slice() {
        [latitude, longitude] if is_dedupe || field.right == field.left => {
            Ok(Subject::Place(latitude.clone(), longitude.clone()))
        }
        columns => {
            let reason = "a place is a column of latitudes and one of longitudes, the same on both sides";
            Err(inexpressible(format!("link.fields.{name}"), columns.join(", "), reason))
        }
    }
}

/// A name that needs no quotes: Splink makes other names of it.
fn identifier(name: &str) -> String {
    name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect()
}

fn rule(index: usize, rule: &[String], subjects: &BTreeMap<String, Subject>) -> Result<RuleEntry, SplinkError> {
    let mut terms = Vec::new();
    for text in rule {
        let wrong = |reason| inexpressible(format!("link.blocking[{index}]"), text, reason);
        // The settings were checked: a part can be read, and its field is there.
        let Ok(part) = text.parse::<KeyPart>() else { return Err(wrong("it is no part of a rule")) };
        match subjects.get(&part.field) {
            Some(Subject::Column(column)) => terms.push(blocks::sql(column, part.transform).map_err(wrong)?),
            _ => return Err(wrong("records are blocked by columns as they are")),
        }
    }
    Ok(RuleEntry::new(terms.join(" AND ")))
}

fn comparison(
    index: usize,
    comparison: &Comparison,
    model: &ComparisonModel,
    subjects: &BTreeMap<String, Subject>,
) -> Result<ComparisonEntry, SplinkError> {
    let place = |key: &str| format!("link.comparisons[{index}].{key}");
    let subject = subjects.get(&comparison.field);
    let subject = subject.ok_or_else(|| inexpressible(place("field"), &comparison.field, "there is no such field"))?;
    let null = LevelEntry {
        sql_condition: subject.null_sql(),
        label_for_charts: Some(format!("{} is NULL", subject.columns().join(" or "))),
        is_null_level: true,
        ..LevelEntry::default()
    };
    let mut entries = vec![null];
    // Closest first on both sides; the model has else behind them.
    for (position, level) in model.levels.iter().enumerate() {
        let condition = match comparison.levels.get(position) {
            None => "ELSE".to_owned(),
            Some(close) => condition(subject, comparison, close)
                .map_err(|reason| inexpressible(place(&format!("levels[{position}]")), close, reason))?,
        };
        let mut entry = weighed(level, condition).map_err(|reason| {
            let place = format!("{}.{}.weight", model.name, level.label);
            inexpressible(place, level.weight, reason)
        })?;
        adjust(&mut entry, subject, comparison, model, position)
            .map_err(|reason| inexpressible(place("term_frequency"), level.term_frequency_weight, reason))?;
        entries.push(entry);
    }
    Ok(ComparisonEntry::new(identifier(&comparison.name), entries))
}

fn condition(subject: &Subject, comparison: &Comparison, level: &Level) -> Result<String, &'static str> {
    let is_time = |level: &Level| level.conditions().iter().any(|condition| matches!(condition, Condition::Seconds(_)));
    let times = matches!(subject, Subject::Column(_)) && comparison.levels.iter().any(is_time);
    match level.conditions() {
        [one] => subject.sql(one, times),
        several => {
            let sql = |condition| subject.sql(condition, times).map(|sql| format!("({sql})"));
            Ok(several.iter().map(sql).collect::<Result<Vec<_>, _>>()?.join(" AND "))
        }
    }
}

fn weighed(level: &LevelModel, sql_condition: String) -> Result<LevelEntry, &'static str> {
    // Splink knows no weight but this one.
    if ((level.m / level.u).log2() - level.weight).abs() > 1e-9 {
        return Err("it is not log2(m / u)");
    }
    let label = if sql_condition == "ELSE" { "All other comparisons" } else { level.label.as_str() };
    Ok(LevelEntry {
        sql_condition,
        label_for_charts: Some(label.to_owned()),
        m_probability: Some(level.m),
        u_probability: Some(level.u),
        ..LevelEntry::default()
    })
}

/// Adds the term frequencies of a level.
fn adjust(
    entry: &mut LevelEntry,
    subject: &Subject,
    comparison: &Comparison,
    model: &ComparisonModel,
    position: usize,
) -> Result<(), &'static str> {
    let weight = model.levels[position].term_frequency_weight;
    let Some(least) = model.term_frequency_minimum.filter(|_| comparison.term_frequency && weight > 0.0) else {
        return Ok(());
    };
    let Subject::Column(column) = subject else { return Err("term frequencies are those of a column as it is") };
    if entry.is_else() {
        return Err("Splink never adjusts its last level");
    }
    if !comparison.levels.first().is_some_and(Level::is_exact) {
        if position > 0 {
            return Err("Splink holds term frequencies against u of equality, which is not the closest level");
        }
        entry.disable_tf_exact_match_detection = true;
    }
    entry.tf_adjustment_column = Some(column.clone());
    entry.tf_adjustment_weight = Some(weight);
    entry.tf_minimum_u_value = Some(least);
    Ok(())
}
