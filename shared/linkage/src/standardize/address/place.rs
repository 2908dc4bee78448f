//! The end of an address line: state, ZIP code and country, and the words a city has.

use super::tables::{LONG_STATES, Road, STATES, Unit};
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
        let mut end = without_country(words);
        if end > 1
            && words.at(end - 1).is_number()
            && words.text(end - 1).len() == 4
            && is_zip(words, end - 2)
            && words.text(end - 2).len() == 5
        {
            (place.zip, place.zip4) = (Some(end - 2), Some(end - 1));
            end -= 2;
        } else if end > 0 && is_zip(words, end - 1) {
            place.zip = Some(end - 1);
            end -= 1;
        }
        if let Some((state, start)) = state_before(words, end)
            && (place.zip.is_some() || stands_alone(words, start, end))
        {
            (place.state, place.state_start) = (state, start);
            end = start;
            // `GEORGIA, GA`
            if let Some((again, start)) = state_before(words, end)
                && again == state
                && start > 1
                && words.at(start).behind(before::COMMA)
                && !matches!(words.text(start), "NEW" | "NY")
            {
                end = start;
            }
        }
        if place.zip.is_none() && place.state == 0 {
            end = words.len();
        }
        (place, end)
    }

    /// Whether there is a state or ZIP code, so that a city may stand before it.
    pub(super) fn is_known(&self) -> bool {
        self.state != 0 || self.zip.is_some()
    }

    /// Whether the words read as a state are a city, there being no other: `260 5TH AVE, NEW YORK`.
    pub(super) fn is_city(&self, words: &Words<'_>) -> bool {
        self.state != 0
            && matches!(words.text(self.state_start), "NEW" | "WASHINGTON")
            && matches!(words.text(self.state_start + 1), "YORK" | "")
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
    let text = |back: usize| end.checked_sub(back).map_or("", |at| words.text(at));
    match text(1) {
        "USA" => end - 1,
        "US" if end > 2 && (is_zip(words, end - 2) || words.at(end - 2).meaning.state != 0 || text(2) == "STATES") => {
            end - 1
        }
        "STATES" if text(2) == "UNITED" => end - 2,
        "AMERICA" if text(2) == "OF" && text(4) == "UNITED" => end - 4,
        _ => end,
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
    let meaning = words.at(at - 1).meaning;
    (!matches!(meaning.unit, Unit::None | Unit::Alone) && meaning.state == 0)
        || (meaning.road == Road::Kind && meaning.state == 0)
}

/// The state whose words end before `end`, and where they begin.
fn state_before(words: &Words<'_>, end: usize) -> Option<(u8, usize)> {
    let last = end.checked_sub(1)?;
    let long = || {
        let (first, second) = (words.text(last.checked_sub(1)?), words.text(last));
        let (_, _, code) = LONG_STATES.iter().find(|(one, two, _)| *two == second && *one == first)?;
        let state = STATES.iter().position(|line| line.split(' ').next() == Some(code))?;
        Some((u8::try_from(state + 1).ok()?, last - 1))
    };
    let word = words.at(last);
    if word.has_digit() {
        return None;
    }
    if last > 1 && words.text(last) == "COLUMBIA" && words.text(last - 1) == "OF" && words.text(last - 2) == "DISTRICT"
    {
        return Some((DISTRICT, last - 2));
    }
    // Only these end a state of two words.
    let two = matches!(
        words.text(last),
        "HAMPSHIRE"
            | "JERSEY"
            | "MEXICO"
            | "YORK"
            | "CAROLINA"
            | "DAKOTA"
            | "ISLAND"
            | "VIRGINIA"
            | "RICO"
            | "C"
            | "Y"
            | "J"
    );
    let found = if two { long() } else { None };
    found.or_else(|| (word.meaning.state != 0).then_some((word.meaning.state, last)))
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
    if (1..start).any(|at| words.at(at).behind(before::COMMA)) {
        return true;
    }
    if before.is_direction()
        || before.meaning.plain_suffix && first.is_suffix()
        || before.meaning.ordinal
        || before.has_digit()
    {
        return false;
    }
    let street_end = (1..start).rev().find(|&at| words.at(at).meaning.plain_suffix || words.at(at).has_digit());
    let plain = !first.is_suffix() && !first.is_direction() && first.meaning.unit == Unit::None;
    let word = matches!(words.text(start), "LA" | "DE" | "IN" | "OR" | "ME" | "HI" | "OK" | "CO" | "AL" | "ID");
    street_end.is_some_and(|at| at + 1 < start) || plain && !word && start > 2 && words.at(0).starts_with_digit()
}
