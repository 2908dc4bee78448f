//! Apartments, suites, floors and buildings of an address.

use super::tables::Unit;
use super::words::{Words, before};
use crate::values::Values;

/// The units of an address in the order they are written in: building, then the unit inside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Units {
    groups: [Group; 3],
    count: u8,
}

/// The words of one identifier, or the designator that stands alone. An address has few words,
/// so that their places fit a byte.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    start: u8,
    end: u8,
    designator: u8,
    penthouse: bool,
}

impl Units {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds the identifier in the words from `start` to `end`.
    pub(super) fn add_words(&mut self, start: usize, end: usize) {
        self.add(Group::default().over(start, end));
    }

    fn add(&mut self, group: Group) {
        if let Some(room) = self.groups.get_mut(usize::from(self.count)) {
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
        let (mut start, mut group, mut last) = (at, Group::default(), Unit::None);
        let mut is_box = false;
        while start < end && (start == at || !words.at(start).behind(before::COMMA)) && designates(words, start, end) {
            last = words.at(start).meaning.unit;
            group.penthouse |= last == Unit::Penthouse;
            is_box |= last == Unit::Box;
            group.designator = words.at(start).meaning.unit_index;
            start += 1;
        }
        let next = identifier_end(words, start, end, city_follows, start == at);
        if !is_box && (start < next || is_alone(last)) {
            self.add(group.over(start, next));
        }
        // `APT 3RD FLR`
        let floor = start < next && next < end && words.at(next).meaning.unit == Unit::Floor;
        let over = floor && !words.at(next).behind(before::COMMA) && !is_mark(words, next, end);
        (next + usize::from(over)).max(at + 1)
    }

    /// Writes the identifiers: letters and digits alone, without leading zeros, floors as plain
    /// numbers, a space between building and unit.
    pub(super) fn write(&self, words: &Words<'_>, values: &mut Values) {
        let start = values.place();
        for group in &self.groups[..usize::from(self.count)] {
            let end = values.place();
            if end > start {
                values.append(" ");
            }
            let before = values.place();
            group.write(words, values);
            if values.place() == before {
                values.cut(end);
            }
        }
        values.finish();
    }
}

impl Group {
    /// The group with its words.
    fn over(self, start: usize, end: usize) -> Self {
        let place = |at: usize| u8::try_from(at).unwrap_or_default();
        Self { start: place(start), end: place(end), ..self }
    }

    fn write(&self, words: &Words<'_>, values: &mut Values) {
        let (first, end) = (usize::from(self.start), usize::from(self.end));
        let meaning = words.at(first).meaning;
        if self.penthouse {
            values.append("PH");
        } else if first == end {
            return values.append(words.designator(self.designator));
        } else if first + 1 == end && is_alone(meaning.unit) {
            return values.append(words.designator(meaning.unit_index));
        } else if first + 1 == end && meaning.ordinal {
            return values.append_number(u32::from(meaning.number));
        }
        let start = values.place();
        for at in first..end {
            // `6D` is an apartment, not the sixth floor.
            let text = words.ordinal_digits(at).filter(|digits| digits.len() + 2 == words.at(at).len());
            let text = text.unwrap_or(words.text(at));
            for piece in text.split('-') {
                values.append(if values.place() == start { piece.trim_start_matches('0') } else { piece });
            }
        }
    }
}

/// Whether a unit is announced at `at`, by `#` or a designator with something to announce.
pub(super) fn is_mark(words: &Words<'_>, at: usize, end: usize) -> bool {
    let word = words.at(at);
    if word.behind(before::HASH) || word.meaning.unit == Unit::None {
        return word.behind(before::HASH) || is_floor_behind(words, at, end);
    }
    let next = (at + 1 < end && !words.at(at + 1).behind(before::COMMA)).then(|| words.at(at + 1));
    let numbered = next.is_some_and(|next| next.has_digit() || next.behind(before::HASH));
    let coded = words.at(at + 2).has_digit() && at + 2 < end;
    let lettered = next.is_some_and(|next| next.len() == 1 || next.len() == 2 && coded && !next.has_digit());
    match word.meaning.unit {
        Unit::None => false,
        Unit::Always => !words.at(at).is("STE") || numbered || lettered,
        Unit::Numbered => numbered || lettered && !words.at(at).is("NO"),
        Unit::Alone if words.before(at).meaning.plain_suffix && next.is_some_and(|next| !next.is_suffix()) => true,
        Unit::Alone => numbered || next.is_none() || is_floor_behind(words, at, end),
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
            || words.at(at).is_any(&["GROUND", "LOWER", "UPPER", "MAIN", "TOP", "GRND"]))
        // `123 5TH FL 2` has a street named 5TH.
        && !(at + 3 == end && words.at(at + 2).is_number() && !words.at(at + 2).behind(before::COMMA | before::HASH))
}

/// Whether the word is a designator, which is not part of the identifier.
fn designates(words: &Words<'_>, at: usize, end: usize) -> bool {
    let unit = words.at(at).meaning.unit;
    unit != Unit::None && (is_mark(words, at, end) || at + 1 == end || unit == Unit::Always)
}

/// The end of the identifier that begins at `start`, see [`Units::take`]; `hashed` when only `#`
/// announces it.
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
        let post_box = words.at(at).is("P") && words.at(at + 1).is("O");
        if post_box || word.meaning.unit == Unit::Floor && !first {
            break;
        }
        let kept = !city_follows || short || word.behind(before::GLUE) || first && word.meaning.ordinal;
        if !kept {
            break;
        }
        at += 1;
    }
    at
}

/// Whether the designator may stand without an identifier.
fn is_alone(unit: Unit) -> bool {
    matches!(unit, Unit::Alone | Unit::Penthouse)
}
