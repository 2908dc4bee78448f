//! US street addresses, read in one pass over their words.

mod house;
mod layout;
mod meaning;
mod place;
mod road;
#[cfg(test)]
mod standard;
mod street;
mod suffixes;
mod tables;
mod unit;
mod words;

use std::ops::Range;

use self::house::House;
use self::layout::{Known, Layout};
use self::place::Place;
use self::road::MailBox;
use self::street::{Street, append_full};
use self::tables::Unit;
use self::unit::{Units, is_mark};
use self::words::{Words, before, direction, state};
use super::fold;
use crate::values::Values;

#[cfg(test)]
pub(crate) use self::standard::{
    standard_city, standard_direction, standard_name, standard_number, standard_state, standard_suffix, standard_unit,
};

/// The parts of an address, in the order [`read`] adds them.
pub(super) const PARTS: [&str; 16] = [
    "house",
    "house_low",
    "house_high",
    "house_suffix",
    "direction",
    "name",
    "street",
    "suffix",
    "unit",
    "full",
    "predirection",
    "postdirection",
    "city",
    "state",
    "zip",
    "zip4",
];

/// Reads a US address and adds its [`PARTS`].
pub(super) fn read(raw: &str, values: &mut Values) {
    let mut text = values.take_scratch();
    prepare(raw, &mut text);
    let words = Words::scan(&text);
    Address::read(&words).write(&words, values);
    values.return_scratch(text);
}

/// Upper case, without the dots and apostrophes that stand inside words.
fn prepare(raw: &str, text: &mut String) {
    fold::upper(raw, text);
    if text.bytes().any(|byte| matches!(byte, b'.' | b'\'')) {
        text.retain(|letter| !matches!(letter, '.' | '\''));
    }
}

/// An address whose words are sorted.
struct Address<'t> {
    house: Option<House<'t>>,
    mail_box: Option<MailBox>,
    street: Street,
    units: Units,
    city: Range<usize>,
    place: Place,
}

impl<'t> Address<'t> {
    fn read(words: &Words<'t>) -> Self {
        let (mut place, end) = Place::read(words);
        let end = before_attention(words, end, place.is_known());
        let mut units = Units::default();
        let start = skip_recipient(words, take_leading_units(words, end, &mut units), end);
        let mail_box = MailBox::read(words, start, end);
        let house = if mail_box.is_some() { None } else { House::take(words, start, line_end(words, start, end)) };
        let body = house.as_ref().map_or(start, |(_, next)| *next);
        let known = Known {
            place: place.is_known(),
            house: house.is_some(),
            street_end: mail_box.as_ref().map(|(_, end)| *end),
        };
        let mut layout = Layout::read(words, body, end, known, units);
        if layout.city.is_empty() && place.is_city(words) {
            layout.city = place.state_start..place.zip.unwrap_or(words.len());
            place.state = 0;
        }
        let mut street = if mail_box.is_some() {
            Street::default()
        } else {
            Street::read(words, layout.street.start, layout.street.end, house.is_some())
        };
        if layout.direction != 0 && street.postdirection == 0 {
            street.postdirection = layout.direction;
        }
        Self {
            house: house.map(|(house, _)| house),
            mail_box: mail_box.map(|(found, _)| found),
            street,
            units: layout.units,
            city: layout.city,
            place,
        }
    }

    /// Writes the full line once; its parts are places in it.
    fn write(&self, words: &Words<'_>, values: &mut Values) {
        let start = values.place();
        match &self.house {
            Some(house) => house.write(values),
            None => values.push_nulls(4),
        }
        let way = append_part(values, start, direction(self.street.direction(), 0).unwrap_or_default());
        let name = self.append_name(words, values, start);
        let suffix = append_part(values, start, self.street.suffix(words));
        let both = self.street.predirection != 0 && self.street.postdirection != 0;
        let post = if both {
            append_part(values, start, direction(self.street.postdirection, 0).unwrap_or_default())
        } else {
            way.clone()
        };
        let street = if name.is_empty() {
            name.clone()
        } else if way.is_empty() {
            name.clone()
        } else {
            way.start..name.end
        };
        let full = start..values.place();
        values.seal();
        [&way, &name, &street, &suffix].into_iter().for_each(|part| values.push_place(part.start, part.end));
        self.units.write(words, values);
        values.push_place(full.start, full.end);
        let pre = if self.street.predirection == 0 { full.start..full.start } else { way };
        let post = if self.street.postdirection == 0 { full.start..full.start } else { post };
        [&pre, &post].into_iter().for_each(|part| values.push_place(part.start, part.end));
        self.write_place(words, values);
    }

    fn append_name(&self, words: &Words<'_>, values: &mut Values, start: usize) -> Range<usize> {
        let end = values.place();
        if end > start {
            values.append(" ");
        }
        let from = values.place();
        match &self.mail_box {
            Some(found) => found.write(words, values),
            None => self.street.write_name(words, values),
        }
        if values.place() == from {
            values.cut(end);
            return end..end;
        }
        from..values.place()
    }

    fn write_place(&self, words: &Words<'_>, values: &mut Values) {
        write_city(words, self.city.clone(), values);
        values.push(state(self.place.state));
        self.place.write_zip(words, values);
    }
}

/// Adds the name of a city in full words.
fn write_city(words: &Words<'_>, city: Range<usize>, values: &mut Values) {
    for at in city.clone() {
        if at > city.start {
            values.append(" ");
        }
        match words.at(at) {
            word if word.is_direction() && at == city.start && city.len() > 1 => {
                values.append(direction(word.meaning.direction, 1).unwrap_or_default());
            }
            _ => append_full(words, at, &city, values),
        }
    }
    values.finish();
}

/// Appends a part of the full line behind a space and gives its place.
fn append_part(values: &mut Values, start: usize, part: &str) -> Range<usize> {
    if !part.is_empty() && values.place() > start {
        values.append(" ");
    }
    let from = values.place();
    values.append(part);
    from..values.place()
}

/// What is for the attention of somebody is no part of the address.
fn before_attention(words: &Words<'_>, end: usize, city_follows: bool) -> usize {
    let found = (1..end).find(|&at| !city_follows && matches!(words.text(at), "ATTN" | "ATTENTION"));
    found.unwrap_or(end)
}

/// Takes units that stand before the house number: `APT 1B 626 E KILBOURN AVE`.
fn take_leading_units(words: &Words<'_>, end: usize, units: &mut Units) -> usize {
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
    let inner = matches!(words.text(0), "DRAWER" | "LOCKBOX" | "BOX") && words.at(1).has_digit();
    if inner && matches!(words.text(2), "PO" | "P" | "POB") && MailBox::read(words, 2, end).is_some() {
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
fn line_end(words: &Words<'_>, start: usize, end: usize) -> usize {
    (start + 1..end).find(|&at| words.at(at).behind(before::COMMA)).unwrap_or(end)
}

/// Skips the name of a person or building before the house number or box.
fn skip_recipient(words: &Words<'_>, start: usize, end: usize) -> usize {
    let first = words.at(start);
    if first.has_digit()
        || first.meaning.number != 0
        || road::numbered_road(words, start, end).is_some()
        || MailBox::read(words, start, end).is_some()
    {
        return start;
    }
    let house = (start + 1..end).find(|&at| is_house_line(words, start, at, end));
    let post_box = || {
        (start + 1..end).find(|&at| {
            matches!(words.text(at), "PO" | "POB" | "POBOX" | "P" | "BOX") && MailBox::read(words, at, end).is_some()
        })
    };
    house.or_else(post_box).unwrap_or(start)
}

/// Whether a number begins the line of a street, behind a name that is no street.
fn is_house_line(words: &Words<'_>, start: usize, at: usize, end: usize) -> bool {
    let (word, next) = (words.at(at), words.at(at + 1));
    let line = line_end(words, at, end);
    if !word.starts_with_digit()
        || word.behind(before::HASH | before::JOINT)
        || words.ordinal_digits(at).is_some()
        || at + 1 >= line
        || next.is_suffix()
        || is_mark(words, at, end)
    {
        return false;
    }
    if (start..at).any(|before| is_mark(words, before, end)) {
        return false;
    }
    let street_before = (start..at).any(|before| words.at(before).meaning.plain_suffix);
    let street = (at + 1..line).any(|next| words.at(next).meaning.plain_suffix);
    let pointed = next.is_direction() && at + 2 < line
        || word.behind(before::COMMA) && !next.has_digit() && next.meaning.unit == Unit::None;
    street || pointed && !street_before
}
