//! A record as it was found, sound or damaged.

use lotline_schema::Cell;
use memchr::memchr;

/// One record and its place in the file.
#[derive(Debug)]
pub struct Record<'a> {
    /// Number of the record in the file, from 1; damaged records count, blank lines and the header do not.
    pub row: u64,
    /// Where the record starts: a byte of the file, of a compressed one a byte of the unpacked text; for Parquet its
    /// row from 0.
    pub offset: u64,
    /// The bytes of the record without its line end or comma, or the first of them when it is too long. For
    /// Parquet, which has no such bytes, the read columns as a JSON object.
    pub raw: &'a [u8],
    /// One cell for each output column in their order, or what is wrong with the record.
    pub cells: Result<&'a [Cell<'a>], Damage>,
}

/// Why the cells of a record could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// A stable name: `field_count`, `invalid_utf8`, `nul_byte`, `invalid_json`, `duplicate_member`,
    /// `not_an_object`, `invalid_xml`, `unknown_entity`, `max_rows`, `rets_status`, `record_too_long`,
    /// `unclosed_quote`, `stray_quote` or `truncated`.
    pub rule: &'static str,
    /// What was found where, and what was expected.
    pub reason: String,
}

impl Damage {
    pub(crate) fn new(rule: &'static str, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into() }
    }

    pub(crate) fn too_long(cap: usize) -> Self {
        Self::new("record_too_long", format!("found more than {cap} bytes, expected at most `max_record_bytes`"))
    }
}

/// A record as text, unless it holds bytes that no text has.
pub(crate) fn checked(raw: &[u8]) -> Result<&str, Damage> {
    match memchr(0, raw) {
        Some(at) => Err(Damage::new("nul_byte", format!("found a NUL byte at byte {at} of the record"))),
        None => text(raw),
    }
}

/// Checks that a record is UTF-8.
pub(crate) fn text(raw: &[u8]) -> Result<&str, Damage> {
    std::str::from_utf8(raw).map_err(|error| {
        let at = error.valid_up_to();
        let found = raw.get(at).copied().unwrap_or_default();
        Damage::new("invalid_utf8", format!("found byte `0x{found:02X}` at byte {at} of the record, expected UTF-8"))
    })
}
