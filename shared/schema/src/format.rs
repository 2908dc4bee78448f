//! How the files of a table are laid out: settings of the `[format]` section of a table structure.

use serde::{Deserialize, Serialize};

use crate::{number::is_numeric, time::reads_back};

/// The file formats a source may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatKind {
    /// Delimited text with a header line.
    Csv,
    /// One JSON array of objects (or such an array below `record_path`).
    Json,
    /// One JSON object a line.
    Ndjson,
    /// XML with one element a row, below `record_path`, or the compact reply of a RETS server.
    Xml,
    /// Apache Parquet.
    Parquet,
}

/// How the bytes of a source become records. Every key has a default, so an empty section is a plain UTF-8 CSV file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Format {
    /// The format; absent means: by the file's extension, then by its first bytes.
    pub kind: Option<FormatKind>,
    /// CSV: the byte between cells; absent means: whichever of `,` `;` tab `|` the header line holds most of.
    pub delimiter: Option<char>,
    /// CSV: the quote character.
    pub quote: char,
    /// CSV: physical lines before the header line.
    pub preamble_lines: u32,
    /// JSON: member names from the root down to the array of records; empty means the root is the array.
    ///
    /// XML: names of the elements from the root down to the one that is a record, with their prefixes, such as
    /// `["feed", "listing"]`; empty means the rows of a RETS server's compact reply.
    pub record_path: Vec<String>,
    /// CSV, JSON and XML: the longest record in bytes; a longer one is quarantined with its place and its first bytes.
    /// Of a compressed file they are counted unpacked. Not applied to Parquet, whose rows are decoded in batches of a fixed number, whatever their length.
    pub max_record_bytes: u32,
    /// Cell texts (after trimming) that mean null; the empty text always does.
    pub nulls: Vec<String>,
    /// The thousands separator of numbers, removed before parsing; never `.`, which begins the decimals.
    pub thousands: Option<char>,
    /// Date formats in strftime notation, tried in order; absent means ISO 8601.
    pub date_formats: Vec<String>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            kind: None,
            delimiter: None,
            quote: '"',
            preamble_lines: 0,
            record_path: Vec::new(),
            max_record_bytes: 1 << 20,
            nulls: Vec::new(),
            thousands: None,
            date_formats: Vec::new(),
        }
    }
}

impl Format {
    /// Checks what the types cannot say; answers the key at fault, and what was found and expected.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        if let Some(found) = self.thousands.filter(|separator| is_numeric(*separator)) {
            let expected = "a character that no number is written with, such as `,`";
            return Err(("format.thousands".to_owned(), format!("found `{found}`, expected {expected}")));
        }
        if let Some(found) =
            self.record_path.iter().find(|name| self.kind == Some(FormatKind::Xml) && !is_element(name))
        {
            let expected = "the name of one element, such as `listing`; the path is a list of them";
            return Err(("format.record_path".to_owned(), format!("found `{found}`, expected {expected}")));
        }
        if let Some(found) = self.date_formats.iter().find(|format| !reads_back(format)) {
            let expected = "a strftime format of a whole date, such as `%d/%m/%Y`";
            return Err(("format.date_formats".to_owned(), format!("found `{found}`, expected {expected}")));
        }
        Ok(())
    }
}

/// Whether an element may bear this name; `/` is what people write between names.
fn is_element(name: &str) -> bool {
    let delimits = |letter: char| letter.is_whitespace() || "/<>=\"'&".contains(letter);
    !name.is_empty() && !name.contains(delimits)
}
