//! US street addresses, read in one pass over their words.

use super::tables::{direction, direction_name, is_unit_word, name_word, ordinal, suffix};

/// The parts of a US street address; a part that is not there is null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// Lowest and highest house number, equal for a single house.
    pub house: Option<(u32, u32)>,
    /// Letters behind the house number: `B` of `2438B`.
    pub house_suffix: Option<String>,
    /// `N`, `SE`, ..., wherever it stands.
    pub direction: Option<String>,
    /// Street name without direction and suffix, ordinals as numbers: `182`.
    pub name: Option<String>,
    /// Canonical street suffix: `AVE`.
    pub suffix: Option<String>,
    /// Apartment, suite or floor without its word: `4B`.
    pub unit: Option<String>,
}

impl Address {
    /// Direction and name: `E 182`.
    pub fn street(&self) -> Option<String> {
        let name = self.name.as_deref()?;
        Some(self.direction.as_deref().map_or_else(|| name.to_owned(), |way| format!("{way} {name}")))
    }

    /// House, street and suffix in one line, without the unit.
    pub fn full(&self) -> Option<String> {
        let house = self.house.map(|range| house_text(range) + self.house_suffix.as_deref().unwrap_or_default());
        let parts: Vec<String> = [house, self.street(), self.suffix.clone()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// The values in the order the standardizer names them.
    pub(super) fn into_parts(self) -> [Option<String>; 10] {
        let (street, full) = (self.street(), self.full());
        [
            self.house.map(house_text),
            self.house.map(|(low, _)| low.to_string()),
            self.house.map(|(_, high)| high.to_string()),
            self.house_suffix,
            self.direction,
            self.name,
            street,
            self.suffix,
            self.unit,
            full,
        ]
    }
}

fn house_text((low, high): (u32, u32)) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

/// Reads a street address. City, state and ZIP behind a comma are left out; text that is no
/// address gives a street name at most.
pub fn us_address(raw: &str) -> Address {
    let words = scan(raw);
    let mut words: &[String] = &words;
    let mut address = Address::default();
    take_house(&mut words, &mut address);
    let (mut street, unit) = split_unit(words);
    address.unit = unit;
    if address.unit.is_none() {
        address.unit = take_trailing_unit(&mut street);
    }
    read_street(street, &mut address);
    address
}

/// Upper case words; `,` `#` and `&` stand alone, hyphens stay inside a word.
fn scan(raw: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = raw.chars().peekable();
    while let Some(letter) = letters.next() {
        let joins = letter == '-' && !word.is_empty() && letters.peek().is_some_and(char::is_ascii_alphanumeric);
        if letter.is_alphanumeric() {
            word.extend(letter.to_uppercase().filter(|letter| letter.is_alphanumeric()));
        } else if joins {
            word.push('-');
        } else if !matches!(letter, '\'' | '.' | '’') {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if matches!(letter, ',' | '#' | '&' | '/') {
                words.push(letter.to_string());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Takes `1670`, `1670-1672`, `1670 TO 1672`, `1670 & 1672` or `2438B` off the front.
fn take_house(words: &mut &[String], address: &mut Address) {
    let Some((first, rest)) = words.split_first() else { return };
    let Some((range, letters)) = house_word(first) else { return };
    // "3 AVENUE" alone is a street, not house 3 on a street named AVENUE.
    let street_alone = matches!(rest, [only] if suffix(only).is_some());
    if street_alone || (is_ordinal(first) && rest.first().is_some_and(|next| suffix(next).is_some())) {
        return;
    }
    *words = rest;
    address.house = Some(range);
    address.house_suffix = letters;
    if let [joint, next, rest @ ..] = rest
        && matches!(joint.as_str(), "TO" | "&" | "/" | "THRU")
        && let Some(((end, _), _)) = house_word(next)
        && let Some(high) = range_end(range.0, end)
    {
        address.house = Some((range.0, high));
        *words = rest;
    }
    if let [fraction, rest @ ..] = *words
        && rest.len() > 1
        && *fraction == "1"
        && rest.first().is_some_and(|next| next == "2")
    {
        *words = &rest[1..];
    }
}

fn house_word(word: &str) -> Option<((u32, u32), Option<String>)> {
    if let Some((low, high)) = word.split_once('-')
        && let (Some(low), Some(high)) = (house_number(low), house_number(high))
    {
        return Some((hyphenated(low, high, word), None));
    }
    let end = word.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(word.len());
    let low = house_number(&word[..end])?;
    let letters = word[end..].trim_start_matches('-');
    let plain = letters.chars().count() <= 2 && letters.chars().all(char::is_alphabetic);
    plain.then(|| ((low, low), (!letters.is_empty()).then(|| letters.to_owned())))
}

fn house_number(word: &str) -> Option<u32> {
    (word.len() <= 6).then(|| word.parse().ok()).flatten()
}

/// `66-70` is a range; `61-44` and `35-40` are single houses as Queens numbers them.
fn hyphenated(low: u32, high: u32, word: &str) -> (u32, u32) {
    match range_end(low, high) {
        Some(end) if low % 2 == end % 2 && (high >= low || low >= 1000) => (low, end),
        _ => {
            let joined = word.replace('-', "");
            let number = house_number(&joined).unwrap_or(low);
            (number, number)
        }
    }
}

/// The high end of a range: at most 500 above the low one, and perhaps cut to its last digits
/// (`1670-72`).
fn range_end(low: u32, high: u32) -> Option<u32> {
    let unit = [10, 100].into_iter().find(|unit| high < *unit).unwrap_or(1);
    let end = if high < low && low >= 100 && unit > 1 { low - low % unit + high } else { high };
    (end >= low && end - low <= 500).then_some(end)
}

/// Parts the words of the street from the unit, which stands behind `#`, a unit word or a comma.
fn split_unit(words: &[String]) -> (Vec<&str>, Option<String>) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let start = words.iter().position(|word| !matches!(*word, "," | "#")).unwrap_or(words.len());
    let marks = |index: usize, word: &str| match word {
        "," | "#" => true,
        "FL" | "FLOOR" | "RM" | "ROOM" | "STE" | "NO" => {
            words.get(index + 1).is_some_and(|next| *next == "#" || has_digit(next))
        }
        _ => is_unit_word(word),
    };
    let cut = (start + 1..words.len()).find(|&index| marks(index, words[index])).unwrap_or(words.len());
    let street = words.get(start..cut).unwrap_or_default().to_vec();
    let rest = words.get(cut..).unwrap_or_default();
    let announced = rest.first().is_some_and(|word| *word != ",");
    let rest = if announced { rest } else { rest.get(1..).unwrap_or_default() };
    (street, unit_segment(rest, announced))
}

/// The unit in the words up to the next comma; a city is no unit.
fn unit_segment(words: &[&str], announced: bool) -> Option<String> {
    let end = words.iter().position(|word| *word == ",").unwrap_or(words.len());
    let segment = &words[..end];
    let marked = announced || segment.iter().any(|word| *word == "#" || is_unit_word(word));
    let kept: Vec<&str> =
        segment.iter().copied().filter(|word| *word != "#" && (!is_unit_word(word) || *word == "PH")).collect();
    let plain = match kept.as_slice() {
        [only] => has_digit(only) && only.len() < 5 || only.len() <= 3 || only.contains('-'),
        [_, _] => kept.iter().all(|word| word.len() <= 3) && kept.iter().any(|word| has_digit(word)),
        _ => false,
    };
    unit_text(&kept).filter(|_| marked || plain)
}

fn unit_text(words: &[&str]) -> Option<String> {
    let joined: String = words.concat().chars().filter(|letter| letter.is_alphanumeric()).collect();
    let unit = joined.trim_start_matches('0');
    (!unit.is_empty()).then(|| unit.to_owned())
}

/// A unit without any sign: what follows the suffix and is no direction (`12 MAIN ST 4B`).
fn take_trailing_unit(street: &mut Vec<&str>) -> Option<String> {
    let last = *street.last()?;
    let ends_street = |words: &[&str]| {
        words.len() >= 2 && words.last().is_some_and(|word| suffix(word).is_some() || direction(word).is_some())
    };
    let before = &street[..street.len() - 1];
    let looks_like = has_digit(last) || (last.len() == 1 && direction(last).is_none());
    let lettered = has_digit(last) && !is_ordinal(last) && last.parse::<u32>().is_err();
    let named = before.iter().any(|word| direction(word).is_none());
    let road_number = before.last().is_some_and(|word| suffix(word) == Some("HWY") || *word == "ROUTE");
    if (looks_like && ends_street(before) && !road_number && suffix(before[0]).is_none()) || (lettered && named) {
        street.pop();
        return unit_text(&[last]);
    }
    None
}

fn read_street(mut words: Vec<&str>, address: &mut Address) {
    let glued = words.first().and_then(|word| glued_direction(word));
    if let Some((way, number)) = glued {
        words.splice(..1, [way, number]);
    }
    let mut way = None;
    // "NORTH AVENUE" is named after a direction; "N MAIN" only has one.
    if let [first, second, ..] = words[..]
        && !(words.len() == 2 && suffix(second).is_some())
        && let Some(found) = direction(first)
    {
        way = Some(found);
        words.remove(0);
    }
    let letter_avenue = words.len() == 2 && suffix(words[0]) == Some("AVE");
    if let [.., before, last] = words[..]
        && !letter_avenue
        && way.is_none()
        && before != "THE"
        && let Some(found) = direction(last)
    {
        way = Some(found);
        words.pop();
    }
    if words.len() > 1
        && !letter_avenue
        && let Some(found) = words.last().and_then(|last| suffix(last))
    {
        address.suffix = Some(found.to_owned());
        words.pop();
    }
    address.direction = way.map(str::to_owned);
    address.name = street_name(&words);
}

fn street_name(words: &[&str]) -> Option<String> {
    let name: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(index, word)| match (index, *word) {
            (0, "ST") if words.len() > 1 => "SAINT".to_owned(),
            (0, word) if words.len() > 1 && suffix(word) == Some("AVE") => "AVENUE".to_owned(),
            (0, word) if words.len() == 1 => direction_name(word).map_or_else(|| name_word_text(word), str::to_owned),
            (_, word) => name_word_text(word),
        })
        .collect();
    (!name.is_empty()).then(|| name.join(" "))
}

fn name_word_text(word: &str) -> String {
    if is_ordinal(word) {
        return word.trim_end_matches(char::is_alphabetic).to_owned();
    }
    match ordinal(word) {
        Some(number) => number.to_string(),
        None => name_word(word).unwrap_or(word).to_owned(),
    }
}

/// `E182ND` and `E182` are a direction and a number.
fn glued_direction(word: &str) -> Option<(&str, &str)> {
    let digits = word.find(|letter: char| letter.is_ascii_digit())?;
    let (way, number) = word.split_at(digits);
    let numbered = number.parse::<u32>().is_ok() || is_ordinal(number);
    (way.len() == 1 && numbered && direction(way).is_some()).then_some((way, number))
}

fn is_ordinal(word: &str) -> bool {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    !digits.is_empty()
        && digits.chars().all(|letter| letter.is_ascii_digit())
        && matches!(&word[digits.len()..], "ST" | "ND" | "RD" | "TH" | "D")
}

fn has_digit(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
}
