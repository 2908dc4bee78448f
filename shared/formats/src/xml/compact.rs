//! The compact replies of RETS servers (COMPACT and COMPACT-DECODED of RETS 1.5 to 1.8): the names of the columns in
//! one element, the values of a row in another, with one character before, between and behind them.

use std::borrow::Cow;

use bumpalo::Bump;
use lotline_schema::Cell;
use quick_xml::{
    Reader,
    escape::unescape,
    events::{BytesStart, Event},
};

use super::{
    prolog::Place,
    rets::RETS,
    scan::{Node, place, shown},
    text::own_text,
};
use crate::{
    error::FormatError,
    record::{Damage, checked},
};

/// The columns of a compact reply.
pub(super) struct Columns {
    /// The byte around values; a tab unless the server says otherwise.
    pub(super) delimiter: u8,
    /// Their names, trimmed.
    pub(super) header: Vec<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { delimiter: b'\t', header: Vec::new() }
    }
}

/// The way to the rows of a compact reply.
pub(super) fn record_path() -> Vec<String> {
    [RETS, "DATA"].map(str::to_owned).to_vec()
}

/// Reads from behind the root's start tag to the columns, which stand before the rows; a reply without rows may have
/// none. None while more bytes are needed.
pub(super) fn columns(reader: &mut Reader<&[u8]>, whole: &Place) -> Result<Option<Columns>, FormatError> {
    const EXPECTED: &str = "`<COLUMNS>` before the first row";
    let mut columns = Columns::default();
    loop {
        let start = place(reader);
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.name().as_ref() == "DATA" => {
                return whole.unexpected(start, "`<DATA>`".to_owned(), EXPECTED);
            }
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.name().as_ref() == "DELIMITER" => {
                let Some(delimiter) = delimiter(&tag) else {
                    let expected = "an ASCII character as two hexadecimal digits";
                    return whole.unexpected(start, format!("`<{}>`", shown(&tag)), expected);
                };
                columns.delimiter = delimiter;
            }
            Ok(Event::Start(tag)) if tag.name().as_ref() == "COLUMNS" => {
                let text = reader.read_text(tag.to_end().name());
                let Some(line) = text.ok().and_then(|text| unescape(&text).map(Cow::into_owned).ok()) else {
                    return whole.unexpected(start, "damaged columns".to_owned(), "names and `</COLUMNS>`");
                };
                columns.header = values(&line, columns.delimiter).map(|name| name.trim().to_owned()).collect();
                return Ok(Some(columns));
            }
            Ok(Event::End(tag)) if tag.name().as_ref() == RETS => return Ok(Some(columns)),
            Ok(Event::Eof) => return whole.unexpected(start, "the end of the file".to_owned(), EXPECTED),
            Ok(_) => {}
            Err(error) => return whole.unexpected(start, error.to_string(), EXPECTED),
        }
    }
}

fn delimiter(tag: &BytesStart<'_>) -> Option<u8> {
    let digits = tag.try_get_attribute("value").ok().flatten()?.value;
    u8::from_str_radix(digits.trim(), 16).ok().filter(u8::is_ascii)
}

/// The values in a line, which stand between delimiters.
pub(super) fn values(line: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let delimiter = char::from(delimiter);
    let line = line.strip_prefix(delimiter).unwrap_or(line);
    line.strip_suffix(delimiter).unwrap_or(line).split(delimiter)
}

/// The values of a sound row, which should be `width`.
pub(super) fn row<'a>(
    raw: &'a [u8],
    nodes: &[Node],
    delimiter: u8,
    width: usize,
    arena: &'a Bump,
) -> Result<&'a [&'a str], Damage> {
    let line = own_text(checked(raw)?, nodes, arena)?;
    let found = arena.alloc_slice_fill_iter(values(line, delimiter).collect::<Vec<_>>());
    if found.len() != width {
        return Err(Damage::new("field_count", format!("found {} fields, expected {width}", found.len())));
    }
    Ok(found)
}

/// The cells of a sound row; `columns` holds for each output column its place among `width` values.
pub(crate) fn compact_cells<'a>(
    raw: &'a [u8],
    nodes: &[Node],
    delimiter: u8,
    columns: &[usize],
    width: usize,
    arena: &'a Bump,
) -> Result<&'a [Cell<'a>], Damage> {
    let values = row(raw, nodes, delimiter, width, arena)?;
    Ok(arena.alloc_slice_fill_iter(columns.iter().map(|&place| Cell::Text(values[place]))))
}
