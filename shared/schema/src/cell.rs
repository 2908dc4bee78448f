//! One value as a reader found it, before the table structure has judged it.

use std::fmt;

/// One value of a record, borrowed from the bytes it was read from.
///
/// Readers do not interpret: a CSV cell is always [`Cell::Text`], a JSON number keeps its digits.
/// The table structure decides what the value means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// The column is absent from the record, or a JSON or Parquet null.
    Null,
    /// Text, unquoted and unescaped.
    Text(&'a str),
    /// The digits of a JSON number, exactly as written.
    Number(&'a str),
    /// A JSON or Parquet boolean.
    Bool(bool),
    /// A Parquet integer.
    Int(i64),
    /// A Parquet floating-point number.
    Float(f64),
    /// A Parquet date: days since 1970-01-01.
    Date(i32),
    /// A Parquet timestamp.
    Timestamp {
        /// Microseconds since 1970-01-01T00:00:00.
        micros: i64,
        /// Whether the file says that this counts in UTC; otherwise nobody knows in which zone.
        utc: bool,
    },
    /// A JSON object or array, as written.
    Nested(&'a str),
}

/// The value as a message shows it.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Text(text) | Self::Number(text) | Self::Nested(text) => f.write_str(text),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Date(days) => write!(f, "{days} days since 1970-01-01"),
            Self::Timestamp { micros, .. } => write!(f, "{micros} microseconds since 1970-01-01"),
        }
    }
}
