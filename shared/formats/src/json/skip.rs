//! Passing over JSON that is not kept in memory: overlong values, and what follows damage.

/// Follows brackets and strings, and nothing else of the grammar, to where a value ends.
#[derive(Debug, Default)]
pub(crate) struct Skip {
    depth: usize,
    started: bool,
    inside: bool,
    escaped: bool,
}

/// What became of a [`Skip`] in some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Skipped {
    /// The value goes on behind the bytes.
    More,
    /// The value ends before this byte.
    Ended(usize),
    /// A string is broken at this byte, so where the value ends is not known.
    Lost(usize),
}

impl Skip {
    /// In the middle of a value, `depth` open brackets deep.
    pub(crate) fn within(depth: usize) -> Self {
        Self { depth, started: true, ..Self::default() }
    }

    /// Goes through the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Skipped {
        for (at, byte) in bytes.iter().enumerate() {
            if self.inside {
                match byte {
                    0..0x20 => return Skipped::Lost(at),
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.inside = false,
                    _ => continue,
                }
                if !self.inside && self.depth == 0 {
                    return Skipped::Ended(at + 1);
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' if !self.started || self.depth > 0 => continue,
                b' ' | b'\t' | b'\n' | b'\r' | b',' if self.depth == 0 => return Skipped::Ended(at),
                b'"' => self.inside = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Skipped::Ended(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Skipped::Ended(at + 1);
                    }
                }
                _ => {}
            }
            self.started = true;
        }
        Skipped::More
    }
}

/// Looks for what seems to be the start of an array's element: an opening brace first of all, or behind a comma, an
/// opening bracket or a line's end and white space.
#[derive(Debug, Default)]
pub(crate) struct Resync {
    armed: bool,
}

impl Resync {
    /// Place of the brace, if it is among the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'{' if self.armed => return Some(at),
                b',' | b'[' | b'\n' => self.armed = true,
                b' ' | b'\t' | b'\r' => {}
                _ => self.armed = false,
            }
        }
        None
    }
}
