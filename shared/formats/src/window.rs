//! The part of a file that is in memory: a buffer that slides forward block by block.

use std::{io, sync::Arc};

use crate::{
    compression::{Compression, Seek, Unpacker},
    ranged::RangedRead,
};

/// Bytes read ahead at a time: large enough to hide the cost of a read, small enough to stay in the cache.
pub(crate) const BLOCK: usize = 128 << 10;

/// A window on a file from its position onward. It grows only while its owner consumes nothing.
///
/// Of a compressed file it shows the text, and all places are places in the text.
pub(crate) struct Window {
    file: Arc<dyn RangedRead>,
    unpacker: Option<Box<Unpacker>>,
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
        Self { file, unpacker: None, block, buffer: Vec::new(), head: 0, tail: 0, offset }
    }

    /// A window on the text of a compressed file at `offset`, unpacked from an earlier place.
    pub(crate) fn unpacked(
        file: Arc<dyn RangedRead>,
        compression: Compression,
        from: Seek,
        offset: u64,
        block: usize,
    ) -> io::Result<Self> {
        let mut window = Self::new(Arc::clone(&file), from.text, block);
        window.unpacker = Some(Box::new(Unpacker::new(file, compression, from, Vec::new(), block)));
        while window.offset < offset && !window.is_last() {
            window.fill(&mut |_| {})?;
            let ahead = usize::try_from(offset - window.offset).unwrap_or(usize::MAX);
            window.consume(ahead.min(window.bytes().len()));
        }
        Ok(window)
    }

    /// The same window on the text of a file that turns out to be compressed; nothing of it may be consumed yet.
    pub(crate) fn unpack(mut self, compression: Compression) -> Self {
        self.buffer.truncate(self.tail);
        let from = Seek { packed: 0, text: 0 };
        let unpacker = Unpacker::new(Arc::clone(&self.file), compression, from, self.buffer, self.block);
        Self { unpacker: Some(Box::new(unpacker)), ..Self::new(self.file, 0, self.block) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.head..self.tail]
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The place behind the last byte that has been read.
    pub(crate) fn end(&self) -> u64 {
        self.offset + (self.tail - self.head) as u64
    }

    /// Whether the window reaches to the end of the file. Of a compressed file this is known once a read found nothing.
    pub(crate) fn is_last(&self) -> bool {
        match &self.unpacker {
            Some(unpacker) => unpacker.is_ended(),
            None => self.end() >= self.file.len(),
        }
    }

    /// Of a compressed file the last place at or before `offset` where unpacking may begin; `offset` must not decrease
    /// from call to call.
    pub(crate) fn seek(&mut self, offset: u64) -> Option<Seek> {
        self.unpacker.as_mut().and_then(|unpacker| unpacker.seek(offset))
    }

    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.tail - self.head, "consumed more than the window holds");
        self.head += count;
        self.offset += count as u64;
    }

    /// Reads one more block behind the unconsumed bytes and shows what is read of the file to `observe`.
    pub(crate) fn fill(&mut self, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.buffer.copy_within(self.head..self.tail, 0);
        self.tail -= self.head;
        self.head = 0;
        if self.buffer.len() < self.tail + self.block {
            self.buffer.resize(self.tail + self.block, 0);
        }
        let place = self.end();
        let space = &mut self.buffer[self.tail..self.tail + self.block];
        if let Some(unpacker) = &mut self.unpacker {
            self.tail += unpacker.read(space, observe)?;
            return Ok(());
        }
        let count = self.file.read_at(place, space)?;
        if count == 0 && place < self.file.len() {
            return Err(cut_off(place, self.file.len()));
        }
        observe(&space[..count]);
        self.tail += count;
        Ok(())
    }
}

/// A file ends before the length that it said it has.
pub(crate) fn cut_off(place: u64, len: u64) -> io::Error {
    let reason = format!("found the end of the file at byte {place}, expected `{len}` bytes");
    io::Error::new(io::ErrorKind::UnexpectedEof, reason)
}
