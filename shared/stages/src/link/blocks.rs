//! The block file: the projected rows of a run by shard, one segment a shard and flush, so that a shard is read with
//! a few ranged requests and the writer holds no more than one buffer.
//!
//! ```text
//! segment*  index  trailer
//! index     per segment: shard u32, offset u64, length u64, XXH3-64 of its bytes u64
//! trailer   number of segments u64, magic u64          all little endian
//! ```

use std::{io::Write, sync::Arc};

use lotline_formats::RangedRead;
use lotline_store::{ObjectWriter, Objects, StoreError};
use twox_hash::XxHash3_64;

use crate::StageError;

const MAGIC: u64 = u64::from_le_bytes(*b"LOTBLCK1");
const ENTRY: usize = 28;
const TRAILER: usize = 16;
/// Rows of a shard are cut into segments of at most this, which is also the least that a reader can hold.
const SEGMENT_BYTES: usize = 4 << 20;

/// Writes a block file.
pub(super) struct BlockWriter {
    key: String,
    object: Box<dyn ObjectWriter>,
    pending: Vec<Vec<u8>>,
    pending_bytes: usize,
    memory: usize,
    offset: u64,
    index: Vec<u8>,
}

impl BlockWriter {
    /// Starts a file of so many shards; holds at most about `memory` bytes of rows.
    pub(super) fn new(objects: &dyn Objects, key: &str, shards: u32, memory: u64) -> Result<Self, StageError> {
        Ok(Self {
            key: key.to_owned(),
            object: objects.create(key)?,
            pending: (0..shards).map(|_| Vec::new()).collect(),
            pending_bytes: 0,
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            offset: 0,
            index: Vec::new(),
        })
    }

    /// Appends an encoded row to a shard.
    pub(super) fn push(&mut self, shard: u32, row: &[u8]) -> Result<(), StageError> {
        let pending = &mut self.pending[shard as usize];
        pending.extend_from_slice(row);
        self.pending_bytes += row.len();
        if pending.len() > SEGMENT_BYTES {
            self.flush(shard)?;
        } else if self.pending_bytes > self.memory {
            self.flush_all()?;
        }
        Ok(())
    }

    /// Makes the file visible.
    pub(super) fn commit(mut self) -> Result<(), StageError> {
        self.flush_all()?;
        let segments = (self.index.len() / ENTRY) as u64;
        let index = std::mem::take(&mut self.index);
        self.write(&index)?;
        self.write(&[segments.to_le_bytes(), MAGIC.to_le_bytes()].concat())?;
        Ok(self.object.commit()?)
    }

    fn flush_all(&mut self) -> Result<(), StageError> {
        (0..self.pending.len()).try_for_each(|shard| self.flush(u32::try_from(shard).unwrap_or(u32::MAX)))
    }

    fn flush(&mut self, shard: u32) -> Result<(), StageError> {
        let mut rows = std::mem::take(&mut self.pending[shard as usize]);
        if rows.is_empty() {
            return Ok(());
        }
        self.write(&rows)?;
        self.index.extend_from_slice(&shard.to_le_bytes());
        for part in [self.offset, rows.len() as u64, XxHash3_64::oneshot(&rows)] {
            self.index.extend_from_slice(&part.to_le_bytes());
        }
        self.offset += rows.len() as u64;
        self.pending_bytes -= rows.len();
        rows.clear();
        self.pending[shard as usize] = rows;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StageError> {
        self.object
            .write_all(bytes)
            .map_err(|source| StageError::from(StoreError::from_io(self.key.as_str(), source)))
    }
}

/// A block file with its index read.
pub(super) struct BlockFile {
    key: String,
    file: Arc<dyn RangedRead>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    shard: u32,
    offset: u64,
    len: u64,
    checksum: u64,
}

impl BlockFile {
    pub(super) fn open(objects: &dyn Objects, key: &str) -> Result<Self, StageError> {
        let mut opened = Self { key: key.to_owned(), file: objects.open(key)?, segments: Vec::new() };
        let len = opened.file.len();
        let trailer = opened.read(len.saturating_sub(TRAILER as u64), TRAILER)?;
        let (count, magic) = trailer.split_at(8);
        if magic != MAGIC.to_le_bytes() {
            return Err(opened.damaged("expected the trailer of a block file"));
        }
        let index_len = number(count).saturating_mul(ENTRY as u64);
        let start = len.checked_sub(TRAILER as u64 + index_len);
        let start = start.ok_or_else(|| opened.damaged("expected an index no longer than the file"))?;
        let index = opened.read(start, usize::try_from(index_len).unwrap_or(usize::MAX))?;
        opened.segments = index.chunks_exact(ENTRY).map(Segment::read).collect();
        Ok(opened)
    }

    /// The lengths of a shard's segments.
    pub(super) fn lengths(&self, shard: u32) -> impl Iterator<Item = u64> {
        self.segments.iter().filter(move |segment| segment.shard == shard).map(|segment| segment.len)
    }

    /// The bytes of one of a shard's segments, by its place among them.
    pub(super) fn segment(&self, shard: u32, place: usize) -> Result<Vec<u8>, StageError> {
        let segment = self.segments.iter().filter(|segment| segment.shard == shard).nth(place);
        let segment = *segment.ok_or_else(|| StageError::Internal(format!("no segment {place} of shard {shard}")))?;
        let bytes = self.read(segment.offset, usize::try_from(segment.len).unwrap_or(usize::MAX))?;
        if XxHash3_64::oneshot(&bytes) != segment.checksum {
            return Err(self.damaged("found bytes that do not have the checksum of their segment"));
        }
        Ok(bytes)
    }

    /// The error of a file that is not what a [`BlockWriter`] writes.
    pub(super) fn damaged(&self, message: &str) -> StageError {
        StageError::Damaged { key: self.key.clone(), message: message.to_owned() }
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, StageError> {
        if offset.saturating_add(len as u64) > self.file.len() {
            return Err(self.damaged("found fewer bytes than its index says"));
        }
        let mut bytes = vec![0; len];
        let read = self.file.read_at(offset, &mut bytes);
        let read =
            read.map_err(|source| StageError::from(StoreError::from_io(self.key.as_str(), source)))?;
        if read == len { Ok(bytes) } else { Err(self.damaged("found fewer bytes than its index says")) }
    }
}

impl Segment {
    fn read(entry: &[u8]) -> Self {
        let (shard, rest) = entry.split_at(4);
        Self {
            shard: u32::from_le_bytes(shard.try_into().unwrap_or_default()),
            offset: number(&rest[..8]),
            len: number(&rest[8..16]),
            checksum: number(&rest[16..]),
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap_or_default())
}
