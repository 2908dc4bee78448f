//! The linkage projection: one row per record, alternative and blocking rule, with what comparing needs.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, RecordBatch, StringArray, UInt64Array,
    builder::{StringBuilder, UInt8Builder, UInt16Builder, UInt64Builder},
    cast::AsArray,
    types::{UInt8Type, UInt16Type, UInt64Type},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lotline_linkage::{Linker, Side, Variant};

use crate::StageError;

/// Columns: `rule`, `key` (hash of the block), `side` (0 left, 1 right), `id`, `variant`, then `key_<rule>` for every
/// rule (null where the record has no such block) and `value_<n>` for every derived field.
pub(super) fn schema(linker: &Linker) -> SchemaRef {
    let mut fields = vec![
        Field::new("rule", DataType::UInt16, false),
        Field::new("key", DataType::UInt64, false),
        Field::new("side", DataType::UInt8, false),
        Field::new("id", DataType::Utf8, false),
        Field::new("variant", DataType::UInt16, false),
    ];
    fields.extend((0..linker.rules()).map(|rule| Field::new(format!("key_{rule}"), DataType::UInt64, true)));
    fields.extend((0..linker.derived().len()).map(|value| Field::new(format!("value_{value}"), DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
}

/// Builds projection batches.
pub(super) struct Builder {
    schema: SchemaRef,
    rules: UInt16Builder,
    block_keys: UInt64Builder,
    sides: UInt8Builder,
    ids: StringBuilder,
    variants: UInt16Builder,
    keys: Vec<UInt64Builder>,
    values: Vec<StringBuilder>,
    rows: usize,
}

impl Builder {
    pub(super) fn new(linker: &Linker) -> Self {
        Self {
            schema: schema(linker),
            rules: UInt16Builder::new(),
            block_keys: UInt64Builder::new(),
            sides: UInt8Builder::new(),
            ids: StringBuilder::new(),
            variants: UInt16Builder::new(),
            keys: (0..linker.rules()).map(|_| UInt64Builder::new()).collect(),
            values: linker.derived().iter().map(|_| StringBuilder::new()).collect(),
            rows: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Adds a row for every block that the variant is in; answers the (rule, key) of each.
    pub(super) fn push(&mut self, side: Side, id: &str, number: usize, variant: &Variant) -> Vec<(u16, u64)> {
        let blocks: Vec<(u16, u64)> =
            (0_u16..).zip(&variant.keys).filter_map(|(rule, key)| key.map(|key| (rule, key))).collect();
        for (rule, key) in &blocks {
            self.rules.append_value(*rule);
            self.block_keys.append_value(*key);
            self.sides.append_value(side_number(side));
            self.ids.append_value(id);
            self.variants.append_value(u16::try_from(number).unwrap_or(u16::MAX));
            self.keys.iter_mut().zip(&variant.keys).for_each(|(builder, key)| builder.append_option(*key));
            self.values.iter_mut().zip(&variant.values).for_each(|(builder, value)| {
                builder.append_option(value.as_deref());
            });
            self.rows += 1;
        }
        blocks
    }

    pub(super) fn finish(&mut self) -> Result<RecordBatch, StageError> {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.rules.finish()),
            Arc::new(self.block_keys.finish()),
            Arc::new(self.sides.finish()),
            Arc::new(self.ids.finish()),
            Arc::new(self.variants.finish()),
        ];
        columns.extend(self.keys.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        columns.extend(self.values.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

/// A batch of the projection, read row by row.
pub(super) struct Rows<'a> {
    pub(super) rule: &'a [u16],
    pub(super) key: &'a [u64],
    pub(super) side: &'a [u8],
    pub(super) id: &'a StringArray,
    pub(super) variant: &'a [u16],
    keys: Vec<&'a UInt64Array>,
    values: Vec<&'a StringArray>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(batch: &'a RecordBatch, linker: &Linker) -> Self {
        const FIXED: usize = 5;
        let keys = FIXED..FIXED + linker.rules();
        let values = keys.end..keys.end + linker.derived().len();
        Self {
            rule: batch.column(0).as_primitive::<UInt16Type>().values(),
            key: batch.column(1).as_primitive::<UInt64Type>().values(),
            side: batch.column(2).as_primitive::<UInt8Type>().values(),
            id: batch.column(3).as_string(),
            variant: batch.column(4).as_primitive::<UInt16Type>().values(),
            keys: keys.map(|position| batch.column(position).as_primitive::<UInt64Type>()).collect(),
            values: values.map(|position| batch.column(position).as_string()).collect(),
        }
    }

    /// The variant that a row stands for, with all of its block keys.
    pub(super) fn variant_at(&self, row: usize) -> Variant {
        Variant {
            keys: self.keys.iter().map(|keys| keys.is_valid(row).then(|| keys.value(row))).collect(),
            values: self
                .values
                .iter()
                .map(|values| values.is_valid(row).then(|| values.value(row).to_owned()))
                .collect(),
        }
    }
}

/// How a side is written in the projection.
pub(super) fn side_number(side: Side) -> u8 {
    match side {
        Side::Left => 0,
        Side::Right => 1,
    }
}
