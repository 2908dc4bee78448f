//! A ranged file as the Parquet decoder wants it.

use std::{
    io::{self, Read},
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::reader::{ChunkReader, Length},
};

use crate::ranged::RangedRead;

/// Hands ranges of a file to the decoder, and refuses those that a corrupt footer makes up.
pub(crate) struct Source(pub(crate) Arc<dyn RangedRead>);

/// Reads on from a place.
pub(crate) struct From {
    file: Arc<dyn RangedRead>,
    offset: u64,
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Source {
    type T = From;

    fn get_read(&self, start: u64) -> parquet::errors::Result<From> {
        Ok(From { file: Arc::clone(&self.0), offset: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let len = self.0.len();
        if start.checked_add(length as u64).is_none_or(|end| end > len) {
            return Err(ParquetError::EOF(format!("found `{len}` bytes, expected `{length}` at byte {start}")));
        }
        let mut buffer = vec![0; length];
        if self.0.read_at(start, &mut buffer)? < length {
            return Err(ParquetError::EOF(format!("found the end of the file, expected `{length}` bytes at {start}")));
        }
        Ok(buffer.into())
    }
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.offset, buffer)?;
        self.offset += count as u64;
        Ok(count)
    }
}
