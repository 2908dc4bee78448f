//! Scored pairs and links as batches.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int16Builder, StringBuilder},
};
use arrow_schema::{DataType, SchemaRef, SortOptions};

use crate::{StageError, sort::Order, tables::required};

/// Columns of the links table: `id_l`, `id_r`, `match_key`, `match_weight` (log2), `match_probability`.
pub(super) fn schema() -> SchemaRef {
    required(&[
        ("id_l", DataType::Utf8),
        ("id_r", DataType::Utf8),
        ("match_key", DataType::Int16),
        ("match_weight", DataType::Float64),
        ("match_probability", DataType::Float64),
    ])
}

const DESCENDING: SortOptions = SortOptions { descending: true, nulls_first: true };
const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: true };

/// By pair, the best way to meet it first.
pub(super) fn by_pair() -> Order {
    Order(vec![(0, ASCENDING), (1, ASCENDING), (3, DESCENDING), (2, ASCENDING)])
}

/// By match weight, the highest first, ties by id: the total order in which links are decided.
pub(super) fn by_weight() -> Order {
    Order(vec![(3, DESCENDING), (0, ASCENDING), (1, ASCENDING)])
}

/// Builds batches of scored pairs.
pub(super) struct Builder {
    ids: [StringBuilder; 2],
    match_keys: Int16Builder,
    weights: Float64Builder,
    probabilities: Float64Builder,
    rows: usize,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            ids: [StringBuilder::new(), StringBuilder::new()],
            match_keys: Int16Builder::new(),
            weights: Float64Builder::new(),
            probabilities: Float64Builder::new(),
            rows: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn push(&mut self, left: &str, right: &str, match_key: u16, weight: f64, probability: f64) {
        self.ids[0].append_value(left);
        self.ids[1].append_value(right);
        self.match_keys.append_value(i16::try_from(match_key).unwrap_or(i16::MAX));
        self.weights.append_value(weight);
        self.probabilities.append_value(probability);
        self.rows += 1;
    }

    pub(super) fn finish(&mut self) -> Result<RecordBatch, StageError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.ids[0].finish()),
            Arc::new(self.ids[1].finish()),
            Arc::new(self.match_keys.finish()),
            Arc::new(self.weights.finish()),
            Arc::new(self.probabilities.finish()),
        ];
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}
