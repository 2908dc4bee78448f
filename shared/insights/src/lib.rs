//! SQL over published Parquet: SQLite plans and computes, the files are read in place.
//!
//! Insight SQL keeps to what both SQLite and Athena accept; the Athena functions it may use are
//! listed in the table of the `functions` module.

mod aggregates;
mod bounds;
mod cells;
mod dates;
mod engine;
mod error;
mod functions;
mod group;
mod join;
mod opened;
mod pruning;
mod scan;
mod table;

#[cfg(test)]
mod tests;

pub use engine::{Engine, RowSink, Rows, Table};
pub use error::SqlError;
