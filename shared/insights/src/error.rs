//! What can go wrong with a query, in words its author can act on.

use std::io;

use lotline_formats::ranged;

/// Why tables could not be opened or a query not answered.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// A file of a table is no readable Parquet, or its storage does not answer.
    #[error("table `{table}`, file {file}: cannot be read")]
    File {
        /// The table's name.
        table: String,
        /// Place of the file in the table, from 1 on.
        file: usize,
        /// The reader's word, or the storage's.
        source: parquet::errors::ParquetError,
    },
    /// A table without files has no columns to ask for.
    #[error("table `{table}` has no files")]
    NoFiles {
        /// The table's name.
        table: String,
    },
    /// A column of a type SQL has no value for.
    #[error("table `{table}`, column `{column}`: type `{found}` is none of text, number, boolean, date, timestamp")]
    ColumnType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// Its Arrow type.
        found: String,
    },
    /// The files of one table disagree.
    #[error("table `{table}`, file {file}: columns are `{found}`, expected `{expected}` as in file 1")]
    Columns {
        /// The table's name.
        table: String,
        /// Place of the file in the table, from 1 on.
        file: usize,
        /// Its columns and types.
        found: String,
        /// Those of the first file.
        expected: String,
    },
    /// The statement names something that does not exist.
    #[error("{message}; there are {choices}")]
    Unknown {
        /// SQLite's sentence, which names the stranger.
        message: String,
        /// What could have been meant.
        choices: String,
    },
    /// The statement changes something, or answers no rows at all.
    #[error("only one statement that reads is allowed, such as SELECT or WITH")]
    NotAQuery,
    /// SQLite refuses the statement or breaks it off.
    #[error("the statement cannot be run")]
    Statement {
        /// SQLite's word.
        #[from]
        source: rusqlite::Error,
    },
    /// The statement ran past its time.
    #[error("the statement took too long; ask for less")]
    TooLong,
    /// Whoever takes the rows gave up.
    #[error("the rows cannot be handed on")]
    Sink {
        /// Its reason.
        source: io::Error,
    },
}

impl SqlError {
    /// Whether the same statement may well be answered when asked again: the storage was interrupted, timed out or busy.
    pub fn is_transient(&self) -> bool {
        ranged::is_transient(self)
    }
}
