//! Rows set aside: one row a bad record, with its place, the rules it breaks and its bytes.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{BinaryBuilder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, SchemaRef};
use lotline_schema::Violation;

use crate::{StageError, tables::required};

/// Broken rules that are written down for one record.
const LISTED: usize = 20;

/// Collects bad records in the order they were met.
pub(super) struct Quarantine {
    schema: SchemaRef,
    texts: [StringBuilder; 5],
    row_numbers: Int64Builder,
    offsets: Int64Builder,
    raw: BinaryBuilder,
    rows: u64,
}

/// Where a record stands.
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) row: u64,
    pub(super) offset: u64,
}

impl Quarantine {
    /// Columns: `file` as the user named it, `row_number` from 1, `byte_offset`, the first broken rule as `column`
    /// (empty when the record as a whole is broken), `rule` and `reason`, the first [`LISTED`] of them as JSON in
    /// `violations`, and the record's bytes as `raw`.
    pub(super) fn schema() -> SchemaRef {
        required(&[
            ("file", DataType::Utf8),
            ("row_number", DataType::Int64),
            ("byte_offset", DataType::Int64),
            ("column", DataType::Utf8),
            ("rule", DataType::Utf8),
            ("reason", DataType::Utf8),
            ("violations", DataType::Utf8),
            ("raw", DataType::Binary),
        ])
    }

    pub(super) fn new() -> Self {
        Self {
            schema: Self::schema(),
            texts: std::array::from_fn(|_| StringBuilder::new()),
            row_numbers: Int64Builder::new(),
            offsets: Int64Builder::new(),
            raw: BinaryBuilder::new(),
            rows: 0,
        }
    }

    /// Rows taken in all.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|builder| builder.values_slice().len()).sum();
        texts + self.raw.values_slice().len()
    }

    pub(super) fn push(&mut self, place: &Place<'_>, violations: &[Violation], raw: &[u8]) {
        let listed: Vec<_> = violations
            .iter()
            .take(LISTED)
            .map(|found| serde_json::json!({"column": found.column, "rule": found.rule, "reason": found.reason}))
            .collect();
        let (column, rule, reason) =
            violations.first().map_or(("", "", ""), |first| (first.column.as_str(), first.rule, first.reason.as_str()));
        let texts = [place.file, column, rule, reason, &serde_json::Value::Array(listed).to_string()];
        self.texts.iter_mut().zip(texts).for_each(|(builder, text)| builder.append_value(text));
        self.row_numbers.append_value(i64::try_from(place.row).unwrap_or(i64::MAX));
        self.offsets.append_value(i64::try_from(place.offset).unwrap_or(i64::MAX));
        self.raw.append_value(raw);
        self.rows += 1;
    }

    /// The records taken since the last batch.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, StageError> {
        let [file, column, rule, reason, violations] =
            self.texts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let (row_numbers, offsets) = (Arc::new(self.row_numbers.finish()), Arc::new(self.offsets.finish()));
        let columns =
            vec![file, row_numbers, offsets, column, rule, reason, violations, Arc::new(self.raw.finish()) as ArrayRef];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
