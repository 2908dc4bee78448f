//! Addresses that are no named street: numbered roads, post office boxes and rural routes.

use std::ops::Range;

use super::tables::{ROADS, Road, Unit};
use super::words::{Words, before};
use crate::values::Values;

/// The end of a numbered road that begins at `at`: `STATE ROUTE 9`, `US 1`, `CR 14`,
/// `OLD HWY 66 BUSINESS`. USPS Publication 28, appendix F.
pub(super) fn numbered_road(words: &Words<'_>, start: usize, end: usize) -> Option<usize> {
    let mut at = behind_road_words(words, start, end)?;
    let last = words.at(at - 1);
    let named = matches!(last.meaning.road, Road::Kind | Road::Part) || last.is("US");
    at += usize::from(words.at(at).is("NO") && at + 1 < end);
    let word = words.at(at);
    let plain = word.len() <= 2 && !word.is_direction() && !word.is_suffix();
    let lettered = plain && (takes_letters(words, at - 1) || word.behind(before::HASH));
    let number = word.has_digit() && word.len() <= 5 && words.ordinal_digits(at).is_none();
    if !named || word.behind(before::COMMA) || !(number || lettered) {
        return None;
    }
    let part = |&next: &usize| words.at(next).meaning.road == Road::Part && !words.at(next).behind(before::COMMA);
    Some(at + 1 + (at + 1..end).take_while(part).count())
}

/// The place behind the words that a numbered road begins with; null when nothing follows them.
fn behind_road_words(words: &Words<'_>, start: usize, end: usize) -> Option<usize> {
    let fits = |&at: &usize| {
        let word = words.at(at);
        word.meaning.road != Road::None && (at == start || !word.behind(before::COMMA))
    };
    let at = start + (start..end).take_while(fits).count();
    // `12 OLD ROAD 5` has a unit.
    let old =
        (start + 1..at).any(|at| words.at(at - 1).is_any(&["OLD", "SCENIC"]) && words.at(at).is_any(&["ROAD", "RD"]));
    (at > start && at < end && !old).then_some(at)
}

/// Roads of counties and highways have letters for numbers: `COUNTY ROAD MM`, `HIGHWAY K`.
fn takes_letters(words: &Words<'_>, kind: usize) -> bool {
    let form = form(words, kind);
    form.contains("HIGHWAY")
        || form.contains("COUNTY")
        || kind > 0 && form == "ROAD" && form_is(words, kind - 1, "COUNTY")
}

fn form_is(words: &Words<'_>, at: usize, wanted: &str) -> bool {
    form(words, at) == wanted
}

fn form(words: &Words<'_>, at: usize) -> &'static str {
    usize::from(words.at(at).meaning.road_index)
        .checked_sub(1)
        .and_then(|at| ROADS.get(at))
        .map_or("", |(_, _, form)| form)
}

/// Writes the words of a numbered road in full; a road of the US is always a highway.
pub(super) fn write_numbered_road(words: &Words<'_>, road: Range<usize>, values: &mut Values) {
    let start = values.place();
    for at in road {
        if values.place() > start {
            values.append(" ");
        }
        let us = at > 0 && form_is(words, at - 1, "US");
        match form(words, at) {
            "" if words.at(at).is("NO") => values.cut(values.place() - usize::from(values.place() > start)),
            "ROUTE" if us => values.append("HIGHWAY"),
            "" if us => {
                values.append("HIGHWAY ");
                values.append(words.text(at));
            }
            "" => values.append(words.text(at)),
            form => values.append(form),
        }
    }
}

/// A box to deliver mail to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailBox {
    /// `PO`, `RR` or `HC`.
    kind: &'static str,
    /// The words of the route number.
    route: Range<usize>,
    /// The words of the box number.
    number: Range<usize>,
}

impl MailBox {
    /// The box whose words begin at `at`, and the place behind: `PO BOX 12`, `BOX # 12`,
    /// `RR 2 BOX 103 A`, `HC ROUTE 68 BOX 23A`.
    pub(super) fn read(words: &Words<'_>, start: usize, end: usize) -> Option<(Self, usize)> {
        // Most addresses begin with a house number.
        if words.at(start).has_digit() {
            return None;
        }
        let (kind, at) = kind(words, start);
        let route_end = if kind == "PO" { at } else { number_end(words, at, end) };
        let mut next = route_end;
        let boxed = words.at(next).meaning.unit == Unit::Box && next < end;
        while next < end && words.at(next).meaning.unit == Unit::Box {
            next += 1;
        }
        let number = next..number_end(words, next, end);
        // A route alone must say so in a word that is nothing else.
        let complete = if kind == "PO" {
            boxed && !number.is_empty()
        } else {
            boxed || words.at(start).is_any(&["RR", "HC", "HCR", "RURAL", "STAR", "RFD"]) && route_end > at
        };
        complete.then(|| (Self { kind, route: at..route_end, number: number.clone() }, number.end))
    }

    /// Writes `PO BOX 12` or `RR 2 BOX 103A`.
    pub(super) fn write(&self, words: &Words<'_>, values: &mut Values) {
        values.append(self.kind);
        append_number(words, &self.route, " ", values);
        append_number(words, &self.number, " BOX ", values);
    }
}

fn append_number(words: &Words<'_>, number: &Range<usize>, before: &str, values: &mut Values) {
    if !number.is_empty() {
        values.append(before);
    }
    for at in number.clone() {
        words.text(at).split('-').for_each(|piece| values.append(piece));
    }
}

/// The kind of box a line begins with, and the place of the route number or of `BOX`.
fn kind(words: &Words<'_>, at: usize) -> (&'static str, usize) {
    let word = words.at(at);
    let route = |at: usize| at + usize::from(words.at(at).is_any(&["ROUTE", "RT", "RTE"]));
    if word.is("P") && words.at(at + 1).is("O") || word.is("POST") && words.at(at + 1).is("OFFICE") {
        ("PO", at + 2)
    } else if word.is_any(&["RR", "RFD", "ROUTE", "RT", "RTE", "RD"]) {
        ("RR", at + 1)
    } else if word.is("R") && words.at(at + 1).is("R") {
        ("RR", at + 2)
    } else if word.is("RURAL") {
        ("RR", route(at + 1))
    } else if word.is_any(&["HC", "HCR", "STAR"]) {
        ("HC", route(at + 1))
    } else {
        ("PO", at)
    }
}

/// The end of a number that begins at `at`, with a letter behind it: `103 A`.
fn number_end(words: &Words<'_>, at: usize, end: usize) -> usize {
    if at >= end || !words.at(at).has_digit() && words.at(at).len() != 1 {
        return at;
    }
    let letter = at + 1 < end
        && words.at(at + 1).len() == 1
        && words.at(at).is_number()
        && !words.at(at + 1).has_digit()
        && !words.at(at + 1).behind(before::COMMA)
        && !words.at(at + 1).is_direction();
    at + 1 + usize::from(letter)
}
