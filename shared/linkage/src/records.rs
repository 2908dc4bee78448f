//! Records side by side, ready to be compared.

use crate::linker::Linker;
use crate::term_frequency::TermFrequencies;

/// The derived values of many records in one buffer, with what the comparisons read in them worked out once: numbers,
/// ranges, dates and places, and how frequent a value is.
#[derive(Debug, Clone, Default)]
pub struct Records {
    text: String,
    /// Per record and field the value at a glance,
    glances: Vec<Glance>,
    /// and where it stands in the text.
    spans: Vec<Span>,
    /// Per record and reading of the linker what was read, NaN where nothing was.
    readings: Vec<[f64; 2]>,
    /// Per record and term of the linker the share of records with its value; empty when nothing was counted.
    frequencies: Vec<f64>,
    /// Block keys of the rules that make something of their fields, ascending for each record and rule,
    keys: Vec<u64>,
    /// and per record and such rule where they end.
    key_ends: Vec<u32>,
    fields: usize,
    kinds: usize,
    terms: usize,
    keyed: usize,
    len: usize,
    scratch: String,
}

/// A value at a glance: its first seven bytes, lowest first, zeros behind its end, and in the highest byte its length,
/// [`LONG`] or [`NULL_LENGTH`]. This mostly tells whether two values are equal without a look at their texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Glance(u64);

/// Bytes that a glance holds.
const INLINE: usize = 7;

/// The length at a glance of values of so many bytes and more.
const LONG: u64 = 254;

/// The length at a glance of null.
const NULL_LENGTH: u64 = 255;

impl Glance {
    const NULL: Self = Self(NULL_LENGTH << (8 * INLINE));

    /// Of the value that the bytes start with.
    #[inline]
    fn new(bytes: &[u8], len: usize) -> Self {
        // What stands behind a short value is masked, so that one load does where eight bytes are there.
        let first = bytes.first_chunk().map_or_else(
            || bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
            |eight| u64::from_le_bytes(*eight),
        );
        let held = (1 << (8 * len.min(INLINE))) - 1;
        Self(first & held | (len as u64).min(LONG) << (8 * INLINE))
    }

    #[inline]
    fn is_null(self) -> bool {
        self.0 >> (8 * INLINE) == NULL_LENGTH
    }

    /// Whether it holds the whole value.
    #[inline]
    fn is_whole(self) -> bool {
        self.0 >> (8 * INLINE) <= INLINE as u64
    }
}

/// Where a value stands in the text; null is empty.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// What two values of a field are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// One of them is null, or both.
    Null,
    /// They are the same text.
    Equal,
    /// They are not.
    Unequal,
}

impl Records {
    /// No records yet.
    pub fn new(linker: &Linker) -> Self {
        let (fields, kinds, terms) = (linker.derived().len(), linker.readings().len(), linker.terms().len());
        Self { fields, kinds, terms, keyed: linker.keyed().len(), ..Self::default() }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes room for so many more records with so many bytes of text.
    pub fn reserve(&mut self, records: usize, text: usize) {
        self.text.reserve(text);
        self.glances.reserve(records * self.fields);
        self.spans.reserve(records * self.fields);
        self.readings.reserve(records * self.kinds);
        self.key_ends.reserve(records * self.keyed);
    }

    /// Adds a record, its values in the order of [`Linker::derived`].
    pub fn push<'v>(&mut self, linker: &Linker, values: impl IntoIterator<Item = Option<&'v str>>) {
        for value in values {
            let start = self.text.len();
            self.text.push_str(value.unwrap_or_default());
            self.place(start, value.map(str::len));
        }
        self.finish(linker);
    }

    /// Adds a record whose values stand one behind another in `text`, with these lengths in bytes; null for null.
    /// Answers whether the lengths fit the text.
    pub fn push_joined(&mut self, linker: &Linker, text: &str, lengths: &[Option<usize>]) -> bool {
        let mut start = self.text.len();
        self.text.push_str(text);
        for length in lengths {
            let end = start + length.unwrap_or(0);
            if !self.text.is_char_boundary(end) {
                return false;
            }
            self.place(start, *length);
            start = end;
        }
        self.finish(linker);
        start == self.text.len()
    }

    /// Adds a value of the text. One past four gigabytes counts as null, which no shard or sample comes near.
    fn place(&mut self, start: usize, length: Option<usize>) {
        let span = |length: usize| Some(Span { start: start.try_into().ok()?, end: (start + length).try_into().ok()? });
        let (glance, span) = match length.and_then(|length| Some((length, span(length)?))) {
            Some((length, span)) => (Glance::new(&self.text.as_bytes()[start..], length), span),
            None => (Glance::NULL, Span { start: 0, end: 0 }),
        };
        self.glances.push(glance);
        self.spans.push(span);
    }

    fn finish(&mut self, linker: &Linker) {
        let record = self.len;
        self.len += 1;
        for (field, reading) in linker.readings() {
            let read = self.value(record, *field).map_or([f64::NAN; 2], |value| reading.read(value));
            self.readings.push(read);
        }
        let (mut keys, mut scratch) = (std::mem::take(&mut self.keys), std::mem::take(&mut self.scratch));
        for rule in linker.keyed() {
            linker.blocking()[*rule].keys_of_record(self, record, &mut scratch, &mut keys);
            self.key_ends.push(keys.len() as u32);
        }
        (self.keys, self.scratch) = (keys, scratch);
    }

    /// The block keys of a record for one of [`Linker::keyed`], ascending.
    #[inline]
    pub(crate) fn keys(&self, record: usize, keyed: usize) -> &[u64] {
        let place = record * self.keyed + keyed;
        let start = place.checked_sub(1).map_or(0, |before| self.key_ends[before]);
        &self.keys[start as usize..self.key_ends[place] as usize]
    }

    /// The block keys that two records share for one of [`Linker::keyed`], ascending.
    #[inline]
    pub(crate) fn shared_keys(&self, left: usize, right: usize, keyed: usize) -> impl Iterator<Item = u64> {
        let (mut left, mut right) = (self.keys(left, keyed), self.keys(right, keyed));
        std::iter::from_fn(move || {
            while let ([l, rest_l @ ..], [r, rest_r @ ..]) = (left, right) {
                let order = l.cmp(r);
                left = if order.is_le() { rest_l } else { left };
                right = if order.is_ge() { rest_r } else { right };
                if order.is_eq() {
                    return Some(*l);
                }
            }
            None
        })
    }

    /// Looks up how frequent the values of all records are.
    pub fn count_terms(&mut self, linker: &Linker, frequencies: &TermFrequencies) {
        self.give_terms(linker, |term, value| frequencies.share(term, value));
    }

    /// Takes how frequent the values of all records are from elsewhere: `share` answers the share of records that have
    /// a value of a term, above 0 up to 1, and 0 when it does not know, which adds nothing to a match weight.
    pub fn give_terms(&mut self, linker: &Linker, share: impl Fn(usize, &str) -> f64) {
        let mut shares = Vec::with_capacity(self.len * self.terms);
        for record in 0..self.len {
            for (term, field) in linker.terms().iter().enumerate() {
                shares.push(self.value(record, *field).map_or(0.0, |value| share(term, value)));
            }
        }
        self.frequencies = shares;
    }

    /// A value; null where the record has none.
    #[inline]
    pub fn value(&self, record: usize, field: usize) -> Option<&str> {
        let place = record * self.fields + field;
        let Span { start, end } = self.spans[place];
        self.text.get(start as usize..end as usize).filter(|_| !self.glances[place].is_null())
    }

    /// All values of a record.
    pub fn values(&self, record: usize) -> impl Iterator<Item = Option<&str>> {
        (0..self.fields).map(move |field| self.value(record, field))
    }

    /// What the values of two records in a field are to each other.
    #[inline]
    pub(crate) fn likeness(&self, left: usize, right: usize, field: usize) -> Likeness {
        let (left, right) = (left * self.fields + field, right * self.fields + field);
        let (glance, other) = (self.glances[left], self.glances[right]);
        if glance.is_null() || other.is_null() {
            Likeness::Null
        } else if glance != other {
            Likeness::Unequal
        } else if glance.is_whole() || self.bytes(left) == self.bytes(right) {
            Likeness::Equal
        } else {
            Likeness::Unequal
        }
    }

    fn bytes(&self, place: usize) -> &[u8] {
        let Span { start, end } = self.spans[place];
        &self.text.as_bytes()[start as usize..end as usize]
    }

    /// What was read in the value of a numeric comparison.
    #[inline]
    pub(crate) fn reading(&self, record: usize, reading: usize) -> [f64; 2] {
        self.readings[record * self.kinds + reading]
    }

    /// The share of records with the same value; 0 when it was not counted.
    #[inline]
    pub(crate) fn frequency(&self, record: usize, term: usize) -> f64 {
        self.frequencies.get(record * self.terms + term).copied().unwrap_or(0.0)
    }
}
