//! The virtual table: a scan decodes only the columns a query names and skips row groups that cannot match.
#![expect(unsafe_code, reason = "rusqlite's virtual table traits are unsafe to implement: they fix a memory layout")]

use std::{borrow::Cow, collections::BTreeMap, ffi::{CStr, CString, c_int}, marker::PhantomData, sync::Arc};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lotline_formats::ranged::RangedRead;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    },
    file::{metadata::RowGroupMetaData, statistics::Statistics},
};
use rusqlite::{
    Connection, Error, Result, ffi,
    types::{Null, Value},
    vtab::{
        Context, CreateVTab, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConnection, VTabCursor, VTabKind,
    },
};

use crate::{
    ParquetSource, SqlError,
    values::{Cell, cell, declared, supported},
};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 4_096;
/// SQLite tells the columns in use by one bit each; the last bit stands for all columns from here on.
const LAST_COLUMN_BIT: usize = 63;

/// A table's files with their footers read.
pub(crate) struct TableData {
    columns: Vec<String>,
    schema: SchemaRef,
    files: Vec<(ParquetSource, ArrowReaderMetadata)>,
}

impl TableData {
    pub(crate) fn open(name: &str, files: &[Arc<dyn RangedRead>]) -> std::result::Result<Self, SqlError> {
        let wrong = |message: String| SqlError::Table { table: name.to_owned(), message };
        let mut opened = Vec::new();
        for file in files {
            let source = ParquetSource::new(Arc::clone(file));
            let metadata = ArrowReaderMetadata::load(&source, ArrowReaderOptions::new())
                .map_err(|error| wrong(error.to_string()))?;
            opened.push((source, metadata));
        }
        let schema = opened.first().map(|(_, metadata)| Arc::clone(metadata.schema()));
        let schema = schema.ok_or_else(|| wrong("found no files, expected at least one".to_owned()))?;
        if let Some(field) = schema.fields().iter().find(|field| !supported(field.data_type())) {
            return Err(wrong(format!("column `{}` has type {}, which SQL cannot show", field.name(), field.data_type())));
        }
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self { columns, schema, files: opened })
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        self.columns.iter()
    }

    fn rows(&self) -> i64 {
        self.files.iter().map(|(_, metadata)| metadata.metadata().file_metadata().num_rows()).sum()
    }

    fn declaration(&self) -> String {
        let column = |field: &Arc<arrow_schema::Field>| {
            format!("\"{}\" {}", field.name().replace('"', "\"\""), declared(field.data_type()))
        };
        format!("CREATE TABLE x({})", self.schema.fields().iter().map(column).collect::<Vec<_>>().join(", "))
    }
}

/// Makes the module `parquet` known, whose tables are these.
pub(crate) fn register(connection: &Connection, tables: BTreeMap<String, Arc<TableData>>) -> Result<()> {
    const MODULE: Module<'_, ParquetTable> = Module::read_only_module();
    connection.create_module(c"parquet", &MODULE, Some(tables))
}

#[repr(C)]
struct ParquetTable {
    /// SQLite's own part, which must come first.
    base: ffi::sqlite3_vtab,
    data: Arc<TableData>,
}

// SAFETY: `ParquetTable` is `repr(C)` and starts with `sqlite3_vtab`, as the trait demands.
unsafe impl<'vtab> VTab<'vtab> for ParquetTable {
    type Aux = BTreeMap<String, Arc<TableData>>;
    type Cursor = Scan<'vtab>;

    fn connect(
        _connection: &mut VTabConnection,
        tables: Option<&Self::Aux>,
        _module_name: &[u8],
        _database_name: &[u8],
        table_name: &[u8],
        _args: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let name = String::from_utf8_lossy(table_name);
        let data = tables.and_then(|tables| tables.get(name.as_ref())).map(Arc::clone);
        let data = data.ok_or_else(|| Error::ModuleError(format!("no such table: {name}")))?;
        let declaration = CString::new(data.declaration())?;
        Ok((Cow::Owned(declaration), Self { base: ffi::sqlite3_vtab::default(), data }))
    }

    /// Hands the scan the columns in use and the comparisons that may skip row groups; SQLite checks them again.
    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let mut plan = info.col_used().to_string();
        let mut arguments = 0;
        for (constraint, mut usage) in info.constraints_and_usages() {
            let operator = match constraint.operator() {
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => '=',
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => '<',
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => '>',
                _ => continue,
            };
            if constraint.is_usable() && constraint.column() >= 0 {
                arguments += 1;
                usage.set_argv_index(arguments);
                plan.push_str(&format!(" {operator}{}", constraint.column()));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a cost is an estimate")]
        let rows = self.data.rows() as f64;
        // A comparison may spare most row groups; ten to one is a guess that prefers it.
        info.set_estimated_cost(if arguments == 0 { rows } else { rows / 10.0 });
        info.set_idx_str(&plan);
        Ok(true)
    }

    fn open(&'vtab mut self) -> Result<Scan<'vtab>> {
        Ok(Scan {
            base: ffi::sqlite3_vtab_cursor::default(),
            data: Arc::clone(&self.data),
            place: Vec::new(),
            comparisons: Vec::new(),
            file: 0,
            reader: None,
            batch: None,
            row: 0,
            row_number: 0,
            table: PhantomData,
        })
    }
}

impl CreateVTab<'_> for ParquetTable {
    const KIND: VTabKind = VTabKind::Default;
}

/// `column operator value`, where the operator is `=`, `<` (or equal) or `>` (or equal).
struct Comparison {
    column: usize,
    operator: char,
    value: Value,
}

#[repr(C)]
struct Scan<'vtab> {
    /// SQLite's own part, which must come first.
    base: ffi::sqlite3_vtab_cursor,
    data: Arc<TableData>,
    /// Where a table's column is in the batches; `None` when the query does not name it.
    place: Vec<Option<usize>>,
    comparisons: Vec<Comparison>,
    /// The next file to open.
    file: usize,
    reader: Option<ParquetRecordBatchReader>,
    batch: Option<RecordBatch>,
    row: usize,
    row_number: i64,
    table: PhantomData<&'vtab ParquetTable>,
}

impl Scan<'_> {
    /// Moves to the next batch that has rows, through all files.
    fn advance(&mut self) -> Result<()> {
        self.row = 0;
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                let batch = batch.map_err(|error| Error::ModuleError(error.to_string()))?;
                if batch.num_rows() > 0 {
                    self.batch = Some(batch);
                    return Ok(());
                }
            } else if self.file < self.data.files.len() {
                self.reader = Some(self.open_file(self.file)?);
                self.file += 1;
            } else {
                self.batch = None;
                return Ok(());
            }
        }
    }

    fn open_file(&self, file: usize) -> Result<ParquetRecordBatchReader> {
        let (source, metadata) = &self.data.files[file];
        let groups = metadata.metadata().row_groups();
        let kept = (0..groups.len()).filter(|group| self.comparisons.iter().all(|one| one.may_hold(&groups[*group])));
        let columns = (0..self.place.len()).filter(|column| self.place[*column].is_some());
        let mask = ProjectionMask::roots(metadata.parquet_schema(), columns);
        let kept = kept.collect();
        ParquetRecordBatchReaderBuilder::new_with_metadata(source.clone(), metadata.clone())
            .with_row_groups(kept)
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| Error::ModuleError(error.to_string()))
    }
}

// SAFETY: `Scan` is `repr(C)` and starts with `sqlite3_vtab_cursor`, as the trait demands.
unsafe impl VTabCursor for Scan<'_> {
    fn filter(&mut self, _number: c_int, plan: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let mut words = plan.unwrap_or_default().split(' ');
        let used = words.next().and_then(|bits| bits.parse::<u64>().ok()).unwrap_or(u64::MAX);
        let mut places = 0..;
        self.place = (0..self.data.columns.len())
            .map(|column| (used >> column.min(LAST_COLUMN_BIT) & 1 == 1).then(|| places.next()).flatten())
            .collect();
        self.comparisons.clear();
        for (position, word) in words.enumerate() {
            if let (Some(operator), Ok(column)) = (word.chars().next(), word[1..].parse()) {
                self.comparisons.push(Comparison { column, operator, value: arguments.get(position)? });
            }
        }
        (self.file, self.reader, self.row_number) = (0, None, 0);
        self.advance()
    }

    fn next(&mut self) -> Result<()> {
        self.row += 1;
        self.row_number += 1;
        if self.batch.as_ref().is_some_and(|batch| self.row < batch.num_rows()) { Ok(()) } else { self.advance() }
    }

    fn eof(&self) -> bool {
        self.batch.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let place = usize::try_from(column).ok().and_then(|column| self.place.get(column).copied().flatten());
        match (&self.batch, place) {
            (Some(batch), Some(place)) => match cell(batch.column(place).as_ref(), self.row) {
                Cell::Borrowed(value) => context.set_result(&rusqlite::types::ToSqlOutput::Borrowed(value)),
                Cell::Owned(value) => context.set_result(&value),
            },
            _ => context.set_result(&Null),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.row_number)
    }
}

impl Comparison {
    /// Whether a row group can have a row for which the comparison holds, by the group's least and greatest value.
    fn may_hold(&self, group: &RowGroupMetaData) -> bool {
        if self.column >= group.num_columns() {
            return true;
        }
        let Some(statistics) = group.column(self.column).statistics() else { return true };
        match (&self.value, statistics) {
            (Value::Integer(value), Statistics::Int64(bounds)) => {
                self.overlaps(value, bounds.min_opt(), bounds.max_opt())
            }
            (Value::Real(value), Statistics::Double(bounds)) => self.overlaps(value, bounds.min_opt(), bounds.max_opt()),
            (Value::Text(value), Statistics::ByteArray(bounds)) => {
                let (least, greatest) = (bounds.min_opt().map(|bytes| bytes.data()), bounds.max_opt().map(|bytes| bytes.data()));
                self.overlaps(&value.as_bytes(), least.as_ref(), greatest.as_ref())
            }
            _ => true,
        }
    }

    fn overlaps<T: PartialOrd>(&self, value: &T, least: Option<&T>, greatest: Option<&T>) -> bool {
        let above = least.is_none_or(|least| value >= least);
        let below = greatest.is_none_or(|greatest| value <= greatest);
        match self.operator {
            '=' => above && below,
            '<' => above,
            '>' => below,
            _ => true,
        }
    }
}
