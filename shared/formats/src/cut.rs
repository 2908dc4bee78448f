//! The first pass over a file: its header, and the chunks it can be read in.

use std::{io, sync::Arc};

use lotline_schema::{Format, FormatKind};
use serde::{Deserialize, Serialize};

use crate::{
    csv,
    detect::{self, Encoding},
    error::FormatError,
    json::{self, ArraySplit, LineSplit},
    parquet,
    ranged::RangedRead,
    split::{Records, Split},
    window::{BLOCK, Window},
};

/// A part of a file that holds whole records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// First byte; for Parquet the first row group.
    pub start: u64,
    /// The byte behind the last; for Parquet the row group behind the last.
    pub end: u64,
    /// Number of its first record in the file, from 1.
    pub first_row: u64,
    /// How many records it holds, damaged ones included.
    pub rows: u64,
}

/// What the first pass learned about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The format the file was read as.
    pub kind: FormatKind,
    /// CSV: the byte between cells, as set or as found in the header line.
    pub delimiter: Option<u8>,
    /// How its characters are encoded.
    pub encoding: Encoding,
    /// Names in the header line, trimmed, or the columns of a Parquet file; empty for JSON.
    pub header: Vec<String>,
    /// In file order, without gaps from the first record on; none when there is no record.
    pub chunks: Vec<Chunk>,
    /// Records in all chunks.
    pub rows: u64,
}

/// Passes over a file once and cuts it at record boundaries into chunks of about `target_bytes` (of compressed row
/// groups for Parquet). `observe` sees every byte once and in order, so that a caller can copy or hash on the way.
///
/// `name` matters only for its extension. Holds at most the longest record allowed and one block.
///
/// # Errors
/// Every [`FormatError`] but those about columns; `observe` may then not have seen the rest of the file.
pub fn cut(
    file: Arc<dyn RangedRead>,
    name: &str,
    format: &Format,
    target_bytes: u64,
    observe: &mut dyn FnMut(&[u8]),
) -> Result<Cut, FormatError> {
    cut_in_blocks(file, name, format, target_bytes, observe, BLOCK)
}

/// [`cut`] with a block size to choose, for tests of what falls on a block's edge.
pub(crate) fn cut_in_blocks(
    file: Arc<dyn RangedRead>,
    name: &str,
    format: &Format,
    target_bytes: u64,
    observe: &mut dyn FnMut(&[u8]),
    block: usize,
) -> Result<Cut, FormatError> {
    let mut window = Window::new(Arc::clone(&file), 0, block);
    // A few bytes tell the format; a short block takes several reads to get them.
    while window.bytes().len() < 64 && !window.is_last() {
        window.fill(observe)?;
    }
    let kind = detect::kind(format, name, window.bytes());
    if kind == FormatKind::Parquet {
        pass_over(window, observe)?;
        return parquet::cut(file, target_bytes);
    }
    window.consume(detect::byte_order_mark(window.bytes())?);
    let text = |chunks: Vec<Chunk>| Cut {
        kind,
        delimiter: None,
        encoding: Encoding::Utf8,
        header: Vec::new(),
        rows: chunks.iter().map(|chunk| chunk.rows).sum(),
        chunks,
    };
    if kind == FormatKind::Csv {
        let (records, header) = csv::open(window, format, observe)?;
        let delimiter = Some(records.splitter.delimiter());
        return Ok(Cut { delimiter, header, ..text(chunks(records, file.len(), target_bytes, observe)?) });
    }
    if kind == FormatKind::Ndjson {
        let records = Records::new(window, LineSplit::new(format));
        return Ok(text(chunks(records, file.len(), target_bytes, observe)?));
    }
    json::descend(&mut window, format, observe)?;
    let records = Records::new(window, ArraySplit::new(format, true));
    Ok(text(chunks(records, file.len(), target_bytes, observe)?))
}

/// Shows the rest of a file to `observe`.
fn pass_over(mut window: Window, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    while !window.is_last() {
        window.consume(window.bytes().len());
        window.fill(observe)?;
    }
    Ok(())
}

/// Gathers records into chunks; a chunk ends where a record starts `target_bytes` or more behind its start.
fn chunks<S: Split>(
    mut records: Records<S>,
    len: u64,
    target_bytes: u64,
    observe: &mut dyn FnMut(&[u8]),
) -> io::Result<Vec<Chunk>> {
    let mut done = Vec::new();
    let mut chunk = Chunk { start: records.position(), end: len, first_row: 1, rows: 0 };
    while let Some(piece) = records.advance(observe)? {
        let offset = records.offset(&piece);
        if piece.opens && chunk.rows > 0 && offset - chunk.start >= target_bytes {
            let first_row = chunk.first_row + chunk.rows;
            chunk.end = offset;
            done.push(std::mem::replace(&mut chunk, Chunk { start: offset, end: len, first_row, rows: 0 }));
        }
        chunk.rows += 1;
    }
    if chunk.rows > 0 {
        done.push(chunk);
    }
    Ok(done)
}
