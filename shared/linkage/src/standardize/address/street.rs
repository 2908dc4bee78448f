//! The street of an address: directions, name and suffix.

use std::ops::Range;

use super::road;
use super::tables::NAME_WORDS;
use super::words::{Words, before};
use crate::values::Values;

/// The words of a street, sorted by use.
#[derive(Debug, Clone, Default)]
pub(super) struct Street {
    /// Index of the direction before the name, 0 for none.
    pub(super) predirection: u8,
    /// Index of the direction behind the name or suffix, 0 for none.
    pub(super) postdirection: u8,
    /// The words of the name.
    name: Range<usize>,
    /// Whether the first word of the name has a direction glued to it: `E182ND`.
    glued: bool,
    /// Whether the name is a numbered road.
    numbered: bool,
    /// Whether a house number stands before.
    housed: bool,
    /// The word of the suffix.
    suffix: Option<usize>,
}

impl Street {
    /// Reads the words of a street and nothing else.
    pub(super) fn read(words: &Words<'_>, start: usize, end: usize, housed: bool) -> Self {
        let mut street = Self { name: start..end, housed, ..Self::default() };
        street.glued = is_glued_direction(words, start) && start < end;
        if street.glued {
            street.predirection = glued_direction(words.text(start));
        } else {
            street.take_predirection(words);
        }
        if street.take_numbered_road(words) {
            return street;
        }
        // "AVENUE N" is neither on the north side nor an avenue named AVENUE.
        if street.name.len() == 2 && words.is_suffix(street.name.start, "AVE") {
            return street;
        }
        street.take_postdirection(words);
        street.take_suffix(words);
        street
    }

    /// A street of which all words are the name.
    #[cfg(test)]
    pub(super) fn named(words: &Words<'_>) -> Self {
        let numbered = road::numbered_road(words, 0, words.len()) == Some(words.len());
        Self { name: 0..words.len(), numbered, ..Self::default() }
    }

    /// "NORTH AVENUE" is named after a direction; "N MAIN" only has one.
    fn take_predirection(&mut self, words: &Words<'_>) {
        let (first, second) = (words.at(self.name.start), words.at(self.name.start + 1));
        if self.name.len() < 2 || !first.is_direction() {
            return;
        }
        let pointed = self.name.len() == 3 && words.at(self.name.end - 1).is_direction();
        let natural = second.is_suffix() && first.len() > 2;
        if (self.name.len() == 2 && natural) || (self.name.len() == 2 || pointed) && second.meaning.plain_suffix {
            return;
        }
        self.predirection = first.meaning.direction;
        self.name.start += 1;
        // "N W 42ND ST" is in the north-west.
        let named = self.name.len() > 1 && !words.at(self.name.start + 1).is_suffix();
        if let Some(both) = joined_direction(words, self.name.start - 1).filter(|_| named) {
            self.predirection = both;
            self.name.start += 1;
        }
    }

    fn take_numbered_road(&mut self, words: &Words<'_>) -> bool {
        let Some(end) = road::numbered_road(words, self.name.start, self.name.end) else { return false };
        let pointed = end + 1 == self.name.end && words.at(end).is_direction();
        if end != self.name.end && !pointed {
            return false;
        }
        if pointed {
            self.postdirection = words.at(end).meaning.direction;
        }
        self.name.end = end;
        self.numbered = true;
        true
    }

    fn take_postdirection(&mut self, words: &Words<'_>) {
        let last = self.name.end.saturating_sub(1);
        if self.name.len() < 2 || !words.at(last).is_direction() || words.at(last - 1).is("THE") {
            return;
        }
        // "ST N E" is in the north-east.
        let both = joined_direction(words, last - 1).filter(|_| self.name.len() > 2);
        if let Some(both) = both {
            self.postdirection = both;
            self.name.end -= 2;
            return;
        }
        let ended = words.at(last - 1).is_suffix() || words.at(last - 1).has_digit();
        if self.predirection == 0 || ended {
            self.postdirection = words.at(last).meaning.direction;
            self.name.end -= 1;
        }
    }

    fn take_suffix(&mut self, words: &Words<'_>) {
        let last = self.name.end.saturating_sub(1);
        // "S COTTAGE GROVE" and "WRIGLEY FIELD" are names; a street has a suffix of the plain kind.
        let natural = self.predirection != 0 || self.postdirection != 0 || !self.housed || self.name.len() < 3;
        if self.name.len() < 2 || !words.at(last).is_suffix() || natural && !words.at(last).meaning.plain_suffix {
            return;
        }
        self.suffix = Some(last);
        self.name.end = last;
        // "SAINT JOHN W ST": the direction may stand before the suffix.
        let before = last - 1;
        if self.name.len() > 1
            && self.postdirection == 0
            && words.at(before).is_direction()
            && words.at(before).len() < 3
            && !words.at(before - 1).is_direction()
        {
            self.postdirection = words.at(before).meaning.direction;
            self.name.end = before;
        }
    }

    /// The direction of the street, wherever it stands.
    pub(super) fn direction(&self) -> u8 {
        if self.predirection == 0 { self.postdirection } else { self.predirection }
    }

    /// The standard abbreviation of the suffix.
    pub(super) fn suffix(&self, words: &Words<'_>) -> &'static str {
        self.suffix.and_then(|at| words.suffix(at)).map_or("", |suffix| suffix.short)
    }

    /// Whether houses stand on one side only and count on without a gap, as around an oval or a square.
    pub(super) fn has_one_side(&self, words: &Words<'_>) -> bool {
        matches!(self.suffix(words), "OVAL" | "SQ" | "CIR" | "PLZ")
    }

    /// Writes the name, ordinals as plain numbers and abbreviations in full.
    pub(super) fn write_name(&self, words: &Words<'_>, values: &mut Values) {
        if self.numbered {
            return road::write_numbered_road(words, self.name.clone(), values);
        }
        let mut at = self.name.start;
        if self.glued && !self.name.is_empty() {
            let number = &words.text(at)[1..];
            values.append(number.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()));
            at += 1;
        }
        while at < self.name.end {
            if at > self.name.start {
                values.append(" ");
            }
            at = self.write_word(words, at, values);
        }
    }

    /// Whether the word is the ending of the number before: `3 RD AVENUE`.
    fn is_ending(&self, words: &Words<'_>, at: usize) -> bool {
        if at != self.name.start + 1 || self.suffix != Some(at + 1) || !words.at(at - 1).is_number() {
            return false;
        }
        let ending = match words.text(at - 1).as_bytes() {
            [.., b'1', _] => "TH",
            [.., b'1'] => "ST",
            [.., b'2'] => "ND",
            [.., b'3'] => "RD",
            _ => "TH",
        };
        words.text(at) == ending
    }

    fn write_word(&self, words: &Words<'_>, at: usize, values: &mut Values) -> usize {
        if let Some((number, next)) = ordinal(words, at, self.name.end) {
            values.append_number(number);
            return next;
        }
        match words.ordinal_digits(at) {
            Some(digits) => values.append(digits),
            None if self.is_ending(words, at) => values.cut(values.place() - 1),
            None if self.name.len() == 1 && words.at(at).is_direction() => {
                values.append(words.direction_word(words.at(at).meaning.direction));
            }
            None => append_full(words, at, &self.name, values),
        }
        at + 1
    }
}

/// Appends a word of a name or city in its full form.
pub(super) fn append_full(words: &Words<'_>, at: usize, name: &Range<usize>, values: &mut Values) {
    let (word, text) = (words.at(at), words.text(at));
    let (first, last) = (at == name.start, at + 1 == name.end);
    let street = word.is("ST");
    let full = match word {
        _ if street && !last && (first || !words.at(at - 1).has_digit()) => "SAINT",
        _ if first && (street || word.is_any(&["DR", "CT", "EXT"])) => text,
        _ if word.meaning.name != 0 && name.len() > 1 => name_word(word.meaning.name).unwrap_or(text),
        _ if word.is_suffix() && (!first || name.len() > 1 && words.is_suffix(at, "AVE")) => {
            words.suffix(at).map(|suffix| suffix.long).filter(|long| !text.starts_with(long)).unwrap_or(text)
        }
        _ => text,
    };
    // Hyphens inside a name are left where a digit is: `9-11`.
    values.append(full);
}

fn name_word(index: u8) -> Option<&'static str> {
    NAME_WORDS.get(usize::from(index).checked_sub(1)?).map(|(_, long)| *long)
}

/// The number of an ordinal in words, up to `ONE HUNDRED NINETY NINTH`, and the place behind it.
fn ordinal(words: &Words<'_>, start: usize, end: usize) -> Option<(u32, usize)> {
    if words.at(start).meaning.number == 0 {
        return None;
    }
    let (mut value, mut at) = (0, start);
    while at < end && !words.at(at).behind(before::COMMA) {
        let meaning = words.at(at).meaning;
        match meaning.number {
            0 if words.at(at).is("AND") && value >= 100 => {}
            0 => return None,
            100 if value < 10 => value = value.max(1) * 100,
            100 => return None,
            number if value % 100 == 0 || value % 10 == 0 && number < 10 => value += u32::from(number),
            _ => return None,
        }
        at += 1;
        if meaning.ordinal {
            return Some((value, at));
        }
    }
    None
}

/// `E182ND` and `E182` are a direction and a number.
pub(super) fn is_glued_direction(words: &Words<'_>, at: usize) -> bool {
    let text = words.text(at);
    if !words.at(at).has_digit() || glued_direction(text) == 0 {
        return false;
    }
    let number = &text[1..];
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && digits < 7 && matches!(&number[digits..], "" | "ST" | "ND" | "RD" | "TH" | "D")
}

fn glued_direction(text: &str) -> u8 {
    match text.as_bytes().first() {
        Some(b'N') => 1,
        Some(b'S') => 2,
        Some(b'E') => 3,
        Some(b'W') => 4,
        _ => 0,
    }
}

/// The direction of two letters that stand apart: `N E`.
pub(super) fn joined_direction(words: &Words<'_>, at: usize) -> Option<u8> {
    let (first, second) = (words.at(at), words.at(at + 1));
    if first.len() != 1 || second.len() != 1 {
        return None;
    }
    Some(match (first.meaning.direction, second.meaning.direction) {
        (1, 3) => 5,
        (1, 4) => 6,
        (2, 3) => 7,
        (2, 4) => 8,
        _ => return None,
    })
}
