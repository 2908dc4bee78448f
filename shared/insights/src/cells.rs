//! Columns of one batch as SQL values, and their types in SQL.

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Float64Array, Int64Array, PrimitiveArray, StringArray,
    cast::AsArray,
    types::{
        Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
        UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use crate::{dates, pruning::Bound};

/// How a Parquet column appears in SQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Text as it is; of binary columns the bytes as UTF-8, with replacement characters for what is none.
    Text,
    /// Integers, and booleans as 0 and 1.
    Integer,
    /// Floating-point numbers; NaN is null.
    Real,
    /// Days since 1970 as text `YYYY-MM-DD`.
    Date,
    /// Instants as text `YYYY-MM-DD HH:MM:SS.mmm` in UTC.
    Timestamp,
}

impl Kind {
    /// The kind for an Arrow type; none for a type SQL has no value for.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Binary => Some(Self::Text),
            DataType::Float32 | DataType::Float64 => Some(Self::Real),
            DataType::Date32 => Some(Self::Date),
            DataType::Timestamp(_, _) => Some(Self::Timestamp),
            DataType::Boolean => Some(Self::Integer),
            integer if integer.is_integer() => Some(Self::Integer),
            _ => None,
        }
    }

    /// Whether a column of this kind may hold the value as it stands. SQL compares it with any other only after
    /// changing one of the two, by rules that depend on where it comes from: `'02000'` equals 2000 of a column.
    pub(crate) fn holds(self, value: &Bound) -> bool {
        matches!(value, Bound::Text(_)) == (self.sql_type() == "TEXT")
    }

    /// The declared type in SQL, which sets the affinity of comparisons.
    pub(crate) fn sql_type(self) -> &'static str {
        match self {
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text | Self::Date | Self::Timestamp => "TEXT",
        }
    }
}

/// One column of a batch.
pub(crate) enum Cells {
    Text(StringArray),
    Integer(Int64Array),
    Real(Float64Array),
    /// Days since 1970-01-01.
    Date(Int64Array),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(Int64Array),
}

impl Cells {
    /// Converts a whole column at once; none for a type without a [`Kind`].
    pub(crate) fn new(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Self::Text(array.as_string::<i64>().iter().collect()),
            DataType::Utf8View => Self::Text(array.as_string_view().iter().collect()),
            DataType::Binary => {
                let lossy = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                Self::Text(array.as_binary::<i32>().iter().map(lossy).collect())
            }
            DataType::Boolean => Self::Integer(array.as_boolean().iter().map(|cell| cell.map(i64::from)).collect()),
            DataType::Int8 => Self::Integer(wide::<Int8Type>(array, i64::from)),
            DataType::Int16 => Self::Integer(wide::<Int16Type>(array, i64::from)),
            DataType::Int32 => Self::Integer(wide::<Int32Type>(array, i64::from)),
            DataType::Int64 => Self::Integer(wide::<Int64Type>(array, i64::from)),
            DataType::UInt8 => Self::Integer(wide::<UInt8Type>(array, i64::from)),
            DataType::UInt16 => Self::Integer(wide::<UInt16Type>(array, i64::from)),
            DataType::UInt32 => Self::Integer(wide::<UInt32Type>(array, i64::from)),
            // SQLite's integers end at 2^63 - 1 and Athena's do as well.
            DataType::UInt64 => {
                Self::Integer(wide::<UInt64Type>(array, |value| i64::try_from(value).unwrap_or(i64::MAX)))
            }
            DataType::Float32 => Self::Real(array.as_primitive::<Float32Type>().unary(f64::from)),
            DataType::Float64 => Self::Real(array.as_primitive::<Float64Type>().clone()),
            DataType::Date32 => Self::Date(wide::<Date32Type>(array, i64::from)),
            DataType::Timestamp(unit, _) => Self::Timestamp(milliseconds(array, *unit)),
            _ => return None,
        })
    }

    /// The value in a row.
    pub(crate) fn get(&self, row: usize) -> ToSqlOutput<'_> {
        match self {
            Self::Text(cells) if cells.is_valid(row) => {
                ToSqlOutput::Borrowed(ValueRef::Text(cells.value(row).as_bytes()))
            }
            Self::Integer(cells) if cells.is_valid(row) => ToSqlOutput::Owned(Value::Integer(cells.value(row))),
            Self::Real(cells) if cells.is_valid(row) => ToSqlOutput::Owned(Value::Real(cells.value(row))),
            Self::Date(cells) if cells.is_valid(row) => text_or_null(dates::date_text(cells.value(row))),
            Self::Timestamp(cells) if cells.is_valid(row) => text_or_null(dates::timestamp_text(cells.value(row))),
            _ => ToSqlOutput::Owned(Value::Null),
        }
    }
}

/// Milliseconds since 1970, rounded down, of an instant in some unit.
pub(crate) fn to_milliseconds(value: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => value.saturating_mul(1000),
        TimeUnit::Millisecond => value,
        TimeUnit::Microsecond => value.div_euclid(1000),
        TimeUnit::Nanosecond => value.div_euclid(1_000_000),
    }
}

fn milliseconds(array: &ArrayRef, unit: TimeUnit) -> Int64Array {
    let convert = |value| to_milliseconds(value, unit);
    match unit {
        TimeUnit::Second => wide::<TimestampSecondType>(array, convert),
        TimeUnit::Millisecond => wide::<TimestampMillisecondType>(array, convert),
        TimeUnit::Microsecond => wide::<TimestampMicrosecondType>(array, convert),
        TimeUnit::Nanosecond => wide::<TimestampNanosecondType>(array, convert),
    }
}

fn wide<T: ArrowPrimitiveType>(array: &ArrayRef, convert: impl Fn(T::Native) -> i64) -> Int64Array {
    let narrow: &PrimitiveArray<T> = array.as_primitive();
    narrow.unary(convert)
}

/// A day beyond the calendar has no text.
fn text_or_null(text: Option<String>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(text.map_or(Value::Null, Value::Text))
}
