//! The inner side of a join, kept by key once reading it again and again would cost more.

use rusqlite::{
    Connection, Result, params_from_iter,
    types::{ToSqlOutput, Value},
};

use crate::{opened::OpenTable, pruning::Bound, scan::Scan};

/// Rows fetched at a time, so that one frequent key does not fill the memory.
const FETCH_ROWS: usize = 1024;

/// Some columns of a table in a private SQLite database, which moves to a temporary file beyond its
/// page cache of 16 MiB.
///
/// SQLite makes such an index by itself for its own tables, but not for virtual ones.
pub(crate) struct JoinIndex {
    database: Connection,
    /// The column looked up.
    key: usize,
    select: String,
    value: Value,
    /// Rows at hand: place in the table, then the columns kept.
    rows: Vec<Vec<Value>>,
    row: usize,
    /// Place of each of the table's columns in a row; none where it is not kept.
    slots: Vec<Option<usize>>,
}

impl JoinIndex {
    /// Reads the columns of the whole table, `key` among them.
    pub(crate) fn build(table: &OpenTable, columns: &[usize], key: usize) -> Result<Self> {
        let mut database = Connection::open("")?;
        database.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384")?;
        let names: Vec<String> = columns.iter().map(|column| format!("c{column}")).collect();
        // Without declared types equal means: of one storage class and the same; see `Kind::holds`.
        database.execute_batch(&format!("CREATE TABLE kept (place INTEGER PRIMARY KEY, {})", names.join(", ")))?;
        fill(&mut database, table, columns)?;
        database.execute_batch(&format!("CREATE INDEX by_key ON kept (c{key})"))?;
        let mut slots = vec![None; table.columns.len()];
        for (slot, column) in (1..).zip(columns) {
            slots[*column] = Some(slot);
        }
        let select = format!(
            "SELECT place, {} FROM kept WHERE c{key} = ?1 AND place > ?2 ORDER BY place LIMIT {FETCH_ROWS}",
            names.join(", ")
        );
        Ok(Self { database, key, select, value: Value::Null, rows: Vec::new(), row: 0, slots })
    }

    pub(crate) fn key(&self) -> usize {
        self.key
    }

    /// Stands behind the last row.
    pub(crate) fn clear(&mut self) {
        (self.rows, self.row) = (Vec::new(), 0);
    }

    /// Stands on the first row with the key, which must be one the column may hold, if there is one.
    pub(crate) fn find(&mut self, key: &Bound) -> Result<()> {
        self.value = match key {
            Bound::Integer(value) => Value::Integer(*value),
            Bound::Real(value) => Value::Real(*value),
            Bound::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        };
        self.fetch(-1)
    }

    /// Moves to the next row with the key.
    pub(crate) fn advance(&mut self) -> Result<()> {
        self.row += 1;
        if self.row == FETCH_ROWS { self.fetch(self.rows.last().map_or(0, |row| place_of(row))) } else { Ok(()) }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.row >= self.rows.len()
    }

    /// Place of the current row in the table.
    pub(crate) fn place(&self) -> i64 {
        self.rows.get(self.row).map_or(0, |row| place_of(row))
    }

    /// The current row's cell; none for a column that is not kept.
    pub(crate) fn cell(&self, column: usize) -> Option<&Value> {
        self.rows.get(self.row)?.get((*self.slots.get(column)?)?)
    }

    fn fetch(&mut self, behind: i64) -> Result<()> {
        let mut statement = self.database.prepare_cached(&self.select)?;
        let width = statement.column_count();
        let found = statement
            .query_map((&self.value, behind), |row| (0..width).map(|slot| row.get(slot)).collect::<Result<Vec<_>>>())?;
        (self.rows, self.row) = (found.collect::<Result<_>>()?, 0);
        Ok(())
    }
}

fn fill(database: &mut Connection, table: &OpenTable, columns: &[usize]) -> Result<()> {
    let transaction = database.transaction()?;
    let mut insert = transaction.prepare(&format!("INSERT INTO kept VALUES (?{})", ", ?".repeat(columns.len())))?;
    let mut scan = Scan::start(table, columns.to_vec(), Vec::new())?;
    while !scan.is_done() {
        let place = Some(ToSqlOutput::Owned(Value::Integer(scan.place())));
        insert
            .execute(params_from_iter(std::iter::once(place).chain(columns.iter().map(|column| scan.cell(*column)))))?;
        scan.advance(table)?;
    }
    drop(insert);
    transaction.commit()
}

fn place_of(row: &[Value]) -> i64 {
    match row.first() {
        Some(Value::Integer(place)) => *place,
        _ => 0,
    }
}
