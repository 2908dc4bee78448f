//! The walk through the rows of one table.

use std::ops::Range;

use parquet::{arrow::arrow_reader::ParquetRecordBatchReader, errors::ParquetError};
use rusqlite::types::ToSqlOutput;

use crate::{cells::Cells, opened::OpenTable, pruning::Condition};

/// Rows fetched at first, as a look-up or a page of a list needs no more.
const FIRST_ROWS: usize = 4096;
/// Rows fetched at once by a scan that goes on, each time this many times as many as before.
const GROWTH: usize = 4;
/// The most rows fetched at once, whose pages are in memory together.
const MOST_ROWS: usize = 65_536;

/// A walk through some columns of the rows that may meet some conditions, one batch and the pages fetched in memory.
#[derive(Default)]
pub(crate) struct Scan {
    /// Columns read, ascending.
    columns: Vec<usize>,
    conditions: Vec<Condition>,
    /// The group being read, and the one after it.
    group: usize,
    next_group: usize,
    /// Possible rows of the group that are not fetched yet, the next ones last.
    rows: Vec<Range<usize>>,
    /// How many rows are fetched next.
    fetch: usize,
    reader: Option<ParquetRecordBatchReader>,
    /// By column of the table; none where it is not read.
    cells: Vec<Option<Cells>>,
    batch_rows: usize,
    row: usize,
    /// Place in the table of the batch's first row, and of the next batch's.
    first_row: u64,
    next_row: u64,
    decoded: u64,
}

impl Scan {
    /// Stands on the first row, if there is one.
    pub(crate) fn start(table: &OpenTable, columns: Vec<usize>, conditions: Vec<Condition>) -> rusqlite::Result<Self> {
        let mut scan = Self { columns, conditions, fetch: FIRST_ROWS, ..Self::default() };
        scan.load(table).map_err(|error| table.failed(scan.group, error))?;
        Ok(scan)
    }

    /// Moves to the next row.
    pub(crate) fn advance(&mut self, table: &OpenTable) -> rusqlite::Result<()> {
        self.row += 1;
        if self.row < self.batch_rows {
            return Ok(());
        }
        self.load(table).map_err(|error| table.failed(self.group, error))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.row >= self.batch_rows
    }

    /// Place of the current row in the table, the same in every scan.
    pub(crate) fn place(&self) -> i64 {
        (self.first_row + self.row as u64).cast_signed()
    }

    /// Rows decoded so far.
    pub(crate) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// The current row's cell; none for a column that is not read.
    pub(crate) fn cell(&self, column: usize) -> Option<ToSqlOutput<'_>> {
        self.cells.get(column)?.as_ref().map(|cells| cells.get(self.row))
    }

    /// Decodes the next batch that has rows; without one, the scan is done.
    fn load(&mut self, table: &OpenTable) -> Result<(), ParquetError> {
        (self.row, self.batch_rows) = (0, 0);
        while self.batch_rows == 0 {
            let Some(reader) = &mut self.reader else {
                let Some(rows) = self.next_rows(table) else { return Ok(()) };
                let group = &table.groups[self.group];
                self.next_row = group.place(rows.start);
                self.reader = Some(group.reader(&self.columns, rows)?);
                continue;
            };
            let Some(batch) = reader.next().transpose()? else {
                self.reader = None;
                continue;
            };
            self.cells = (0..table.columns.len()).map(|_| None).collect();
            for (array, column) in batch.columns().iter().zip(&self.columns) {
                let cells = Cells::new(array);
                self.cells[*column] =
                    Some(cells.ok_or_else(|| ParquetError::General(format!("type `{}`", array.data_type())))?);
            }
            self.batch_rows = batch.num_rows();
            self.first_row = self.next_row;
            self.next_row += self.batch_rows as u64;
            self.decoded += self.batch_rows as u64;
        }
        Ok(())
    }

    /// The rows of [`Self::group`] to fetch now; none behind the last group.
    fn next_rows(&mut self, table: &OpenTable) -> Option<Range<usize>> {
        while self.rows.is_empty() {
            self.group = (self.next_group < table.groups.len()).then_some(self.next_group)?;
            self.next_group += 1;
            self.rows = table.possible_rows(self.group, &self.conditions);
            self.rows.reverse();
        }
        let rows = self.rows.pop()?;
        // Without an index of pages, later rows can only be found by way of the earlier ones.
        let most = if table.groups[self.group].has_pages(&self.columns) { self.fetch } else { usize::MAX };
        let end = rows.end.min(rows.start.saturating_add(most));
        if end < rows.end {
            self.rows.push(end..rows.end);
        }
        self.fetch = MOST_ROWS.min(self.fetch * GROWTH);
        Some(rows.start..end)
    }
}
