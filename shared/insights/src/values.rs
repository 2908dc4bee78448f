//! From Arrow to SQLite and from SQLite to JSON.

use arrow_array::{
    Array,
    cast::AsArray,
    types::{Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type},
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate, TimeDelta};
use rusqlite::types::{Value, ValueRef};
use serde_json::{Number, Value as Json};

/// The SQLite type that a column is declared with.
pub(crate) fn declared(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "INTEGER",
        kind if kind.is_integer() => "INTEGER",
        kind if kind.is_floating() => "REAL",
        DataType::Binary => "BLOB",
        _ => "TEXT",
    }
}

/// Whether values of this type can be shown to SQLite.
pub(crate) fn supported(kind: &DataType) -> bool {
    use DataType::{Binary, Boolean, Date32, Float32, Float64, Int8, Int16, Int32, Int64, Timestamp, UInt8, UInt16, UInt32, Utf8};
    matches!(
        kind,
        Utf8 | Binary | Boolean | Date32 | Float32 | Float64 | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32
            | Timestamp(TimeUnit::Microsecond, _)
    )
}

/// A value of a column; text and bytes are borrowed.
pub(crate) enum Cell<'a> {
    Borrowed(ValueRef<'a>),
    Owned(Value),
}

/// The value in a row of a column.
pub(crate) fn cell(column: &dyn Array, row: usize) -> Cell<'_> {
    if column.is_null(row) {
        return Cell::Borrowed(ValueRef::Null);
    }
    let integer = |number: i64| Cell::Borrowed(ValueRef::Integer(number));
    match column.data_type() {
        DataType::Utf8 => Cell::Borrowed(ValueRef::Text(column.as_string::<i32>().value(row).as_bytes())),
        DataType::Binary => Cell::Borrowed(ValueRef::Blob(column.as_binary::<i32>().value(row))),
        DataType::Boolean => integer(column.as_boolean().value(row).into()),
        DataType::Int8 => integer(column.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => integer(column.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => integer(column.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => integer(column.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => integer(column.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => integer(column.as_primitive::<UInt32Type>().value(row).into()),
        DataType::Float32 => Cell::Borrowed(ValueRef::Real(column.as_primitive::<Float32Type>().value(row).into())),
        DataType::Float64 => Cell::Borrowed(ValueRef::Real(column.as_primitive::<Float64Type>().value(row))),
        DataType::Date32 => text(date(column.as_primitive::<Date32Type>().value(row))),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            text(timestamp(column.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        _ => Cell::Borrowed(ValueRef::Null),
    }
}

fn text(text: Option<String>) -> Cell<'static> {
    Cell::Owned(text.map_or(Value::Null, Value::Text))
}

fn date(days: i32) -> Option<String> {
    let date = NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(TimeDelta::days(days.into()))?;
    Some(date.format("%Y-%m-%d").to_string())
}

fn timestamp(micros: i64) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?;
    let format = if micros % 1_000 == 0 { "%Y-%m-%d %H:%M:%S%.3f" } else { "%Y-%m-%d %H:%M:%S%.6f" };
    Some(time.format(format).to_string())
}

/// A result value as JSON: reals that are no numbers become null, bytes become text with replacement characters.
pub(crate) fn json(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
    }
}
