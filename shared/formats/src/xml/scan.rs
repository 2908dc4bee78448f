//! Where an element ends, and what lies in it.

use std::ops::Range;

use quick_xml::{
    Error, Reader,
    errors::IllFormedError,
    events::{BytesStart, Event},
};

use crate::record::{Damage, text};

/// Levels of elements that are followed, within a record and around it.
pub(super) const DEPTH: usize = 64;
/// Bytes of a name that a message repeats.
const SHOWN: usize = 80;

/// A part of an element; ranges count from the element's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A start tag: its name, and what follows that within the tag.
    Open { name: Range<usize>, attributes: Range<usize> },
    /// Text without references.
    Text(Range<usize>),
    /// What a CDATA section holds.
    CData(Range<usize>),
    /// What stands between `&` and `;`.
    Reference(Range<usize>),
    /// An end tag, or the end of an empty element.
    Close,
}

/// Why a scan ended before its element did.
pub(super) enum Stop {
    /// The bytes ran out.
    End,
    /// This is not well-formed.
    Bad(Damage),
}

/// Length of the element that `bytes` begin with; `nodes` holds its parts after that.
pub(super) fn element(bytes: &[u8], nodes: &mut Vec<Node>) -> Result<usize, Stop> {
    nodes.clear();
    let mut reader = Reader::from_reader(bytes);
    let mut depth = 0;
    loop {
        let start = place(&reader);
        let event = reader.read_event().map_err(|error| stop(error, bytes, &reader))?;
        let end = place(&reader);
        match event {
            Event::Start(tag) if depth < DEPTH => {
                depth += 1;
                nodes.push(opening(&tag, start));
            }
            Event::Start(_) => return Err(bad(start, format!("found more than {DEPTH} elements in each other"))),
            Event::Empty(tag) => nodes.extend([opening(&tag, start), Node::Close]),
            Event::End(_) => {
                depth -= 1;
                nodes.push(Node::Close);
            }
            Event::Text(_) => nodes.push(Node::Text(start..end)),
            Event::CData(_) => nodes.push(Node::CData(start + "<![CDATA[".len()..end - "]]>".len())),
            Event::GeneralRef(_) => nodes.push(Node::Reference(start + 1..end - 1)),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) => return Err(bad(start, "found an XML declaration, expected it at the file's start")),
            Event::DocType(_) => return Err(bad(start, "found a document type definition, expected none")),
            Event::Eof => return Err(Stop::End),
        }
        if depth == 0 {
            return Ok(end);
        }
    }
}

/// One piece of markup that `bytes` begin with, without regard to the names of end tags, and its length.
pub(super) fn markup(bytes: &[u8]) -> Result<(Event<'_>, usize), Stop> {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().allow_unmatched_ends = true;
    let event = reader.read_event().map_err(|error| stop(error, bytes, &reader))?;
    Ok((event, place(&reader)))
}

pub(super) fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

pub(super) fn bad(at: usize, reason: impl AsRef<str>) -> Stop {
    Stop::Bad(Damage::new("invalid_xml", format!("byte {at} of the record: {}", reason.as_ref())))
}

/// A name or text as a message shows it.
pub(super) fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN)]
}

fn opening(tag: &BytesStart<'_>, start: usize) -> Node {
    let name = start + 1..start + 1 + tag.name().as_ref().len();
    let attributes = name.end..start + 1 + tag.len();
    Node::Open { name, attributes }
}

fn stop(error: Error, bytes: &[u8], reader: &Reader<&[u8]>) -> Stop {
    let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
    match error {
        Error::Encoding(_) => match (std::str::from_utf8(bytes), text(bytes)) {
            // A character that the bytes end in the middle of.
            (Err(error), Err(damage)) if error.error_len().is_some() => Stop::Bad(damage),
            _ => Stop::End,
        },
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            bad(at, format!("found `</{}>`, expected `</{}>`", shown(&found), shown(&expected)))
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            bad(at, format!("found `</{}>` without a start tag", shown(&found)))
        }
        _ if place(reader) == bytes.len() => Stop::End,
        error => bad(at, error.to_string()),
    }
}
