//! How frequent values are: counts in bounded memory that do not depend on the order of the records.

use twox_hash::XxHash3_64;

/// Cells of a row of counters; two rows a term make 2 MiB.
const CELLS: usize = 1 << 18;

/// Counts of the values of some fields in a count-min sketch (Cormode & Muthukrishnan 2005): a count is never too
/// small, and too large by other values that share both of its counters. Counters add up, so that any split of the
/// records gives the same counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermFrequencies {
    /// Per term two rows of counters, one behind the other.
    counts: Vec<Vec<u32>>,
    /// Per term the records with a value.
    totals: Vec<u64>,
}

impl TermFrequencies {
    /// Nothing counted yet of so many terms.
    pub fn new(terms: usize) -> Self {
        Self { counts: vec![vec![0; 2 * CELLS]; terms], totals: vec![0; terms] }
    }

    /// How many terms are counted.
    pub fn terms(&self) -> usize {
        self.totals.len()
    }

    /// Counts a value of a term.
    pub fn count(&mut self, term: usize, value: &str) {
        self.totals[term] += 1;
        for cell in cells(value) {
            let count = &mut self.counts[term][cell];
            *count = count.saturating_add(1);
        }
    }

    /// Adds the counts of other records.
    pub fn add(&mut self, other: &Self) {
        for (total, more) in self.totals.iter_mut().zip(&other.totals) {
            *total += more;
        }
        for (counts, more) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *counts = counts.saturating_add(*more);
        }
    }

    /// The share of records with this value among those with any, 0 to 1.
    pub fn share(&self, term: usize, value: &str) -> f64 {
        let least = cells(value).into_iter().map(|cell| self.counts[term][cell]).min().unwrap_or(0);
        f64::from(least) / self.totals[term].max(1) as f64
    }

    /// The share of pairs of random records that agree on a term: the sum of the squares of all shares.
    pub fn agreement(&self, term: usize) -> f64 {
        let total = self.totals[term].max(1) as f64;
        let squares = |row: &[u32]| row.iter().map(|count| u128::from(*count) * u128::from(*count)).sum::<u128>();
        let least = self.counts[term].chunks(CELLS).map(squares).min().unwrap_or(0);
        least as f64 / (total * total)
    }

    /// The counts as bytes: per term its total and its counters, little endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.totals.len() * (8 + 8 * CELLS));
        for (total, counts) in self.totals.iter().zip(&self.counts) {
            bytes.extend_from_slice(&total.to_le_bytes());
            counts.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        }
        bytes
    }

    /// Reads what [`TermFrequencies::to_bytes`] wrote; none when the length is another.
    pub fn from_bytes(terms: usize, bytes: &[u8]) -> Option<Self> {
        const TERM: usize = 8 + 8 * CELLS;
        if bytes.len() != terms * TERM {
            return None;
        }
        let mut read = Self { counts: Vec::with_capacity(terms), totals: Vec::with_capacity(terms) };
        for term in bytes.chunks_exact(TERM) {
            let (total, counts) = term.split_first_chunk::<8>()?;
            read.totals.push(u64::from_le_bytes(*total));
            read.counts.push(counts.as_chunks::<4>().0.iter().map(|count| u32::from_le_bytes(*count)).collect());
        }
        Some(read)
    }
}

/// The counters of a value, one in each row.
fn cells(value: &str) -> [usize; 2] {
    let hash = XxHash3_64::oneshot(value.as_bytes()) as usize;
    [hash % CELLS, CELLS + (hash >> 32) % CELLS]
}
