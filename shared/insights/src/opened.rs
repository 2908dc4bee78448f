//! The files of one table: their columns, their order, and where which rows are.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use arrow_schema::{DataType, SchemaRef};
use lotline_formats::ParquetSource;
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    errors::ParquetError,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetStatisticsPolicy, RowGroupMetaData, SortingColumn},
};

use crate::{SqlError, Table, cells::Kind, group::Group, pruning::Condition};

/// A table opened for reading: the footers of its files, all with the same columns.
pub(crate) struct OpenTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: u64,
    /// Row groups of all files, in the order of their rows.
    pub(crate) groups: Vec<Group>,
    /// Columns that the rows are sorted by in SQL's ascending order, the most significant first.
    pub(crate) sorted_by: Vec<usize>,
    /// The error of the scan that failed last.
    failure: Mutex<Option<SqlError>>,
}

/// One column as it is declared.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) data_type: DataType,
}

impl OpenTable {
    pub(crate) fn open(table: &Table) -> Result<Self, SqlError> {
        let (name, failure) = (table.name.clone(), Mutex::default());
        let mut opened =
            Self { name, columns: Vec::new(), rows: 0, groups: Vec::new(), sorted_by: Vec::new(), failure };
        let mut schema: Option<SchemaRef> = None;
        for (file, number) in table.files.iter().zip(1..) {
            let source = ParquetSource::new(Arc::clone(file));
            let footer = source.footer(reader_options()).map_err(|source| SqlError::File {
                table: table.name.clone(),
                file: number,
                source,
            })?;
            match &schema {
                None => {
                    opened.columns = columns(&table.name, footer.schema())?;
                    opened.sorted_by = sorted_by(footer.metadata(), &opened.columns);
                    schema = Some(Arc::clone(footer.schema()));
                }
                Some(first) => {
                    same_columns(&table.name, number, first, footer.schema())?;
                    opened.sorted_by.clear();
                }
            }
            opened.add(number, &source, &footer);
        }
        if schema.is_none() {
            return Err(SqlError::NoFiles { table: table.name.clone() });
        }
        Ok(opened)
    }

    fn add(&mut self, file: usize, source: &ParquetSource, footer: &ArrowReaderMetadata) {
        for index in 0..footer.metadata().num_row_groups() {
            let group = Group::new(file, source, footer, index, self.rows);
            self.rows += group.rows() as u64;
            self.groups.push(group);
        }
    }

    /// Rows of a row group that may meet every condition, in ascending order.
    pub(crate) fn possible_rows(&self, group: usize, conditions: &[Condition]) -> Vec<Range<usize>> {
        self.groups[group].possible_rows(conditions, &self.columns)
    }

    /// Keeps what a scan failed of for [`Self::take_failure`]: SQLite hands on no more than words.
    pub(crate) fn failed(&self, group: usize, error: ParquetError) -> rusqlite::Error {
        let words = rusqlite::Error::ModuleError(error.to_string());
        let (file, source) = self.groups[group].failure(error);
        let failure = SqlError::File { table: self.name.clone(), file, source };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        words
    }

    /// The error behind the one that SQLite just answered; none if no file of this table is to blame.
    pub(crate) fn take_failure(&self) -> Option<SqlError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Page indexes are read, and what no look-up asks for is not kept.
fn reader_options() -> ArrowReaderOptions {
    ArrowReaderOptions::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

fn columns(table: &str, schema: &SchemaRef) -> Result<Vec<Column>, SqlError> {
    let column = |field: &Arc<arrow_schema::Field>| {
        let data_type = field.data_type().clone();
        let kind = Kind::of(&data_type).ok_or_else(|| SqlError::ColumnType {
            table: table.to_owned(),
            column: field.name().clone(),
            found: data_type.to_string(),
        })?;
        Ok(Column { name: field.name().clone(), kind, data_type })
    };
    schema.fields().iter().map(column).collect()
}

fn same_columns(table: &str, file: usize, first: &SchemaRef, schema: &SchemaRef) -> Result<(), SqlError> {
    let list = |schema: &SchemaRef| {
        let columns = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
        columns.collect::<Vec<_>>().join(", ")
    };
    let (found, expected) = (list(schema), list(first));
    if found == expected { Ok(()) } else { Err(SqlError::Columns { table: table.to_owned(), file, found, expected }) }
}

/// The columns that all row groups declare to be sorted by, up to the first whose order in SQL may be another. Whoever
/// declares it of each row group, as Lotline does, has sorted the file as a whole.
fn sorted_by(footer: &ParquetMetaData, columns: &[Column]) -> Vec<usize> {
    let mut groups = footer.row_groups().iter().map(RowGroupMetaData::sorting_columns);
    let Some(declared) = groups.next().flatten() else { return Vec::new() };
    if !groups.all(|other| other == Some(declared)) {
        return Vec::new();
    }
    let in_sql = |sorted: &SortingColumn| {
        let column = usize::try_from(sorted.column_idx).ok()?;
        let same = !sorted.descending && sorted.nulls_first && keeps_order(&columns.get(column)?.data_type);
        same.then_some(column)
    };
    declared.iter().map_while(in_sql).collect()
}

/// Whether values sort and tie in SQL as they do where they are stored. Dates and times out of the calendar, NaN and
/// negative zero do not, nor do times that differ by less than a millisecond.
fn keeps_order(data_type: &DataType) -> bool {
    use DataType::{Boolean, Int8, Int16, Int32, Int64, LargeUtf8, UInt8, UInt16, UInt32, Utf8, Utf8View};
    matches!(data_type, Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | Utf8 | LargeUtf8 | Utf8View)
}
