//! The second pass over a file: the records of one chunk.

use std::sync::Arc;

use bumpalo::Bump;
use lotline_schema::{Format, FormatKind};

use crate::{
    columns::{Columns, resolve},
    csv::{self, CsvSplit, Dialect},
    cut::{Chunk, Cut},
    error::FormatError,
    json::{self, ArraySplit, LineSplit, Member},
    parquet::RowReader,
    ranged::RangedRead,
    record::{Damage, Record},
    split::{Piece, Records, Split},
    window::{BLOCK, Window},
    xml::{self, XmlSplit},
};

/// Reads the records of a chunk in their order.
///
/// Holds at most the longest record allowed, one block and the cells of one record; of a Parquet file its footer and
/// one batch of rows.
pub struct ChunkReader {
    source: Source,
    /// Texts and cells of the current record.
    arena: Bump,
}

enum Source {
    Csv { rows: Rows<CsvSplit>, columns: Vec<usize>, width: usize },
    Array { rows: Rows<ArraySplit>, columns: Columns },
    Lines { rows: Rows<LineSplit>, columns: Columns, members: Vec<Member> },
    Xml { rows: Rows<XmlSplit>, columns: Columns },
    Compact { rows: Rows<XmlSplit>, columns: Vec<usize>, delimiter: u8, width: usize },
    Parquet(Box<RowReader>),
}

/// The records of a text file up to the chunk's end, numbered.
struct Rows<S> {
    records: Records<S>,
    end: u64,
    ended: bool,
    row: u64,
}

impl<S: Split> Rows<S> {
    fn advance(&mut self) -> Result<Option<Piece>, FormatError> {
        if self.ended {
            return Ok(None);
        }
        let piece = self.records.advance(&mut |_| {})?;
        let piece = piece.filter(|piece| !piece.opens || self.records.offset(piece) < self.end);
        self.row += 1;
        self.ended = piece.is_none();
        Ok(piece)
    }
}

impl ChunkReader {
    /// Opens a chunk that [`cut`](crate::cut()) answered for this file and format.
    ///
    /// `columns` holds the accepted source names of each output column; the first that the file has wins. Names match
    /// without space around them, then without ASCII case. In JSON a name with dots leads into nested objects unless
    /// a member has that very name. In XML a name is a path of elements below the record (`Address/City`), to an
    /// attribute (`@id`, `Address/@type`), or `.`, the record's own text; a path that several elements of a record have
    /// gives a JSON array. A column without a member or an element is null.
    ///
    /// # Errors
    /// [`FormatError::UnknownColumn`] if a CSV or Parquet file or a RETS server's compact reply has none of a column's names,
    /// [`FormatError::RepeatedColumn`] if it has the found one twice,
    /// [`FormatError::Setting`], [`FormatError::Parquet`]; [`FormatError::Io`] where a compressed file is unpacked up to
    /// the chunk.
    pub fn open(
        file: Arc<dyn RangedRead>,
        format: &Format,
        cut: &Cut,
        chunk: &Chunk,
        columns: &[Vec<String>],
    ) -> Result<Self, FormatError> {
        Self::open_in_blocks(file, format, cut, chunk, columns, BLOCK)
    }

    /// [`ChunkReader::open`] with a block size to choose, for tests of what falls on a block's edge.
    pub(crate) fn open_in_blocks(
        file: Arc<dyn RangedRead>,
        format: &Format,
        cut: &Cut,
        chunk: &Chunk,
        columns: &[Vec<String>],
        block: usize,
    ) -> Result<Self, FormatError> {
        let source = match cut.kind {
            FormatKind::Csv => {
                let columns = resolve(columns, &cut.header)?;
                let width = cut.header.len();
                let dialect = Dialect::new(format, cut.delimiter.unwrap_or(b','))?;
                let splitter = CsvSplit::new(dialect, format, Some(width));
                Source::Csv { rows: rows(file, cut, chunk, splitter, block)?, columns, width }
            }
            FormatKind::Json => {
                let splitter = ArraySplit::new(format, chunk.first_row == 1);
                Source::Array { rows: rows(file, cut, chunk, splitter, block)?, columns: Columns::new(columns) }
            }
            FormatKind::Ndjson => {
                let rows = rows(file, cut, chunk, LineSplit::new(format), block)?;
                Source::Lines { rows, columns: Columns::new(columns), members: Vec::new() }
            }
            FormatKind::Xml => {
                let splitter = XmlSplit::new(&cut.record_path, format, chunk.first_row == 1);
                let rows = rows(file, cut, chunk, splitter, block)?;
                match cut.delimiter {
                    None => Source::Xml { rows, columns: Columns::new(columns) },
                    Some(delimiter) => {
                        let width = cut.header.len();
                        Source::Compact { rows, columns: resolve(columns, &cut.header)?, delimiter, width }
                    }
                }
            }
            FormatKind::Parquet => Source::Parquet(Box::new(RowReader::open(file, chunk, columns)?)),
        };
        Ok(Self { source, arena: Bump::new() })
    }

    /// The next record, valid until the next call; none behind the chunk's last.
    ///
    /// # Errors
    /// [`FormatError::Io`], and [`FormatError::Parquet`] where a Parquet file turns out to be corrupt.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its items")]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, FormatError> {
        self.arena.reset();
        let arena = &self.arena;
        match &mut self.source {
            Source::Csv { rows, columns, width } => {
                let Some(piece) = rows.advance()? else { return Ok(None) };
                let Records { window, splitter, .. } = &mut rows.records;
                let cells = |raw| csv::cells(splitter, raw, columns, *width, arena);
                Ok(Some(record(window, rows.row, piece, cells)))
            }
            Source::Array { rows, columns } => {
                let Some(piece) = rows.advance()? else { return Ok(None) };
                let Records { window, splitter, .. } = &rows.records;
                let cells = |raw| json::cells(raw, splitter.members()?, columns, arena);
                Ok(Some(record(window, rows.row, piece, cells)))
            }
            Source::Lines { rows, columns, members } => {
                let Some(piece) = rows.advance()? else { return Ok(None) };
                let cells = |raw| {
                    json::parse_element(raw, members)?;
                    json::cells(raw, members, columns, arena)
                };
                Ok(Some(record(&rows.records.window, rows.row, piece, cells)))
            }
            Source::Xml { rows, columns } => {
                let Some(piece) = rows.advance()? else { return Ok(None) };
                let Records { window, splitter, .. } = &rows.records;
                let cells = |raw| xml::cells(raw, splitter.nodes(), columns, arena);
                Ok(Some(record(window, rows.row, piece, cells)))
            }
            Source::Compact { rows, columns, delimiter, width } => {
                let Some(piece) = rows.advance()? else { return Ok(None) };
                let Records { window, splitter, .. } = &rows.records;
                let cells = |raw| xml::compact_cells(raw, splitter.nodes(), *delimiter, columns, *width, arena);
                Ok(Some(record(window, rows.row, piece, cells)))
            }
            Source::Parquet(reader) => reader.next(arena),
        }
    }
}

fn rows<S: Split>(
    file: Arc<dyn RangedRead>,
    cut: &Cut,
    chunk: &Chunk,
    splitter: S,
    block: usize,
) -> Result<Rows<S>, FormatError> {
    let window = match (cut.compression, chunk.seek) {
        (Some(compression), Some(from)) => Window::unpacked(file, compression, from, chunk.start, block)?,
        _ => Window::new(file, chunk.start, block),
    };
    let records = Records::new(window, splitter);
    Ok(Rows { records, end: chunk.end, ended: false, row: chunk.first_row.saturating_sub(1) })
}

/// A piece of the window as a record, with its cells unless it is damaged already.
fn record<'a>(
    window: &'a Window,
    row: u64,
    piece: Piece,
    cells: impl FnOnce(&'a [u8]) -> Result<&'a [lotline_schema::Cell<'a>], Damage>,
) -> Record<'a> {
    let raw = &window.bytes()[piece.start..piece.end];
    let offset = window.offset() + piece.start as u64;
    let cells = piece.damage.map_or_else(|| cells(raw), Err);
    Record { row, offset, raw, cells }
}
