//! The listing side: what an agent typed about a property the assessor describes with care.
//!
//! The probabilities in the code are shares of listings.

use super::{
    places::{DIRECTIONS, ORDINALS, SUFFIXES},
    random::Random,
    render::{bathrooms, join, shorten},
    world::{Address, Person, Property},
};

/// The cells of one listing, after its key.
pub(crate) fn listing(random: &mut Random, truth: &Property) -> Vec<String> {
    let sold = random.chance(0.10);
    let owner = if sold { Person::any(random) } else { truth.owner.clone() };
    let address = address(random, &truth.address);
    let city = city(random, truth.city.name);
    let zip = zip(random, truth);
    let beds = truth.bedrooms + u64::from(random.chance(0.02));
    let baths = truth.half_baths + u64::from(random.chance(0.03));
    let built = truth.year_built + u64::from(random.chance(0.04));
    let cells = [
        (zip, 0.08),
        (beds.to_string(), 0.06),
        (bathrooms(baths), 0.06),
        (sqft(random, truth.sqft).to_string(), 0.08),
        (built.to_string(), 0.10),
        (estimate(random, truth.value).to_string(), 0.10),
        (owner_name(random, &owner), 0.05),
    ];
    let mut row = vec![address, city, truth.city.state.to_owned()];
    row.extend(cells.map(|(cell, missing)| match random.chance(missing) {
        true => String::new(),
        false => cell,
    }));
    row
}

fn address(random: &mut Random, truth: &Address) -> String {
    let number = match random.chance(0.004) {
        true => swap_digits(truth.number),
        false => truth.number.to_string(),
    };
    let mut street = street(random, truth.street);
    if random.chance(0.10) {
        street = typo(random, &street);
    }
    let direction = truth.direction.map_or("", |index| spelling(random, DIRECTIONS[index], 0.04));
    let suffix = spelling(random, SUFFIXES[truth.suffix], 0.04);
    let dot = if suffix.len() < 5 && random.chance(0.1) { "." } else { "" };
    let body = join(&[&number, direction, &street, suffix]);
    let unit = truth.unit.as_deref().map_or(String::new(), |unit| designate(random, unit));
    cased(random, &format!("{body}{}{unit}", if suffix.is_empty() { "" } else { dot }))
}

/// Long, short or, with probability `missing`, not written at all.
fn spelling(random: &mut Random, (long, short): (&'static str, &'static str), missing: f64) -> &'static str {
    if random.chance(missing) {
        return "";
    }
    if random.chance(0.45) { long } else { short }
}

fn street(random: &mut Random, truth: &str) -> String {
    let in_words = ORDINALS.iter().find(|(_, digits)| *digits == truth);
    match in_words {
        Some((word, _)) if random.chance(0.2) => (*word).to_owned(),
        _ if random.chance(0.5) => shorten(truth),
        _ => truth.to_owned(),
    }
}

fn designate(random: &mut Random, unit: &str) -> String {
    match random.below(100) {
        0..35 => format!(" Apt {unit}"),
        35..65 => format!(" #{unit}"),
        65..85 => format!(" Unit {unit}"),
        85..98 => format!(", Unit {unit}"),
        _ => String::new(),
    }
}

fn cased(random: &mut Random, text: &str) -> String {
    match random.below(100) {
        0..70 => text.to_owned(),
        70..85 => text.to_uppercase(),
        _ => text.to_lowercase(),
    }
}

fn city(random: &mut Random, truth: &str) -> String {
    let shortened = if random.chance(0.5) { shorten(truth) } else { truth.to_owned() };
    let written = if random.chance(0.02) { typo(random, &shortened) } else { shortened };
    cased(random, &written)
}

fn zip(random: &mut Random, truth: &Property) -> String {
    let wrong = random.chance(0.01);
    let zip = match wrong {
        true => truth.city.first_zip + random.below(u64::from(truth.city.zips)) as u32,
        false => truth.zip,
    };
    match random.chance(0.2) {
        true => format!("{zip:05}-{:04}", random.below(10_000)),
        false => format!("{zip:05}"),
    }
}

fn sqft(random: &mut Random, truth: u64) -> u64 {
    match random.below(10) {
        0..3 => random.jitter(truth as f64, 0.04).round() as u64,
        3..5 => (truth + 25) / 50 * 50,
        _ => truth,
    }
}

fn estimate(random: &mut Random, truth: u64) -> u64 {
    (random.jitter(truth as f64, 0.1) / 1000.0).round() as u64 * 1000
}

fn owner_name(random: &mut Random, owner: &Person) -> String {
    let initial = format!("{}.", &owner.first[..1]);
    let first = if random.chance(0.03) { &initial } else { owner.first };
    let middle = owner.middle.filter(|_| random.chance(0.5));
    let last = match random.chance(0.10) {
        true => typo(random, owner.last),
        false => owner.last.to_owned(),
    };
    let name = join(&[first, &middle.map_or(String::new(), |letter| format!("{letter}.")), &last]);
    if random.chance(0.15) { name.to_uppercase() } else { name }
}

/// One slip of a typist: a letter inserted, deleted, replaced or swapped with the next.
///
/// Names with digits keep them, because another digit is another street.
pub(crate) fn typo(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 || letters.iter().any(char::is_ascii_digit) {
        return text.to_owned();
    }
    let at = random.between(1, letters.len() as u64 - 2) as usize;
    let letter = char::from(b'a' + random.below(26) as u8);
    match random.below(4) {
        0 => letters.insert(at, letter),
        1 => drop(letters.remove(at)),
        2 => letters[at] = letter,
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// The last two digits in the other order.
fn swap_digits(number: u64) -> String {
    let (tens, ones) = (number / 10 % 10, number % 10);
    (number / 100 * 100 + ones * 10 + tens).to_string()
}
