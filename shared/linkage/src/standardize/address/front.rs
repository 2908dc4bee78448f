//! What stands before the house number or box: recipients, buildings and units.

use super::road::{self, MailBox};
use super::tables::Unit;
use super::unit::{Units, is_mark};
use super::words::{Words, before};

/// What is for the attention of somebody is no part of the address.
pub(super) fn before_attention(words: &Words<'_>, end: usize, city_follows: bool) -> usize {
    if city_follows {
        return end;
    }
    (1..end).find(|&at| words.at(at).is_any(&["ATTN", "ATTENTION"])).unwrap_or(end)
}

/// Takes units that stand before the house number: `APT 1B 626 E KILBOURN AVE`.
pub(super) fn take_leading_units(words: &Words<'_>, end: usize, units: &mut Units) -> usize {
    // `N/A SYCAMORE AVE` has no house number.
    if words.at(0).is("N") && words.at(1).is("A") && words.at(1).behind(before::JOINT) {
        return 2;
    }
    // `#2 TURNER RD` is house 2.
    if words.at(0).behind(before::HASH) && !words.at(1).has_digit() {
        return 0;
    }
    let mut at = take_leading_box(words, end, units);
    while at < end
        && words.at(at).meaning.unit != Unit::Box
        && is_mark(words, at, end)
        && !is_street_word(words, at, end)
    {
        let next = units.take(words, at, end, true);
        if next >= end && at == 0 {
            return next;
        }
        at = next;
    }
    at
}

/// Takes the drawer or lockbox inside a post office: `DRAWER 368 PO BOX 11407`.
fn take_leading_box(words: &Words<'_>, end: usize, units: &mut Units) -> usize {
    let inner = words.at(0).is_any(&["DRAWER", "LOCKBOX", "BOX"]) && words.at(1).has_digit();
    if inner && words.at(2).is_any(&["PO", "P", "POB"]) && MailBox::read(words, 2, end).is_some() {
        units.add_words(1, 2);
        return 2;
    }
    0
}

/// Whether a unit word begins a street: `KEY 5 RD`.
fn is_street_word(words: &Words<'_>, at: usize, end: usize) -> bool {
    at + 1 < end && words.at(at + 1).is_suffix()
}

/// The end of the line that begins at `start`: the next comma.
pub(super) fn line_end(words: &Words<'_>, start: usize, end: usize) -> usize {
    words.comma(start + 1, end)
}

/// Skips the name of a person or building before the house number or box.
pub(super) fn skip_recipient(words: &Words<'_>, start: usize, end: usize) -> usize {
    let first = words.at(start);
    let numbered = || road::numbered_road(words, start, end).is_some();
    if first.has_digit() || first.meaning.number != 0 || numbered() || MailBox::read(words, start, end).is_some() {
        return start;
    }
    let house = (start + 1..end).find(|&at| is_house_line(words, start, at, end));
    let boxed = |at: usize| words.at(at).is_any(&["PO", "POB", "POBOX", "P", "BOX"]);
    let post_box = || (start + 1..end).find(|&at| boxed(at) && MailBox::read(words, at, end).is_some());
    house.or_else(post_box).unwrap_or(start)
}

/// Whether a number begins the line of a street, behind a name that is no street.
fn is_house_line(words: &Words<'_>, start: usize, at: usize, end: usize) -> bool {
    let (word, next) = (words.at(at), words.at(at + 1));
    let line = line_end(words, at, end);
    let numbered = word.starts_with_digit()
        && !word.behind(before::HASH | before::JOINT)
        && words.ordinal_digits(at).is_none()
        && at + 1 < line
        && !next.is_suffix();
    if !numbered || words.marks(start, at + 1).any(|mark| is_mark(words, mark, end)) {
        return false;
    }
    let named = word.behind(before::COMMA) && !next.has_digit() && next.meaning.unit == Unit::None;
    let pointed = next.is_direction() && at + 2 < line;
    words.first_plain(at + 1, line).is_some() || (pointed || named) && words.first_plain(start, at).is_none()
}
