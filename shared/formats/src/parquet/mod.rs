//! Parquet: row groups as chunks, rows as records.

mod ahead;
mod guard;
mod render;
mod rows;
mod source;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use rows::{RowReader, cut};
pub use source::ParquetSource;
