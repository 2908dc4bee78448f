//! Row groups as chunks, and the rows of a chunk one by one.

use std::sync::Arc;

use bumpalo::Bump;
use lotline_schema::{Cell, FormatKind};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};

use super::{
    guard::{corrupt, guarded},
    render::write_row,
    source::ParquetSource,
    values::Values,
};
use crate::{
    columns::resolve,
    cut::{Chunk, Cut},
    detect::Encoding,
    error::FormatError,
    ranged::RangedRead,
    record::{Damage, Record},
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 4096;

/// Groups row groups into chunks of at least `target_bytes` compressed bytes.
pub(crate) fn cut(file: Arc<dyn RangedRead>, target_bytes: u64) -> Result<Cut, FormatError> {
    let builder = open(&ParquetSource::new(file))?;
    let header = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut chunks: Vec<Chunk> = Vec::new();
    let (mut bytes, mut rows) = (0, 0);
    for (place, group) in (0..).zip(builder.metadata().row_groups()) {
        let count = unsigned(group.num_rows(), "rows")?;
        match chunks.last_mut() {
            Some(chunk) if bytes < target_bytes => {
                chunk.end = place + 1;
                chunk.rows += count;
            }
            _ => {
                bytes = 0;
                chunks.push(Chunk { start: place, end: place + 1, seek: None, first_row: rows + 1, rows: count });
            }
        }
        bytes += unsigned(group.compressed_size(), "bytes")?;
        rows += count;
    }
    chunks.retain(|chunk| chunk.rows > 0);
    Ok(Cut {
        kind: FormatKind::Parquet,
        compression: None,
        delimiter: None,
        encoding: Encoding::Utf8,
        header,
        record_path: Vec::new(),
        chunks,
        rows,
    })
}

fn open(source: &ParquetSource) -> Result<ParquetRecordBatchReaderBuilder<ParquetSource>, FormatError> {
    guarded(source, || Ok(ParquetRecordBatchReaderBuilder::try_new(source.clone())?))
}

fn unsigned(count: i64, what: &str) -> Result<u64, FormatError> {
    // The sum over all row groups must not overflow either.
    u64::try_from(count)
        .ok()
        .filter(|count| *count < 1 << 48)
        .ok_or_else(|| corrupt(format!("found `{count}` {what} in a row group")))
}

/// Reads the rows of some row groups, a batch at a time and only the columns asked for.
pub(crate) struct RowReader {
    source: ParquetSource,
    batches: ParquetRecordBatchReader,
    /// Columns of the batch, in the order of the file.
    values: Vec<Values>,
    /// Their names.
    names: Vec<String>,
    /// For each output column its place among them.
    columns: Vec<usize>,
    /// Rows of the batch, and how many of them have been answered.
    height: usize,
    next: usize,
    /// Number of the record last answered, and of the chunk's last.
    row: u64,
    last_row: u64,
    json: Vec<u8>,
}

impl RowReader {
    pub(crate) fn open(file: Arc<dyn RangedRead>, chunk: &Chunk, columns: &[Vec<String>]) -> Result<Self, FormatError> {
        let source = ParquetSource::new(file);
        let builder = open(&source)?;
        let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let roots = resolve(columns, &header)?;
        let mut read = roots.clone();
        read.sort_unstable();
        read.dedup();
        let columns = roots.iter().filter_map(|root| read.binary_search(root).ok()).collect();
        let names = read.iter().map(|root| header[*root].clone()).collect();
        let held = builder.metadata().num_row_groups() as u64;
        if chunk.end > held {
            return Err(corrupt(format!("found `{held}` row groups, expected `{}`", chunk.end)));
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), read);
        let groups = (chunk.start..chunk.end).map(|group| group as usize).collect();
        let builder = builder.with_projection(mask).with_row_groups(groups).with_batch_size(BATCH_ROWS);
        let batches = guarded(&source, || Ok(builder.build()?))?;
        let row = chunk.first_row.saturating_sub(1);
        let (values, json) = (Vec::new(), Vec::new());
        Ok(Self { source, batches, values, names, columns, height: 0, next: 0, row, last_row: row + chunk.rows, json })
    }

    pub(crate) fn next<'a>(&'a mut self, arena: &'a Bump) -> Result<Option<Record<'a>>, FormatError> {
        while self.next == self.height {
            let source = self.source.clone();
            match guarded(&source, || self.decode())? {
                Some((values, height)) => (self.values, self.height, self.next) = (values, height, 0),
                None if self.row < self.last_row => {
                    return Err(corrupt(format!("found row {} to be the last, expected {}", self.row, self.last_row)));
                }
                None => return Ok(None),
            }
        }
        let place = self.next;
        self.next += 1;
        self.row += 1;
        let mut damage = None;
        let read: &[Cell<'_>] =
            arena.alloc_slice_fill_iter(self.values.iter().zip(&self.names).map(|(values, name)| {
                values.cell(place).unwrap_or_else(|bytes| {
                    damage = Some(Damage::new("invalid_utf8", format!("column `{name}` is not UTF-8")));
                    Cell::Text(arena.alloc_str(&String::from_utf8_lossy(bytes)))
                })
            }));
        write_row(&mut self.json, &self.names, read)?;
        let cells = match damage {
            Some(damage) => Err(damage),
            None => Ok(&*arena.alloc_slice_fill_iter(self.columns.iter().map(|column| read[*column]))),
        };
        Ok(Some(Record { row: self.row, offset: self.row - 1, raw: &self.json, cells }))
    }

    /// The columns and the number of rows of the next batch.
    fn decode(&mut self) -> Result<Option<(Vec<Values>, usize)>, FormatError> {
        let Some(batch) = self.batches.next() else { return Ok(None) };
        let batch = batch.map_err(corrupt)?;
        let values = batch.columns().iter().map(Values::new).collect::<Result<_, _>>().map_err(corrupt)?;
        Ok(Some((values, batch.num_rows())))
    }
}
