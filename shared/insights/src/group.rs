//! One row group of one file: which of its rows may meet a condition, and how they are read.

use std::{iter, ops::Range};

use lotline_formats::ParquetSource;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection},
    },
    errors::ParquetError,
    file::page_index::offset_index::PageLocation,
};

use crate::{
    bounds::Bounds,
    opened::Column,
    pruning::{Bound, Condition},
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8192;
/// Rows that are told apart by their places.
const BLOCK_ROWS: usize = 1024;

/// One row group of one file.
pub(crate) struct Group {
    /// Place of the file in the table, from 1 on.
    file: usize,
    source: ParquetSource,
    footer: ArrowReaderMetadata,
    index: usize,
    /// Rows of the table before this group.
    first_row: u64,
}

impl Group {
    pub(crate) fn new(
        file: usize,
        source: &ParquetSource,
        footer: &ArrowReaderMetadata,
        index: usize,
        first_row: u64,
    ) -> Self {
        Self { file, source: source.clone(), footer: footer.clone(), index, first_row }
    }

    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.footer.metadata().row_group(self.index).num_rows()).unwrap_or(0)
    }

    fn all_rows(&self) -> Vec<Range<usize>> {
        iter::once(0..self.rows()).collect()
    }

    /// Place in the table of one of its rows.
    pub(crate) fn place(&self, row: usize) -> u64 {
        self.first_row + row as u64
    }

    /// The file, and the storage's error behind the decoder's if it is to blame.
    pub(crate) fn failure(&self, error: ParquetError) -> (usize, ParquetError) {
        (self.file, self.source.take_failure().map_or(error, ParquetError::from))
    }

    /// Rows that may meet every condition, in ascending order.
    pub(crate) fn possible_rows(&self, conditions: &[Condition], columns: &[Column]) -> Vec<Range<usize>> {
        let refutes = |condition: &Condition| condition.is_refuted_by(self.bounds(condition, columns).as_ref());
        if conditions.iter().any(refutes) {
            return Vec::new();
        }
        conditions
            .iter()
            .fold(self.all_rows(), |rows, condition| common(&rows, &self.possible_blocks(condition, columns)))
    }

    /// Least and greatest value of what a condition compares, over all rows.
    fn bounds(&self, condition: &Condition, columns: &[Column]) -> Option<Bounds> {
        let Some(column) = condition.column else { return Some(self.places(&(0..self.rows()))) };
        let chunk = self.footer.metadata().row_group(self.index).columns().get(column)?;
        Bounds::of_group(chunk.statistics()?, &columns[column].data_type)
    }

    /// The places of some rows, from first to last.
    fn places(&self, rows: &Range<usize>) -> Bounds {
        let place = |row: usize| Bound::Integer(self.place(row).cast_signed());
        Bounds { least: place(rows.start), greatest: place(rows.end.saturating_sub(1)) }
    }

    /// Blocks of rows that may meet a condition: pages of its column, or equal parts where it is about places.
    fn possible_blocks(&self, condition: &Condition, columns: &[Column]) -> Vec<Range<usize>> {
        let Some(column) = condition.column else {
            let blocks = (0..self.rows()).step_by(BLOCK_ROWS).map(|start| start..self.rows().min(start + BLOCK_ROWS));
            return blocks.filter(|rows| !condition.is_refuted_by(Some(&self.places(rows)))).collect();
        };
        let pages = self.page_rows(column);
        let index = self.footer.metadata().page_index().and_then(|index| index.column_index(self.index, column));
        let Some(index) = index.filter(|index| !pages.is_empty() && index.num_pages() == pages.len() as u64) else {
            return self.all_rows();
        };
        let data_type = &columns[column].data_type;
        let possible = |page: usize| {
            // No comparison with null is ever true.
            !index.is_null_page(page) && !condition.is_refuted_by(Bounds::of_page(index, page, data_type).as_ref())
        };
        pages.into_iter().enumerate().filter(|(page, _)| possible(*page)).map(|(_, rows)| rows).collect()
    }

    /// The rows of each page of a column; none where the file has no index of pages.
    fn page_rows(&self, column: usize) -> Vec<Range<usize>> {
        let starts = self.pages(column).iter().map(|page| usize::try_from(page.first_row_index).unwrap_or(0));
        let ends = starts.clone().skip(1).chain([self.rows()]);
        starts.zip(ends).map(|(start, end)| start..end).collect()
    }

    /// Where the pages of a column are; none where the file has no index of pages.
    fn pages(&self, column: usize) -> &[PageLocation] {
        let index = self.footer.metadata().page_index();
        index.and_then(|index| index.offset_index(self.index, column)).map_or(&[], |index| index.page_locations())
    }

    /// Whether some rows can be read without what is before them.
    pub(crate) fn has_pages(&self, columns: &[usize]) -> bool {
        columns.iter().all(|column| !self.pages(*column).is_empty())
    }

    /// Reads some rows of some columns, their pages fetched at once where their places are known.
    /// Columns are flat, so leaves and columns have the same places.
    pub(crate) fn reader(
        &self,
        columns: &[usize],
        rows: Range<usize>,
    ) -> Result<ParquetRecordBatchReader, ParquetError> {
        let mask = ProjectionMask::leaves(self.footer.parquet_schema(), columns.iter().copied());
        let bytes = columns.iter().flat_map(|column| self.bytes(*column, &rows)).collect();
        let selection = RowSelection::from_consecutive_ranges(iter::once(rows), self.rows());
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.source.holding(bytes)?, self.footer.clone())
            .with_row_groups(vec![self.index])
            .with_row_selection(selection)
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
    }

    /// The bytes of a column's dictionary and of its pages with these rows; none where they are not known.
    fn bytes(&self, column: usize, rows: &Range<usize>) -> Vec<Range<u64>> {
        let pages = self.pages(column);
        let before = |row: usize| pages.partition_point(|page| page.first_row_index < row as i64);
        let first = pages.partition_point(|page| page.first_row_index <= rows.start as i64).saturating_sub(1);
        let Some(needed) = pages.get(first..before(rows.end)) else { return Vec::new() };
        let (Some(head), Some(first), Some(last)) = (pages.first(), needed.first(), needed.last()) else {
            return Vec::new();
        };
        let (start, _) = self.footer.metadata().row_group(self.index).column(column).byte_range();
        let place = |offset: i64| u64::try_from(offset).unwrap_or(0);
        let end = place(last.offset.saturating_add(i64::from(last.compressed_page_size)));
        Vec::from([start..place(head.offset), place(first.offset)..end])
    }
}

/// What two ascending lists of rows have in common, as a list of the same kind whose neighbors do not touch.
fn common(left: &[Range<usize>], right: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut common: Vec<Range<usize>> = Vec::new();
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let rows = one.start.max(other.start)..one.end.min(other.end);
        if one.end <= other.end {
            left.next()
        } else {
            right.next()
        };
        match common.last_mut() {
            _ if rows.is_empty() => {}
            Some(last) if last.end == rows.start => last.end = rows.end,
            _ => common.push(rows),
        }
    }
    common
}
