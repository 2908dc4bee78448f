//! Jaro-Winkler: the kernel for one pair, its bound, and the fallback.

use rapidfuzz::distance::jaro_winkler;

use super::packed::{Packed, Positions};

/// Jaro's similarity has to be over this for a shared prefix to count.
const BOOSTED_OVER: f64 = 0.7;

/// What a shared character of the prefix adds, as a share of what is missing to 1.
const PREFIX_WEIGHT: f64 = 0.1;

/// `1 / (1 - PREFIX_WEIGHT * prefix)`.
const LEVERAGE: [f64; 5] = [1.0, 1.0 / 0.9, 1.0 / 0.8, 1.0 / 0.7, 1.0 / 0.6];

/// More than rounding can take from a bound on the common characters.
const SLACK: f64 = 1e-6;

/// The similarity of any two texts.
pub(super) fn similarity(left: &Packed<'_>, right: &Packed<'_>) -> f64 {
    if !(left.short && right.short) {
        return by_characters(left.text, right.text);
    }
    if left.len() + right.len() == 0 {
        return 1.0;
    }
    let (common, transposed) = tally(left.text.as_bytes(), right.text.as_bytes());
    if common == 0 { 0.0 } else { boosted(jaro(left.len(), right.len(), common, transposed), left.prefix(right)) }
}

/// Whether the similarity is at least `least`, for two texts with at most `shared` common characters if both are short.
#[inline(always)]
pub(super) fn at_least(left: &Packed<'_>, right: &Packed<'_>, shared: usize, least: f64) -> bool {
    if left.short && right.short && is_out_of_reach(left, right, shared, least) {
        return false;
    }
    similarity(left, right) >= least
}

/// Whether a pair stays below `least` even if all `shared` characters are in order.
///
/// With `p` characters of prefix the similarity is `1 - (1 - jaro) * (1 - p / 10)`, which is solved for the least
/// sufficient `jaro`; without transpositions that is `(shared / left + shared / right + 1) / 3`.
#[inline(always)]
fn is_out_of_reach(left: &Packed<'_>, right: &Packed<'_>, shared: usize, least: f64) -> bool {
    let boosted = 1.0 - (1.0 - least) * LEVERAGE[left.prefix(right)];
    let jaro = if least > BOOSTED_OVER { boosted } else { least };
    let (left, right, shared) = (left.len() as u32, right.len() as u32, shared as u32);
    f64::from(shared * (left + right)) < (3.0 * jaro - 1.0) * f64::from(left * right) - SLACK
}

/// How many characters two short texts have in common, and how many of those are out of order.
///
/// A character is common if an equal one of the other text, not yet taken, is less than half the longer length away;
/// the first such is taken. Taken characters of either text are in order of place, so it does not matter which of them
/// is read first. Source: the bit-parallel form of Jaro in Bachmann's `rapidfuzz`.
fn tally(left: &[u8], right: &[u8]) -> (usize, usize) {
    let positions = Positions::new(left);
    let reach = (left.len().max(right.len()) / 2).saturating_sub(1);
    let mut window = (2_u64 << reach) - 1;
    let (mut taken, mut taking, mut crossed) = (0_u64, 0_u64, 0_u64);
    for (place, &character) in right.iter().enumerate() {
        let candidates = positions.of(character) & window & !taken;
        let first = candidates & candidates.wrapping_neg();
        crossed |= taken & first.wrapping_neg();
        taken |= first;
        taking |= u64::from(first != 0) << place;
        window = window << 1 | u64::from(place < reach);
    }
    let common = taken.count_ones() as usize;
    (common, if crossed == 0 { 0 } else { transposed(&positions, right, taken, taking) })
}

/// How many of the taken characters differ from the taking one of the same rank.
fn transposed(positions: &Positions, right: &[u8], mut taken: u64, mut taking: u64) -> usize {
    let mut count = 0;
    while taking != 0 {
        let first = taken & taken.wrapping_neg();
        let character = right[taking.trailing_zeros() as usize];
        count += usize::from(positions.of(character) & first == 0);
        taken ^= first;
        taking &= taking - 1;
    }
    count
}

/// Jaro's similarity of texts with characters in common; two transposed characters are one transposition.
fn jaro(left: usize, right: usize, common: usize, transposed: usize) -> f64 {
    let whole = common as f64;
    let in_order = whole - (transposed / 2) as f64;
    (whole / left as f64 + whole / right as f64 + in_order / whole) / 3.0
}

/// Winkler's similarity from Jaro's.
pub(super) fn boosted(jaro: f64, prefix: usize) -> f64 {
    if jaro > BOOSTED_OVER { jaro + prefix as f64 * PREFIX_WEIGHT * (1.0 - jaro) } else { jaro }
}

fn by_characters(left: &str, right: &str) -> f64 {
    // A fixed order, so that symmetry does not hang on the inside of another crate.
    let (left, right) = if left <= right { (left, right) } else { (right, left) };
    jaro_winkler::similarity(left.chars(), right.chars())
}
