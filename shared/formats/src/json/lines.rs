//! Where the lines of an NDJSON file end.

use lotline_schema::Format;
use memchr::memchr;

use super::scan::spaces;
use crate::{
    record::Damage,
    split::{Piece, Split, Step},
};

/// Splits text into lines, without white space around them; blank lines are none.
#[derive(Debug)]
pub(crate) struct LineSplit {
    cap: usize,
    /// Whether the rest of an overlong line is being passed over.
    skipping: bool,
}

impl LineSplit {
    pub(crate) fn new(format: &Format) -> Self {
        Self { cap: format.max_record_bytes as usize, skipping: false }
    }
}

impl Split for LineSplit {
    fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        let mut start = 0;
        if self.skipping {
            let Some(end) = memchr(b'\n', bytes) else { return Step::More { drop: bytes.len() } };
            self.skipping = false;
            start = end;
        }
        start += spaces(&bytes[start..]);
        let rest = &bytes[start..];
        let view = &rest[..rest.len().min(self.cap + 1)];
        let line = match memchr(b'\n', view) {
            Some(end) => &view[..end],
            None if rest.len() > self.cap => {
                self.skipping = true;
                let end = start + self.cap;
                return Step::Record(Piece::damaged(start, end, end, Damage::too_long(self.cap)));
            }
            None if last && !rest.is_empty() => rest,
            None => return Step::More { drop: start },
        };
        Step::Record(Piece::sound(start, start + line.trim_ascii_end().len(), start + line.len()))
    }
}
