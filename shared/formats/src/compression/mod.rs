//! Compressed files: told by their first bytes, unpacked as a stream, with the places where unpacking may begin.

use std::{collections::VecDeque, io, sync::Arc};

use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

use crate::{ranged::RangedRead, window::cut_off};

#[cfg(test)]
mod tests;

/// Packed bytes read at a time.
const BLOCK: usize = 128 << 10;
/// Base-2 logarithm of the most memory that a Zstandard frame may ask for: 8 MiB, what RFC 8878 tells every decoder to
/// have. Only `--ultra` and `--long` make frames that want more.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a whole file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// One gzip member (RFC 1952) or several, one behind the other.
    Gzip,
    /// One Zstandard frame (RFC 8878) or several, one behind the other.
    Zstd,
}

/// A place where unpacking may begin: the start of a gzip member or a Zstandard frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seek {
    /// Byte of the file, as received.
    pub packed: u64,
    /// Byte of the unpacked text that it stands for.
    pub text: u64,
}

impl Compression {
    /// The compression that a file opens with; none is a byte that text may open with.
    pub(crate) fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    fn decoder(self) -> io::Result<Decoder> {
        match self {
            Self::Gzip => Ok(Decoder::Gzip(Decompress::new_gzip(15))),
            Self::Zstd => {
                let mut decoder = ZstdDecoder::new()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
                Ok(Decoder::Zstd(Box::new(decoder)))
            }
        }
    }
}

/// What unpacks one member or frame.
enum Decoder {
    Gzip(Decompress),
    Zstd(Box<ZstdDecoder<'static>>),
}

/// What a decoder did: bytes taken and given, and whether the member or frame ends there.
struct Progress {
    taken: usize,
    given: usize,
    ended: bool,
}

impl Decoder {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Progress> {
        match self {
            Self::Gzip(decoder) => {
                let (taken, given) = (decoder.total_in(), decoder.total_out());
                let status = decoder.decompress(input, output, FlushDecompress::None).map_err(io::Error::from)?;
                let taken = (decoder.total_in() - taken) as usize;
                let given = (decoder.total_out() - given) as usize;
                Ok(Progress { taken, given, ended: status == Status::StreamEnd })
            }
            Self::Zstd(decoder) => {
                let (mut input, mut output) = (InBuffer::around(input), OutBuffer::around(output));
                let hint = decoder.run(&mut input, &mut output)?;
                Ok(Progress { taken: input.pos(), given: output.pos(), ended: hint == 0 })
            }
        }
    }
}

/// Reads a compressed file as the text in it. Holds one block of the file and the decoder's window, at most 8 MiB.
pub(crate) struct Unpacker {
    file: Arc<dyn RangedRead>,
    compression: Compression,
    input: Vec<u8>,
    /// The bytes not yet taken are `input[head..]`.
    head: usize,
    /// Place of `input[head]` in the file.
    packed: u64,
    /// Bytes given so far, from the file's start.
    text: u64,
    /// The member or frame being read, and where it starts.
    open: Option<(Decoder, u64)>,
    ended: bool,
    /// Where unpacking may begin, at least `spacing` bytes of text apart; the first is at or before what was asked for last.
    seeks: VecDeque<Seek>,
    spacing: u64,
}

impl Unpacker {
    /// Begins at a place where unpacking may begin; `input` holds the first bytes from there on, if they are read already.
    pub(crate) fn new(
        file: Arc<dyn RangedRead>,
        compression: Compression,
        from: Seek,
        input: Vec<u8>,
        spacing: usize,
    ) -> Self {
        let Seek { packed, text } = from;
        let seeks = VecDeque::from([from]);
        Self {
            file,
            compression,
            input,
            head: 0,
            packed,
            text,
            open: None,
            ended: false,
            seeks,
            spacing: spacing as u64,
        }
    }

    /// Whether everything has been given.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// The last place at or before a byte of the text where unpacking may begin; earlier bytes are not asked for again.
    pub(crate) fn seek(&mut self, text: u64) -> Option<Seek> {
        while self.seeks.get(1).is_some_and(|next| next.text <= text) {
            self.seeks.pop_front();
        }
        self.seeks.front().copied()
    }

    /// Gives the next bytes of the text, none at its end; `observe` sees the file's bytes, once and in order.
    ///
    /// # Errors
    /// Those of the file; `UnexpectedEof` and others, with the place, where it is cut off or damaged.
    pub(crate) fn read(&mut self, output: &mut [u8], observe: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        while !self.ended {
            let exhausted = self.refill(observe)?;
            if self.open.is_none() {
                self.begin(exhausted)?;
                continue;
            }
            let given = self.step(output, exhausted)?;
            if given > 0 {
                return Ok(given);
            }
        }
        Ok(0)
    }

    /// Reads the next block of the file once the last is taken; answers whether there is nothing left to take.
    fn refill(&mut self, observe: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
        if self.head < self.input.len() {
            return Ok(false);
        }
        self.head = 0;
        self.input.resize(BLOCK, 0);
        let count = self.file.read_at(self.packed, &mut self.input)?;
        self.input.truncate(count);
        observe(&self.input);
        if count == 0 && self.packed < self.file.len() {
            return Err(cut_off(self.packed, self.file.len()));
        }
        Ok(count == 0)
    }

    /// Opens the next member or frame, or finds the end. Zeros between members are padding, as tapes have it.
    fn begin(&mut self, exhausted: bool) -> io::Result<()> {
        let padding = self.input[self.head..].iter().take_while(|byte| **byte == 0).count();
        self.take(padding);
        if exhausted {
            self.ended = true;
        } else if self.head < self.input.len() {
            self.open = Some((self.compression.decoder()?, self.packed));
            let here = Seek { packed: self.packed, text: self.text };
            if self.seeks.back().is_none_or(|last| here.text - last.text >= self.spacing) {
                self.seeks.push_back(here);
            }
        }
        Ok(())
    }

    fn step(&mut self, output: &mut [u8], exhausted: bool) -> io::Result<usize> {
        let Some((decoder, start)) = &mut self.open else { return Ok(0) };
        let start = *start;
        let (compression, input) = (self.compression, &self.input[self.head..]);
        let damaged = |source: io::Error| {
            let reason = format!("{compression:?} data that starts at byte {start} of the file: {source}");
            io::Error::new(source.kind(), reason)
        };
        let Progress { taken, given, ended } = decoder.step(input, output).map_err(damaged)?;
        if taken == 0 && given == 0 && !ended {
            let (kind, found) = match exhausted {
                true => (io::ErrorKind::UnexpectedEof, "found the end of the file, expected more"),
                false => (io::ErrorKind::InvalidData, "found bytes that lead nowhere"),
            };
            return Err(damaged(io::Error::new(kind, found)));
        }
        if ended {
            self.open = None;
        }
        self.take(taken);
        self.text += given as u64;
        Ok(given)
    }

    fn take(&mut self, count: usize) {
        self.head += count;
        self.packed += count as u64;
    }
}
