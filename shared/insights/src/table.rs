//! The SQLite virtual table over Parquet files: read only, columns and row groups as needed.

use std::{
    borrow::Cow,
    ffi::{CStr, CString, c_int},
    mem,
    sync::Arc,
};

use rusqlite::{
    Connection, Error, Result, ffi,
    types::{ToSqlOutput, ValueRef},
    vtab::{
        Context, CreateVTab, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConnection, VTabCursor, VTabKind,
        escape_double_quote,
    },
};

use crate::{
    join::JoinIndex,
    opened::OpenTable,
    pruning::{Bound, Comparison, Condition},
    scan::Scan,
};

const MODULE: Module<'static, ParquetTable> = Module::read_only_module();

/// Bit of the planner's column mask that stands for column 63 and all behind it.
const LAST_BIT: usize = 63;

/// An index costs several times as much as reading the columns once.
const SCANS_BEFORE_INDEX: u64 = 4;

/// Makes the tables known to a connection under their names.
pub(crate) fn register(connection: &Connection, tables: &[Arc<OpenTable>]) -> Result<()> {
    connection.create_module("parquet", &MODULE, Some(tables.to_vec()))?;
    for table in tables {
        let name = escape_double_quote(&table.name);
        connection.execute_batch(&format!("CREATE VIRTUAL TABLE \"{name}\" USING parquet"))?;
    }
    Ok(())
}

#[repr(C)]
struct ParquetTable {
    /// SQLite's part, which it finds by being first.
    base: ffi::sqlite3_vtab,
    table: Arc<OpenTable>,
}

#[expect(unsafe_code, reason = "repr(C) with sqlite3_vtab first is all the trait asks; the methods are safe code")]
unsafe impl<'vtab> VTab<'vtab> for ParquetTable {
    type Aux = Vec<Arc<OpenTable>>;
    type Cursor = ParquetCursor;

    fn connect(
        _: &mut VTabConnection,
        tables: Option<&Self::Aux>,
        _module_name: &[u8],
        _database_name: &[u8],
        table_name: &[u8],
        _arguments: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let name = str::from_utf8(table_name)?;
        let table = tables.and_then(|tables| tables.iter().find(|table| table.name == name));
        let table = Arc::clone(table.ok_or_else(|| Error::ModuleError(format!("no files for table `{name}`")))?);
        let columns = table.columns.iter();
        let columns = columns.map(|c| format!("\"{}\" {}", escape_double_quote(&c.name), c.kind.sql_type()));
        let declaration = format!("CREATE TABLE x ({})", columns.collect::<Vec<_>>().join(", "));
        Ok((Cow::Owned(CString::new(declaration)?), Self { base: ffi::sqlite3_vtab::default(), table }))
    }

    /// Asks for the values of every comparison that may rule out rows before they are read, and says which columns are
    /// used and whether the rows come in the order wanted.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let mut conditions = String::new();
        let (mut arguments, mut share) = (0, 1.0);
        for place in 0..info.constraints().count() {
            let Some((column, comparison)) = refutable(info, place)? else { continue };
            arguments += 1;
            info.constraint_usage(place).set_argv_index(arguments);
            let column = column.map(|column| column.to_string()).unwrap_or_default();
            conditions.push_str(&format!(" {}{column}", comparison.letter()));
            share *= if comparison == Comparison::Equal { 0.05 } else { 0.4 };
        }
        info.set_idx_str(&format!("{:x}{conditions}", info.col_used()));
        info.set_order_by_consumed(comes_in_order(info, &self.table.sorted_by));
        let rows = (self.table.rows as f64 * share).max(1.0);
        info.set_estimated_cost(rows);
        #[expect(clippy::cast_possible_truncation, reason = "at least 1 and at most the rows there are")]
        info.set_estimated_rows(rows as i64);
        Ok(true)
    }

    fn open(&'vtab mut self) -> Result<Self::Cursor> {
        let base = ffi::sqlite3_vtab_cursor::default();
        Ok(ParquetCursor { base, table: Arc::clone(&self.table), scan: Scan::default(), index: None, decoded: 0 })
    }
}

impl CreateVTab<'_> for ParquetTable {
    const KIND: VTabKind = VTabKind::Default;
}

/// Whether rows in the order of their places, which are also sorted by some columns, are in the order that is wanted.
fn comes_in_order(info: &IndexInfo, sorted_by: &[usize]) -> bool {
    let mut sorted_by = sorted_by.iter();
    for wanted in info.order_bys() {
        match usize::try_from(wanted.column()) {
            _ if wanted.is_order_by_desc() => return false,
            // No two rows have one place, so what else is wanted decides nothing.
            Err(_) => return true,
            Ok(column) if sorted_by.next() == Some(&column) => {}
            Ok(_) => return false,
        }
    }
    true
}

/// The column, or none for `rowid`, and comparison of a constraint, if bounds may refute it.
///
/// `x IN (...)` arrives as one equality; taking it would mean one whole scan for each value.
fn refutable(info: &IndexInfo, place: usize) -> Result<Option<(Option<usize>, Comparison)>> {
    let Some(constraint) = info.constraints().nth(place) else { return Ok(None) };
    let operator: IndexConstraintOp = constraint.operator();
    let Some(comparison) = Comparison::of(&operator) else { return Ok(None) };
    let column = usize::try_from(constraint.column()).ok();
    let usable = constraint.is_usable() && !info.is_in_constraint(place)? && info.collation(place)? == "BINARY";
    Ok(usable.then_some((column, comparison)))
}

#[repr(C)]
struct ParquetCursor {
    /// SQLite's part, which it finds by being first.
    base: ffi::sqlite3_vtab_cursor,
    table: Arc<OpenTable>,
    scan: Scan,
    /// The inner side of a join, when it has been asked often enough.
    index: Option<JoinIndex>,
    /// Rows decoded by the scans before this one.
    decoded: u64,
}

#[expect(unsafe_code, reason = "repr(C) with sqlite3_vtab_cursor first is all the trait asks")]
unsafe impl VTabCursor for ParquetCursor {
    /// SQLite keeps to one plan for the life of a cursor, and asks the inner side of a join once for
    /// each row of the outer.
    fn filter(&mut self, _: c_int, plan: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        self.decoded += mem::take(&mut self.scan).decoded();
        // No comparison with null is ever true.
        if arguments.iter().any(|value| value == ValueRef::Null) {
            self.index.iter_mut().for_each(JoinIndex::clear);
            return Ok(());
        }
        let mut words = plan.unwrap_or_default().split(' ');
        let mask = words.next().and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(u64::MAX);
        let used = |column: &usize| mask >> (*column).min(LAST_BIT) & 1 == 1;
        let columns: Vec<usize> = (0..self.table.columns.len()).filter(used).collect();
        let conditions: Vec<Condition> =
            words.zip(arguments.iter()).filter_map(|(word, value)| condition(word, Bound::of(value)?)).collect();
        self.start(columns, conditions)
    }

    fn next(&mut self) -> Result<()> {
        match &mut self.index {
            Some(index) => index.advance(),
            None => self.scan.advance(&self.table),
        }
    }

    fn eof(&self) -> bool {
        self.index.as_ref().map_or_else(|| self.scan.is_done(), JoinIndex::is_done)
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        let cell = match &self.index {
            Some(index) => index.cell(place).map(|value| ToSqlOutput::Borrowed(value.into())),
            None => self.scan.cell(place),
        };
        context.set_result(cell.ok_or_else(|| Error::ModuleError(format!("column {column} was not read")))?)
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.index.as_ref().map_or_else(|| self.scan.place(), JoinIndex::place))
    }
}

impl ParquetCursor {
    fn start(&mut self, columns: Vec<usize>, conditions: Vec<Condition>) -> Result<()> {
        let index = self.index.take();
        let repeated = self.decoded >= self.table.rows.saturating_mul(SCANS_BEFORE_INDEX).max(1);
        let equal = conditions.iter().find_map(|Condition { column, comparison, value }| {
            let column = (*column)?;
            let is_key = index.as_ref().is_none_or(|index| index.key() == column);
            let held = self.table.columns[column].kind.holds(value);
            (repeated && is_key && held && *comparison == Comparison::Equal).then_some((column, value))
        });
        let Some((column, value)) = equal else {
            self.scan = Scan::start(&self.table, columns, conditions)?;
            return Ok(());
        };
        let index = match index {
            Some(index) => index,
            None => JoinIndex::build(&self.table, &columns, column)?,
        };
        self.index.insert(index).find(value)
    }
}

/// One word of the plan, such as `=3` for a column or `=` for the `rowid`, with the value for it.
fn condition(word: &str, value: Bound) -> Option<Condition> {
    let mut letters = word.chars();
    let comparison = Comparison::from_letter(letters.next()?)?;
    let column = Some(letters.as_str()).filter(|column| !column.is_empty());
    Some(Condition { column: column.map(str::parse).transpose().ok()?, comparison, value })
}
