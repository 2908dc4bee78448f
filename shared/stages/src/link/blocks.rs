//! The block file: the projected rows of a run by shard, one segment a shard and flush, so that a shard is read with
//! a few ranged requests and the writer holds no more than one buffer.
//!
//! ```text
//! segment*  index  trailer
//! index     per segment: shard u32, rows u32, offset u64, length u64, XXH3-64 of its bytes u64
//! trailer   number of segments u64, magic u64          all little endian
//! ```

use std::{io::Write, sync::Arc};

use lotline_formats::RangedRead;
use lotline_store::{ObjectWriter, Objects, StoreError};
use twox_hash::XxHash3_64;

use crate::StageError;

const MAGIC: u64 = u64::from_le_bytes(*b"LOTBLCK1");
const ENTRY: usize = 32;
const TRAILER: usize = 16;
/// Rows of a shard are cut into segments of at most this, which is also the least that a reader can hold.
const SEGMENT_BYTES: usize = 4 << 20;

/// Writes a block file.
pub(super) struct BlockWriter {
    key: String,
    object: Box<dyn ObjectWriter>,
    /// Per shard its rows so far, encoded, and how many.
    pending: Vec<(Vec<u8>, u32)>,
    pending_bytes: usize,
    memory: usize,
    offset: u64,
    index: Vec<u8>,
}

impl BlockWriter {
    /// Starts a file of so many shards; holds at most about `memory` bytes of rows.
    pub(super) fn new(objects: &dyn Objects, key: &str, shards: u32, memory: u64) -> Result<Self, StageError> {
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let share = (memory / shards.max(1) as usize).min(SEGMENT_BYTES);
        Ok(Self {
            key: key.to_owned(),
            object: objects.create(key)?,
            pending: (0..shards).map(|_| (Vec::with_capacity(share), 0)).collect(),
            pending_bytes: 0,
            memory,
            offset: 0,
            index: Vec::new(),
        })
    }

    /// Appends a row, encoded in two pieces, to a shard.
    pub(super) fn push(&mut self, shard: u32, row: [&[u8]; 2]) -> Result<(), StageError> {
        let (pending, rows) = &mut self.pending[shard as usize];
        row.iter().for_each(|piece| pending.extend_from_slice(piece));
        *rows += 1;
        self.pending_bytes += row[0].len() + row[1].len();
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
        let (mut bytes, rows) = std::mem::take(&mut self.pending[shard as usize]);
        if bytes.is_empty() {
            return Ok(());
        }
        self.write(&bytes)?;
        self.index.extend_from_slice(&[shard.to_le_bytes(), rows.to_le_bytes()].concat());
        for part in [self.offset, bytes.len() as u64, XxHash3_64::oneshot(&bytes)] {
            self.index.extend_from_slice(&part.to_le_bytes());
        }
        self.offset += bytes.len() as u64;
        self.pending_bytes -= bytes.len();
        bytes.clear();
        self.pending[shard as usize] = (bytes, 0);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StageError> {
        self.object.write_all(bytes).map_err(|source| StageError::from(StoreError::from_io(self.key.as_str(), source)))
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
    rows: u32,
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

    /// The segments of a shard.
    pub(super) fn segments(&self, shard: u32) -> impl Iterator<Item = SegmentOf<'_>> {
        let of_shard = self.segments.iter().filter(move |segment| segment.shard == shard);
        of_shard.map(|segment| SegmentOf { file: self, segment: *segment })
    }

    /// The error of a file that is not what a [`BlockWriter`] writes.
    fn damaged(&self, message: &str) -> StageError {
        StageError::Damaged { key: self.key.clone(), message: message.to_owned() }
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, StageError> {
        if offset.saturating_add(len as u64) > self.file.len() {
            return Err(self.damaged("found fewer bytes than its index says"));
        }
        let mut bytes = vec![0; len];
        let read = self.file.read_at(offset, &mut bytes);
        let read = read.map_err(|source| StageError::from(StoreError::from_io(self.key.as_str(), source)))?;
        if read == len { Ok(bytes) } else { Err(self.damaged("found fewer bytes than its index says")) }
    }
}

/// A segment with its file.
#[derive(Clone, Copy)]
pub(super) struct SegmentOf<'a> {
    file: &'a BlockFile,
    segment: Segment,
}

impl SegmentOf<'_> {
    /// Bytes of its rows.
    pub(super) fn len(&self) -> u64 {
        self.segment.len
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> u32 {
        self.segment.rows
    }

    /// The bytes of its rows.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, StageError> {
        let len = usize::try_from(self.segment.len).unwrap_or(usize::MAX);
        let bytes = self.file.read(self.segment.offset, len)?;
        if XxHash3_64::oneshot(&bytes) == self.segment.checksum {
            return Ok(bytes);
        }
        Err(self.file.damaged("found bytes that do not have the checksum of their segment"))
    }

    /// The error of a segment without rows in it.
    pub(super) fn no_rows(&self) -> StageError {
        self.file.damaged("expected projected rows")
    }
}

impl Segment {
    fn read(entry: &[u8]) -> Self {
        let (head, rest) = entry.split_at(8);
        let head = number(head);
        Self {
            shard: head as u32,
            rows: (head >> 32) as u32,
            offset: number(&rest[..8]),
            len: number(&rest[8..16]),
            checksum: number(&rest[16..]),
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap_or_default())
}
