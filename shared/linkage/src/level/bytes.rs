//! String metrics on bytes, as DuckDB has them. They differ from those on characters where text is more than ASCII: `é`
//! is two bytes.

use std::fmt;

use rapidfuzz::distance::{damerau_levenshtein, jaro, jaro_winkler, levenshtein};

/// What the bytes of two unequal values must have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ByteMetric {
    /// `byte_jaro:0.9`: similarity of at least the parameter.
    Jaro(f64),
    /// `byte_jaro_winkler:0.9`: similarity of at least the parameter.
    JaroWinkler(f64),
    /// `byte_levenshtein:2`: at most so many insertions, deletions and replacements.
    Levenshtein(usize),
    /// `byte_damerau_levenshtein:2`: at most so many edits, swaps of neighbors included.
    DamerauLevenshtein(usize),
}

impl ByteMetric {
    pub(super) fn agrees(self, left: &[u8], right: &[u8]) -> bool {
        // As on characters, a fixed order keeps the first two symmetric.
        let (left, right) = if left <= right { (left, right) } else { (right, left) };
        let (left, right) = (left.iter().copied(), right.iter().copied());
        match self {
            Self::Jaro(least) => jaro::similarity(left, right) >= least,
            Self::JaroWinkler(least) => jaro_winkler::similarity(left, right) >= least,
            Self::Levenshtein(most) => {
                levenshtein::distance_with_args(left, right, &levenshtein::Args::default().score_cutoff(most)).is_some()
            }
            Self::DamerauLevenshtein(most) => damerau_levenshtein::distance(left, right) <= most,
        }
    }

    /// As [`super::Condition::cost`].
    pub(super) fn cost(self) -> u32 {
        match self {
            Self::Jaro(_) | Self::JaroWinkler(_) | Self::Levenshtein(_) => 8,
            Self::DamerauLevenshtein(_) => 40,
        }
    }
}

impl fmt::Display for ByteMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jaro(least) => write!(f, "byte_jaro:{least}"),
            Self::JaroWinkler(least) => write!(f, "byte_jaro_winkler:{least}"),
            Self::Levenshtein(most) => write!(f, "byte_levenshtein:{most}"),
            Self::DamerauLevenshtein(most) => write!(f, "byte_damerau_levenshtein:{most}"),
        }
    }
}
