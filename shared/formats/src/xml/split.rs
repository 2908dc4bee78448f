//! Where the records of an XML file end, damaged ones included.

use lotline_schema::Format;
use memchr::memchr;
use quick_xml::events::Event;

use super::{
    marks::{Found, Marks, name},
    rets::notice,
    scan::{DEPTH, Node, Stop, bad, element, markup, shown},
};
use crate::{
    record::Damage,
    split::{Piece, Split, Step},
};

/// Bytes of the longest name that an element around records may have.
const NAME: usize = 1_024;
/// Splits an XML file, from its root element on, into the elements that `record_path` leads to.
///
/// An error in a record damages it alone: the next record is taken to start at the next start tag of that name, be it
/// inside the damaged one, so that an end tag that is missing swallows no rows. Whether something is wrong is judged
/// from as many bytes as a record may have, or from all that is left.
#[derive(Debug)]
pub(crate) struct XmlSplit {
    cap: usize,
    record_path: Vec<String>,
    marks: Marks,
    /// Names of the elements around the current place.
    open: Vec<String>,
    state: State,
    nodes: Vec<Node>,
}

#[derive(Debug)]
enum State {
    /// Between records, before or behind them, within the root element.
    Outside,
    /// In what follows damage.
    Lost,
    /// Behind the root element.
    Trailing,
    /// All that is to be said has been said.
    Done,
}

/// What a state makes of the bytes from a place on.
enum Move {
    /// Another place to go on from.
    To(usize),
    /// The answer to the step.
    Answer(Step),
}

/// As many of the bytes from a place on as a record may have.
struct View<'a> {
    start: usize,
    bytes: &'a [u8],
    /// Whether this is all that a record may have.
    full: bool,
    /// Whether this is all there is.
    last: bool,
}

impl View<'_> {
    /// Asks for more bytes unless these are all that will be looked at.
    fn incomplete(&self) -> Option<Move> {
        (!self.full && !self.last).then_some(Move::Answer(Step::More { drop: self.start }))
    }

    fn damage(&self, stop: Stop) -> Damage {
        match stop {
            Stop::Bad(damage) => damage,
            Stop::End if self.full => Damage::too_long(self.bytes.len()),
            Stop::End => Damage::new("truncated", "found the end of the file inside an element"),
        }
    }
}

impl XmlSplit {
    /// A splitter at the root element if at the `first` record, else at a later record.
    pub(crate) fn new(record_path: &[String], format: &Format, first: bool) -> Self {
        let mut splitter = Self {
            cap: format.max_record_bytes as usize,
            record_path: record_path.to_vec(),
            marks: Marks::new(record_path),
            open: Vec::new(),
            state: State::Outside,
            nodes: Vec::new(),
        };
        if !first {
            splitter.reopen();
        }
        splitter
    }

    /// The parts of the sound record last found.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Back to between records.
    fn reopen(&mut self) {
        self.state = State::Outside;
        self.open = self.record_path[..self.record_path.len().saturating_sub(1)].to_vec();
    }

    fn view<'a>(&self, bytes: &'a [u8], start: usize, last: bool) -> View<'a> {
        let end = bytes.len().min(start + self.cap);
        View { start, bytes: &bytes[start..end], full: end - start == self.cap, last: last && end == bytes.len() }
    }

    /// Whether an element opening here with this name is a record.
    fn is_record(&self, tag: &[u8]) -> bool {
        let Some((record, around)) = self.record_path.split_last() else { return false };
        self.open == around && tag == record.as_bytes()
    }

    fn outside(&mut self, bytes: &[u8], at: usize, last: bool) -> Move {
        let Some(start) = memchr(b'<', &bytes[at..]).map(|found| at + found) else {
            return if last { self.missing_end(bytes.len()) } else { Move::Answer(Step::More { drop: bytes.len() }) };
        };
        let view = self.view(bytes, start, last);
        match name(&view.bytes[1..]) {
            Some(tag) if self.is_record(tag) => self.record(&view),
            Some(_) => self.around(&view),
            None => view.incomplete().unwrap_or_else(|| self.around(&view)),
        }
    }

    fn record(&mut self, view: &View<'_>) -> Move {
        match element(view.bytes, &mut self.nodes) {
            Ok(end) => {
                if self.open.is_empty() {
                    self.state = State::Trailing;
                }
                let (start, end) = (view.start, view.start + end);
                Move::Answer(Step::Record(Piece::sound(start, end, end)))
            }
            Err(stop) => view.incomplete().unwrap_or_else(|| self.damaged(view, stop, true)),
        }
    }

    /// Passes over one piece of markup that is no record.
    fn around(&mut self, view: &View<'_>) -> Move {
        let (event, end) = match markup(view.bytes) {
            Ok(found) => found,
            Err(stop) => return view.incomplete().unwrap_or_else(|| self.damaged(view, stop, false)),
        };
        let notice = match &event {
            Event::Start(tag) | Event::Empty(tag) => notice(&self.open, tag),
            _ => None,
        };
        if let Err(stop) = self.pass(&event) {
            return view.incomplete().unwrap_or_else(|| self.damaged(view, stop, false));
        }
        let (start, end) = (view.start, view.start + end);
        match notice {
            Some(damage) => {
                Move::Answer(Step::Record(Piece { opens: false, ..Piece::damaged(start, end, end, damage) }))
            }
            None => Move::To(end),
        }
    }

    /// Follows the elements around records; changes nothing where that is an error.
    fn pass(&mut self, event: &Event<'_>) -> Result<(), Stop> {
        match event {
            Event::Start(tag) if self.open.len() == DEPTH || tag.name().as_ref().len() > NAME => {
                Err(bad(0, format!("found more than {DEPTH} elements in each other, or a name over {NAME} bytes")))
            }
            Event::Start(tag) => {
                self.open.push(tag.name().as_ref().to_owned());
                Ok(())
            }
            Event::Empty(_) if self.open.is_empty() => {
                self.state = State::Trailing;
                Ok(())
            }
            Event::End(tag) => {
                let (found, expected) = (tag.name(), self.open.last().map(String::as_str).unwrap_or_default());
                if found.as_ref() != expected {
                    return Err(bad(0, format!("found `</{}>`, expected `</{expected}>`", shown(found.as_ref()))));
                }
                self.open.pop();
                if self.open.is_empty() {
                    self.state = State::Trailing;
                }
                Ok(())
            }
            Event::Decl(_) | Event::DocType(_) => Err(bad(0, "found what only the start of a file may have")),
            _ => Ok(()),
        }
    }

    /// Ends a damaged record, or what is damaged between records, at the next mark behind its start.
    fn damaged(&mut self, view: &View<'_>, stop: Stop, opens: bool) -> Move {
        let damage = view.damage(stop);
        let next = match self.marks.find(&view.bytes[1..]) {
            Found::Here(at) => {
                self.reopen();
                at + 1
            }
            Found::Perhaps(at) if view.full => {
                self.state = State::Lost;
                at + 1
            }
            _ => {
                self.state = State::Lost;
                view.bytes.len()
            }
        };
        let end = view.bytes[..next].trim_ascii_end().len();
        let start = view.start;
        Move::Answer(Step::Record(Piece { opens, ..Piece::damaged(start, start + end, start + next, damage) }))
    }

    fn lost(&mut self, bytes: &[u8], at: usize) -> Move {
        match self.marks.find(&bytes[at..]) {
            Found::Here(found) => {
                self.reopen();
                Move::To(at + found)
            }
            Found::Perhaps(found) => Move::Answer(Step::More { drop: at + found }),
            Found::Nowhere => Move::Answer(Step::More { drop: bytes.len() }),
        }
    }

    /// The file ends before its root element does: a damaged record without bytes.
    fn missing_end(&mut self, at: usize) -> Move {
        self.state = State::Done;
        let expected = self.open.last().map(String::as_str).unwrap_or_default();
        let damage = Damage::new("truncated", format!("found the end of the file, expected `</{expected}>`"));
        Move::Answer(Step::Record(Piece { opens: false, ..Piece::damaged(at, at, at, damage) }))
    }

    fn trailing(&mut self, bytes: &[u8], at: usize, last: bool) -> Move {
        let start = at + bytes[at..].len() - bytes[at..].trim_ascii_start().len();
        if start == bytes.len() {
            return Move::Answer(Step::More { drop: start });
        }
        let view = self.view(bytes, start, last);
        match markup(view.bytes) {
            Ok((Event::Comment(_) | Event::PI(_), end)) => Move::To(start + end),
            _ => view.incomplete().unwrap_or_else(|| {
                self.state = State::Done;
                let end = start + view.bytes.len();
                let reason = "found more behind the end of the root element, expected the end of the file";
                let damage = Damage::new("invalid_xml", reason);
                Move::Answer(Step::Record(Piece { opens: false, ..Piece::damaged(start, end, end, damage) }))
            }),
        }
    }
}

impl Split for XmlSplit {
    fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        let mut at = 0;
        loop {
            let next = match self.state {
                State::Outside => self.outside(bytes, at, last),
                State::Lost => self.lost(bytes, at),
                State::Trailing => self.trailing(bytes, at, last),
                State::Done => Move::Answer(Step::More { drop: bytes.len() }),
            };
            match next {
                Move::To(place) => at = place,
                Move::Answer(step) => return step,
            }
        }
    }
}
