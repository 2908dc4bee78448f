//! Rows that pass go into typed columns; rows that do not come back with every rule they break.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{ArrowError, SchemaRef};

use crate::{
    Cell, ColumnType, TableStructure,
    decode::{Decoder, Value},
};

/// One broken rule of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The column's name in the lake.
    pub column: String,
    /// The rule: `required`, `type`, `utc_only`, `min`, `max`, `pattern` or `one_of`.
    pub rule: &'static str,
    /// What was found and what was expected.
    pub reason: String,
}

/// Collects accepted rows into record batches with the table's Arrow schema.
pub struct RowBuilder {
    schema: SchemaRef,
    names: Vec<String>,
    decoders: Vec<Decoder>,
    /// Whether a column is of the key.
    keys: Vec<bool>,
    /// The column that marks a deletion.
    deleted: Option<usize>,
    columns: Vec<ColumnBuilder>,
    rows: usize,
}

impl RowBuilder {
    /// A builder without rows.
    pub fn new(structure: &TableStructure) -> Self {
        let decoder =
            |column: &crate::Column| Decoder::new(column, &structure.format, structure.key.contains(&column.name));
        Self {
            schema: structure.arrow_schema(),
            names: structure.column_names(),
            decoders: structure.columns.iter().map(decoder).collect(),
            keys: structure.columns.iter().map(|column| structure.key.contains(&column.name)).collect(),
            deleted: structure.deleted.as_ref().and_then(|name| structure.position(name)),
            columns: structure.columns.iter().map(|column| ColumnBuilder::new(column.kind)).collect(),
            rows: 0,
        }
    }

    /// Takes one row, its cells in the order of the table's columns; or leaves it out and answers every rule it breaks.
    ///
    /// # Errors
    /// The violations, at least one.
    pub fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), Vec<Violation>> {
        let mut values = Vec::with_capacity(cells.len());
        let mut violations = Vec::new();
        let is_deletion = self.is_deletion(cells);
        for (((decoder, cell), name), is_key) in self.decoders.iter().zip(cells).zip(&self.names).zip(&self.keys) {
            match decoder.decode(*cell) {
                Ok(value) => values.push(value),
                Err(("required", _)) if is_deletion && !is_key => values.push(Value::Null),
                Err((rule, reason)) => violations.push(Violation { column: name.clone(), rule, reason }),
            }
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.append(value);
        }
        self.rows += 1;
        Ok(())
    }

    /// Whether a row says that there is no row of its key any more.
    fn is_deletion(&self, cells: &[Cell<'_>]) -> bool {
        let marked = self.deleted.and_then(|position| self.decoders.get(position)?.decode(*cells.get(position)?).ok());
        !matches!(marked, None | Some(Value::Null | Value::Boolean(false)))
    }

    /// Rows taken since the last batch.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether no row was taken since the last batch.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows taken since the last batch, in order.
    ///
    /// # Errors
    /// Arrow's, when the columns do not fit the schema: a defect of this crate.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
    }
}

enum ColumnBuilder {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Boolean(BooleanBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
}

impl ColumnBuilder {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Integer => Self::Integer(Int64Builder::new()),
            ColumnType::Number => Self::Number(Float64Builder::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    /// Appends a value; the decoder of the same column made it, so any other type than the column's is a null.
    fn append(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Integer(builder), Value::Integer(number)) => builder.append_value(number),
            (Self::Number(builder), Value::Number(number)) => builder.append_value(number),
            (Self::Boolean(builder), Value::Boolean(flag)) => builder.append_value(flag),
            (Self::Date(builder), Value::Date(days)) => builder.append_value(days),
            (Self::Timestamp(builder), Value::Timestamp(micros)) => builder.append_value(micros),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Number(builder), _) => builder.append_null(),
            (Self::Boolean(builder), _) => builder.append_null(),
            (Self::Date(builder), _) => builder.append_null(),
            (Self::Timestamp(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
        }
    }
}
