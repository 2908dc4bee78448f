//! Digests of tables: equal for equal rows in equal order, whatever file layout or program version wrote them.

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Date32Type, Float64Type, Int16Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::DataType;
use sha2::{Digest, Sha256};

use crate::{StageError, run::hex};

/// SHA-256 over column names and then values row by row: a zero byte for null, else a one byte and the value
/// (little-endian numbers, texts after their length).
pub(crate) struct TableDigest {
    hasher: Sha256,
    named: bool,
}

impl TableDigest {
    pub(crate) fn new() -> Self {
        Self { hasher: Sha256::new(), named: false }
    }

    pub(crate) fn update(&mut self, batch: &RecordBatch) -> Result<(), StageError> {
        if !self.named {
            self.named = true;
            for field in batch.schema().fields() {
                self.text(field.name());
            }
        }
        for row in 0..batch.num_rows() {
            for column in batch.columns() {
                self.value(column.as_ref(), row)?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> String {
        hex(&self.hasher.finalize())
    }

    fn text(&mut self, text: &str) {
        self.hasher.update((text.len() as u64).to_le_bytes());
        self.hasher.update(text);
    }

    fn value(&mut self, column: &dyn Array, row: usize) -> Result<(), StageError> {
        if column.is_null(row) {
            self.hasher.update([0]);
            return Ok(());
        }
        self.hasher.update([1]);
        match column.data_type() {
            DataType::Utf8 => self.text(column.as_string::<i32>().value(row)),
            DataType::Boolean => self.hasher.update([u8::from(column.as_boolean().value(row))]),
            DataType::Int16 => self.hasher.update(column.as_primitive::<Int16Type>().value(row).to_le_bytes()),
            DataType::Int64 => self.hasher.update(column.as_primitive::<Int64Type>().value(row).to_le_bytes()),
            DataType::Float64 => self.hasher.update(column.as_primitive::<Float64Type>().value(row).to_le_bytes()),
            DataType::Date32 => self.hasher.update(column.as_primitive::<Date32Type>().value(row).to_le_bytes()),
            DataType::Timestamp(..) => {
                self.hasher.update(column.as_primitive::<TimestampMicrosecondType>().value(row).to_le_bytes());
            }
            other => return Err(StageError::Internal(format!("no digest for columns of type {other}"))),
        }
        Ok(())
    }
}
