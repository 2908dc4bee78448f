//! Addresses that are no named street: numbered roads, post office boxes and rural routes.

use std::ops::Range;

use super::tables::{ROADS, Road, Unit};
use super::words::{Words, before};
use crate::values::Values;

/// The end of a numbered road that begins at `at`: `STATE ROUTE 9`, `US 1`, `CR 14`,
/// `OLD HWY 66 BUSINESS`. USPS Publication 28, appendix F.
pub(super) fn numbered_road(words: &Words<'_>, start: usize, end: usize) -> Option<usize> {
    let mut at = start;
    let mut last = Road::None;
    while at < end && words.at(at).meaning.road != Road::None && !(at > start && words.at(at).behind(before::COMMA)) {
        let old = at > start && matches!(words.text(at - 1), "OLD" | "SCENIC");
        if old && words.text(at).starts_with('R') && words.text(at) != "ROUTE" && words.text(at) != "RT" {
            return None;
        }
        last = words.at(at).meaning.road;
        at += 1;
    }
    let owned = last == Road::Owner && words.text(at - 1) == "US";
    if at == start || at >= end || !(matches!(last, Road::Kind | Road::Part) || owned) {
        return None;
    }
    if words.text(at) == "NO" && at + 1 < end {
        at += 1;
    }
    let word = words.at(at);
    let lettered = word.len() <= 2
        && !word.is_direction()
        && !word.is_suffix()
        && at > start + usize::from(last == Road::Part)
        && (takes_letters(words, at - 1) || word.behind(before::HASH));
    let number = word.has_digit() && word.len() <= 5 && words.ordinal_digits(at).is_none();
    if word.behind(before::COMMA) || !(number || lettered) {
        return None;
    }
    let parts = (at + 1..end)
        .take_while(|&next| words.at(next).meaning.road == Road::Part && !words.at(next).behind(before::COMMA))
        .count();
    Some(at + 1 + parts)
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
            "" if words.text(at) == "NO" => values.cut(values.place() - usize::from(values.place() > start)),
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
            boxed || matches!(words.text(start), "RR" | "HC" | "HCR" | "RURAL" | "STAR" | "RFD") && route_end > at
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
    let text = |ahead: usize| words.text(at + ahead);
    let route = |ahead: usize| at + ahead + usize::from(matches!(text(ahead), "ROUTE" | "RT" | "RTE"));
    match text(0) {
        "P" if text(1) == "O" => ("PO", at + 2),
        "POST" if text(1) == "OFFICE" => ("PO", at + 2),
        "RR" | "RFD" => ("RR", at + 1),
        "R" if text(1) == "R" => ("RR", at + 2),
        "RURAL" => ("RR", route(1)),
        "HC" | "HCR" | "STAR" => ("HC", route(1)),
        "ROUTE" | "RT" | "RTE" | "RD" => ("RR", at + 1),
        "PO" | "POB" | "POBOX" => ("PO", at),
        _ => ("PO", at),
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
