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
    fields: usize,
    kinds: usize,
    terms: usize,
    len: usize,
}

const NULL: (u32, u32) = (1, 0);

impl Records {
    /// No records yet.
    pub fn new(linker: &Linker) -> Self {
        let (fields, kinds, terms) = (linker.derived().len(), linker.readings().len(), linker.terms().len());
        Self { fields, kinds, terms, ..Self::default() }
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
