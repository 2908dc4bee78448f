//! The words of an address, cut and looked up in one pass over its bytes.

use super::meaning::{Meaning, Suffix, Tables};
use super::tables::{DIRECTIONS, Road, STATES, Unit};
use crate::standardize::lexicon;

/// More words than an address has; further ones are not read.
const MOST_WORDS: usize = 40;

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
mod shape {
    pub(super) const DIGIT: u8 = 1;
    pub(super) const LETTER: u8 = 2;
    pub(super) const HYPHEN: u8 = 4;
    pub(super) const DIGIT_FIRST: u8 = 8;
}

/// A word: letters, digits and hyphens between them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    start: u16,
    end: u16,
    before: u8,
    shape: u8,
    pub(super) meaning: Meaning,
}

impl Word {
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

/// The words of one address over its text in upper case.
pub(super) struct Words<'t> {
    text: &'t str,
    words: [Word; MOST_WORDS],
    count: usize,
    tables: &'static Tables,
}

impl<'t> Words<'t> {
    /// Cuts a text that [`prepare`](super::prepare) made.
    pub(super) fn scan(text: &'t str) -> Self {
        let mut scanner = Self { text, words: [Word::default(); MOST_WORDS], count: 0, tables: Tables::get() };
        let bytes = text.as_bytes();
        let (mut at, mut marks) = (0, 0);
        // Words have 16-bit places.
        let end = bytes.len().min(usize::from(u16::MAX));
        while at < end && scanner.count < MOST_WORDS {
            match class(bytes[at]) {
                Class::Letter | Class::Digit => {
                    at = scanner.cut(bytes, at, end, marks);
                    marks = 0;
                    // A word that stopped short of a gap goes on in the next one.
                    if bytes.get(at).is_some_and(|&byte| matches!(class(byte), Class::Letter | Class::Digit)) {
                        marks = before::GLUE;
                    } else if bytes.get(at) == Some(&b'-') {
                        (at, marks) = (at + 1, before::GLUE);
                    }
                }
                Class::Gap => at += 1,
                Class::Mark(mark) => {
                    marks |= mark;
                    at += 1;
                }
            }
        }
        scanner
    }

    /// Takes the word that begins at a byte and gives the place behind it. Hyphens join where a
    /// digit stood before (`61-44`, `4-B`) and part letters (`WINSTON-SALEM`); letters of a unit
    /// or road word are parted from the digits behind them (`APT4`, `HWY12`).
    fn cut(&mut self, bytes: &[u8], start: usize, end: usize, before: u8) -> usize {
        let (mut at, mut key, mut shape) = (start, 0, 0);
        if bytes[start].is_ascii_digit() {
            shape = shape::DIGIT_FIRST;
        }
        while at < end {
            match class(bytes[at]) {
                Class::Letter => shape |= shape::LETTER,
                Class::Digit if shape == shape::LETTER && at - start > 1 && self.announces(key) => break,
                Class::Digit => shape |= shape::DIGIT,
                _ if bytes[at] == b'-' && joins(bytes, at, shape, at - start) => shape |= shape::HYPHEN,
                _ => break,
            }
            key = lexicon::push(key, bytes[at]);
            at += 1;
        }
        let meaning =
            if shape == shape::LETTER && at - start <= 16 { self.tables.lexicon.find(key) } else { Meaning::default() };
        // Both places are below `end`, which fits.
        self.words[self.count] = Word { start: start as u16, end: at as u16, before, shape, meaning };
        self.count += 1;
        at
    }

    fn announces(&self, key: u128) -> bool {
        let meaning = self.tables.lexicon.find(key);
        meaning.unit != Unit::None || matches!(meaning.road, Road::Kind | Road::Owner | Road::Rural)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The word at a place; one without text and meaning beyond the last.
    pub(super) fn at(&self, index: usize) -> Word {
        self.words[..self.count].get(index).copied().unwrap_or_default()
    }

    pub(super) fn text(&self, index: usize) -> &'t str {
        self.slice(self.at(index))
    }

    fn slice(&self, word: Word) -> &'t str {
        self.text.get(usize::from(word.start)..usize::from(word.end)).unwrap_or_default()
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
        if !word.starts_with_digit() || word.has_hyphen() {
            return None;
        }
        let text = self.slice(word);
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        matches!(&text[digits.len()..], "ST" | "ND" | "RD" | "TH" | "D").then_some(digits)
    }
}

/// The abbreviation (0) or full word (1) of a direction index.
pub(super) fn direction(index: u8, form: usize) -> Option<&'static str> {
    table_word(DIRECTIONS, index, form)
}

/// The code of a state index.
pub(super) fn state(index: u8) -> Option<&'static str> {
    table_word(STATES, index, 0)
}

fn table_word(table: &[&'static str], index: u8, form: usize) -> Option<&'static str> {
    table.get(usize::from(index).checked_sub(1)?)?.split(' ').nth(form)
}

enum Class {
    Letter,
    Digit,
    Mark(u8),
    Gap,
}

#[inline]
fn class(byte: u8) -> Class {
    match byte {
        b'A'..=b'Z' | 0x80.. => Class::Letter,
        b'0'..=b'9' => Class::Digit,
        b',' | b';' | b'\n' => Class::Mark(before::COMMA),
        b'#' => Class::Mark(before::HASH),
        b'&' | b'/' => Class::Mark(before::JOINT),
        _ => Class::Gap,
    }
}

/// Whether a hyphen joins what stands before it, `length` bytes, with what follows.
fn joins(bytes: &[u8], hyphen: usize, shape: u8, length: usize) -> bool {
    let Some(&next) = bytes.get(hyphen + 1) else { return false };
    match class(next) {
        Class::Letter => shape & shape::DIGIT != 0,
        // `M-9` is a unit, `I-95` a road.
        Class::Digit => shape & shape::DIGIT != 0 || length == 1 && bytes[hyphen - 1] != b'I',
        _ => false,
    }
}
