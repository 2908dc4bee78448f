//! The files of one table and the walk through their rows.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{DataType, SchemaRef};
use lotline_formats::ParquetSource;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    errors::ParquetError,
};
use rusqlite::types::ToSqlOutput;

use crate::{
    SqlError, Table,
    cells::{Cells, Kind},
    pruning::Condition,
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8192;

/// A table opened for reading: the footers of its files, all with the same columns.
pub(crate) struct OpenTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: u64,
    groups: Vec<Group>,
    /// The error of the scan that failed last.
    failure: Mutex<Option<SqlError>>,
}

/// One column as it is declared.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    data_type: DataType,
}

/// One row group of one file.
struct Group {
    /// Place of the file in the table, from 1 on.
    file: usize,
    source: ParquetSource,
    footer: ArrowReaderMetadata,
    index: usize,
    /// Rows of the table before this group.
    first_row: u64,
}

impl OpenTable {
    pub(crate) fn open(table: &Table) -> Result<Self, SqlError> {
        let name = table.name.clone();
        let mut opened = Self { name, columns: Vec::new(), rows: 0, groups: Vec::new(), failure: Mutex::default() };
        let mut schema: Option<SchemaRef> = None;
        for (file, number) in table.files.iter().zip(1..) {
            let source = ParquetSource::new(Arc::clone(file));
            let footer = ArrowReaderMetadata::load(&source, ArrowReaderOptions::new())
                .map_err(|source| SqlError::File { table: table.name.clone(), file: number, source })?;
            match &schema {
                None => {
                    opened.columns = columns(&table.name, footer.schema())?;
                    schema = Some(Arc::clone(footer.schema()));
                }
                Some(first) => same_columns(&table.name, number, first, footer.schema())?,
            }
            opened.add(number, &source, &footer);
        }
        if schema.is_none() {
            return Err(SqlError::NoFiles { table: table.name.clone() });
        }
        Ok(opened)
    }

    fn add(&mut self, file: usize, source: &ParquetSource, footer: &ArrowReaderMetadata) {
        for (index, group) in footer.metadata().row_groups().iter().enumerate() {
            let (source, footer) = (source.clone(), footer.clone());
            self.groups.push(Group { file, source, footer, index, first_row: self.rows });
            self.rows += u64::try_from(group.num_rows()).unwrap_or(0);
        }
    }

    /// Places of the groups that may hold rows meeting every condition.
    pub(crate) fn possible_groups(&self, conditions: &[Condition]) -> Vec<usize> {
        let possible = |group: &Group| {
            let chunks = group.footer.metadata().row_group(group.index).columns();
            !conditions.iter().any(|condition| {
                let statistics = chunks.get(condition.column).and_then(|chunk| chunk.statistics());
                let data_type = &self.columns[condition.column].data_type;
                statistics.is_some_and(|statistics| condition.is_refuted_by(statistics, data_type))
            })
        };
        (0..self.groups.len()).filter(|place| possible(&self.groups[*place])).collect()
    }

    /// Keeps what a scan failed of for [`Self::take_failure`]: SQLite hands on no more than words.
    fn failed(&self, group: usize, error: ParquetError) -> rusqlite::Error {
        let Group { file, source, .. } = &self.groups[group];
        let words = rusqlite::Error::ModuleError(error.to_string());
        let source = source.take_failure().map_or(error, ParquetError::from);
        let failure = SqlError::File { table: self.name.clone(), file: *file, source };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        words
    }

    /// The error behind the one that SQLite just answered; none if no file of this table is to blame.
    pub(crate) fn take_failure(&self) -> Option<SqlError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Group {
    /// Reads some of the columns; columns are flat, so leaves and columns have the same places.
    fn reader(&self, columns: &[usize]) -> Result<ParquetRecordBatchReader, ParquetError> {
        let mask = ProjectionMask::leaves(self.footer.parquet_schema(), columns.iter().copied());
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.source.clone(), self.footer.clone())
            .with_row_groups(vec![self.index])
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
    }
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

/// A walk through some columns of some row groups, one batch in memory.
#[derive(Default)]
pub(crate) struct Scan {
    /// Columns read, ascending.
    columns: Vec<usize>,
    /// Groups to come, the next one last.
    groups: Vec<usize>,
    /// The group being read.
    group: usize,
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
    pub(crate) fn start(table: &OpenTable, columns: Vec<usize>, conditions: &[Condition]) -> rusqlite::Result<Self> {
        let mut groups = table.possible_groups(conditions);
        groups.reverse();
        let mut scan = Self { columns, groups, ..Self::default() };
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
                let Some(place) = self.groups.pop() else { return Ok(()) };
                let group = &table.groups[place];
                self.group = place;
                self.reader = Some(group.reader(&self.columns)?);
                self.next_row = group.first_row;
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
}
