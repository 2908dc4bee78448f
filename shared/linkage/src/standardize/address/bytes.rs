//! The bytes of an address: what each may be part of, and words as numbers.

/// What [`prepare`](super::prepare) puts before the text, so that the sixteen bytes before the
/// end of any word can be read at once.
pub(super) const PADDING: &str = "                ";

/// What stands before a word, as bits of [`Word::before`].
pub(super) mod before {
    /// A comma, semicolon or line end.
    pub(in super::super) const COMMA: u8 = 1;
    /// `#`.
    pub(in super::super) const HASH: u8 = 2;
    /// `&` or `/`.
    pub(in super::super) const JOINT: u8 = 4;
    /// The word before, with a hyphen or nothing between.
    pub(in super::super) const GLUE: u8 = 8;
}

/// What a word is made of, as bits of [`Word::shape`].
pub(super) mod shape {
    pub(in super::super) const DIGIT: u8 = 1;
    pub(in super::super) const LETTER: u8 = 2;
    pub(in super::super) const HYPHEN: u8 = 4;
    pub(in super::super) const DIGIT_FIRST: u8 = 8;
    /// Letters and digits.
    pub(in super::super) const WORD: u8 = DIGIT | LETTER;
}

/// What a byte is: a letter or digit in the bits of [`shape`], a mark in those of [`before`],
/// four higher, or a gap.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            // Only letters of other scripts are left beyond ASCII.
            b'A'..=b'Z' | 0x80.. => shape::LETTER,
            b'0'..=b'9' => shape::DIGIT,
            b',' | b';' | b'\n' => before::COMMA << 4,
            b'#' => before::HASH << 4,
            b'&' | b'/' => before::JOINT << 4,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// The key of the word between two places, as [`lexicon::key`] makes it, in one load. At least
/// sixteen bytes stand before the end.
#[inline]
pub(super) fn key(bytes: &[u8], start: usize, end: usize) -> u128 {
    match bytes[..end].last_chunk() {
        Some(chunk) if end - start <= 16 => u128::from_be_bytes(*chunk) & (u128::MAX >> (128 - 8 * (end - start))),
        _ => 0,
    }
}

/// Whether a hyphen joins what stands before it, `length` bytes, with what follows.
pub(super) fn joins(bytes: &[u8], hyphen: usize, shape: u8, length: usize) -> bool {
    let Some(&next) = bytes.get(hyphen + 1) else { return false };
    match class(next) & shape::WORD {
        shape::LETTER => shape & shape::DIGIT != 0,
        // `M-9` is a unit, `I-95` a road.
        shape::DIGIT => shape & shape::DIGIT != 0 || length == 1 && bytes[hyphen - 1] != b'I',
        _ => false,
    }
}
