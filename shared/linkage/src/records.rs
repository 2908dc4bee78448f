//! Records side by side, ready to be compared.

use crate::linker::Linker;
use crate::term_frequency::TermFrequencies;

/// The derived values of many records in one buffer, with what the comparisons read in them worked out once: numbers,
/// ranges, dates and places, and how frequent a value is.
#[derive(Debug, Clone, Default)]
pub struct Records {
    text: String,
    /// Per record and field where its value starts and ends; a null ends before it starts.
    spans: Vec<(u32, u32)>,
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

const NULL: (u32, u32) = (1, 0);

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

    /// Bytes of memory in use.
    pub fn memory(&self) -> usize {
        self.text.capacity()
            + self.spans.capacity() * size_of::<(u32, u32)>()
            + self.readings.capacity() * size_of::<[f64; 2]>()
            + self.frequencies.capacity() * size_of::<f64>()
            + self.keys.capacity() * size_of::<u64>()
            + self.key_ends.capacity() * size_of::<u32>()
    }

    /// Adds a record, its values in the order of [`Linker::derived`]. Text past four gigabytes counts as null, which
    /// no shard or sample comes near.
    pub fn push<'v>(&mut self, linker: &Linker, values: impl IntoIterator<Item = Option<&'v str>>) {
        for value in values {
            let start = self.text.len();
            self.text.push_str(value.unwrap_or_default());
            let span = u32::try_from(start).ok().zip(u32::try_from(self.text.len()).ok());
            self.spans.push(value.and(span).unwrap_or(NULL));
        }
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

    /// The smallest block key that two records share for one of [`Linker::keyed`].
    #[inline]
    pub(crate) fn shared_key(&self, left: usize, right: usize, keyed: usize) -> Option<u64> {
        let (mut left, mut right) = (self.keys(left, keyed), self.keys(right, keyed));
        while let ([l, rest_l @ ..], [r, rest_r @ ..]) = (left, right) {
            match l.cmp(r) {
                std::cmp::Ordering::Equal => return Some(*l),
                std::cmp::Ordering::Less => left = rest_l,
                std::cmp::Ordering::Greater => right = rest_r,
            }
        }
        None
    }

    /// Looks up how frequent the values of all records are.
    pub fn count_terms(&mut self, linker: &Linker, frequencies: &TermFrequencies) {
        let mut shares = Vec::with_capacity(self.len * self.terms);
        for record in 0..self.len {
            for (term, field) in linker.terms().iter().enumerate() {
                shares.push(self.value(record, *field).map_or(0.0, |value| frequencies.share(term, value)));
            }
        }
        self.frequencies = shares;
    }

    /// A value; null where the record has none.
    #[inline]
    pub fn value(&self, record: usize, field: usize) -> Option<&str> {
        let (start, end) = self.spans[record * self.fields + field];
        self.text.get(start as usize..end as usize)
    }

    /// All values of a record.
    pub fn values(&self, record: usize) -> impl Iterator<Item = Option<&str>> {
        (0..self.fields).map(move |field| self.value(record, field))
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
