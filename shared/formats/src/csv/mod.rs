//! CSV: records, cells and the header line.

mod fields;
mod header;
mod split;

#[cfg(test)]
mod tests;

pub(crate) use fields::cells;
pub(crate) use header::open;
pub(crate) use split::{CsvSplit, Dialect};
