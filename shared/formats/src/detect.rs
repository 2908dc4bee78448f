//! Which format and encoding a file has: by its settings, its extension, its first bytes.

use std::{fmt, io};

use lotline_schema::{Format, FormatKind};
use serde::{Deserialize, Serialize};

use crate::{compression::Compression, error::FormatError, window::Window};

/// How characters are encoded. Only UTF-8 is read; the others are known so that an error can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first, told by its byte order mark or by an XML file's first character.
    Utf16Le,
    /// UTF-16, high byte first, told alike.
    Utf16Be,
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        })
    }
}

/// A file of which the first bytes have been looked at.
pub(crate) struct Opened {
    /// At the text behind a byte order mark; at the start of a Parquet file.
    pub(crate) window: Window,
    pub(crate) kind: FormatKind,
    pub(crate) compression: Option<Compression>,
}

/// Looks at the first bytes of a file, from which nothing may have been read.
pub(crate) fn open(
    mut window: Window,
    name: &str,
    format: &Format,
    observe: &mut dyn FnMut(&[u8]),
) -> Result<Opened, FormatError> {
    look_ahead(&mut window, observe)?;
    let compression = Compression::of(window.bytes());
    if let Some(compression) = compression {
        window = window.unpack(compression);
        look_ahead(&mut window, observe)?;
    }
    let kind = kind(format, name, window.bytes());
    match (kind, compression) {
        (FormatKind::Parquet, Some(_)) => return Err(FormatError::PackedParquet),
        (FormatKind::Parquet, None) => {}
        _ => window.consume(byte_order_mark(window.bytes())?),
    }
    Ok(Opened { window, kind, compression })
}

/// A few bytes tell the format; a short block takes several reads to get them.
fn look_ahead(window: &mut Window, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    while window.bytes().len() < 64 && !window.is_last() {
        window.fill(observe)?;
    }
    Ok(())
}

/// Length of the byte order mark that a text opens with, which must be one in UTF-8.
pub(crate) fn byte_order_mark(first: &[u8]) -> Result<usize, FormatError> {
    match first {
        [0xEF, 0xBB, 0xBF, ..] => Ok(3),
        // Without a mark: `<` in either order, which no text in UTF-8 opens with.
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Err(FormatError::Encoding { found: Encoding::Utf16Le }),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Err(FormatError::Encoding { found: Encoding::Utf16Be }),
        _ => Ok(0),
    }
}

/// The extension in a file's name that may say how it is read, in lower case: `csv` of `rows.CSV`, `csv.gz` of
/// `rows.csv.gz`; empty when there is none.
pub fn extension(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let (stem, packing) = match file.rsplit_once('.') {
        Some((stem, packing @ ("gz" | "zst"))) => (stem.to_owned(), Some(packing.to_owned())),
        _ => (file, None),
    };
    let inner = stem.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, inner)| inner.to_owned());
    inner.into_iter().chain(packing).collect::<Vec<_>>().join(".")
}

/// The format of a file, given its name and the first bytes of its text.
pub(crate) fn kind(format: &Format, name: &str, first: &[u8]) -> FormatKind {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    let opening = text.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    // A record path starts at an object, so a brace then says nothing about lines.
    let lines = opening == Some(b'{') && format.record_path.is_empty();
    let extension = extension(name);
    format.kind.unwrap_or(match extension.split('.').next().unwrap_or_default() {
        "csv" | "tsv" | "txt" => FormatKind::Csv,
        "json" if lines => FormatKind::Ndjson,
        "json" => FormatKind::Json,
        "ndjson" | "jsonl" => FormatKind::Ndjson,
        "xml" => FormatKind::Xml,
        "parquet" => FormatKind::Parquet,
        _ if first.starts_with(b"PAR1") => FormatKind::Parquet,
        _ if lines => FormatKind::Ndjson,
        _ if matches!(opening, Some(b'[' | b'{')) => FormatKind::Json,
        _ if opening == Some(b'<') => FormatKind::Xml,
        _ => FormatKind::Csv,
    })
}
