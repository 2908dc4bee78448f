//! One value as a reader found it, before the table structure has judged it.

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
    /// A Parquet timestamp in UTC: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A JSON object or array, as written.
    Nested(&'a str),
}
