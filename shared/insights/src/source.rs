//! Parquet's way into anything that can be read by ranges.

use std::{
    io::{self, BufReader, Read},
    sync::Arc,
};

use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// Forward reading serves page headers only, which fit in this many bytes; whole pages are fetched by length.
const HEADER: usize = 1024;

/// A Parquet file behind ranged reads; clones share the file.
#[derive(Clone)]
pub struct ParquetSource {
    file: Arc<dyn RangedRead>,
}

impl ParquetSource {
    /// Takes a file that is to be read as Parquet; nothing is read yet.
    #[must_use]
    pub fn new(file: Arc<dyn RangedRead>) -> Self {
        Self { file }
    }
}

impl Length for ParquetSource {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for ParquetSource {
    type T = BufReader<ForwardReader>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::with_capacity(HEADER, ForwardReader { file: Arc::clone(&self.file), next: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // Lengths come from the file itself, so a damaged one must not make us reserve at will.
        let end = start.checked_add(length as u64).filter(|end| *end <= self.file.len());
        if end.is_none() {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} end behind the file")));
        }
        let mut buffer = vec![0; length];
        let count = self.file.read_at(start, &mut buffer)?;
        if count < length {
            return Err(ParquetError::EOF(format!("got {count} of {length} bytes at {start}")));
        }
        Ok(buffer.into())
    }
}

/// Reads on from one place to the next.
pub struct ForwardReader {
    file: Arc<dyn RangedRead>,
    next: u64,
}

impl Read for ForwardReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.next, buffer)?;
        self.next += count as u64;
        Ok(count)
    }
}
