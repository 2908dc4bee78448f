//! The end of an address line: state, ZIP code and country.

use std::ops::Range;

use super::tables::{LONG_STATES, Road, Unit};
use super::words::{Words, before};
use crate::values::Values;

/// Index of `DC`.
const DISTRICT: u8 = 9;

/// State and ZIP of an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Index of the state, 0 for none.
    pub(super) state: u8,
    /// Where the word of the ZIP code stands.
    pub(super) zip: Option<usize>,
    /// Where four digits stand behind it as a word of their own.
    zip4: Option<usize>,
    /// Where the words of the state begin.
    pub(super) state_start: usize,
}

impl Place {
    /// Takes country, ZIP code and state off the end; gives where they begin.
    pub(super) fn read(words: &Words<'_>) -> (Self, usize) {
        let mut place = Self::default();
        let mut end = place.take_zip(words, without_country(words));
        match state_before(words, end) {
            Some((state, start)) if place.zip.is_some() || stands_alone(words, start, end) => {
                (place.state, place.state_start) = (state, start);
                end = start;
                // `GEORGIA, GA`
                let before = words.before(end);
                end -= usize::from(before.behind(before::COMMA) && before.meaning.state == state && !before.is("NY"));
            }
            _ if place.zip.is_none() => end = words.len(),
            _ => {}
        }
        (place, end)
    }

    /// Takes the ZIP code that ends before `end`; gives where it begins.
    fn take_zip(&mut self, words: &Words<'_>, end: usize) -> usize {
        let digits = |at: usize| if words.at(at).is_number() { words.at(at).len() } else { 0 };
        if end > 1 && digits(end - 1) == 4 && digits(end - 2) == 5 && is_zip(words, end - 2) {
            (self.zip, self.zip4) = (Some(end - 2), Some(end - 1));
            return end - 2;
        }
        if end > 0 && is_zip(words, end - 1) {
            self.zip = Some(end - 1);
            return end - 1;
        }
        end
    }

    /// Whether there is a state or ZIP code, so that a city may stand before it.
    pub(super) fn is_known(&self) -> bool {
        self.state != 0 || self.zip.is_some()
    }

    /// Whether the words read as a state are a city, there being no other: `260 5TH AVE, NEW YORK`.
    pub(super) fn is_city(&self, words: &Words<'_>) -> bool {
        self.state != 0
            && words.at(self.state_start).is_any(&["NEW", "WASHINGTON"])
            && matches!(words.text(self.state_start + 1), "YORK" | "")
    }

    /// Gives the words of the state, which are a city.
    pub(super) fn take_city(&mut self, words: &Words<'_>) -> Range<usize> {
        self.state = 0;
        self.state_start..self.zip.unwrap_or(words.len())
    }

    /// Adds the five digits of the ZIP code and the four behind them.
    pub(super) fn write_zip(&self, words: &Words<'_>, values: &mut Values) {
        let text = self.zip.map_or("", |at| words.text(at));
        let (five, four) = text.split_at_checked(5).unwrap_or((text, ""));
        if !five.is_empty() {
            values.append("00000".get(five.len()..).unwrap_or_default());
        }
        values.append(five);
        values.finish();
        values.push(Some(self.zip4.map_or(four.trim_start_matches('-'), |at| words.text(at))));
    }
}

fn without_country(words: &Words<'_>) -> usize {
    let end = before_country(words, words.len());
    if end < words.len() { before_country(words, end) } else { end }
}

fn before_country(words: &Words<'_>, end: usize) -> usize {
    let is = |back: usize, text: &str| end.checked_sub(back).is_some_and(|at| words.at(at).is(text));
    if is(1, "USA") {
        end - 1
    } else if is(1, "US") && end > 2 {
        let place = is_zip(words, end - 2) || words.at(end - 2).meaning.state != 0 || is(2, "STATES");
        end - usize::from(place)
    } else if is(1, "STATES") && is(2, "UNITED") {
        end - 2
    } else if is(1, "AMERICA") && is(2, "OF") && is(4, "UNITED") {
        end - 4
    } else {
        end
    }
}

/// Five digits, nine, or five and four with a hyphen. Three or four digits behind a state lost
/// their leading zeros in a spreadsheet.
fn is_zip(words: &Words<'_>, at: usize) -> bool {
    let (word, text) = (words.at(at), words.text(at));
    let numbered = |at: usize| words.at(at).behind(before::HASH) || announces_number(words, at);
    match text.len() {
        // The first word is a house number, and the second would leave none.
        5 | 9 if word.is_number() => {
            at > 0 && !numbered(at) && (at > 1 || words.at(0).meaning.state != 0 || !words.at(0).has_digit())
        }
        10 if word.has_hyphen() => {
            let (front, back) = text.split_once('-').unwrap_or_default();
            front.len() == 5 && [front, back].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        }
        3 | 4 if word.is_number() => {
            at > 2 && state_before(words, at).is_some_and(|(_, start)| stands_alone(words, start, at))
        }
        _ => false,
    }
}

/// Whether the word before announces a number that is no ZIP code.
fn announces_number(words: &Words<'_>, at: usize) -> bool {
    let meaning = words.before(at).meaning;
    meaning.state == 0 && (!matches!(meaning.unit, Unit::None | Unit::Alone) || meaning.road == Road::Kind)
}

/// The state whose words end before `end`, and where they begin.
fn state_before(words: &Words<'_>, end: usize) -> Option<(u8, usize)> {
    let last = end.checked_sub(1)?;
    let meaning = words.at(last).meaning;
    let long = if meaning.state_end { long_state(words, last) } else { None };
    long.or_else(|| (meaning.state != 0).then_some((meaning.state, last)))
}

/// The state of two or three words that ends with the word at `last`.
fn long_state(words: &Words<'_>, last: usize) -> Option<(u8, usize)> {
    let before = last.checked_sub(1)?;
    if last > 1 && words.at(last).is("COLUMBIA") && words.at(before).is("OF") && words.at(last - 2).is("DISTRICT") {
        return Some((DISTRICT, last - 2));
    }
    let (first, second) = (words.text(before), words.text(last));
    let (_, _, code) = LONG_STATES.iter().find(|(one, two, _)| *two == second && *one == first)?;
    Some((words.state_index(code)?, before))
}

/// Whether a state without a ZIP code is one, where `CT`, `LA` or `AL` might also end a street:
/// it stands behind a comma, or words that may be a city part it from the street before.
fn stands_alone(words: &Words<'_>, start: usize, end: usize) -> bool {
    if start == 0 {
        return false;
    }
    let (first, before) = (words.at(start), words.at(start - 1));
    if first.behind(before::COMMA) {
        // `123 MAIN ST, NE` has a direction.
        return !words.at(end - 1).is_direction() || !before.is_suffix();
    }
    if words.comma(1, start) < start {
        return true;
    }
    let suffixes = before.meaning.plain_suffix && first.is_suffix();
    if suffixes || before.is_direction() || before.meaning.ordinal || before.has_digit() {
        return false;
    }
    let numbered = |&at: &usize| words.at(at).has_digit() && !first.is_suffix();
    let street_end = words.last_plain(1, start).or_else(|| (2..start).rev().find(numbered));
    let plain = !first.is_suffix() && !first.is_direction() && first.meaning.unit == Unit::None;
    let word = words.at(start).is_any(&["LA", "DE", "IN", "OR", "ME", "HI", "OK", "CO", "AL", "ID", "PA"]);
    street_end.is_some_and(|at| at + 1 < start) || plain && !word && start > 3 && words.at(0).starts_with_digit()
}
