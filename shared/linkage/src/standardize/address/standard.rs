//! Single parts of an address in their standard form, for tests that have them apart.

use super::place::Place;
use super::prepare;
use super::street::Street;
use super::tables::Unit;
use super::unit::Units;
use super::words::{Words, direction};
use crate::values::Values;

fn with_words(raw: &str, write: impl FnOnce(&Words<'_>, &mut Values)) -> String {
    let (mut text, mut values) = (String::new(), Values::default());
    prepare(raw, &mut text);
    write(&Words::scan(&text), &mut values);
    values.get(0).unwrap_or_default().to_owned()
}

/// Letters and digits alone, numbers in words as digits.
pub(crate) fn standard_number(raw: &str) -> String {
    with_words(raw, |words, values| {
        for at in 0..words.len() {
            match words.at(at).meaning.number {
                0 => words.text(at).split('-').for_each(|piece| values.append(piece)),
                number => values.append_number(u32::from(number)),
            }
        }
        values.finish();
    })
}

/// The abbreviation of a direction.
pub(crate) fn standard_direction(raw: &str) -> String {
    with_words(raw, |words, values| values.push(Some(direction(words.at(0).meaning.direction))))
}

/// A street name without directions and suffix.
pub(crate) fn standard_name(raw: &str) -> String {
    with_words(raw, |words, values| {
        Street::named(words).write_name(words, values);
        values.finish();
    })
}

/// The standard abbreviation of a suffix.
pub(crate) fn standard_suffix(raw: &str) -> String {
    with_words(raw, |words, values| values.push(words.suffix(words.len().saturating_sub(1)).map(|suffix| suffix.short)))
}

/// A unit identifier.
pub(crate) fn standard_unit(raw: &str) -> String {
    with_words(raw, |words, values| {
        let mut units = Units::default();
        let only = words.len() == 1;
        for at in 0..words.len() {
            let unit = words.at(at).meaning.unit;
            if unit == Unit::None || only && matches!(unit, Unit::Alone | Unit::Penthouse) {
                units.add_words(at, at + 1);
            }
        }
        units.write(words, values);
    })
    .replace(' ', "")
}

/// The name of a city.
pub(crate) fn standard_city(raw: &str) -> String {
    with_words(raw, |words, values| super::write_city(words, &(0..words.len()), values))
}

/// The code of a state.
pub(crate) fn standard_state(raw: &str) -> String {
    with_words(&format!("X, {raw}"), |words, values| values.push(Some(words.state(Place::read(words).0.state))))
}
