//! Edit distances: the bit-parallel kernel, cheap reasons to say no or yes, and the fallback.

use rapidfuzz::distance::{damerau_levenshtein, levenshtein, osa};

use super::packed::{Packed, Positions, places};

/// What counts as one edit besides inserting, deleting and substituting a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edits {
    /// Nothing else.
    Plain,
    /// Exchanging two neighbors that are not edited otherwise.
    Aligned,
    /// Exchanging two neighbors, whatever else happens to them.
    Unrestricted,
}

/// Levenshtein distance of any two texts.
pub(super) fn distance(left: &Packed<'_>, right: &Packed<'_>) -> usize {
    if !(left.short && right.short) {
        return levenshtein::distance(left.text.chars(), right.text.chars());
    }
    distance_inside::<false>(left, right, left.affixes(right))
}

/// Whether any two texts are at most `most` edits apart.
#[inline(always)]
pub(super) fn at_most(left: &Packed<'_>, right: &Packed<'_>, most: usize, edits: Edits) -> bool {
    if !(left.short && right.short) {
        return by_characters(left.text, right.text, most, edits);
    }
    let is_apart = left.len().abs_diff(right.len()) > most || strays(left, right, most) > most;
    !is_apart && is_close(left, right, most, edits)
}

/// Characters of `right` that `most` edits cannot have carried over from `left`, each of which takes an edit of its own:
/// an edit of any kind moves a character that it does not insert or substitute by one place at most.
#[inline(always)]
fn strays(left: &Packed<'_>, right: &Packed<'_>, most: usize) -> usize {
    match most {
        0 => left.strays::<0>(right),
        1 => left.strays::<1>(right),
        2 => left.strays::<2>(right),
        3 => left.strays::<3>(right),
        _ => 0,
    }
}

/// Whether two short texts are at most `most` edits apart.
fn is_close(left: &Packed<'_>, right: &Packed<'_>, most: usize, edits: Edits) -> bool {
    let (prefix, suffix) = left.affixes(right);
    // What is not shared can be substituted one by one.
    if left.len().max(right.len()) - prefix - suffix <= most {
        return true;
    }
    match edits {
        Edits::Plain => distance_inside::<false>(left, right, (prefix, suffix)) <= most,
        Edits::Aligned => distance_inside::<true>(left, right, (prefix, suffix)) <= most,
        Edits::Unrestricted => by_characters(left.text, right.text, most, edits),
    }
}

/// The distance of two short texts, found between a prefix and a suffix that they share: those are never edited.
fn distance_inside<const EXCHANGES: bool>(
    left: &Packed<'_>,
    right: &Packed<'_>,
    (prefix, suffix): (usize, usize),
) -> usize {
    let inside = |text: &Packed<'_>| prefix..text.len() - suffix;
    let (rows, columns) = (inside(left).len(), &right.text.as_bytes()[inside(right)]);
    if left.len() <= 16 && rows <= 8 {
        let word = left.sixteen().checked_shr(8 * prefix as u32).unwrap_or(0) as u64;
        return bit_parallel::<EXCHANGES>(rows, columns, |character| places(word, character));
    }
    let positions = Positions::new(&left.text.as_bytes()[inside(left)]);
    bit_parallel::<EXCHANGES>(rows, columns, |character| positions.of(character))
}

/// The distance of a text of `rows` characters, given by the places of each, from another; the exchange of neighbors is
/// an edit if `EXCHANGES`.
///
/// A column of the table of distances is two words: where it rises by one from row to row, and where it falls. Bits
/// after the last row mean nothing. Source: Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching Based
/// on Dynamic Programming" (1999); exchanges and notation after Hyyrö, "A Bit-Vector Algorithm for Computing
/// Levenshtein and Damerau Edit Distances" (2003).
#[inline(always)]
fn bit_parallel<const EXCHANGES: bool>(rows: usize, columns: &[u8], places: impl Fn(u8) -> u64) -> usize {
    let Some(last) = rows.checked_sub(1) else { return columns.len() };
    let (mut rises, mut falls) = (u64::MAX, 0_u64);
    let (mut diagonal, mut before) = (0_u64, 0_u64);
    let mut distance = rows;
    for &character in columns {
        let equal = places(character);
        let exchanged = if EXCHANGES { (!diagonal & equal) << 1 & before } else { 0 };
        diagonal = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls | exchanged;
        let (up, down) = (falls | !(diagonal | rises), diagonal & rises);
        distance += (up >> last & 1) as usize;
        distance -= (down >> last & 1) as usize;
        let up = up << 1 | 1;
        rises = down << 1 | !(diagonal | up);
        falls = up & diagonal;
        before = equal;
    }
    distance
}

fn by_characters(left: &str, right: &str, most: usize, edits: Edits) -> bool {
    let most = most.min(left.len().max(right.len()));
    let (left, right) = (left.chars(), right.chars());
    match edits {
        Edits::Plain => {
            let arguments = levenshtein::Args::default().score_cutoff(most);
            levenshtein::distance_with_args(left, right, &arguments).is_some()
        }
        Edits::Aligned => {
            let arguments = osa::Args::default().score_cutoff(most);
            osa::distance_with_args(left, right, &arguments).is_some()
        }
        Edits::Unrestricted => {
            let arguments = damerau_levenshtein::Args::default().score_cutoff(most);
            damerau_levenshtein::distance_with_args(left, right, &arguments).is_some()
        }
    }
}
