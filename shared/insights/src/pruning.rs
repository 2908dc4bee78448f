//! Which row groups cannot hold a row that meets a condition, judged by their statistics.

use std::cmp::Ordering;

use arrow_schema::{DataType, TimeUnit};
use parquet::file::statistics::Statistics;
use rusqlite::{types::ValueRef, vtab::IndexConstraintOp};

use crate::{cells, dates};

/// A comparison that statistics can refute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    /// Equal or less: SQLite looks at every row again, so one word does for `<` and `<=`.
    AtMost,
    /// Equal or greater.
    AtLeast,
}

impl Comparison {
    pub(crate) fn of(operator: &IndexConstraintOp) -> Option<Self> {
        match operator {
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => Some(Self::Equal),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => {
                Some(Self::AtMost)
            }
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => {
                Some(Self::AtLeast)
            }
            _ => None,
        }
    }

    /// The letter that carries it from the planner to the cursor.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Equal => '=',
            Self::AtMost => '<',
            Self::AtLeast => '>',
        }
    }

    pub(crate) fn from_letter(letter: char) -> Option<Self> {
        [Self::Equal, Self::AtMost, Self::AtLeast].into_iter().find(|comparison| comparison.letter() == letter)
    }
}

/// A condition on one column: `column comparison value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) column: usize,
    pub(crate) comparison: Comparison,
    pub(crate) value: Bound,
}

impl Condition {
    /// Whether no row between the statistics' least and greatest value can meet the condition.
    ///
    /// Anything unclear counts as possible: absent statistics, another type, an unknown order.
    pub(crate) fn is_refuted_by(&self, statistics: &Statistics, data_type: &DataType) -> bool {
        let Some((least, greatest)) = bounds(statistics, data_type) else { return false };
        let all_above = least.compare(&self.value) == Some(Ordering::Greater);
        let all_below = greatest.compare(&self.value) == Some(Ordering::Less);
        match self.comparison {
            Comparison::Equal => all_above || all_below,
            Comparison::AtMost => all_above,
            Comparison::AtLeast => all_below,
        }
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
}

impl Bound {
    /// The value SQL compares with; none for null and blobs.
    pub(crate) fn of(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(value) => Some(Self::Integer(value)),
            ValueRef::Real(value) => Some(Self::Real(value)),
            ValueRef::Text(value) => Some(Self::Text(value.to_vec())),
            ValueRef::Null | ValueRef::Blob(_) => None,
        }
    }

    /// Order among values of one type. Rounding an integer to a real keeps their order, or makes
    /// them equal, which refutes nothing.
    #[expect(clippy::cast_precision_loss, reason = "rounding is monotone")]
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(right)),
            (Self::Real(left), Self::Real(right)) => left.partial_cmp(right),
            (Self::Integer(left), Self::Real(right)) => (*left as f64).partial_cmp(right),
            (Self::Real(left), Self::Integer(right)) => left.partial_cmp(&(*right as f64)),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}

/// Least and greatest value of a row group as SQL sees them.
fn bounds(statistics: &Statistics, data_type: &DataType) -> Option<(Bound, Bound)> {
    if statistics.is_min_max_deprecated() {
        return None;
    }
    match (statistics, data_type) {
        (Statistics::Int32(found), DataType::Int8 | DataType::Int16 | DataType::Int32) => {
            pair(found.min_opt(), found.max_opt(), |value| Some(Bound::Integer(i64::from(*value))))
        }
        (Statistics::Int64(found), DataType::Int64) => {
            pair(found.min_opt(), found.max_opt(), |value| Some(Bound::Integer(*value)))
        }
        (Statistics::Float(found), DataType::Float32) => {
            pair(found.min_opt(), found.max_opt(), |value| Some(Bound::Real(f64::from(*value))))
        }
        (Statistics::Double(found), DataType::Float64) => {
            pair(found.min_opt(), found.max_opt(), |value| Some(Bound::Real(*value)))
        }
        (Statistics::ByteArray(found), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
            pair(found.min_opt(), found.max_opt(), |value| Some(Bound::Text(value.data().to_vec())))
        }
        (Statistics::Int32(found), DataType::Date32) => {
            pair(found.min_opt(), found.max_opt(), |days| text(dates::date_text(i64::from(*days))))
        }
        // Parquet has no unit of seconds, so such a column is stored in another unit than Arrow's.
        (Statistics::Int64(found), DataType::Timestamp(unit, _)) if *unit != TimeUnit::Second => {
            pair(found.min_opt(), found.max_opt(), |value| {
                text(dates::timestamp_text(cells::to_milliseconds(*value, *unit)))
            })
        }
        _ => None,
    }
}

fn pair<T>(least: Option<&T>, greatest: Option<&T>, bound: impl Fn(&T) -> Option<Bound>) -> Option<(Bound, Bound)> {
    Some((bound(least?)?, bound(greatest?)?))
}

fn text(text: Option<String>) -> Option<Bound> {
    text.map(|text| Bound::Text(text.into_bytes()))
}
