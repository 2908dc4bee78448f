//! CSV, JSON, NDJSON, XML and Parquet as streams of records, each with its place in the file.
//!
//! A file is read twice. [`cut`] passes over it once and answers the [`Chunk`]s: ranges that begin and end at
//! records. [`ChunkReader`] then reads the records of one chunk. Both run the same splitter, and a splitter knows
//! nothing but its position, so any way of cutting gives the same records.
//!
//! A malformed record is data: it comes out as a [`Record`] with its [`Damage`], and the reader goes on behind it.
//! Only what spoils the whole file is a [`FormatError`]. Memory is bounded by the longest record allowed plus one
//! block; a Parquet file takes its footer and one batch of rows.

mod columns;
mod compression;
mod csv;
mod cut;
mod detect;
mod error;
mod json;
mod parquet;
pub mod ranged;
mod reader;
mod record;
mod split;
mod window;
mod xml;

#[cfg(test)]
mod tests;

pub use compression::{Compression, Seek};
pub use cut::{Chunk, Cut, cut};
pub use detect::{Encoding, extension};
pub use error::FormatError;
pub use parquet::ParquetSource;
pub use ranged::{LocalFile, RangedRead};
pub use reader::ChunkReader;
pub use record::{Damage, Record};
pub use xml::{XmlPage, XmlRecord, xml_page};
