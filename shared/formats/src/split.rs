//! How a window of bytes becomes records: the contract of a splitter, and the loop that feeds it.

use std::io;

use crate::{record::Damage, window::Window};

/// Finds one record after another in bytes that arrive piece by piece.
///
/// A splitter is asked with the unconsumed bytes, again from the record's start when there are more of them. What it
/// answers must not depend on where blocks end, and at a record that [opens](Piece::opens) it must be in the state of
/// a fresh one: that is what makes any cutting of a file equal to the whole.
pub(crate) trait Split {
    /// One step; `last` says that the bytes reach to the end of the file.
    fn step(&mut self, bytes: &[u8], last: bool) -> Step;
}

/// The answer of a splitter.
#[derive(Debug)]
pub(crate) enum Step {
    /// A record; the next step starts at [`Piece::next`].
    Record(Piece),
    /// The first `drop` bytes are none of a record's; more are needed to go on, and at the end there is no record.
    More {
        /// Bytes to let go.
        drop: usize,
    },
}

/// Where a record lies in the bytes of a step.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) next: usize,
    pub(crate) damage: Option<Damage>,
    /// Whether a chunk may begin at this record.
    pub(crate) opens: bool,
}

impl Piece {
    pub(crate) fn sound(start: usize, end: usize, next: usize) -> Self {
        Self { start, end, next, damage: None, opens: true }
    }

    pub(crate) fn damaged(start: usize, end: usize, next: usize, damage: Damage) -> Self {
        Self { start, end, next, damage: Some(damage), opens: true }
    }
}

/// A splitter at work on a file.
pub(crate) struct Records<S> {
    pub(crate) window: Window,
    pub(crate) splitter: S,
    /// Bytes of the window that the record last answered still needs.
    pending: usize,
}

impl<S: Split> Records<S> {
    pub(crate) fn new(window: Window, splitter: S) -> Self {
        Self { window, splitter, pending: 0 }
    }

    /// The next record, as a piece of the window's bytes, which stay until the next call.
    pub(crate) fn advance(&mut self, observe: &mut dyn FnMut(&[u8])) -> io::Result<Option<Piece>> {
        self.window.consume(std::mem::take(&mut self.pending));
        loop {
            let last = self.window.is_last();
            match self.splitter.step(self.window.bytes(), last) {
                Step::Record(piece) => {
                    self.pending = piece.next;
                    return Ok(Some(piece));
                }
                Step::More { drop } => {
                    self.window.consume(drop);
                    if last {
                        return Ok(None);
                    }
                    self.window.fill(observe)?;
                }
            }
        }
    }

    /// Place in the file of a record just answered.
    pub(crate) fn offset(&self, piece: &Piece) -> u64 {
        self.window.offset() + piece.start as u64
    }

    /// Place in the file where the next step starts.
    pub(crate) fn position(&self) -> u64 {
        self.window.offset() + self.pending as u64
    }
}
