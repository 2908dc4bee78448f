//! Ranged reads as the Parquet reader wants them.

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

/// A Parquet file behind ranged reads; clones share the file.
#[derive(Clone)]
pub struct ParquetSource(Arc<dyn RangedRead>);

impl ParquetSource {
    /// A source over any ranged reads.
    pub fn new(file: Arc<dyn RangedRead>) -> Self {
        Self(file)
    }
}

impl Length for ParquetSource {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for ParquetSource {
    type T = BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(ReadFrom { file: Arc::clone(&self.0), position: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A damaged footer may claim any length: what the file does not have is not allocated.
        let available = self.0.len().saturating_sub(start);
        if length as u64 > available {
            return Err(ParquetError::EOF(format!("found {available} bytes at {start}, expected {length}")));
        }
        let mut buffer = vec![0; length];
        let count = self.0.read_at(start, &mut buffer)?;
        buffer.truncate(count);
        Ok(buffer.into())
    }
}

/// Sequential reads from a place on.
pub struct ReadFrom {
    file: Arc<dyn RangedRead>,
    position: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.position, buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}
