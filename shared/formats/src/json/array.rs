//! Where the elements of a JSON array end, damaged ones included.

use lotline_schema::Format;

use super::{
    object::not_an_object,
    scan::{Kind, Member, Scan, Stop, spaces},
    skip::{Resync, Skip, Skipped},
};
use crate::{
    record::Damage,
    split::{Piece, Split, Step},
};

/// Splits the inside of a JSON array into its elements.
///
/// A syntax error damages one element: the next one is taken to start where a brace stands that the grammar does not
/// allow there, or else at the next brace behind a comma, an opening bracket or a line's end.
#[derive(Debug)]
pub(crate) struct ArraySplit {
    cap: usize,
    /// Objects and arrays around the array.
    outer: usize,
    state: State,
    members: Vec<Member>,
    kind: Kind,
}

#[derive(Debug)]
enum State {
    /// Before an element, or before the end of the array if it is to be the `first`.
    Element { first: bool },
    /// Behind an element.
    Between,
    /// In an element that is too long.
    Overlong(Skip),
    /// In what follows damage.
    Damaged(Resync),
    /// Behind the array, in what is around it.
    Outer(Skip),
    /// Behind everything.
    Trailing,
    /// All that is to be said has been said.
    Done,
}

/// What a state makes of the bytes from a place on.
enum Move {
    /// Another state, from another place on.
    To(State, usize),
    /// The answer to the step.
    Answer(Step),
}

impl ArraySplit {
    /// A splitter at the array's `first` element or at a later one.
    pub(crate) fn new(format: &Format, first: bool) -> Self {
        Self {
            cap: format.max_record_bytes as usize,
            outer: format.record_path.len(),
            state: State::Element { first },
            members: Vec::new(),
            kind: Kind::Null,
        }
    }

    /// Members of the sound element last found, which should be an object; ranges count from its start.
    pub(crate) fn members(&self) -> Result<&[Member], Damage> {
        if self.kind == Kind::Object { Ok(&self.members) } else { Err(not_an_object(self.kind)) }
    }

    fn element(&mut self, bytes: &[u8], at: usize, last: bool, first: bool) -> Move {
        let start = at + spaces(&bytes[at..]);
        match bytes.get(start) {
            None if last => return self.missing_end(start),
            None => return Move::Answer(Step::More { drop: start }),
            Some(b']') if first => return Move::To(self.behind_array(), start + 1),
            Some(_) => {}
        }
        let view = &bytes[start..bytes.len().min(start + self.cap)];
        let full = view.len() == self.cap;
        let mut scan = Scan::new(view, 0);
        let stop = match scan.element(&mut self.members) {
            Ok(kind) => {
                self.kind = kind;
                let end = scan.at;
                match scan.peek() {
                    Ok(b',' | b']' | b'{') => return self.sound(start, end),
                    Ok(_) => Stop::Syntax { at: scan.at, expected: "`,` or `]`" },
                    Err(_) if full || last => return self.sound(start, end),
                    Err(stop) => stop,
                }
            }
            Err(stop) => stop,
        };
        match stop {
            Stop::End if full => self.overlong(bytes, start),
            Stop::End if last => {
                self.state = State::Done;
                Move::Answer(Step::Record(Piece::damaged(start, bytes.len(), bytes.len(), stop.damage(view, 0))))
            }
            Stop::End => Move::Answer(Step::More { drop: start }),
            Stop::Syntax { .. } | Stop::Deep { .. } => self.damaged(view, start, stop, last && !full, full),
        }
    }

    fn sound(&mut self, start: usize, end: usize) -> Move {
        self.state = State::Between;
        Move::Answer(Step::Record(Piece::sound(start, start + end, start + end)))
    }

    fn overlong(&mut self, bytes: &[u8], start: usize) -> Move {
        let end = start + self.cap;
        let mut skip = Skip::default();
        self.state = match skip.feed(&bytes[start..end]) {
            Skipped::More => State::Overlong(skip),
            // The scanner has found no end in these bytes, so this is a scalar that only seems to have one.
            Skipped::Ended(_) | Skipped::Lost(_) => State::Damaged(Resync::default()),
        };
        Move::Answer(Step::Record(Piece::damaged(start, end, end, Damage::too_long(self.cap))))
    }

    /// Ends a damaged element before the next that can be found in `view`, the bytes from the element's start on.
    fn damaged(&mut self, view: &[u8], start: usize, stop: Stop, last: bool, full: bool) -> Move {
        let mut resync = Resync::default();
        let (from, here) = match stop {
            Stop::Syntax { at, .. } => (at, view.get(at) == Some(&b'{')),
            Stop::Deep { at } => (at, false),
            Stop::End => (view.len(), false),
        };
        let found = if here { Some(from) } else { resync.feed(&view[from..]).map(|at| from + at) };
        let (end, next) = match found {
            Some(next) => {
                self.state = State::Element { first: false };
                (trimmed(&view[..next]), next)
            }
            None if full => {
                self.state = State::Damaged(resync);
                (view.len(), view.len())
            }
            None if last => {
                self.state = State::Done;
                (trimmed(view), view.len())
            }
            None => return Move::Answer(Step::More { drop: start }),
        };
        Move::Answer(Step::Record(Piece::damaged(start, start + end, start + next, stop.damage(view, 0))))
    }

    fn between(&mut self, bytes: &[u8], at: usize, last: bool) -> Move {
        let start = at + spaces(&bytes[at..]);
        match bytes.get(start) {
            None if last => self.missing_end(start),
            None => Move::Answer(Step::More { drop: start }),
            Some(b',') => Move::To(State::Element { first: false }, start + 1),
            // No comma, but no doubt either where the next element starts.
            Some(b'{') => Move::To(State::Element { first: false }, start),
            Some(b']') => Move::To(self.behind_array(), start + 1),
            Some(_) => {
                let view = &bytes[start..bytes.len().min(start + self.cap)];
                let full = view.len() == self.cap;
                let stop = Stop::Syntax { at: 0, expected: "`,` or `]`" };
                match self.damaged(view, start, stop, last && !full, full) {
                    Move::Answer(Step::Record(piece)) => Move::Answer(Step::Record(Piece { opens: false, ..piece })),
                    other => other,
                }
            }
        }
    }

    fn behind_array(&self) -> State {
        if self.outer == 0 { State::Trailing } else { State::Outer(Skip::within(self.outer)) }
    }

    /// The file ends before the array does: a damaged record without bytes.
    fn missing_end(&mut self, at: usize) -> Move {
        self.state = State::Done;
        let damage = Damage::new("truncated", "found the end of the file, expected the end of the array");
        Move::Answer(Step::Record(Piece { opens: false, ..Piece::damaged(at, at, at, damage) }))
    }

    fn trailing(&mut self, bytes: &[u8], at: usize, last: bool) -> Move {
        let start = at + spaces(&bytes[at..]);
        let end = bytes.len().min(start + self.cap);
        if start == bytes.len() || (end < start + self.cap && !last) {
            return Move::Answer(Step::More { drop: start });
        }
        self.state = State::Done;
        let damage =
            Damage::new("invalid_json", "found text behind the end of the array, expected the end of the file");
        Move::Answer(Step::Record(Piece { opens: false, ..Piece::damaged(start, end, end, damage) }))
    }
}

impl Split for ArraySplit {
    fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let next = match &mut self.state {
                State::Element { first } => {
                    let first = *first;
                    self.element(bytes, at, last, first)
                }
                State::Between => self.between(bytes, at, last),
                State::Trailing => self.trailing(bytes, at, last),
                State::Overlong(skip) => match skip.feed(rest) {
                    Skipped::Ended(end) => Move::To(State::Between, at + end),
                    Skipped::Lost(end) => Move::To(State::Damaged(Resync::default()), at + end),
                    Skipped::More => Move::Answer(Step::More { drop: bytes.len() }),
                },
                State::Damaged(resync) => match resync.feed(rest) {
                    Some(found) => Move::To(State::Element { first: false }, at + found),
                    None => Move::Answer(Step::More { drop: bytes.len() }),
                },
                State::Outer(skip) => match skip.feed(rest) {
                    Skipped::Ended(end) => Move::To(State::Trailing, at + end),
                    Skipped::Lost(end) => Move::To(State::Trailing, at + end),
                    Skipped::More if last => self.missing_end(bytes.len()),
                    Skipped::More => Move::Answer(Step::More { drop: bytes.len() }),
                },
                State::Done => Move::Answer(Step::More { drop: bytes.len() }),
            };
            match next {
                Move::To(state, place) => {
                    self.state = state;
                    at = place;
                }
                Move::Answer(step) => return step,
            }
        }
    }
}

/// Length of a damaged element without the comma and white space before the next.
fn trimmed(bytes: &[u8]) -> usize {
    let text = bytes.trim_ascii_end();
    text.strip_suffix(b",").unwrap_or(text).trim_ascii_end().len()
}
