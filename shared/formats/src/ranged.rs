//! Ranged reads: the one way bytes come in, from a local file, an object store or memory.

use std::{error::Error, fs::File, io, os::unix::fs::FileExt, path::Path};

use bytes::Bytes;

/// An immutable sequence of bytes that can be read at any place, by several threads at once.
pub trait RangedRead: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` from `offset` on and answers how many bytes it got; fewer than asked only at the end.
    ///
    /// # Errors
    /// Whatever the storage underneath reports.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl RangedRead for Bytes {
    fn len(&self) -> u64 {
        Self::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(Self::len(self));
        let count = buffer.len().min(Self::len(self) - start);
        buffer[..count].copy_from_slice(&self[start..start + count]);
        Ok(count)
    }
}

/// Whether an error comes from storage that may well answer when asked again: it is, or has among its sources, an
/// [`io::Error`] that says interrupted, timed out, would block or busy.
pub fn is_transient(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{Interrupted, ResourceBusy, TimedOut, WouldBlock};
    let here = error.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(error.kind(), Interrupted | TimedOut | WouldBlock | ResourceBusy)
            // An io error passes over the error it wraps when it names its source.
            || error.get_ref().is_some_and(|wrapped| is_transient(wrapped))
    });
    here || error.source().is_some_and(is_transient)
}

/// A local file, opened once; its length is taken at opening.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    len: u64,
}

impl LocalFile {
    /// Opens a file for ranged reads.
    ///
    /// # Errors
    /// The operating system's, as for [`File::open`].
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }
}

impl RangedRead for LocalFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}
