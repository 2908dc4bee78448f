//! A column of a batch in one of the few shapes that cells come from.

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray,
    TimestampMicrosecondArray, cast::AsArray, types,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use lotline_schema::Cell;

use super::render::nested;

/// The values of a column, nulls included.
pub(crate) enum Values {
    Null,
    Bool(BooleanArray),
    Int(Int64Array),
    Float(Float64Array),
    Date(Date32Array),
    /// In microseconds, and whether they count in UTC.
    Timestamp(TimestampMicrosecondArray, bool),
    Number(LargeStringArray),
    Text(LargeStringArray),
    Bytes(LargeBinaryArray),
    Nested(LargeStringArray),
}

impl Values {
    /// Brings a column into shape. Numbers that neither `i64` nor `f64` holds keep their digits; times of day,
    /// durations and intervals become text; lists, structs and maps become JSON.
    pub(crate) fn new(column: &ArrayRef) -> Result<Self, ArrowError> {
        let to = |kind: &DataType| cast(column, kind);
        Ok(match column.data_type() {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool(column.as_boolean().clone()),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Self::int(&to(&DataType::Int64)?),
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Self::int(&to(&DataType::Int64)?),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                Self::Float(to(&DataType::Float64)?.as_primitive::<types::Float64Type>().clone())
            }
            DataType::Date32 => Self::Date(column.as_primitive::<types::Date32Type>().clone()),
            DataType::Date64 => Self::Date(column.as_primitive::<types::Date64Type>().unary(day)),
            DataType::Timestamp(unit, zone) => Self::Timestamp(microseconds(column, *unit), zone.is_some()),
            DataType::UInt64
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => Self::Number(to(&DataType::LargeUtf8)?.as_string().clone()),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                Self::Bytes(to(&DataType::LargeBinary)?.as_binary().clone())
            }
            DataType::Dictionary(_, value) => return Self::new(&to(value)?),
            kind if kind.is_nested() => Self::Nested(nested(column)?),
            _ => Self::Text(to(&DataType::LargeUtf8)?.as_string().clone()),
        })
    }

    fn int(column: &ArrayRef) -> Self {
        Self::Int(column.as_primitive::<types::Int64Type>().clone())
    }

    /// The cell of a row, or the bytes there if they should be text and are not UTF-8.
    pub(crate) fn cell(&self, row: usize) -> Result<Cell<'_>, &[u8]> {
        if self.is_null(row) {
            return Ok(Cell::Null);
        }
        Ok(match self {
            Self::Null => Cell::Null,
            Self::Bool(values) => Cell::Bool(values.value(row)),
            Self::Int(values) => Cell::Int(values.value(row)),
            Self::Float(values) => Cell::Float(values.value(row)),
            Self::Date(values) => Cell::Date(values.value(row)),
            Self::Timestamp(values, utc) => Cell::Timestamp { micros: values.value(row), utc: *utc },
            Self::Number(values) => Cell::Number(values.value(row)),
            Self::Text(values) => Cell::Text(values.value(row)),
            Self::Nested(values) => Cell::Nested(values.value(row)),
            Self::Bytes(values) => {
                let bytes = values.value(row);
                Cell::Text(std::str::from_utf8(bytes).map_err(|_| bytes)?)
            }
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(values) => values.is_null(row),
            Self::Int(values) => values.is_null(row),
            Self::Float(values) => values.is_null(row),
            Self::Date(values) => values.is_null(row),
            Self::Timestamp(values, _) => values.is_null(row),
            Self::Number(values) | Self::Text(values) | Self::Nested(values) => values.is_null(row),
            Self::Bytes(values) => values.is_null(row),
        }
    }
}

/// The day of a number of milliseconds; the last there is for one beyond.
fn day(milliseconds: i64) -> i32 {
    let days = milliseconds.div_euclid(86_400_000);
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}

/// Microseconds, rounded down; the last there are for a time beyond. A cast by the library would make it null.
fn microseconds(column: &ArrayRef, unit: TimeUnit) -> TimestampMicrosecondArray {
    match unit {
        TimeUnit::Second => {
            column.as_primitive::<types::TimestampSecondType>().unary(|time| time.saturating_mul(1_000_000))
        }
        TimeUnit::Millisecond => {
            column.as_primitive::<types::TimestampMillisecondType>().unary(|time| time.saturating_mul(1000))
        }
        TimeUnit::Microsecond => column.as_primitive::<types::TimestampMicrosecondType>().clone(),
        TimeUnit::Nanosecond => {
            column.as_primitive::<types::TimestampNanosecondType>().unary(|time| time.div_euclid(1000))
        }
    }
}
