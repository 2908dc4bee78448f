//! A ranged file as the Parquet decoder wants it.

use std::{
    io::{self, BufReader, Read},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use crate::ranged::RangedRead;

/// Forward reading serves page headers only, which fit in this many bytes; whole pages are fetched by length.
const HEADER: usize = 1024;

/// A Parquet file behind ranged reads; clones share the file.
///
/// Refuses ranges beyond the file's end, which a corrupt footer may make up.
#[derive(Clone)]
pub struct ParquetSource {
    file: Arc<dyn RangedRead>,
    /// The last error of the storage. The decoder's errors have it in words at most.
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl ParquetSource {
    /// Takes a file that is to be read as Parquet; nothing is read yet.
    #[must_use]
    pub fn new(file: Arc<dyn RangedRead>) -> Self {
        Self { file, failure: Arc::default() }
    }

    /// The storage's error behind the error that the decoder just answered; none if the file itself is to blame.
    #[must_use]
    pub fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer).map_err(|error| {
            let told = io::Error::new(error.kind(), error.to_string());
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            told
        })
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
        Ok(BufReader::with_capacity(HEADER, ForwardReader { source: self.clone(), next: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let len = self.file.len();
        if start.checked_add(length as u64).is_none_or(|end| end > len) {
            return Err(ParquetError::EOF(format!("found `{len}` bytes, expected `{length}` at byte {start}")));
        }
        let mut buffer = vec![0; length];
        if self.read_at(start, &mut buffer)? < length {
            return Err(ParquetError::EOF(format!("found the end of the file, expected `{length}` bytes at {start}")));
        }
        Ok(buffer.into())
    }
}

/// Reads on from one place to the next.
pub struct ForwardReader {
    source: ParquetSource,
    next: u64,
}

impl Read for ForwardReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.next, buffer)?;
        self.next += count as u64;
        Ok(count)
    }
}
