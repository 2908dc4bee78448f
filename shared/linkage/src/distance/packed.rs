//! Packed texts: the first characters as two words, and what those alone tell about a pair.
//!
//! The words are compared byte by byte with ordinary arithmetic ("SIMD within a register"; Warren, "Hacker's Delight",
//! chapter 6), which is as fast on one processor as on another and needs no `unsafe`.

/// The longest text a kernel takes: one bit of a word for each character.
pub(super) const LONGEST: usize = 64;

/// The farthest that [`Packed::strays`] can look with sixteen characters at hand.
const FARTHEST: u32 = 7;

const LOWEST_BITS: u64 = 0x0101_0101_0101_0101;
const HIGHEST_BITS: u64 = LOWEST_BITS << 7;

/// A text and its first sixteen bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed<'text> {
    pub(super) text: &'text str,
    /// The first eight bytes, the first of them lowest; zeros follow a shorter text.
    low: u64,
    /// The next eight bytes.
    high: u64,
    /// Whether a kernel takes it: ASCII, at most [`LONGEST`] characters.
    pub(super) short: bool,
}

impl<'text> Packed<'text> {
    // Always in line, like all that leads to a cheap no: the words must stay in registers. Stored and read back in
    // other sizes they cost more than the comparison.
    #[inline(always)]
    pub(super) fn new(text: &'text str) -> Self {
        let (low, high) = words(text.as_bytes());
        let short = match text.len() {
            0..=16 => (low | high) & HIGHEST_BITS == 0,
            17..=LONGEST => text.is_ascii(),
            _ => false,
        };
        Self { text, low, high, short }
    }

    /// The length, in characters if the text is short.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The first sixteen bytes, the first of them lowest; zeros follow a shorter text.
    pub(super) fn sixteen(&self) -> u128 {
        u128::from(self.low) | u128::from(self.high) << 64
    }

    /// How many of their first four characters two short texts share.
    pub(super) fn prefix(&self, other: &Self) -> usize {
        let apart = (self.low ^ other.low) | 1 << 32;
        (apart.trailing_zeros() as usize / 8).min(self.len()).min(other.len())
    }

    /// The lengths of the prefix and, after that, of the suffix that two texts share; none if one is over sixteen.
    pub(super) fn affixes(&self, other: &Self) -> (usize, usize) {
        let (shorter, longer) = (self.len().min(other.len()), self.len().max(other.len()));
        if longer > 16 {
            return (0, 0);
        }
        let ended = |text: &Self| text.sixteen().checked_shl(128 - 8 * text.len() as u32).unwrap_or(0);
        let prefix = ((self.sixteen() ^ other.sixteen()).trailing_zeros() as usize / 8).min(shorter);
        let suffix = (ended(self) ^ ended(other)).leading_zeros() as usize / 8;
        (prefix, suffix.min(shorter - prefix))
    }

    /// The letters of a short text, a bit each. Some characters share a bit; no two letters of one case do.
    pub(super) fn letters(&self) -> u64 {
        self.text.bytes().fold(0, |letters, byte| letters | 1 << (byte & 63))
    }

    /// No fewer than the characters that two short texts have in common in Jaro's sense.
    #[inline(always)]
    pub(super) fn shared_nearby(&self, other: &Self) -> usize {
        let shorter = self.len().min(other.len());
        // Jaro looks less than half the longer length to either side.
        if self.len().max(other.len()) > 2 * FARTHEST as usize + 3 {
            return shorter;
        }
        shorter.min(other.len() - self.strays::<{ FARTHEST }>(other))
    }

    /// How many of the first eight characters of `other` have no equal here at most `REACH` places further on or back;
    /// never more than that, and fewer only if the texts hold NUL.
    #[inline(always)]
    pub(super) fn strays<const REACH: u32>(&self, other: &Self) -> usize {
        const { assert!(REACH <= FARTHEST) };
        let mut apart = differing(self.low, other.low);
        for places in 1..=REACH {
            // The two words shifted as one; the instruction for just that is slow on some processors.
            let ahead = self.low.rotate_right(8 * places) ^ (self.low ^ self.high) << (64 - 8 * places);
            let behind = self.low << (8 * places);
            apart &= differing(ahead, other.low) & differing(behind, other.low);
        }
        let held = HIGHEST_BITS & !u64::MAX.checked_shl(8 * other.len() as u32).unwrap_or(0);
        // One bit a byte, summed up in the highest byte of the product.
        (((apart & held) >> 7).wrapping_mul(LOWEST_BITS) >> 56) as usize
    }
}

/// The highest bit of every byte in which two words of ASCII differ; the other bits mean nothing.
#[inline(always)]
fn differing(left: u64, right: u64) -> u64 {
    (left ^ right).wrapping_add(!HIGHEST_BITS)
}

/// The places of the eight bytes of a word at which a character stands, a bit each.
pub(super) fn places(word: u64, character: u8) -> u64 {
    let equal = !differing(word, LOWEST_BITS * u64::from(character)) & HIGHEST_BITS;
    // Every bit is moved to its place among the highest eight.
    (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The first sixteen bytes as two words. A text that ends inside a word is read from both its ends, not byte by byte.
#[inline(always)]
fn words(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    if let Some(both) = bytes.first_chunk::<16>() {
        let both = u128::from_le_bytes(*both);
        return (both as u64, (both >> 64) as u64);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let high = u64::from_le_bytes(*last).checked_shr(8 * (16 - len as u32)).unwrap_or(0);
        return (u64::from_le_bytes(*first), high);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return (u64::from(first) | u64::from(last) << (8 * (len - 4)), 0);
    }
    (bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0)
}

/// For every ASCII character, the positions at which a pattern of at most [`LONGEST`] has it, a bit each.
pub(super) struct Positions([u64; 128]);

impl Positions {
    pub(super) fn new(pattern: &[u8]) -> Self {
        let mut positions = [0; 128];
        let mut bit = 1_u64;
        for &character in pattern {
            positions[usize::from(character & 127)] |= bit;
            bit <<= 1;
        }
        Self(positions)
    }

    pub(super) fn of(&self, character: u8) -> u64 {
        self.0[usize::from(character & 127)]
    }
}
