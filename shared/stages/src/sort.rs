//! Sorting in bounded memory: sorted runs, spilled when memory is full, merged in one pass.

use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_row::{Row, RowConverter, Rows, SortField};
use arrow_schema::{SchemaRef, SortOptions};
use arrow_select::{concat::concat_batches, interleave::interleave_record_batch, take::take_record_batch};
use lotline_store::Objects;

use crate::{
    StageError,
    tables::{BATCH_ROWS, TableFile, TableWriter},
};

/// Files that are read at once.
pub(crate) const FAN_IN: usize = 64;

/// The columns to sort by: position and direction, the most significant first. Nulls come first.
#[derive(Debug, Clone)]
pub(crate) struct Order(pub(crate) Vec<(usize, SortOptions)>);

impl Order {
    /// Ascending by the columns at these positions.
    pub(crate) fn ascending(positions: impl IntoIterator<Item = usize>) -> Self {
        Self(positions.into_iter().map(|position| (position, SortOptions::default())).collect())
    }

    /// A converter from rows to bytes that compare in this order.
    pub(crate) fn converter(&self, schema: &SchemaRef) -> Result<RowConverter, StageError> {
        let field = |(position, options): &(usize, SortOptions)| {
            SortField::new_with_options(schema.field(*position).data_type().clone(), *options)
        };
        Ok(RowConverter::new(self.0.iter().map(field).collect())?)
    }

    /// The rows of a batch as bytes that compare in this order.
    pub(crate) fn rows(&self, converter: &mut RowConverter, batch: &RecordBatch) -> Result<Rows, StageError> {
        let columns: Vec<_> = self.0.iter().map(|(position, _)| Arc::clone(batch.column(*position))).collect();
        Ok(converter.convert_columns(&columns)?)
    }

    /// The batch with its rows in this order.
    pub(crate) fn sort(&self, converter: &mut RowConverter, batch: &RecordBatch) -> Result<RecordBatch, StageError> {
        let rows = self.rows(converter, batch)?;
        let mut indices: Vec<u32> = (0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX)).collect();
        indices.sort_unstable_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)).then(a.cmp(b)));
        Ok(take_record_batch(batch, &UInt32Array::from(indices))?)
    }
}

/// A stream of batches.
pub(crate) type BatchStream<'a> = Box<dyn Iterator<Item = Result<RecordBatch, StageError>> + 'a>;

/// Sorts any number of batches; memory full means a sorted run is written to `folder`.
pub(crate) struct Sorter<'a> {
    objects: &'a dyn Objects,
    folder: String,
    schema: SchemaRef,
    order: Order,
    converter: RowConverter,
    pending: Vec<RecordBatch>,
    pending_bytes: usize,
    memory: usize,
    runs: Vec<String>,
}

impl<'a> Sorter<'a> {
    /// A sorter that holds at most about `memory` bytes of rows.
    pub(crate) fn new(
        objects: &'a dyn Objects,
        folder: String,
        schema: &SchemaRef,
        order: Order,
        memory: u64,
    ) -> Result<Self, StageError> {
        Ok(Self {
            objects,
            folder,
            converter: order.converter(schema)?,
            schema: Arc::clone(schema),
            order,
            pending: Vec::new(),
            pending_bytes: 0,
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            runs: Vec::new(),
        })
    }

    /// Adds a batch in any order.
    pub(crate) fn push(&mut self, batch: RecordBatch) -> Result<(), StageError> {
        self.pending_bytes += batch.get_array_memory_size();
        self.pending.push(batch);
        if self.pending_bytes > self.memory { self.spill() } else { Ok(()) }
    }

    /// All rows in order.
    pub(crate) fn finish(mut self) -> Result<BatchStream<'a>, StageError> {
        let last = self.sorted()?;
        let runs = std::mem::take(&mut self.runs);
        if runs.is_empty() {
            return Ok(Box::new(slices(last).map(Ok)));
        }
        let spilled = merge_files(self.objects, &self.folder, &self.schema, &self.order, runs)?;
        let streams: Vec<BatchStream<'a>> = vec![Box::new(slices(last).map(Ok)), Box::new(spilled)];
        Ok(Box::new(Merge::new(&self.schema, &self.order, streams)?))
    }

    fn sorted(&mut self) -> Result<RecordBatch, StageError> {
        let batch = concat_batches(&self.schema, &self.pending)?;
        self.pending.clear();
        self.pending_bytes = 0;
        self.order.sort(&mut self.converter, &batch)
    }

    fn spill(&mut self) -> Result<(), StageError> {
        let key = format!("{}/run-{:05}.parquet", self.folder, self.runs.len());
        let mut writer = TableWriter::scratch(self.objects, &key, &self.schema)?;
        for part in slices(self.sorted()?) {
            writer.write(&part)?;
        }
        writer.commit()?;
        self.runs.push(key);
        Ok(())
    }
}

fn slices(batch: RecordBatch) -> impl Iterator<Item = RecordBatch> {
    let rows = batch.num_rows();
    (0..rows).step_by(BATCH_ROWS).map(move |start| batch.slice(start, BATCH_ROWS.min(rows - start)))
}

/// Merges sorted files of the lake into one stream. So that neither open files nor memory grow with their number, more
/// than [`FAN_IN`] are merged in passes, with the files between them in `folder`.
pub(crate) fn merge_files<'a>(
    objects: &'a dyn Objects,
    folder: &str,
    schema: &SchemaRef,
    order: &Order,
    mut files: Vec<String>,
) -> Result<Merge<'a>, StageError> {
    let merge = |files: &[String]| {
        let stream = |file: &String| {
            let batches = TableFile::open(objects, file)?.read_in(BATCH_ROWS / FAN_IN)?;
            Ok(Box::new(batches) as BatchStream<'a>)
        };
        Merge::new(schema, order, files.iter().map(stream).collect::<Result<_, StageError>>()?)
    };
    let mut pass = 0;
    while files.len() > FAN_IN {
        let mut merged = Vec::new();
        for part in files.chunks(FAN_IN) {
            let key = format!("{folder}/pass-{pass}-{:05}.parquet", merged.len());
            let mut writer = TableWriter::scratch(objects, &key, schema)?;
            for batch in merge(part)? {
                writer.write(&batch?)?;
            }
            writer.commit()?;
            merged.push(key);
        }
        files = merged;
        pass += 1;
    }
    merge(&files)
}

/// Merges sorted streams into one; holds one batch a stream.
pub(crate) struct Merge<'a> {
    order: Order,
    converter: RowConverter,
    cursors: Vec<Cursor<'a>>,
    /// Positions of the cursors that have a row, as a binary heap with the least row first.
    heap: Vec<usize>,
}

struct Cursor<'a> {
    stream: BatchStream<'a>,
    batch: Option<(RecordBatch, Rows)>,
    row: usize,
}

impl Cursor<'_> {
    /// The row it stands at.
    fn row(&self) -> Option<Row<'_>> {
        self.batch.as_ref().filter(|(_, rows)| self.row < rows.num_rows()).map(|(_, rows)| rows.row(self.row))
    }
}

impl<'a> Merge<'a> {
    /// Merges streams that are each in `order`.
    pub(crate) fn new(schema: &SchemaRef, order: &Order, streams: Vec<BatchStream<'a>>) -> Result<Self, StageError> {
        let mut merge = Self {
            converter: order.converter(schema)?,
            order: order.clone(),
            cursors: streams.into_iter().map(|stream| Cursor { stream, batch: None, row: 0 }).collect(),
            heap: Vec::new(),
        };
        for position in 0..merge.cursors.len() {
            if merge.refill(position)? {
                merge.heap.push(position);
            }
        }
        (0..merge.heap.len() / 2).rev().for_each(|place| merge.sink(place));
        Ok(merge)
    }

    /// Moves a cursor of the heap down until its row is no greater than those below it; of equal rows that of the
    /// earlier stream is less.
    fn sink(&mut self, mut place: usize) {
        let order = |position: &usize| (self.cursors[*position].row(), *position);
        loop {
            let below = self.heap.iter().enumerate().skip(2 * place + 1).take(2);
            let Some((least, _)) = below.min_by(|a, b| order(a.1).cmp(&order(b.1))) else { return };
            if order(&self.heap[place]) < order(&self.heap[least]) {
                return;
            }
            self.heap.swap(place, least);
            place = least;
        }
    }

    /// Fetches the next batch of a stream; answers whether there is one.
    fn refill(&mut self, position: usize) -> Result<bool, StageError> {
        let cursor = &mut self.cursors[position];
        cursor.batch = None;
        cursor.row = 0;
        for batch in cursor.stream.by_ref() {
            let batch = batch?;
            if batch.num_rows() > 0 {
                let rows = self.order.rows(&mut self.converter, &batch)?;
                cursor.batch = Some((batch, rows));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next output batch: ends early where a stream's batch ends, so that no stream needs more than one.
    fn batch(&mut self) -> Result<Option<RecordBatch>, StageError> {
        let mut picked: Vec<(usize, usize)> = Vec::new();
        let mut drained = None;
        while picked.len() < BATCH_ROWS && drained.is_none() {
            let Some(&position) = self.heap.first() else { break };
            let cursor = &mut self.cursors[position];
            picked.push((position, cursor.row));
            cursor.row += 1;
            match cursor.row() {
                Some(_) => self.sink(0),
                None => drained = Some(position),
            }
        }
        if picked.is_empty() {
            return Ok(None);
        }
        let merged = self.gather(&picked)?;
        if let Some(position) = drained {
            if !self.refill(position)? {
                self.heap.swap_remove(0);
            }
            self.sink(0);
        }
        Ok(Some(merged))
    }

    fn gather(&self, picked: &[(usize, usize)]) -> Result<RecordBatch, StageError> {
        let mut batches = Vec::new();
        let mut place = vec![usize::MAX; self.cursors.len()];
        for (position, cursor) in self.cursors.iter().enumerate() {
            if let Some((batch, _)) = &cursor.batch {
                place[position] = batches.len();
                batches.push(batch);
            }
        }
        let indices: Vec<_> = picked.iter().map(|(position, row)| (place[*position], *row)).collect();
        Ok(interleave_record_batch(&batches, &indices)?)
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<RecordBatch, StageError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}
