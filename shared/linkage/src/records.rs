//! Records side by side, ready to be compared.

use crate::linker::Linker;
use crate::term_frequency::TermFrequencies;

/// The derived values of many records in one buffer, with what the comparisons read in them worked out once: numbers,
/// ranges, dates and places, and how frequent a value is.
#[derive(Debug, Clone, Default)]
pub struct Records {
    text: String,
    /// Per record and field.
    values: Vec<View>,
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

/// A value: its place in the text, and its first bytes, which mostly tell two values apart without a look there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct View {
    first: u64,
    start: u32,
    /// Length in bytes; `u32::MAX` for null.
    len: u32,
}

const NULL: View = View { first: 0, start: 0, len: u32::MAX };

/// Bytes that a view holds itself.
const INLINE: usize = 8;

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

    /// Adds a record, its values in the order of [`Linker::derived`].
    pub fn push<'v>(&mut self, linker: &Linker, values: impl IntoIterator<Item = Option<&'v str>>) {
        for value in values {
            let start = self.text.len();
            self.text.push_str(value.unwrap_or_default());
            self.view(start, value.map(str::len));
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
            self.view(start, *length);
            start = end;
        }
        self.finish(linker);
        start == self.text.len()
    }

    /// Adds the view of a value. Text past four gigabytes counts as null, which no shard or sample comes near.
    fn view(&mut self, start: usize, length: Option<usize>) {
        let place = |length: usize| Some((u32::try_from(start).ok()?, u32::try_from(length).ok()?));
        let view = length.and_then(place).map_or(NULL, |(start, len)| View {
            first: self.first(start as usize, len as usize),
            start,
            len,
        });
        self.values.push(view);
    }

    /// The first bytes of a value, zeros behind its end.
    #[inline]
    fn first(&self, start: usize, len: usize) -> u64 {
        let bytes = self.text.as_bytes();
        // What stands behind a short value is masked, so that one load does where eight bytes are there.
        if let Some(eight) = bytes[start..].first_chunk::<INLINE>() {
            let unused = 64 - 8 * len.min(INLINE) as u32;
            return if unused == 64 { 0 } else { u64::from_le_bytes(*eight) << unused >> unused };
        }
        let mut first = [0; INLINE];
        let inline = len.min(INLINE);
        first[..inline].copy_from_slice(&bytes[start..start + inline]);
        u64::from_le_bytes(first)
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
        let View { start, len, .. } = self.values[record * self.fields + field];
        self.text.get(start as usize..start as usize + len as usize)
    }

    /// All values of a record.
    pub fn values(&self, record: usize) -> impl Iterator<Item = Option<&str>> {
        (0..self.fields).map(move |field| self.value(record, field))
    }

    /// What the values of two records in a field are to each other.
    #[inline]
    pub(crate) fn likeness(&self, left: usize, right: usize, field: usize) -> Likeness {
        let (left, right) = (self.values[left * self.fields + field], self.values[right * self.fields + field]);
        if left.len == u32::MAX || right.len == u32::MAX {
            Likeness::Null
        } else if left.first != right.first || left.len != right.len {
            Likeness::Unequal
        } else if left.len as usize <= INLINE || self.bytes(left) == self.bytes(right) {
            Likeness::Equal
        } else {
            Likeness::Unequal
        }
    }

    fn bytes(&self, view: View) -> &[u8] {
        &self.text.as_bytes()[view.start as usize..(view.start + view.len) as usize]
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
