//! The words of an address, cut and looked up in one pass over its bytes.

pub(super) use super::bytes::before;
use super::bytes::{PADDING, class, joins, key, shape};
use super::meaning::{Meaning, Suffix, Tables};
use super::tables::{Road, Unit};

/// More words than an address has; further ones are not read.
const MOST_WORDS: usize = 32;

/// A word: letters, digits and hyphens between them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// The last eight bytes.
    tail: u64,
    start: u16,
    end: u16,
    before: u8,
    shape: u8,
    pub(super) meaning: Meaning,
}

impl Word {
    /// Whether the word is `text`. Compares its length and last eight bytes as numbers, known when
    /// this is compiled, which is exact for all words of a language.
    #[inline]
    pub(super) fn is(&self, text: &str) -> bool {
        self.len() == text.len() && self.tail == text.bytes().fold(0, |tail, byte| (tail << 8) | u64::from(byte))
    }

    /// Whether the word is any of `texts`.
    #[inline]
    pub(super) fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    /// Whether any of the marks of [`before`] stands in front.
    pub(super) fn behind(&self, marks: u8) -> bool {
        self.before & marks != 0
    }

    pub(super) fn has_digit(&self) -> bool {
        self.shape & shape::DIGIT != 0
    }

    pub(super) fn is_number(&self) -> bool {
        self.shape == shape::DIGIT | shape::DIGIT_FIRST
    }

    pub(super) fn has_hyphen(&self) -> bool {
        self.shape & shape::HYPHEN != 0
    }

    pub(super) fn starts_with_digit(&self) -> bool {
        self.shape & shape::DIGIT_FIRST != 0
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.end - self.start)
    }

    pub(super) fn is_direction(&self) -> bool {
        self.meaning.direction != 0
    }

    pub(super) fn is_suffix(&self) -> bool {
        self.meaning.suffix != 0
    }

    /// A single letter that is no compass point.
    pub(super) fn is_letter(&self) -> bool {
        self.len() == 1 && self.shape == shape::LETTER && self.meaning.direction == 0
    }
}

/// What stands beyond the last word.
const NO_WORD: Word = Word { tail: 0, start: 0, end: 0, before: 0, shape: 0, meaning: Meaning::NONE };

/// The words of one address over its text in upper case.
pub(super) struct Words<'t> {
    text: &'t str,
    words: [Word; MOST_WORDS],
    count: usize,
    tables: &'static Tables,
    /// One bit for each word behind a comma.
    commas: u64,
    /// One bit for each word that may announce a unit.
    marks: u64,
    /// One bit for each plain suffix.
    plain: u64,
}

impl<'t> Words<'t> {
    /// Cuts a text that [`prepare`](super::prepare) made, with [`PADDING`] before.
    pub(super) fn scan(text: &'t str) -> Self {
        let mut scanner =
            Self { text, words: [NO_WORD; MOST_WORDS], count: 0, tables: Tables::get(), commas: 0, marks: 0, plain: 0 };
        // Words have 16-bit places.
        let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
        let (mut at, mut marks) = (PADDING.len(), 0);
        while let Some(&byte) = bytes.get(at)
            && scanner.count < MOST_WORDS
        {
            let class = class(byte);
            if class & shape::WORD == 0 {
                marks |= class >> 4;
                at += 1;
                continue;
            }
            at = scanner.cut(bytes, at, marks);
            // A word that stopped short of a gap goes on in the next one.
            marks = match bytes.get(at) {
                Some(b'-') => before::GLUE,
                Some(&byte) if super::bytes::class(byte) & shape::WORD != 0 => before::GLUE,
                _ => 0,
            };
        }
        scanner
    }

    /// Takes the word that begins at a byte and gives the place behind it. Hyphens join where a
    /// digit stood before (`61-44`, `4-B`) and part letters (`WINSTON-SALEM`); letters of a unit
    /// or road word are parted from the digits behind them (`APT4`, `HWY12`).
    #[inline]
    fn cut(&mut self, bytes: &[u8], start: usize, before: u8) -> usize {
        let mut at = start + 1;
        let mut shape = class(bytes[start]) & shape::WORD;
        if shape == shape::DIGIT {
            shape |= shape::DIGIT_FIRST;
        }
        while let Some(&byte) = bytes.get(at) {
            let class = class(byte) & shape::WORD;
            if class & shape == 0 && self.parts(bytes, start, at, shape) {
                break;
            }
            shape |= if byte == b'-' { shape::HYPHEN } else { class };
            at += 1;
        }
        let key = key(bytes, start, at);
        let meaning = if shape == shape::LETTER { self.tables.lexicon.find(key) } else { Meaning::NONE };
        // Both places are within the text, which fits.
        let (start, end) = (start as u16, at as u16);
        self.words[self.count] = Word { tail: key as u64, start, end, before, shape, meaning };
        self.note(before, &meaning);
        self.count += 1;
        at
    }

    /// Whether the word from `start` ends before `at`, where a byte of another kind stands.
    fn parts(&self, bytes: &[u8], start: usize, at: usize, shape: u8) -> bool {
        match bytes[at] {
            b'-' => !joins(bytes, at, shape, at - start),
            byte if class(byte) & shape::WORD == 0 => true,
            _ => shape == shape::LETTER && at - start > 1 && self.announces(key(bytes, start, at)),
        }
    }

    /// Notes what is looked for most, so that whole ranges of words are passed at once.
    fn note(&mut self, before: u8, meaning: &Meaning) {
        let bit = 1 << self.count;
        if before & before::COMMA != 0 {
            self.commas |= bit;
        }
        if before & before::HASH != 0 || meaning.unit != Unit::None {
            self.marks |= bit;
        }
        // The number of a floor may stand before it.
        if meaning.unit == Unit::Floor {
            self.marks |= bit >> 1;
        }
        if meaning.plain_suffix {
            self.plain |= bit;
        }
    }

    /// The first word behind a comma from `start` on, or else `end`.
    pub(super) fn comma(&self, start: usize, end: usize) -> usize {
        first(within(self.commas, start, end)).unwrap_or(end)
    }

    /// The places from `start` to `end` where a unit may be announced.
    pub(super) fn marks(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + use<> {
        let mut left = within(self.marks, start, end);
        std::iter::from_fn(move || {
            let found = first(left)?;
            left &= left - 1;
            Some(found)
        })
    }

    /// The first plain suffix from `start` on.
    pub(super) fn first_plain(&self, start: usize, end: usize) -> Option<usize> {
        first(within(self.plain, start, end))
    }

    /// The last plain suffix before `end`.
    pub(super) fn last_plain(&self, start: usize, end: usize) -> Option<usize> {
        within(self.plain, start, end).checked_ilog2().map(|place| place as usize)
    }

    fn announces(&self, key: u128) -> bool {
        let meaning = self.tables.lexicon.find(key);
        meaning.unit != Unit::None || matches!(meaning.road, Road::Kind | Road::Owner | Road::Rural)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The word at a place; one without text and meaning beyond the last.
    #[inline]
    pub(super) fn at(&self, index: usize) -> &Word {
        self.words[..self.count].get(index).unwrap_or(&NO_WORD)
    }

    /// The word before a place; one without text and meaning before the first.
    pub(super) fn before(&self, index: usize) -> &Word {
        self.at(index.wrapping_sub(1))
    }

    pub(super) fn text(&self, index: usize) -> &'t str {
        self.slice(self.at(index))
    }

    fn slice(&self, word: &Word) -> &'t str {
        self.text.get(usize::from(word.start)..usize::from(word.end)).unwrap_or_default()
    }

    /// The full word of a direction index.
    pub(super) fn direction_word(&self, index: u8) -> &'static str {
        self.tables.word(&self.tables.directions, index)
    }

    /// The code of a state index.
    pub(super) fn state(&self, index: u8) -> &'static str {
        self.tables.word(&self.tables.states, index)
    }

    /// The index of a state's code.
    pub(super) fn state_index(&self, code: &str) -> Option<u8> {
        (1..).zip(&self.tables.states).find(|(_, state)| **state == code).map(|(index, _)| index)
    }

    /// The abbreviation of a unit designator's index.
    pub(super) fn designator(&self, index: u8) -> &'static str {
        self.tables.word(&self.tables.designators, index)
    }

    pub(super) fn suffix(&self, index: usize) -> Option<&'static Suffix> {
        self.tables.suffixes.get(usize::from(self.at(index).meaning.suffix).checked_sub(1)?)
    }

    /// Whether the word is a form of a suffix, by its standard abbreviation.
    pub(super) fn is_suffix(&self, index: usize, short: &str) -> bool {
        self.suffix(index).is_some_and(|suffix| suffix.short == short)
    }

    /// The digits of `5TH`, which ordinals are kept as.
    pub(super) fn ordinal_digits(&self, index: usize) -> Option<&'t str> {
        let word = self.at(index);
        if word.shape != shape::DIGIT | shape::DIGIT_FIRST | shape::LETTER {
            return None;
        }
        let text = self.slice(word);
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        matches!(&text[digits.len()..], "ST" | "ND" | "RD" | "TH" | "D").then_some(digits)
    }
}

/// The abbreviation of a direction index; empty for 0.
pub(super) fn direction(index: u8) -> &'static str {
    ["", "N", "S", "E", "W", "NE", "NW", "SE", "SW"].get(usize::from(index)).copied().unwrap_or_default()
}

/// The bits from `start` to `end`, which is at most the number of words.
#[inline]
fn within(bits: u64, start: usize, end: usize) -> u64 {
    if start >= end || end > MOST_WORDS { 0 } else { bits & (!0 << start) & !(!0 << end) }
}

#[inline]
fn first(bits: u64) -> Option<usize> {
    (bits != 0).then(|| bits.trailing_zeros() as usize)
}
