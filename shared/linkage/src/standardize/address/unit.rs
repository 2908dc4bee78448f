//! Apartments, suites, floors and buildings of an address.

use super::tables::{UNITS, Unit};
use super::words::{Words, before};
use crate::values::Values;

/// The units of an address in the order they are written in: building, then the unit inside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Units {
    groups: [Group; 3],
    count: usize,
}

/// The words of one identifier, or the designator that stands alone.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    start: usize,
    end: usize,
    alone: u8,
    penthouse: bool,
}

impl Units {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds the identifier in the words from `start` to `end`.
    pub(super) fn add_words(&mut self, start: usize, end: usize) {
        self.add(Group { start, end, ..Group::default() });
    }

    fn add(&mut self, group: Group) {
        if let Some(room) = self.groups.get_mut(self.count) {
            *room = group;
            self.count += 1;
        }
    }

    /// Takes the unit that is announced at `at`; gives the place behind. Where a city may follow,
    /// the identifier is one word and what is glued to it; elsewhere it goes on to the next comma
    /// or designator.
    pub(super) fn take(&mut self, words: &Words<'_>, at: usize, end: usize, city_follows: bool) -> usize {
        if is_floor_behind(words, at, end) {
            self.add_words(at, at + 1);
            return at + 2;
        }
        let (mut next, mut group) = (at, Group::default());
        let mut is_box = false;
        while next < end && (next == at || !words.at(next).behind(before::COMMA)) && designates(words, next, end) {
            let meaning = words.at(next).meaning;
            group.penthouse |= meaning.unit == Unit::Penthouse;
            is_box |= meaning.unit == Unit::Box;
            group.alone = meaning.unit_index;
            next += 1;
        }
        (group.start, group.end) = (next, identifier_end(words, next, end, city_follows, next == at));
        next = group.end;
        // `APT 3RD FLR`
        if next > group.start
            && next < end
            && words.at(next).meaning.unit == Unit::Floor
            && !words.at(next).behind(before::COMMA)
            && !is_mark(words, next, end)
        {
            next += 1;
        }
        let kept = group.start < group.end || is_alone(group.alone);
        if kept && !is_box {
            self.add(group);
        }
        next.max(at + 1)
    }

    /// Writes the identifiers: letters and digits alone, without leading zeros, floors as plain
    /// numbers, a space between building and unit.
    pub(super) fn write(&self, words: &Words<'_>, values: &mut Values) {
        let start = values.place();
        for group in &self.groups[..self.count] {
            if values.place() > start {
                values.append(" ");
            }
            let before = values.place();
            group.write(words, values);
            if values.place() == before && before > start {
                values.cut(before - 1);
            }
        }
        values.finish();
    }
}

impl Group {
    fn write(&self, words: &Words<'_>, values: &mut Values) {
        if self.penthouse {
            values.append("PH");
        } else if self.start == self.end {
            return values.append(designator(self.alone));
        } else if self.start + 1 == self.end && is_alone(words.at(self.start).meaning.unit_index) {
            return values.append(designator(words.at(self.start).meaning.unit_index));
        }
        let start = values.place();
        for at in self.start..self.end {
            let word = words.at(at);
            if word.meaning.ordinal && self.end == self.start + 1 {
                values.append_number(u32::from(word.meaning.number));
                continue;
            }
            for piece in words.ordinal_digits(at).unwrap_or(words.text(at)).split('-') {
                let piece = if values.place() == start { piece.trim_start_matches('0') } else { piece };
                values.append(piece);
            }
        }
    }
}

/// Whether a unit is announced at `at`, by `#` or a designator with something to announce.
pub(super) fn is_mark(words: &Words<'_>, at: usize, end: usize) -> bool {
    let word = words.at(at);
    if word.behind(before::HASH) {
        return true;
    }
    if word.meaning.unit == Unit::None {
        return is_floor_behind(words, at, end);
    }
    let next = (at + 1 < end && !words.at(at + 1).behind(before::COMMA)).then(|| words.at(at + 1));
    let numbered = next.is_some_and(|next| next.has_digit() || next.behind(before::HASH));
    let coded = words.at(at + 2).has_digit() && at + 2 < end;
    let lettered = next.is_some_and(|next| next.len() == 1 || next.len() == 2 && coded && !next.has_digit());
    match word.meaning.unit {
        Unit::None => false,
        Unit::Always => words.text(at) != "STE" || numbered || lettered,
        Unit::Numbered => numbered || lettered && words.text(at) != "NO",
        Unit::Alone => {
            numbered
                || next.is_none()
                || words.at(at - 1).meaning.plain_suffix && !next.is_some_and(|next| next.is_suffix())
                || is_floor_behind(words, at, end)
        }
        Unit::Floor => numbered,
        Unit::Penthouse => true,
        Unit::Building => numbered || lettered || next.is_some_and(|next| next.len() < 3),
        Unit::Box => numbered || next.is_some_and(|next| next.meaning.unit == Unit::Box),
    }
}

/// `5TH FLOOR`, `SECOND FL`, `GROUND LEVEL`.
fn is_floor_behind(words: &Words<'_>, at: usize, end: usize) -> bool {
    at + 1 < end
        && words.at(at + 1).meaning.unit == Unit::Floor
        && !words.at(at + 1).behind(before::COMMA)
        && (words.ordinal_digits(at).is_some()
            || words.at(at).is_number() && words.at(at).len() < 3
            || words.at(at).meaning.ordinal
            || matches!(words.text(at), "GROUND" | "LOWER" | "UPPER" | "MAIN" | "TOP" | "GRND"))
        // `123 5TH FL 2` has a street named 5TH.
        && !(at + 3 == end && words.at(at + 2).is_number() && !words.at(at + 2).behind(before::COMMA | before::HASH))
}

/// Whether the word is a designator, which is not part of the identifier.
fn designates(words: &Words<'_>, at: usize, end: usize) -> bool {
    let unit = words.at(at).meaning.unit;
    unit != Unit::None && (is_mark(words, at, end) || at + 1 == end || unit == Unit::Always)
}

fn identifier_end(words: &Words<'_>, start: usize, end: usize, city_follows: bool, hashed: bool) -> usize {
    let mut at = start;
    while at < end {
        let word = words.at(at);
        let first = at == start;
        if word.behind(before::COMMA) && !(first && hashed) || !first && is_mark(words, at, end) {
            break;
        }
        let numbered = word.has_digit() && (first || !words.at(at - 1).has_digit());
        let short = numbered || word.len() == 1 || first && word.len() == 2 && !word.meaning.city_start;
        let post_box = words.text(at) == "P" && words.text(at + 1) == "O";
        if post_box || word.meaning.unit == Unit::Floor && !first {
            break;
        }
        if city_follows && !short && !word.behind(before::GLUE) && !(first && word.meaning.ordinal) {
            break;
        }
        at += 1;
    }
    at
}

fn is_alone(index: u8) -> bool {
    let unit = usize::from(index).checked_sub(1).and_then(|at| UNITS.get(at));
    unit.is_some_and(|(unit, _)| matches!(unit, Unit::Alone | Unit::Penthouse))
}

fn designator(index: u8) -> &'static str {
    let unit = usize::from(index).checked_sub(1).and_then(|at| UNITS.get(at));
    unit.and_then(|(_, forms)| forms.split(' ').next()).unwrap_or_default()
}
