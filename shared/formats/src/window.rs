//! The part of a file that is in memory: a buffer that slides forward block by block.

use std::{io, sync::Arc};

use crate::ranged::RangedRead;

/// Bytes read ahead at a time: large enough to hide the cost of a read, small enough to stay in the cache.
pub(crate) const BLOCK: usize = 128 << 10;

/// A window on a file from its position onward. It grows only while its owner consumes nothing.
pub(crate) struct Window {
    file: Arc<dyn RangedRead>,
    block: usize,
    buffer: Vec<u8>,
    /// The unconsumed bytes are `buffer[head..tail]`.
    head: usize,
    tail: usize,
    /// Place of `buffer[head]` in the file.
    offset: u64,
}

impl Window {
    pub(crate) fn new(file: Arc<dyn RangedRead>, offset: u64, block: usize) -> Self {
        Self { file, block, buffer: Vec::new(), head: 0, tail: 0, offset }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.head..self.tail]
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the window reaches to the end of the file.
    pub(crate) fn is_last(&self) -> bool {
        self.offset + (self.tail - self.head) as u64 >= self.file.len()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.tail - self.head, "consumed more than the window holds");
        self.head += count;
        self.offset += count as u64;
    }

    /// Reads one more block behind the unconsumed bytes and shows it to `observe`.
    pub(crate) fn fill(&mut self, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.buffer.copy_within(self.head..self.tail, 0);
        self.tail -= self.head;
        self.head = 0;
        if self.buffer.len() < self.tail + self.block {
            self.buffer.resize(self.tail + self.block, 0);
        }
        let place = self.offset + self.tail as u64;
        let count = self.file.read_at(place, &mut self.buffer[self.tail..self.tail + self.block])?;
        if count == 0 && place < self.file.len() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("found the end of the file at byte {place}, expected `{}` bytes", self.file.len()),
            ));
        }
        observe(&self.buffer[self.tail..self.tail + count]);
        self.tail += count;
        Ok(())
    }
}
