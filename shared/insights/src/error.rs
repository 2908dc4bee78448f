//! Why a query cannot run.

/// A query or a table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The query is wrong; the message names what exists where something does not.
    #[error("{message}")]
    Query {
        /// SQLite's reason, and the valid choices.
        message: String,
    },
    /// A table's files cannot be read.
    #[error("table `{table}`: {message}")]
    Table {
        /// The table.
        table: String,
        /// What is wrong.
        message: String,
    },
}
