//! House numbers: single ones, ranges, Queens and grid numbers, letters and fractions behind them.

use super::words::{Words, before};
use crate::values::Values;

/// The house number of an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct House<'t> {
    /// Lowest and highest number, equal for a single house.
    range: Option<(u32, u32)>,
    /// A number on a grid of a county, `N6W23001`, in up to two words.
    grid: [&'t str; 2],
    /// Letters behind the number, `B`, or a fraction, `1/2`.
    suffix: &'t str,
}

impl<'t> House<'t> {
    /// Takes `1670`, `1670-1672`, `1670 TO 1672`, `1670 & 1672`, `2438B`, `12 1/2` or `N6W23001`
    /// off the front; gives the place behind. No house where the words begin with a street.
    pub(super) fn take(words: &Words<'t>, start: usize, end: usize) -> Option<(Self, usize)> {
        if start >= end {
            return None;
        }
        let first = words.at(start);
        if !first.has_digit() {
            return spelled(words, start, end);
        }
        // "3 AVENUE" alone is a street, not house 3 on a street named AVENUE.
        let before_suffix =
            start + 1 < end && words.at(start + 1).is_suffix() && !words.at(start + 1).behind(before::COMMA);
        if before_suffix && (start + 2 == end || words.ordinal_digits(start).is_some()) {
            return None;
        }
        let Some((range, suffix)) = house_word(words, start) else { return grid(words, start, end) };
        let mut house = Self { range: Some(range), suffix, grid: [""; 2] };
        let mut at = house.take_range_end(words, start + 1, end);
        at = house.take_suffix(words, at, end);
        Some((house, at))
    }

    /// Takes the second number of `1670 TO 1672`, `1670 & 1672` or `1670/1672`.
    fn take_range_end(&mut self, words: &Words<'t>, at: usize, end: usize) -> usize {
        let joint = usize::from(words.at(at).is_any(&["TO", "THRU"]));
        let next = at + joint;
        if next < end
            && (joint == 1 || words.at(next).behind(before::JOINT))
            && let Some((low, _)) = self.range
            && let Some(((number, _), _)) = house_word(words, next)
            && let Some(high) = range_end(low, number)
        {
            self.range = Some((low, high));
            return next + 1;
        }
        at
    }

    /// Takes the fraction of `12 1/2 MAIN ST` or the letter of `4922 B SOUTH CORNELL AVE`.
    fn take_suffix(&mut self, words: &Words<'t>, at: usize, end: usize) -> usize {
        if at + 2 < end
            && words.at(at + 1).behind(before::JOINT)
            && let Some(fraction) = fraction(words.text(at), words.text(at + 1))
        {
            self.suffix = fraction;
            return at + 2;
        }
        let lettered =
            |at: usize| words.at(at).len() == 1 && words.at(at).is_any(&["A", "B", "C", "D", "F", "G", "H", "R"]);
        let pointed = words.at(at).is_letter() && words.at(at + 1).is_direction() && at + 2 < end;
        let street_follows = |at: usize| {
            let word = words.at(at);
            let named = word.len() > 2 && !word.is_suffix() && !word.has_digit() && !words.at(at).is("AND");
            named && (at + 1 == end && word.len() > 3 || words.first_plain(at + 1, end).is_some())
        };
        let part = words.at(at).behind(before::HASH) || words.at(at + 1).behind(before::COMMA) || at + 1 >= end;
        if self.suffix.is_empty() && !part && (pointed || lettered(at) && street_follows(at + 1)) {
            self.suffix = words.text(at);
            return at + 1;
        }
        at
    }

    /// Adds `house`, `house_low`, `house_high` and `house_suffix`, all places in the full line,
    /// whose first piece is appended here. A range is written `66-70` for one side of the street and `1..9` for every
    /// number.
    pub(super) fn write(&self, every_number: bool, values: &mut Values) {
        let start = values.place();
        let (low, high) = match self.range {
            Some(range) => write_range(range, if every_number { ".." } else { "-" }, values),
            None => self.write_grid(values),
        };
        let end = values.place();
        values.append(if self.suffix.contains('/') { " " } else { "" });
        let suffix = values.place();
        values.append(self.suffix);
        // A fraction is part of the number, a letter is not.
        let house = if self.suffix.contains('/') { values.place() } else { end };
        values.push_places([(start, house), low, high, (suffix, values.place())]);
    }

    /// Appends a number on a grid; its last number stands for the house.
    fn write_grid(&self, values: &mut Values) -> (Place, Place) {
        let start = values.place();
        self.grid.iter().for_each(|word| values.append(word));
        let digits = values.since(start).bytes().rev().take_while(u8::is_ascii_digit).count();
        let number = (values.place() - digits, values.place());
        (number, number)
    }
}

/// From where to where a value stands in the text.
type Place = (usize, usize);

/// Appends a single number or a range with what stands between its ends; gives the places of the lowest and highest number.
fn write_range((from, to): (u32, u32), between: &str, values: &mut Values) -> (Place, Place) {
    let start = values.place();
    values.append_number(from);
    let low = (start, values.place());
    if to == from {
        return (low, low);
    }
    values.append(between);
    let start = values.place();
    values.append_number(to);
    (low, (start, values.place()))
}

/// `ONE S WACKER DR`: a number in words, which stands for a house only where it is not likely to
/// be the name of a street.
fn spelled<'t>(words: &Words<'t>, start: usize, end: usize) -> Option<(House<'t>, usize)> {
    let meaning = words.at(start).meaning;
    let next = words.at(start + 1);
    let likely = next.is_direction() || meaning.number < 3;
    let fits = start + 2 < end
        && meaning.number > 0
        && !meaning.ordinal
        && likely
        && !next.is_suffix()
        && next.meaning.number == 0;
    let number = u32::from(meaning.number);
    fits.then(|| (House { range: Some((number, number)), ..House::default() }, start + 1))
}

/// `N6W23001` or `N165 W21233` (counties of Wisconsin), `40W101` (Kane County), `W8300` before a
/// name.
fn grid<'t>(words: &Words<'t>, start: usize, end: usize) -> Option<(House<'t>, usize)> {
    let text = words.text(start);
    let switches =
        text.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let pointed = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'N' | b'S' | b'E' | b'W'));
    if !pointed || !text.ends_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let next = words.text(start + 1);
    let one_point = |text: &str| {
        text.len() > 2 && text.starts_with(['N', 'S', 'E', 'W']) && text[1..].bytes().all(|byte| byte.is_ascii_digit())
    };
    let grid = match switches {
        2.. => [text, ""],
        1 if start + 2 < end && one_point(text) && one_point(next) => [text, next],
        1 if start + 2 < end && one_point(text) && text.len() > 4 && !words.at(start + 1).is_suffix() => [text, ""],
        _ => return None,
    };
    let used = if grid[1].is_empty() { 1 } else { 2 };
    (start + used < end).then_some((House { range: None, grid, suffix: "" }, start + used))
}

fn fraction(upper: &str, lower: &str) -> Option<&'static str> {
    Some(match (upper, lower) {
        ("1", "2") => "1/2",
        ("1", "3") => "1/3",
        ("1", "4") => "1/4",
        ("2", "3") => "2/3",
        ("3", "4") => "3/4",
        _ => return None,
    })
}

/// Numbers and letters of a word.
fn house_word<'t>(words: &Words<'t>, at: usize) -> Option<((u32, u32), &'t str)> {
    let word = words.text(at);
    if words.at(at).has_hyphen()
        && let Some((low, high)) = word.split_once('-')
        && let (Some(low_number), Some(high_number)) = (house_number(low), house_number(high))
    {
        return Some((hyphenated((low, low_number), (high, high_number)), ""));
    }
    let end = word.bytes().take_while(u8::is_ascii_digit).count();
    let low = house_number(&word[..end])?;
    let letters = word[end..].trim_start_matches('-');
    let plain = letters.len() <= 2 && letters.bytes().all(|byte| byte.is_ascii_uppercase());
    plain.then_some(((low, low), letters))
}

/// The number of up to seven digits.
fn house_number(digits: &str) -> Option<u32> {
    let value = |value: u32, digit: u8| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0'));
    (1..=7).contains(&digits.len()).then(|| digits.bytes().try_fold(0, value)).flatten()
}

/// `66-70` is a range; `61-44` and `35-40` are single houses as Queens numbers them.
fn hyphenated((low_text, low): (&str, u32), (high_text, high): (&str, u32)) -> (u32, u32) {
    match range_end(low, high) {
        Some(end) if low % 2 == end % 2 && (high >= low || low >= 1000) => (low, end),
        _ => {
            let shift = u32::try_from(high_text.len()).ok().and_then(|digits| 10_u32.checked_pow(digits));
            let joined = shift.and_then(|shift| low.checked_mul(shift)?.checked_add(high));
            let number = joined.filter(|_| low_text.len() + high_text.len() <= 7).unwrap_or(low);
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
