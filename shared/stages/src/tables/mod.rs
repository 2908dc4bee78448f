//! Parquet files of the lake: written whole or not at all, read by row group.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use reader::TableFile;
pub(crate) use writer::{TableWriter, numbered, required};

/// Rows of a batch that stages hand around.
pub(crate) const BATCH_ROWS: usize = 8_192;
/// Footer key of the list that names the bucket of every row group.
const BUCKETS_KEY: &str = "lotline.buckets";
