//! Which format and encoding a file has: by its settings, its extension, its first bytes.

use std::fmt;

use lotline_schema::{Format, FormatKind};
use serde::{Deserialize, Serialize};

use crate::error::FormatError;

/// How characters are encoded. Only UTF-8 is read; the others are known so that an error can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first, told by its byte order mark.
    Utf16Le,
    /// UTF-16, high byte first, told by its byte order mark.
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

/// Length of the byte order mark that a text opens with.
pub(crate) fn byte_order_mark(first: &[u8]) -> Result<usize, FormatError> {
    match first {
        [0xEF, 0xBB, 0xBF, ..] => Ok(3),
        [0xFF, 0xFE, ..] => Err(FormatError::Encoding { found: Encoding::Utf16Le }),
        [0xFE, 0xFF, ..] => Err(FormatError::Encoding { found: Encoding::Utf16Be }),
        _ => Ok(0),
    }
}

/// The format of a file, given its name and first bytes.
pub(crate) fn kind(format: &Format, name: &str, first: &[u8]) -> FormatKind {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    let opening = text.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    // A record path starts at an object, so a brace then says nothing about lines.
    let lines = opening == Some(b'{') && format.record_path.is_empty();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    format.kind.unwrap_or(match extension.as_deref() {
        Some("csv" | "tsv" | "txt") => FormatKind::Csv,
        Some("json") if lines => FormatKind::Ndjson,
        Some("json") => FormatKind::Json,
        Some("ndjson" | "jsonl") => FormatKind::Ndjson,
        Some("parquet") => FormatKind::Parquet,
        _ if first.starts_with(b"PAR1") => FormatKind::Parquet,
        _ if lines => FormatKind::Ndjson,
        _ if matches!(opening, Some(b'[' | b'{')) => FormatKind::Json,
        _ => FormatKind::Csv,
    })
}
