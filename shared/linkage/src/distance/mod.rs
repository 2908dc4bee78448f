//! Distances between two texts, by bit-parallel kernels for short ASCII and the `rapidfuzz` crate for the rest.
//!
//! Names and streets are short and, standardized, almost always ASCII. A kernel takes texts of at most 64 ASCII
//! characters, so that one bit of a word stands for one position; any other text is compared by its characters in
//! `rapidfuzz`, which also says what is right: every kernel gives its numbers to the bit. All distances are symmetric.
//!
//! Asked for a cut-off, a kernel first looks for a reason to say no that costs less than the distance: lengths too far
//! apart, letters that the other side lacks, characters without an equal nearby. None of these ever changes an answer.
//!
//! A function compares two texts as they come. A [`Pattern`] is a text prepared once and compared many times, which is
//! what happens inside a block.

mod jaro_winkler;
mod lanes;
mod levenshtein;
mod packed;
mod pattern;

pub use pattern::Pattern;

use levenshtein::Edits;
use packed::Packed;

/// Jaro-Winkler similarity, 0 to 1: Jaro's, and if that is over 0.7 a tenth of what is missing to 1 for each of the
/// first four characters that the texts share. Two empty texts have 1.
///
/// Source: Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record
/// Linkage" (1990).
pub fn jaro_winkler(left: &str, right: &str) -> f64 {
    jaro_winkler::similarity(&Packed::new(left), &Packed::new(right))
}

/// Whether [`jaro_winkler`] is at least `least`.
pub fn jaro_winkler_at_least(left: &str, right: &str, least: f64) -> bool {
    let (left, right) = (Packed::new(left), Packed::new(right));
    jaro_winkler::at_least(&left, &right, left.shared_nearby(&right), least)
}

/// Levenshtein distance: the fewest insertions, deletions and substitutions of a character that turn one text into the
/// other.
pub fn levenshtein(left: &str, right: &str) -> usize {
    levenshtein::distance(&Packed::new(left), &Packed::new(right))
}

/// Whether [`levenshtein`] is at most `most`.
pub fn levenshtein_at_most(left: &str, right: &str, most: usize) -> bool {
    levenshtein::at_most(&Packed::new(left), &Packed::new(right), most, Edits::Plain)
}

/// Whether the texts are at most `most` edits apart when the exchange of two neighbors is an edit too, but no part of a
/// text is edited twice (optimal string alignment).
pub fn osa_at_most(left: &str, right: &str, most: usize) -> bool {
    levenshtein::at_most(&Packed::new(left), &Packed::new(right), most, Edits::Aligned)
}

/// Whether the texts are at most `most` edits apart when the exchange of two neighbors is an edit too and what was
/// exchanged may be edited again (Damerau and Levenshtein).
pub fn damerau_levenshtein_at_most(left: &str, right: &str, most: usize) -> bool {
    levenshtein::at_most(&Packed::new(left), &Packed::new(right), most, Edits::Unrestricted)
}

#[cfg(test)]
mod tests;
