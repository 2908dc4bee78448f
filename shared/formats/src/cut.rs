//! The first pass over a file: its header, and the chunks it can be read in.

use std::{io, sync::Arc};

use lotline_schema::{Format, FormatKind};
use serde::{Deserialize, Serialize};

use crate::{
    compression::{Compression, Seek},
    csv,
    detect::{self, Encoding, Opened},
    error::FormatError,
    json::{self, ArraySplit, LineSplit},
    parquet,
    ranged::RangedRead,
    split::{Records, Split},
    window::{BLOCK, Window},
    xml::{self, Layout, XmlSplit},
};

/// A part of a file that holds whole records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// First byte, of a compressed file a byte of the unpacked text; for Parquet the first row group.
    pub start: u64,
    /// The byte behind the last, counted alike; for Parquet the row group behind the last.
    pub end: u64,
    /// Of a compressed file: where unpacking begins, at or before the first byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seek: Option<Seek>,
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
    /// How the file is compressed, if it is.
    pub compression: Option<Compression>,
    /// CSV: the byte between cells, as set or as found in the header line. XML: that between the values of a RETS
    /// server's compact reply; none when records are elements.
    pub delimiter: Option<u8>,
    /// How its characters are encoded.
    pub encoding: Encoding,
    /// Names in the header line, trimmed, or the columns of a Parquet file or a compact reply; empty for JSON and other
    /// XML.
    pub header: Vec<String>,
    /// XML: the names of the elements from the root down to a record; empty otherwise.
    pub record_path: Vec<String>,
    /// In file order, without gaps from the first record on; none when there is no record.
    pub chunks: Vec<Chunk>,
    /// Records in all chunks.
    pub rows: u64,
}

/// Passes over a file once and cuts it at record boundaries into chunks of about `target_bytes` (of compressed row
/// groups for Parquet). `observe` sees every byte once and in order, as received, so that a caller can copy or hash on
/// the way.
///
/// Compressed text is unpacked as it is read, twice like any other: here and chunk by chunk. Since unpacking can begin
/// only where a gzip member or a Zstandard frame does, its chunks begin at the first record behind such a place; a file
/// of one member is one chunk. What a file says of its unpacked size is not believed.
///
/// `name` matters only for its extension. Holds at most the longest record allowed, one block, and what unpacking takes.
///
/// # Errors
/// Every [`FormatError`] but those about columns; [`FormatError::Io`] also for compressed data that is damaged or cut
/// off, with the byte where its member or frame starts; `observe` may then not have seen the rest of the file.
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
    let window = Window::new(Arc::clone(&file), 0, block);
    let opened = detect::open(window, name, format, observe)?;
    let Opened { mut window, kind, compression } = opened;
    if kind == FormatKind::Parquet {
        pass_over(window, observe)?;
        return parquet::cut(file, target_bytes);
    }
    let text = |chunks: Vec<Chunk>| Cut {
        kind,
        compression,
        delimiter: None,
        encoding: Encoding::Utf8,
        header: Vec::new(),
        record_path: Vec::new(),
        rows: chunks.iter().map(|chunk| chunk.rows).sum(),
        chunks,
    };
    match kind {
        FormatKind::Csv => {
            let (records, header) = csv::open(window, format, observe)?;
            let delimiter = Some(records.splitter.delimiter());
            Ok(Cut { delimiter, header, ..text(chunks(records, target_bytes, observe)?) })
        }
        FormatKind::Xml => {
            let Layout { record_path, delimiter, header } = xml::open(&mut window, format, observe)?;
            let records = Records::new(window, XmlSplit::new(&record_path, format, true));
            Ok(Cut { delimiter, header, record_path, ..text(chunks(records, target_bytes, observe)?) })
        }
        FormatKind::Ndjson => Ok(text(chunks(Records::new(window, LineSplit::new(format)), target_bytes, observe)?)),
        FormatKind::Json | FormatKind::Parquet => {
            json::descend(&mut window, format, observe)?;
            Ok(text(chunks(Records::new(window, ArraySplit::new(format, true)), target_bytes, observe)?))
        }
    }
}

/// Shows the rest of a file to `observe`.
fn pass_over(mut window: Window, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    while !window.is_last() {
        window.consume(window.bytes().len());
        window.fill(observe)?;
    }
    Ok(())
}

/// Gathers records into chunks; a chunk ends where a record starts `target_bytes` or more behind its start, of a
/// compressed file only where that record is the first behind a place to unpack from.
fn chunks<S: Split>(
    mut records: Records<S>,
    target_bytes: u64,
    observe: &mut dyn FnMut(&[u8]),
) -> io::Result<Vec<Chunk>> {
    let mut done = Vec::new();
    let start = records.position();
    let mut chunk = Chunk { start, end: start, seek: records.window.seek(start), first_row: 1, rows: 0 };
    let mut before = start;
    while let Some(piece) = records.advance(observe)? {
        let offset = records.offset(&piece);
        let seek = records.window.seek(offset);
        let behind_seek = seek.is_none_or(|seek| seek.text > before);
        if piece.opens && chunk.rows > 0 && offset - chunk.start >= target_bytes && behind_seek {
            let first_row = chunk.first_row + chunk.rows;
            chunk.end = offset;
            done.push(std::mem::replace(&mut chunk, Chunk { start: offset, end: offset, seek, first_row, rows: 0 }));
        }
        before = offset;
        chunk.rows += 1;
    }
    chunk.end = records.window.end();
    if chunk.rows > 0 {
        done.push(chunk);
    }
    Ok(done)
}
