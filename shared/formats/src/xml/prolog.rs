//! What stands before the records of an XML file: declaration, root element, and a RETS server's reply code and columns.

use lotline_schema::Format;
use quick_xml::{
    Reader,
    events::{BytesDecl, BytesStart, Event},
};

use super::{
    compact::{self, Columns},
    rets::{RETS, check_reply},
    scan::{place, shown},
};
use crate::{error::FormatError, window::Window};

/// Encodings that are UTF-8 or a part of it.
const ENCODINGS: [&str; 4] = ["utf-8", "utf8", "us-ascii", "ascii"];

/// How the records of a file are found and read.
pub(crate) struct Layout {
    /// Names of the elements from the root down to a record.
    pub(crate) record_path: Vec<String>,
    /// The byte between the values of a compact reply.
    pub(crate) delimiter: Option<u8>,
    /// The columns of a compact reply; none where it has no rows.
    pub(crate) header: Vec<String>,
}

/// Moves the window to the root element, which must be there, with all that is said about records before the first,
/// within as many bytes as a record may have.
pub(crate) fn open(
    window: &mut Window,
    format: &Format,
    observe: &mut dyn FnMut(&[u8]),
) -> Result<Layout, FormatError> {
    loop {
        let whole = window.is_last() || window.bytes().len() >= format.max_record_bytes as usize;
        let place = Place { offset: window.offset(), whole };
        if let Some((start, layout)) = root(window.bytes(), format, &place)? {
            window.consume(start);
            return Ok(layout);
        }
        window.fill(observe)?;
    }
}

/// Where the bytes looked at are in the file, and whether no more of them will be looked at.
pub(super) struct Place {
    offset: u64,
    whole: bool,
}

impl Place {
    /// The error of what cannot stand at a byte, unless there are more bytes to be seen.
    pub(super) fn unexpected<T>(&self, at: usize, found: String, expected: &str) -> Result<Option<T>, FormatError> {
        if !self.whole {
            return Ok(None);
        }
        Err(FormatError::Unexpected { offset: self.offset + at as u64, found, expected: expected.to_owned() })
    }
}

/// Place of the root element, and what is known about the records in it; none while more bytes are needed.
fn root(bytes: &[u8], format: &Format, whole: &Place) -> Result<Option<(usize, Layout)>, FormatError> {
    const EXPECTED: &str = "the root element";
    let mut reader = Reader::from_reader(bytes);
    loop {
        let start = place(&reader);
        let doctype = || FormatError::Doctype { offset: whole.offset + start as u64 };
        match reader.read_event() {
            Ok(Event::Decl(declaration)) => check_encoding(&declaration)?,
            Ok(Event::DocType(definition))
                if definition.trim().contains(|letter: char| " \t\r\n[".contains(letter)) =>
            {
                return Err(doctype());
            }
            Ok(Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Text(text)) if text.trim().is_empty() => {}
            Ok(Event::Start(tag)) => {
                let layout = layout(&tag, start, format, whole, || compact::columns(&mut reader, whole))?;
                return Ok(layout.map(|layout| (start, layout)));
            }
            Ok(Event::Empty(tag)) => {
                let layout = layout(&tag, start, format, whole, || Ok(Some(Columns::default())))?;
                return Ok(layout.map(|layout| (start, layout)));
            }
            Ok(Event::Eof) => return whole.unexpected(start, "the end of the file".to_owned(), EXPECTED),
            Ok(_) => return whole.unexpected(start, "no element".to_owned(), EXPECTED),
            Err(_) if whole.whole && bytes[start..].starts_with(b"<!DOCTYPE") => return Err(doctype()),
            Err(error) => return whole.unexpected(start, error.to_string(), EXPECTED),
        }
    }
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), FormatError> {
    let Some(Ok(found)) = declaration.encoding() else { return Ok(()) };
    if ENCODINGS.iter().any(|known| found.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(FormatError::DeclaredEncoding { found: shown(&found).to_owned() })
}

/// What the root element says; `columns` reads on to those of a compact reply.
fn layout(
    root: &BytesStart<'_>,
    start: usize,
    format: &Format,
    whole: &Place,
    columns: impl FnOnce() -> Result<Option<Columns>, FormatError>,
) -> Result<Option<Layout>, FormatError> {
    let name = root.name();
    let name = name.as_ref();
    if name == RETS {
        check_reply(root)?;
    }
    let record_path = match format.record_path.as_slice() {
        [] if name == RETS => compact::record_path(),
        [] => return Err(FormatError::NoRecordPath { root: shown(name).to_owned() }),
        path => path.to_vec(),
    };
    if record_path.first().is_none_or(|expected| expected != name) {
        let expected = format!("the root element `{}` of `record_path`", record_path.join("/"));
        let offset = whole.offset + start as u64;
        return Err(FormatError::Unexpected { offset, found: format!("`<{}>`", shown(name)), expected });
    }
    if record_path != compact::record_path() {
        return Ok(Some(Layout { record_path, delimiter: None, header: Vec::new() }));
    }
    let Some(Columns { delimiter, header }) = columns()? else { return Ok(None) };
    Ok(Some(Layout { record_path, delimiter: Some(delimiter), header }))
}
