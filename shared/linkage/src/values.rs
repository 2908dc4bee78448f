//! The derived values of one record, kept in one buffer that is used again for the next record.

use std::fmt::{self, Write};

/// The derived values of one record in one buffer, so that reading a record allocates nothing
/// once the buffer has grown to its usual size.
///
/// A value is null or a text that is not empty. Values may share text: the house number of an
/// address is a piece of its full line, not a copy.
#[derive(Clone, Default)]
pub struct Values {
    text: String,
    spans: Vec<Span>,
    /// Where the value under construction begins in `text`.
    open: usize,
    /// Room for standardizers to bring raw text into upper case; no part of the values.
    scratch: String,
}

/// Where a value stands in the text; null has no place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

const NULL: Span = Span { start: 0, end: 0 };

impl Span {
    /// Text past 4 GiB cannot be pointed at; such a record has null values.
    fn new(start: usize, end: usize) -> Self {
        match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => NULL,
        }
    }
}

impl Values {
    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.open = 0;
    }

    /// Adds a value; an empty text counts as null.
    pub fn push(&mut self, value: Option<&str>) {
        self.append(value.unwrap_or_default());
        self.finish();
    }

    /// Adds text to the value under construction, see [`Self::finish`].
    pub fn append(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// Adds the value whose pieces were appended; null when they were empty.
    pub fn finish(&mut self) {
        self.push_place(self.open, self.text.len());
        self.open = self.text.len();
    }

    /// The value at an index; null beyond the last one.
    pub fn get(&self, index: usize) -> Option<&str> {
        let span = self.spans.get(index).filter(|span| span.end > span.start)?;
        self.text.get(span.start as usize..span.end as usize)
    }

    /// How many values there are, nulls among them.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no value, not even null.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The end of the text so far, for [`Self::push_place`].
    pub(crate) fn place(&self) -> usize {
        self.text.len()
    }

    /// Adds a value that is a piece of the text appended before; an empty piece is null.
    pub(crate) fn push_place(&mut self, start: usize, end: usize) {
        self.spans.push(Span::new(start, end));
    }

    /// Adds several values that are pieces of the text appended before.
    pub(crate) fn push_places<const N: usize>(&mut self, places: [(usize, usize); N]) {
        self.spans.extend_from_slice(&places.map(|(start, end)| Span::new(start, end)));
    }

    /// Adds nulls.
    pub(crate) fn push_nulls(&mut self, count: usize) {
        self.spans.resize(self.spans.len() + count, NULL);
    }

    /// Ends the text of shared pieces: what is appended from here on belongs to the next value.
    pub(crate) fn seal(&mut self) {
        self.open = self.text.len();
    }

    /// Takes back what was appended behind a place.
    pub(crate) fn cut(&mut self, place: usize) {
        self.text.truncate(place);
    }

    /// Appends a number without the cost of formatting.
    pub(crate) fn append_number(&mut self, number: u32) {
        let mut power = 1;
        while number / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            self.text.push(char::from_digit(number / power % 10, 10).unwrap_or('0'));
            power /= 10;
        }
    }

    /// Appends what has a text form.
    pub(crate) fn append_display(&mut self, value: impl fmt::Display) {
        // Writing to text in memory cannot go wrong.
        let _ = write!(self.text, "{value}");
    }

    /// Text appended since a place.
    pub(crate) fn since(&self, place: usize) -> &str {
        self.text.get(place..).unwrap_or_default()
    }

    /// Text between two places.
    pub(crate) fn between(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Lends the scratch text to a standardizer, which gives it back when done.
    pub(crate) fn take_scratch(&mut self) -> String {
        std::mem::take(&mut self.scratch)
    }

    /// Takes the scratch text back.
    pub(crate) fn return_scratch(&mut self, scratch: String) {
        self.scratch = scratch;
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Values {}

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}
