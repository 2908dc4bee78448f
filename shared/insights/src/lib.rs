//! SQL over Parquet files, run by SQLite through a virtual table.
//!
//! The dialect is SQLite's, with the Athena functions that insights use under their Athena names (see `functions.rs`).
//! Dates read as texts `2023-04-01`, timestamps as texts `2023-04-01 23:00:00.000` in UTC, booleans as 0 and 1.

mod engine;
mod error;
mod functions;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod values;

pub use engine::{Engine, Rows, Table};
pub use error::SqlError;
pub use source::ParquetSource;
