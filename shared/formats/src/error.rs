//! What spoils a whole file, as opposed to one record of it.

use std::io;

use parquet::errors::ParquetError;

use crate::{detect::Encoding, ranged};

/// Why no record of a file can be read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The storage underneath, or a file that became shorter while it was read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file opens with the mark of an encoding that is not read.
    #[error("found a file in `{found}`, expected `UTF-8`")]
    Encoding {
        /// The encoding its first bytes announce.
        found: Encoding,
    },
    /// An XML file says that it is in an encoding that is not read.
    #[error("found the declared encoding `{found}`, expected `UTF-8`")]
    DeclaredEncoding {
        /// As the file says.
        found: String,
    },
    /// An XML file has a document type definition: entities would be read from it, or from elsewhere, and expanded.
    #[error(
        "byte {offset}: found a document type definition, expected none: entities are not expanded, other files are not fetched"
    )]
    Doctype {
        /// Where it starts.
        offset: u64,
    },
    /// A RETS server refused what it was asked for.
    #[error("found the RETS reply code `{code}` ({text}), expected `0`")]
    RetsReply {
        /// Its `ReplyCode`.
        code: String,
        /// Its `ReplyText`.
        text: String,
    },
    /// An XML file whose settings do not say which element is a record.
    #[error(
        "found no `record_path` for the XML file with the root `{root}`, expected the names of the elements from `{root}` to a record"
    )]
    NoRecordPath {
        /// Its root element.
        root: String,
    },
    /// Compressed Parquet, which cannot be read at any place as Parquet must be.
    #[error("found a compressed Parquet file, expected it as it is: its pages are compressed already")]
    PackedParquet,
    /// A character of the `[format]` section is not one byte.
    #[error("found `{found}` as the {setting} character, expected an ASCII character")]
    Setting {
        /// The key in the section.
        setting: &'static str,
        /// Its value.
        found: char,
    },
    /// A CSV file ends before any header line.
    #[error("found the end of the file, expected a header line")]
    NoHeader,
    /// A CSV header line is itself damaged.
    #[error("header line at byte {offset}: {reason}")]
    BadHeader {
        /// Where the line starts.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The file has none of the names a column may have.
    #[error("column `{column}`: found the columns `{}`, expected one of `{}`", found.join("`, `"), accepted.join("`, `"))]
    UnknownColumn {
        /// The first of the accepted names.
        column: String,
        /// All of them.
        accepted: Vec<String>,
        /// The columns of the file.
        found: Vec<String>,
    },
    /// The file has a column twice that is asked for, and nothing says which one is meant.
    #[error("column `{column}`: found it twice, as column {first} and column {second} of the file, expected it once")]
    RepeatedColumn {
        /// Its name in the file.
        column: String,
        /// Its first place, from 1.
        first: usize,
        /// Its next place.
        second: usize,
    },
    /// A JSON file holds something else where the array of records, or an object on the way to it, should start; an XML
    /// file something else before its root element, or another root.
    #[error("byte {offset}: found {found}, expected {expected}")]
    Unexpected {
        /// Where it starts.
        offset: u64,
        /// What is there, or the end of the file.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// An object on the way to the array of records lacks a member of `record_path`.
    #[error("record path `{path}`: no member `{member}` in the object that ends at byte {offset}")]
    RecordPath {
        /// The whole path, joined by dots.
        path: String,
        /// The member that is missing.
        member: String,
        /// Where its object ends.
        offset: u64,
    },
    /// Not a Parquet file, or a corrupt one.
    #[error("not a readable Parquet file: {reason}")]
    Parquet {
        /// What the decoder found.
        reason: String,
    },
}

impl FormatError {
    /// Whether the same file may well be readable when asked for again: the storage was interrupted, timed out or busy.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Io(error) if ranged::is_transient(error))
    }
}

impl From<ParquetError> for FormatError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet { reason: error.to_string() }
    }
}
