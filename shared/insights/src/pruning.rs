//! Conditions, and whether rows between a least and a greatest value can meet them.

use std::cmp::Ordering;

use rusqlite::{types::ValueRef, vtab::IndexConstraintOp};

use crate::bounds::Bounds;

/// A comparison that bounds can refute.
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
    /// None for the place of a row in its table, SQL's `rowid`.
    pub(crate) column: Option<usize>,
    pub(crate) comparison: Comparison,
    pub(crate) value: Bound,
}

impl Condition {
    /// Whether no row within the bounds can meet the condition. Anything unclear counts as possible: absent bounds,
    /// values of another type.
    pub(crate) fn is_refuted_by(&self, bounds: Option<&Bounds>) -> bool {
        let Some(Bounds { least, greatest }) = bounds else { return false };
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

impl From<String> for Bound {
    fn from(text: String) -> Self {
        Self::Text(text.into_bytes())
    }
}
