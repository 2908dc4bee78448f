//! Parquet values as JSON text: nested cells, and whole rows for the quarantine.

use std::io::Write;

use arrow_array::{
    Array, ArrayRef, LargeStringArray, builder::LargeStringBuilder, cast::AsArray, temporal_conversions, types,
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType};
use lotline_schema::Cell;

/// Every value of a list, struct or map column as JSON.
pub(crate) fn nested(column: &ArrayRef) -> Result<LargeStringArray, ArrowError> {
    let mut texts = LargeStringBuilder::new();
    let mut json = String::new();
    for row in 0..column.len() {
        if column.is_null(row) {
            texts.append_null();
            continue;
        }
        json.clear();
        write_value(&mut json, column.as_ref(), row)?;
        texts.append_value(&json);
    }
    Ok(texts.finish())
}

fn write_value(json: &mut String, values: &dyn Array, row: usize) -> Result<(), ArrowError> {
    if values.is_null(row) {
        json.push_str("null");
        return Ok(());
    }
    match values.data_type() {
        DataType::Struct(fields) => {
            let columns = values.as_struct().columns();
            let members = fields.iter().zip(columns).map(|(field, column)| (Ok(field.name().clone()), column, row));
            write_object(json, members)
        }
        DataType::Map(..) => {
            let entries = values.as_map().value(row);
            let (names, column) = (entries.column(0), entries.column(1));
            write_object(json, (0..entries.len()).map(|at| (array_value_to_string(names, at), column, at)))
        }
        DataType::List(_) => write_list(json, &values.as_list::<i32>().value(row)),
        DataType::LargeList(_) => write_list(json, &values.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => write_list(json, &values.as_fixed_size_list().value(row)),
        DataType::Boolean => write_bare(json, values, row),
        DataType::Float64 if !values.as_primitive::<types::Float64Type>().value(row).is_finite() => {
            json.push_str("null");
            Ok(())
        }
        DataType::Float32 if !values.as_primitive::<types::Float32Type>().value(row).is_finite() => {
            json.push_str("null");
            Ok(())
        }
        kind if kind.is_numeric() => write_bare(json, values, row),
        _ => {
            write_text(json, &array_value_to_string(values, row)?);
            Ok(())
        }
    }
}

fn write_bare(json: &mut String, values: &dyn Array, row: usize) -> Result<(), ArrowError> {
    json.push_str(&array_value_to_string(values, row)?);
    Ok(())
}

fn write_object<'a>(
    json: &mut String,
    members: impl Iterator<Item = (Result<String, ArrowError>, &'a ArrayRef, usize)>,
) -> Result<(), ArrowError> {
    json.push('{');
    for (place, (name, values, row)) in members.enumerate() {
        json.push_str(if place > 0 { "," } else { "" });
        write_text(json, &name?);
        json.push(':');
        write_value(json, values.as_ref(), row)?;
    }
    json.push('}');
    Ok(())
}

fn write_list(json: &mut String, values: &ArrayRef) -> Result<(), ArrowError> {
    json.push('[');
    for row in 0..values.len() {
        json.push_str(if row > 0 { "," } else { "" });
        write_value(json, values.as_ref(), row)?;
    }
    json.push(']');
    Ok(())
}

fn write_text(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}

/// Writes a row as a JSON object; dates and timestamps in ISO 8601, with `Z` where the file says UTC.
pub(crate) fn write_row(json: &mut Vec<u8>, names: &[String], cells: &[Cell<'_>]) -> std::io::Result<()> {
    json.clear();
    json.push(b'{');
    for (place, (name, cell)) in names.iter().zip(cells).enumerate() {
        if place > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, name)?;
        json.push(b':');
        write_cell(json, *cell)?;
    }
    json.push(b'}');
    Ok(())
}

fn write_cell(json: &mut Vec<u8>, cell: Cell<'_>) -> std::io::Result<()> {
    match cell {
        Cell::Null => json.extend_from_slice(b"null"),
        Cell::Text(text) => serde_json::to_writer(json, text)?,
        Cell::Number(text) | Cell::Nested(text) => json.extend_from_slice(text.as_bytes()),
        Cell::Bool(value) => serde_json::to_writer(json, &value)?,
        Cell::Int(value) => serde_json::to_writer(json, &value)?,
        Cell::Float(value) => serde_json::to_writer(json, &value)?,
        Cell::Date(days) => match temporal_conversions::as_date::<types::Date32Type>(i64::from(days)) {
            Some(date) => write!(json, "\"{date}\"")?,
            None => write!(json, "{days}")?,
        },
        Cell::Timestamp { micros, utc } => {
            match temporal_conversions::as_datetime::<types::TimestampMicrosecondType>(micros) {
                Some(time) => write!(json, "\"{time:?}{}\"", if utc { "Z" } else { "" })?,
                None => write!(json, "{micros}")?,
            }
        }
    }
    Ok(())
}
