//! US street addresses, read in one pass over their words.

mod bytes;
mod city;
mod front;
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

use self::bytes::PADDING;
use self::front::{before_attention, line_end, skip_recipient, take_leading_units};
use self::house::House;
use self::layout::{Known, Layout};
use self::place::Place;
use self::road::MailBox;
use self::street::{Street, append_full};
use self::unit::Units;
use self::words::{Words, direction};
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
    text.clear();
    text.push_str(PADDING);
    fold::upper(raw, text);
    if [b'.', b'\''].iter().any(|sign| text.as_bytes().contains(sign)) {
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
        let (mail_box, street_end) = MailBox::read(words, start, end).unzip();
        let line = if mail_box.is_some() { start } else { line_end(words, start, end) };
        let (house, body) = House::take(words, start, line).unzip();
        let known = Known { place: place.is_known(), house: house.is_some(), street_end };
        let mut layout = Layout::read(words, body.unwrap_or(start), end, known, units);
        if layout.city.is_empty() && place.is_city(words) {
            layout.city = place.take_city(words);
        }
        let mut street = match mail_box {
            Some(_) => Street::default(),
            None => Street::read(words, layout.street.start, layout.street.end, house.is_some()),
        };
        match layout.direction {
            Some(at) if street.postdirection == 0 => street.postdirection = words.at(at).meaning.direction,
            Some(at) if layout.units.is_empty() => layout.units.add_words(at, at + 1),
            _ => {}
        }
        Self { house, mail_box, street, units: layout.units, city: layout.city, place }
    }

    /// Writes the full line once; its parts are places in it.
    fn write(&self, words: &Words<'_>, values: &mut Values) {
        let start = values.place();
        match &self.house {
            Some(house) => house.write(self.street.has_one_side(words), values),
            None => values.push_nulls(4),
        }
        let (pre, post) = (self.street.predirection, self.street.postdirection);
        let way = append_part(values, start, direction(self.street.direction()));
        let name = self.append_name(words, values, start);
        let suffix = append_part(values, start, self.street.suffix(words));
        let last = if pre != 0 && post != 0 { append_part(values, start, direction(post)) } else { way };
        let street = if name.0 == name.1 || way.0 == way.1 { name } else { (way.0, name.1) };
        let full = (start, values.place());
        values.seal();
        values.push_places([way, name, street, suffix]);
        self.units.write(words, values);
        let known = |index: u8, part: (usize, usize)| if index == 0 { (start, start) } else { part };
        values.push_places([full, known(pre, way), known(post, last)]);
        write_city(words, &self.city, values);
        values.push(Some(words.state(self.place.state)));
        self.place.write_zip(words, values);
    }

    /// Appends the name of the street or box and gives its place.
    fn append_name(&self, words: &Words<'_>, values: &mut Values, start: usize) -> (usize, usize) {
        let end = values.place();
        values.append(if end > start { " " } else { "" });
        let from = values.place();
        match &self.mail_box {
            Some(found) => found.write(words, values),
            None => self.street.write_name(words, values),
        }
        if values.place() == from {
            values.cut(end);
            return (end, end);
        }
        (from, values.place())
    }
}

/// Adds the name of a city in full words.
fn write_city(words: &Words<'_>, city: &Range<usize>, values: &mut Values) {
    for at in city.clone() {
        let word = words.at(at);
        if at > city.start {
            values.append(" ");
        }
        match word.is_direction() && at == city.start && city.len() > 1 {
            true => values.append(words.direction_word(word.meaning.direction)),
            false => append_full(words, at, city, values),
        }
    }
    values.finish();
}

/// Appends a part of the full line behind a space and gives its place.
fn append_part(values: &mut Values, start: usize, part: &str) -> (usize, usize) {
    if !part.is_empty() && values.place() > start {
        values.append(" ");
    }
    let from = values.place();
    values.append(part);
    (from, values.place())
}
