//! A row as one line of JSON, as the text protocol writes its values.

use serde_json::{Map, Number, Value};
use sqlx::{Column, Error, Row, TypeInfo, mysql::MySqlRow};

/// The row as an object in the order of its columns. Decimals are texts with all their digits, as are dates and times; a
/// `TIMESTAMP` is one in UTC that says so, JSON is nested as it is, and binary values are hexadecimal.
pub(super) fn record(row: &MySqlRow) -> Result<Map<String, Value>, Error> {
    let member = |(place, column): (usize, &sqlx::mysql::MySqlColumn)| {
        let bytes: Option<&[u8]> = row.try_get_unchecked(place)?;
        Ok((column.name().to_owned(), bytes.map_or(Value::Null, |bytes| value(column.type_info().name(), bytes))))
    };
    row.columns().iter().enumerate().map(member).collect()
}

/// A value by the name of its type.
pub(super) fn value(kind: &str, bytes: &[u8]) -> Value {
    let hexadecimal = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    let Ok(text) = std::str::from_utf8(bytes) else { return hexadecimal() };
    let is_number = kind.ends_with("INT") || kind.ends_with("UNSIGNED");
    match kind {
        "BIT" | "BINARY" | "VARBINARY" | "GEOMETRY" => hexadecimal(),
        _ if kind.ends_with("BLOB") => hexadecimal(),
        "BOOLEAN" | "FLOAT" | "DOUBLE" | "YEAR" => number(text),
        "TIMESTAMP" => format!("{}Z", text.replacen(' ', "T", 1)).into(),
        "JSON" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ if is_number => number(text),
        _ => text.into(),
    }
}

/// A number, or a text where JSON does not write numbers so (`00042` of a `ZEROFILL` column).
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| text.into(), Value::Number)
}
