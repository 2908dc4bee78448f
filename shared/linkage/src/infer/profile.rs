//! What a column of a sample holds, by its content and by its name.

use std::collections::BTreeMap;

use super::TableSample;
use super::headings::Heading;
use super::kind::Kind;
use super::shapes::{self, Shapes};

/// The most values of a column that are looked at closely.
const MOST_VALUES: usize = 3_000;

/// What is known of one column.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// The column's name.
    pub(super) column: String,
    /// Its name in words.
    pub(super) heading: Heading,
    /// What it holds.
    pub(super) kind: Kind,
    /// Share of rows with a value, 0 to 1.
    pub(super) present: f64,
    /// Distinct values over values, 0 to 1.
    pub(super) distinct: f64,
    /// Share of the values that are the most frequent one.
    pub(super) top: f64,
    /// Whether the values are whole numbers that leave nearly none out, as a counter does.
    pub(super) counter: bool,
    /// Mean number of words of a value.
    pub(super) words: f64,
}

/// The value of a cell; blanks are none.
pub(super) fn cell(row: &[Option<String>], column: usize) -> Option<&str> {
    row.get(column)?.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

/// Profiles every column of a table.
pub(super) fn profiles(table: &TableSample) -> Vec<Profile> {
    (0..table.columns.len()).map(|column| Profile::of(table, column)).collect()
}

impl Profile {
    fn of(table: &TableSample, column: usize) -> Self {
        let values: Vec<&str> = table.rows.iter().filter_map(|row| cell(row, column)).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        values.iter().for_each(|value| *counts.entry(value).or_default() += 1);
        let count = values.len().max(1) as f64;
        let step = values.len().div_ceil(MOST_VALUES).max(1);
        let shapes = Shapes::of(values.iter().step_by(step).copied());
        let heading = Heading::of(&table.columns[column]);
        let distinct = counts.len() as f64 / count;
        let mut profile = Self {
            column: table.columns[column].clone(),
            kind: Kind::Category,
            present: values.len() as f64 / table.rows.len().max(1) as f64,
            distinct,
            top: counts.values().max().copied().unwrap_or(0) as f64 / count,
            counter: shapes::is_counter(&values, table.total_rows),
            words: shapes.words,
            heading,
        };
        profile.kind = profile.judge(&shapes, counts.len());
        profile
    }

    /// Whether the column names the rows of its table.
    pub(super) fn is_unique(&self) -> bool {
        self.present >= 1.0 && self.distinct >= 1.0
    }

    /// Whether there is nothing to compare: hardly any value, or one value nearly everywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.present < 0.02 || self.top > 0.97
    }

    /// What the values look like, with the name where that leaves a choice.
    fn judge(&self, shapes: &Shapes, distinct: usize) -> Kind {
        let hint = self.heading.kind();
        if shapes.email > 0.8 {
            return Kind::Email;
        }
        if shapes.date > 0.8 || (hint == Some(Kind::Date) && shapes.date > 0.5) {
            return Kind::Date;
        }
        if shapes.phone > 0.8 || (hint == Some(Kind::Phone) && shapes.digits > 0.5) {
            return Kind::Phone;
        }
        self.judge_address(shapes, hint)
            .or_else(|| self.judge_number(shapes, hint))
            .unwrap_or_else(|| self.judge_text(shapes, hint, distinct))
    }

    fn judge_address(&self, shapes: &Shapes, hint: Option<Kind>) -> Option<Kind> {
        match hint {
            Some(Kind::Zip) => return Some(if shapes.zip > 0.7 { Kind::Zip } else { Kind::Postcode }),
            Some(Kind::House) if shapes.house > 0.5 => return hint,
            Some(Kind::StreetSuffix | Kind::Direction | Kind::Unit) if self.words < 3.0 => return hint,
            _ => {}
        }
        if shapes.address > 0.5 && !matches!(hint, Some(Kind::Title | Kind::Name | Kind::FreeText)) {
            return Some(Kind::Address);
        }
        let is_street = shapes.street > 0.5 || (hint == Some(Kind::Street) && shapes.number < 0.5 && self.words < 5.0);
        let named = !matches!(hint, Some(Kind::Name | Kind::Title | Kind::FreeText | Kind::Person));
        (is_street && named)
            .then_some(Kind::Street)
            .or((hint == Some(Kind::State) && self.words < 2.5).then_some(Kind::State))
    }

    fn judge_number(&self, shapes: &Shapes, hint: Option<Kind>) -> Option<Kind> {
        if shapes.number < 0.9 {
            return None;
        }
        Some(match hint {
            Some(Kind::Latitude | Kind::Longitude | Kind::Code) => hint?,
            Some(Kind::Identifier) => {
                if self.counter {
                    Kind::Identifier
                } else {
                    Kind::Code
                }
            }
            Some(Kind::Year) if shapes.year > 0.8 => Kind::Year,
            Some(Kind::Number) => Kind::Number,
            _ if shapes.long_digits > 0.8 => Kind::Code,
            Some(Kind::Category) => Kind::Category,
            _ if shapes.year > 0.95 => Kind::Year,
            _ => Kind::Number,
        })
    }

    fn judge_text(&self, shapes: &Shapes, hint: Option<Kind>, distinct: usize) -> Kind {
        match hint {
            Some(Kind::FirstName | Kind::LastName | Kind::City | Kind::Person | Kind::List) => {
                return hint.unwrap_or(Kind::Name);
            }
            Some(Kind::Code | Kind::Identifier) if self.words < 2.5 && self.distinct > 0.02 => return Kind::Code,
            _ => {}
        }
        if self.words > 15.0 {
            return Kind::FreeText;
        }
        if shapes.code > 0.6 && distinct > 50 {
            return Kind::Code;
        }
        if shapes.person > 0.5 {
            return Kind::Person;
        }
        if shapes.list > 0.4 {
            return Kind::List;
        }
        match self.words {
            _ if hint == Some(Kind::Title) => Kind::Title,
            words if words > 4.5 && distinct > 200 => Kind::Title,
            _ if hint == Some(Kind::Name) => Kind::Name,
            _ if hint == Some(Kind::Category) || distinct <= 60 || self.distinct < 0.02 => Kind::Category,
            _ => Kind::Name,
        }
    }
}
