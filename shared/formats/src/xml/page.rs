//! XML that is whole in memory, such as one page of an API, as JSON objects.

use std::sync::Arc;

use bumpalo::Bump;
use bytes::Bytes;
use lotline_schema::{Format, FormatKind};
use serde_json::{Map, Value};

use super::{
    compact,
    fields::Fields,
    prolog::{self, Layout},
    rets::MAX_ROWS_RULE,
    scan::Node,
    split::XmlSplit,
};
use crate::{
    columns::resolve,
    detect::{self, Opened},
    error::FormatError,
    record::Damage,
    split::Records,
    window::{BLOCK, Window},
};

/// One record of a page.
#[derive(Debug)]
pub struct XmlRecord<'a> {
    /// Where it starts: a byte of the page, unpacked if the page is compressed.
    pub offset: u64,
    /// Its bytes.
    pub raw: &'a [u8],
    /// Its values by the very names that a column's `source` has for XML (`City`, `Address/City`, `@id`), or by the
    /// columns of a compact reply: a string each, and an array of strings for a path that several elements have. A line
    /// of these, read as NDJSON with the same columns, gives the same cells as the XML. Else what is wrong with the
    /// record.
    pub object: Result<Map<String, Value>, Damage>,
}

/// What a page says beside its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlPage {
    /// Records that were handed on, damaged ones included.
    pub rows: u64,
    /// Whether a RETS server has more rows than it sent (`<MAXROWS/>`, or the reply code that says so): ask for the
    /// next page. In a file the same is a damaged record with the rule `max_rows`.
    pub more: bool,
}

/// Hands the records of one page, in their order, to `each`, read by the same rules and settings as a file of kind
/// `xml`. The page may be compressed. Holds the page and one record.
///
/// # Errors
/// Those of `each`; every [`FormatError`] that an XML file as a whole may have, [`FormatError::RetsReply`] among them;
/// [`FormatError::RepeatedColumn`] for a compact reply with a column twice.
pub fn xml_page<E: From<FormatError>>(
    page: Bytes,
    format: &Format,
    mut each: impl FnMut(XmlRecord<'_>) -> Result<(), E>,
) -> Result<XmlPage, E> {
    let format = Format { kind: Some(FormatKind::Xml), ..format.clone() };
    let (mut records, layout) = open(page, &format)?;
    let mut arena = Bump::new();
    let mut found = XmlPage { rows: 0, more: false };
    while let Some(piece) = records.advance(&mut |_| {}).map_err(FormatError::from)? {
        let offset = records.offset(&piece);
        if piece.damage.as_ref().is_some_and(|damage| damage.rule == MAX_ROWS_RULE) {
            found.more = true;
            continue;
        }
        arena.reset();
        let raw = &records.window.bytes()[piece.start..piece.end];
        let object = |raw| object(raw, records.splitter.nodes(), &layout, &arena);
        each(XmlRecord { offset, raw, object: piece.damage.map_or_else(|| object(raw), Err) })?;
        found.rows += 1;
    }
    Ok(found)
}

fn open(page: Bytes, format: &Format) -> Result<(Records<XmlSplit>, Layout), FormatError> {
    let ignore = &mut |_: &[u8]| {};
    let Opened { mut window, .. } = detect::open(Window::new(Arc::new(page), 0, BLOCK), "", format, ignore)?;
    let layout = prolog::open(&mut window, format, ignore)?;
    let columns: Vec<Vec<String>> = layout.header.iter().map(|name| vec![name.clone()]).collect();
    resolve(&columns, &layout.header)?;
    let splitter = XmlSplit::new(&layout.record_path, format, true);
    Ok((Records::new(window, splitter), layout))
}

fn object(raw: &[u8], nodes: &[Node], layout: &Layout, arena: &Bump) -> Result<Map<String, Value>, Damage> {
    let Some(delimiter) = layout.delimiter else {
        return Ok(Fields::read(raw, nodes, arena)?.to_json());
    };
    let values = compact::row(raw, nodes, delimiter, layout.header.len(), arena)?;
    Ok(layout.header.iter().zip(values).map(|(name, value)| (name.clone(), Value::from(*value))).collect())
}
