//! Link settings from the data alone: what the columns hold, which of them belong together, how they are compared and
//! blocked, and how many links a record may have.
//!
//! ```text
//! TableSample -> profile -> pairing -> reading -> comparing -> twins -> dependence -> rules -> LinkSettings
//! ```
//!
//! Nothing here knows which records match. What stands in for it are *twins*: pairs that agree on more than chance would
//! have it, of which each field is judged by the other fields.

mod addresses;
mod cardinality;
mod comparing;
mod cost;
mod coverage;
mod dependence;
mod forms;
mod headings;
mod identifiers;
mod kind;
mod pairing;
mod parts;
mod profile;
mod reading;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;
mod twins;

use thiserror::Error;

use self::comparing::Plan;
use self::dependence::LeftOut;
use self::kind::Kind;
use self::pairing::{Pairing, Side};
use self::profile::Profile;
use self::reading::Reading;
use crate::gammas::MAX_COMPARISONS;
use crate::settings::{Comparison, LinkSettings};

/// The least match probability of a link: as likely as not.
const THRESHOLD: f64 = 0.5;

/// Some rows of one table, all of them or an even sample.
#[derive(Debug, Clone, Default)]
pub struct TableSample {
    /// The table's name.
    pub name: String,
    /// Names of its columns, distinct.
    pub columns: Vec<String>,
    /// Values in the order of the columns; missing and blank ones count as null.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows of the whole table, at least those given.
    pub total_rows: u64,
}

/// Settings that suit the data.
#[derive(Debug, Clone)]
pub struct Inferred {
    /// What is read, blocked and compared.
    pub settings: LinkSettings,
    /// The column that names the left rows; none means their number.
    pub left_id: Option<String>,
    /// The column that names the right rows; none means their number, or that there is no right table.
    pub right_id: Option<String>,
    /// What was taken for what and why, in plain words, one sentence each.
    pub notes: Vec<String>,
}

/// Why no settings could be inferred.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InferError {
    /// A table has no rows or no columns.
    #[error("table `{table}` has no rows to look at")]
    Empty {
        /// The table's name.
        table: String,
    },
    /// No column of one table holds what a column of the other does, or none is worth comparing.
    #[error("no field to compare was found in {tables}")]
    NoFields {
        /// The tables' names.
        tables: String,
    },
    /// No blocking rule keeps the candidate pairs within bounds.
    #[error("no blocking rule was found over `{fields}`")]
    NoRules {
        /// The fields that were tried.
        fields: String,
    },
}

/// Infers settings from samples of two tables, or of one whose records are linked with each other.
///
/// Holds the samples a few times over; 20,000 rows of seven fields took one to nine seconds on a busy machine. The same
/// samples give the same settings.
///
/// # Errors
/// [`InferError`] when there is nothing to link by.
pub fn infer(left: &TableSample, right: Option<&TableSample>) -> Result<Inferred, InferError> {
    for table in [Some(left), right].into_iter().flatten() {
        if table.rows.is_empty() || table.columns.is_empty() {
            return Err(InferError::Empty { table: table.name.clone() });
        }
    }
    let mut notes = Vec::new();
    let profiles = [Some(left), right].map(|table| table.map(profile::profiles).unwrap_or_default());
    let ids = [left, right.unwrap_or(left)].map(|table| table.columns.clone());
    let id = |side: usize| identifiers::id_column(&profiles[side]).map(|place| ids[side][place].clone());
    let (left_id, right_id) = (id(0), id(1));
    let usable_l = usable(left, &profiles[0], right.map(|table| (table, &profiles[1][..])), &mut notes);
    let usable_r = right.map(|table| usable(table, &profiles[1], Some((left, &profiles[0][..])), &mut notes));
    let pairings = pairing::pair(
        Side { table: left, profiles: &profiles[0], usable: &usable_l },
        right.zip(usable_r.as_ref()).map(|(table, usable)| Side { table, profiles: &profiles[1], usable }),
    );
    notes.extend(unpaired(left, &usable_l, &pairings, 0, right));
    notes.extend(
        right.zip(usable_r).into_iter().flat_map(|(table, usable)| unpaired(table, &usable, &pairings, 1, Some(left))),
    );
    let mut settings = reading::settings(&left.name, right.map(|table| table.name.as_str()), &pairings);
    let reading = Reading::of(&settings, left, right);
    let plans = worthwhile(&pairings, &reading, &mut notes);
    if plans.is_empty() {
        let tables = settings.tables().map(|(_, table)| format!("`{table}`")).collect::<Vec<_>>().join(" and ");
        return Err(InferError::NoFields { tables });
    }
    complete(&mut settings, &plans, &pairings, &reading, &mut notes)?;
    Ok(Inferred { settings, left_id, right_id, notes })
}

/// The column that names the rows of a table; none when no column has another value in every row.
pub fn id_column(table: &TableSample) -> Option<&str> {
    identifiers::id_column(&profile::profiles(table)).map(|place| table.columns[place].as_str())
}

/// Which columns may be compared; notes say why others may not.
fn usable(
    table: &TableSample,
    profiles: &[Profile],
    other: Option<(&TableSample, &[Profile])>,
    notes: &mut Vec<String>,
) -> Vec<bool> {
    let mut usable = Vec::with_capacity(profiles.len());
    for (column, profile) in profiles.iter().enumerate() {
        let reason = if profile.is_empty() {
            Some(if profile.present < 0.02 {
                "it is empty nearly everywhere"
            } else {
                "it has one value nearly everywhere"
            })
        } else if identifiers::is_surrogate(profile, table, column, other) {
            Some("it names rows of this table only")
        } else if profile.kind == Kind::FreeText {
            Some("it is free text")
        } else {
            None
        };
        usable.push(reason.is_none());
        notes.extend(
            reason.map(|reason| format!("Column `{}` of `{}` is left out: {reason}.", profile.column, table.name)),
        );
    }
    usable
}

/// Notes on the usable columns that are in no field.
fn unpaired(
    table: &TableSample,
    usable: &[bool],
    pairings: &[Pairing],
    side: usize,
    other: Option<&TableSample>,
) -> Vec<String> {
    let paired = |column: &String| {
        pairings.iter().any(|pairing| pairing.columns[side].iter().flatten().any(|known| known == column))
    };
    let open = table.columns.iter().zip(usable).filter(|(column, usable)| **usable && !paired(column));
    let other = other.map_or("", |other| other.name.as_str());
    open.map(|(column, _)| format!("Column `{column}` of `{}` is left out: `{other}` has no such column.", table.name))
        .collect()
}

/// The comparisons that carry something of their own.
fn worthwhile(pairings: &[Pairing], reading: &Reading, notes: &mut Vec<String>) -> Vec<Plan> {
    let mut plans = comparing::plans(pairings, reading);
    let left_out = dependence::surplus(&plans);
    leave_out(&mut plans, left_out, notes);
    let left_out = dependence::repeated(&plans, reading);
    leave_out(&mut plans, left_out, notes);
    let twins = twins::find(&plans, reading);
    let left_out = dependence::entailed(&plans, reading, &twins);
    leave_out(&mut plans, left_out, notes);
    let twins = twins::find(&plans, reading);
    notes
        .push(format!("{} pairs of the sample agree far beyond chance; fields are judged by them.", twins.pairs.len()));
    let left_out = dependence::unsteady(&plans, &twins);
    leave_out(&mut plans, left_out, notes);
    let more = plans.len().saturating_sub(MAX_COMPARISONS);
    if more > 0 {
        let mut order: Vec<usize> = (0..plans.len()).collect();
        let common = |plan: &usize| reading.agreement(plans[*plan].place);
        order.sort_by(|a, b| common(b).total_cmp(&common(a)).then(a.cmp(b)));
        let reason = || "other comparisons tell more, and there is a limit to them".to_owned();
        let left_out = order[..more].iter().map(|plan| LeftOut { plan: *plan, reason: reason() }).collect();
        leave_out(&mut plans, left_out, notes);
    }
    plans
}

fn leave_out(plans: &mut Vec<Plan>, left_out: Vec<LeftOut>, notes: &mut Vec<String>) {
    for LeftOut { plan, reason } in &left_out {
        notes.push(format!("`{}` is not compared: {reason}.", plans[*plan].name));
    }
    let mut place = 0;
    plans.retain(|_| {
        place += 1;
        !left_out.iter().any(|left_out| left_out.plan == place - 1)
    });
}

/// Adds comparisons, rules and cardinality, and leaves out fields that nothing uses.
fn complete(
    settings: &mut LinkSettings,
    plans: &[Plan],
    pairings: &[Pairing],
    reading: &Reading,
    notes: &mut Vec<String>,
) -> Result<(), InferError> {
    let twins = twins::find(plans, reading);
    let chosen = rules::choose(plans, reading, &twins);
    if chosen.rules.is_empty() {
        let fields: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
        return Err(InferError::NoRules { fields: fields.join(", ") });
    }
    let property = is_property(pairings);
    for plan in plans {
        settings.comparisons.push(Comparison {
            name: plan.name.clone(),
            field: plan.field.clone(),
            levels: plan.levels.clone(),
            term_frequency: comparing::is_skewed(plan, reading),
            term_frequency_weights: Vec::new(),
            decisive: plan.kind == Kind::Unit && property,
        });
        let columns = pairings[plan.pairing].columns.iter().filter(|readings| !readings.is_empty());
        let columns: Vec<String> = columns.map(|readings| in_words(readings)).collect();
        notes.push(format!("`{}` compares {} as {}.", plan.name, columns.join(" with "), plan.kind.words()));
    }
    for (rule, cost) in chosen.rules.iter().zip(&chosen.costs) {
        notes.push(format!("Rule [{}] makes about {cost:.1} pairs a record.", rule.join(", ")));
    }
    notes.push(format!("The rules meet {:.1} % of likely matches with spoiled fields.", 100.0 * chosen.met));
    settings.blocking = chosen.rules;
    let (cardinality, reason) = cardinality::cardinality(plans, reading);
    settings.cardinality = cardinality;
    notes.push(format!("Links: {reason}."));
    let used = |name: &String| {
        let of = |text: &String| text.split(['.', '|']).next() == Some(name);
        settings.comparisons.iter().any(|comparison| of(&comparison.field))
            || settings.blocking.iter().flatten().any(of)
    };
    settings.fields = settings
        .fields
        .iter()
        .filter(|(name, _)| used(name))
        .map(|(name, field)| (name.clone(), field.clone()))
        .collect();
    Ok(())
}

/// Whether the tables are of homes: a unit then never matches another unit.
fn is_property(pairings: &[Pairing]) -> bool {
    const WORDS: [&str; 9] = ["bed", "bath", "sqft", "built", "parcel", "assessed", "apn", "bbl", "lot"];
    let columns = pairings.iter().flat_map(|pairing| pairing.columns.iter().flatten().flatten());
    let words = |column: &String| headings::Heading::of(column).words;
    columns.flat_map(words).any(|word| WORDS.iter().any(|known| word.starts_with(known)))
}

fn in_words(readings: &[Vec<String>]) -> String {
    let reading =
        |columns: &Vec<String>| columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(" + ");
    readings.iter().map(reading).collect::<Vec<_>>().join(" or ")
}
