//! Least and greatest values as SQL sees them: of row groups by their statistics, of pages by the column index.

use arrow_schema::{DataType, TimeUnit};
use parquet::file::{page_index::column_index::ColumnIndexMetaData, statistics::Statistics};

use crate::{cells, dates, pruning::Bound};

/// Least and greatest value of some rows, nulls and NaN left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) least: Bound,
    pub(crate) greatest: Bound,
}

/// A value as Parquet stores it.
enum Stored<'a> {
    Int32(i32),
    Int64(i64),
    Float(f32),
    Double(f64),
    Bytes(&'a [u8]),
}

impl Bounds {
    /// Of a row group; none where its statistics do not tell.
    pub(crate) fn of_group(statistics: &Statistics, data_type: &DataType) -> Option<Self> {
        if statistics.is_min_max_deprecated() {
            return None;
        }
        let (least, greatest) = match statistics {
            Statistics::Int32(found) => (Stored::Int32(*found.min_opt()?), Stored::Int32(*found.max_opt()?)),
            Statistics::Int64(found) => (Stored::Int64(*found.min_opt()?), Stored::Int64(*found.max_opt()?)),
            Statistics::Float(found) => (Stored::Float(*found.min_opt()?), Stored::Float(*found.max_opt()?)),
            Statistics::Double(found) => (Stored::Double(*found.min_opt()?), Stored::Double(*found.max_opt()?)),
            Statistics::ByteArray(found) => {
                (Stored::Bytes(found.min_opt()?.data()), Stored::Bytes(found.max_opt()?.data()))
            }
            _ => return None,
        };
        Self::new(&least, &greatest, data_type)
    }

    /// Of a page of a column; none where the index does not tell, and for pages of nulls.
    pub(crate) fn of_page(index: &ColumnIndexMetaData, page: usize, data_type: &DataType) -> Option<Self> {
        use ColumnIndexMetaData::{BYTE_ARRAY, DOUBLE, FLOAT, INT32, INT64};
        let (least, greatest) = match index {
            INT32(index) => (Stored::Int32(*index.min_value(page)?), Stored::Int32(*index.max_value(page)?)),
            INT64(index) => (Stored::Int64(*index.min_value(page)?), Stored::Int64(*index.max_value(page)?)),
            FLOAT(index) => (Stored::Float(*index.min_value(page)?), Stored::Float(*index.max_value(page)?)),
            DOUBLE(index) => (Stored::Double(*index.min_value(page)?), Stored::Double(*index.max_value(page)?)),
            BYTE_ARRAY(index) => (Stored::Bytes(index.min_value(page)?), Stored::Bytes(index.max_value(page)?)),
            _ => return None,
        };
        Self::new(&least, &greatest, data_type)
    }

    fn new(least: &Stored<'_>, greatest: &Stored<'_>, data_type: &DataType) -> Option<Self> {
        Some(Self { least: least.bound(data_type)?, greatest: greatest.bound(data_type)? })
    }
}

impl Stored<'_> {
    /// The value in SQL; none where the order of stored values is not SQL's.
    fn bound(&self, data_type: &DataType) -> Option<Bound> {
        use DataType::{Date32, Float32, Float64, Int8, Int16, Int32, Int64, LargeUtf8, Timestamp, Utf8, Utf8View};
        match (self, data_type) {
            (Self::Int32(value), Int8 | Int16 | Int32) => Some(Bound::Integer(i64::from(*value))),
            (Self::Int64(value), Int64) => Some(Bound::Integer(*value)),
            (Self::Float(value), Float32) => Some(Bound::Real(f64::from(*value))),
            (Self::Double(value), Float64) => Some(Bound::Real(*value)),
            (Self::Bytes(value), Utf8 | LargeUtf8 | Utf8View) => Some(Bound::Text(value.to_vec())),
            (Self::Int32(days), Date32) => dates::date_text(i64::from(*days)).map(Bound::from),
            // Parquet has no unit of seconds, so such a column is stored in another unit than Arrow's.
            (Self::Int64(value), Timestamp(unit, _)) if *unit != TimeUnit::Second => {
                dates::timestamp_text(cells::to_milliseconds(*value, *unit)).map(Bound::from)
            }
            _ => None,
        }
    }
}
