//! A ranged file as the Parquet decoder wants it.

use std::{
    io::{self, BufReader, Read},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use super::ahead::joined;
use crate::ranged::RangedRead;

/// Forward reading serves page headers only, which fit in this many bytes; whole pages are fetched by length.
const HEADER: usize = 1024;
/// Bytes at a file's end that are read to open it. They hold the footer and page indexes of a million rows of 30 columns.
const TAIL: u64 = 512 * 1024;

/// A Parquet file behind ranged reads; clones share the file.
///
/// Refuses ranges beyond the file's end, which a corrupt footer may make up.
#[derive(Clone)]
pub struct ParquetSource {
    file: Arc<dyn RangedRead>,
    /// Parts of the file that are in memory, each with the place where it starts.
    held: Arc<[(u64, Bytes)]>,
    /// The last error of the storage. The decoder's errors have it in words at most.
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl ParquetSource {
    /// Takes a file that is to be read as Parquet; nothing is read yet.
    #[must_use]
    pub fn new(file: Arc<dyn RangedRead>) -> Self {
        Self { file, held: Arc::default(), failure: Arc::default() }
    }

    /// Reads what the file says about itself, mostly in one read.
    ///
    /// # Errors
    /// For what is no Parquet, and the storage's.
    pub fn footer(&self, options: ArrowReaderOptions) -> Result<ArrowReaderMetadata> {
        let len = self.file.len();
        let tail = len.saturating_sub(TAIL)..len;
        ArrowReaderMetadata::load(&self.holding(Vec::from([tail]))?, options)
    }

    /// The same file with these ranges in memory, read at once by as few reads as is sensible. Memory: the ranges and at
    /// most as much as `joined` adds between them.
    ///
    /// # Errors
    /// For ranges beyond the file's end, and the storage's.
    pub fn holding(&self, ranges: Vec<Range<u64>>) -> Result<Self> {
        let read = |range: Range<u64>| {
            let length = usize::try_from(range.end - range.start)?;
            Ok((range.start, self.get_bytes(range.start, length)?))
        };
        let held = joined(ranges).into_iter().map(read).collect::<Result<_>>()?;
        Ok(Self { held, ..self.clone() })
    }

    /// What is in memory from a place on, if its byte is.
    fn held(&self, start: u64) -> Option<Bytes> {
        self.held.iter().find_map(|(first, bytes)| {
            let before = usize::try_from(start.checked_sub(*first)?).ok()?;
            (before < bytes.len()).then(|| bytes.slice(before..))
        })
    }

    /// The storage's error behind the error that the decoder just answered; none if the file itself is to blame.
    #[must_use]
    pub fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(held) = self.held(offset) {
            return held.read_at(0, buffer);
        }
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
        if let Some(held) = self.held(start).filter(|held| held.len() >= length) {
            return Ok(held.slice(..length));
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
