//! Scored pairs and links as batches.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch, StringArray,
    builder::{Float64Builder, Int16Builder, StringBuilder, UInt32Builder},
    cast::AsArray,
    types::{Float64Type, Int16Type, UInt32Type},
};
use arrow_schema::{DataType, SchemaRef, SortOptions};
use lotline_linkage::Model;

use crate::{StageError, sort::Order, tables::required};

/// The `match_key` of a link that no rule met: it follows from others of its cluster.
pub(super) const FOLLOWS: i16 = -1;

/// Columns of the links table: `id_l`, `id_r`, `match_key` ([`FOLLOWS`] when no rule met the pair), `match_weight` (log2
/// odds of the pair seen alone; of one that follows, those of its clusters) and `match_probability` (once rivals for a
/// record that has at most one match took their share; in clusters of two tables that its clusters are one).
pub(super) fn schema() -> SchemaRef {
    required(&[
        ("id_l", DataType::Utf8),
        ("id_r", DataType::Utf8),
        ("match_key", DataType::Int16),
        ("match_weight", DataType::Float64),
        ("match_probability", DataType::Float64),
    ])
}

/// Columns of scored pairs: the numbers of both rows, then their ids, the rule and the weight.
pub(super) fn scored_schema() -> SchemaRef {
    required(&[
        ("left", DataType::UInt32),
        ("right", DataType::UInt32),
        ("id_l", DataType::Utf8),
        ("id_r", DataType::Utf8),
        ("match_key", DataType::Int16),
        ("match_weight", DataType::Float64),
    ])
}

/// Scored pairs with the component of their records in front.
pub(super) fn component_schema() -> SchemaRef {
    let mut fields = vec![Arc::new(arrow_schema::Field::new("component", DataType::UInt32, false))];
    fields.extend(scored_schema().fields().iter().map(Arc::clone));
    Arc::new(arrow_schema::Schema::new(fields))
}

const DESCENDING: SortOptions = SortOptions { descending: true, nulls_first: true };
const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: true };

/// Of pairs with components: by component and pair, the best way to meet it first.
pub(super) fn by_component() -> Order {
    Order(vec![(0, ASCENDING), (1, ASCENDING), (2, ASCENDING), (6, DESCENDING), (5, ASCENDING)])
}

/// Of links: by the ids of both records.
pub(super) fn by_ids() -> Order {
    Order::ascending([0, 1])
}

/// Builds batches of scored pairs.
#[derive(Default)]
pub(super) struct Builder {
    numbers: [UInt32Builder; 2],
    ids: [StringBuilder; 2],
    match_keys: Int16Builder,
    weights: Float64Builder,
    rows: usize,
}

impl Builder {
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn push(&mut self, numbers: [u32; 2], ids: [&str; 2], match_key: u16, weight: f64) {
        for side in 0..2 {
            self.numbers[side].append_value(numbers[side]);
            self.ids[side].append_value(ids[side]);
        }
        self.match_keys.append_value(i16::try_from(match_key).unwrap_or(i16::MAX));
        self.weights.append_value(weight);
        self.rows += 1;
    }

    pub(super) fn finish(&mut self) -> Result<RecordBatch, StageError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.numbers[0].finish()),
            Arc::new(self.numbers[1].finish()),
            Arc::new(self.ids[0].finish()),
            Arc::new(self.ids[1].finish()),
            Arc::new(self.match_keys.finish()),
            Arc::new(self.weights.finish()),
        ];
        Ok(RecordBatch::try_new(scored_schema(), columns)?)
    }
}

/// Scored pairs read row by row; the columns start at `first`.
pub(super) struct Scored<'a> {
    pub(super) numbers: [&'a [u32]; 2],
    pub(super) ids: [&'a StringArray; 2],
    pub(super) match_keys: &'a [i16],
    pub(super) weights: &'a [f64],
}

impl<'a> Scored<'a> {
    pub(super) fn new(batch: &'a RecordBatch, first: usize) -> Self {
        let number = |place: usize| &batch.column(first + place).as_primitive::<UInt32Type>().values()[..];
        Self {
            numbers: [number(0), number(1)],
            ids: [batch.column(first + 2).as_string(), batch.column(first + 3).as_string()],
            match_keys: batch.column(first + 4).as_primitive::<Int16Type>().values(),
            weights: batch.column(first + 5).as_primitive::<Float64Type>().values(),
        }
    }

    pub(super) fn pair(&self, row: usize) -> Pair {
        Pair {
            numbers: [self.numbers[0][row], self.numbers[1][row]],
            ids: [self.ids[0].value(row).to_owned(), self.ids[1].value(row).to_owned()],
            match_key: self.match_keys[row],
            weight: self.weights[row],
            shared: self.weights[row],
        }
    }
}

/// One scored pair.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) numbers: [u32; 2],
    pub(super) ids: [String; 2],
    pub(super) match_key: i16,
    /// log2 odds that the records match, seen alone.
    pub(super) weight: f64,
    /// The same once rivals took their share, or clusters of two tables became one.
    pub(super) shared: f64,
}

/// Links as a batch of the links table.
pub(super) fn links(pairs: &[Pair]) -> Result<RecordBatch, StageError> {
    let ids = |side: usize| StringArray::from_iter_values(pairs.iter().map(|pair| pair.ids[side].as_str()));
    let probability = |pair: &Pair| Model::match_probability(pair.shared);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ids(0)),
        Arc::new(ids(1)),
        Arc::new(arrow_array::Int16Array::from_iter_values(pairs.iter().map(|pair| pair.match_key))),
        Arc::new(arrow_array::Float64Array::from_iter_values(pairs.iter().map(|pair| pair.weight))),
        Arc::new(arrow_array::Float64Array::from_iter_values(pairs.iter().map(probability))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
