//! Where the street ends and the city begins in words without a comma between them.

use super::road;
use super::street::{is_glued_direction, joined_direction};
use super::tables::Unit;
use super::words::Words;

/// Whether words of letters stand behind the suffix of a street, which are a city for want of
/// anything else: `1755 HOWARD ST DES PLAINES`.
pub(super) fn has_tail(words: &Words<'_>, start: usize, end: usize) -> bool {
    let name = start + usize::from(words.at(start).is_direction());
    let Some(mut last) = words.last_plain(name + 1, end) else { return false };
    // `AVENUE ST JOHN`
    if words.at(last).is("ST") && words.is_suffix(last - 1, "AVE") {
        return false;
    }
    last += usize::from(words.at(last + 1).is_direction() && words.at(last + 1).len() < 3);
    let is_name = |at: usize| {
        let word = words.at(at);
        !word.has_digit() && word.len() > 2 && word.meaning.unit == Unit::None
    };
    let direction = last + 2 == end && words.at(last + 1).is_direction();
    last + 1 < end && !direction && (last + 1..end).all(is_name)
}

/// Where the street ends and the city begins, in words without a comma or unit between them.
pub(super) fn boundary(words: &Words<'_>, start: usize, end: usize, house: bool) -> usize {
    let behind = start + usize::from(words.at(start).is_direction());
    if let Some(road_end) = road::numbered_road(words, behind, end) {
        return behind_direction(words, road_end, end);
    }
    let pointed = behind < end && !words.at(behind).meaning.plain_suffix;
    let name = if pointed { behind } else { start };
    if words.is_suffix(name, "AVE") && words.at(name + 1).len() == 1 {
        return behind_direction(words, name + 2, end);
    }
    if words.is_suffix(name, "AVE") && words.at(name + 1).is("OF") {
        return (name + 3 + usize::from(words.at(name + 2).is("THE"))).min(end);
    }
    let ends_street = |at: &usize| {
        words.at(*at).meaning.plain_suffix && !is_saint(words, *at, name, end) || words.at(*at).is("BROADWAY")
    };
    let first = if words.at(name).is("BROADWAY") { name } else { name + 1 };
    let saint = (name + 1..end).find(|&at| is_saint_city(words, at, end));
    match (first..end).find(ends_street) {
        Some(suffix) if saint.is_none_or(|saint| suffix < saint) => {
            behind_direction(words, behind_suffixes(words, suffix, end), end)
        }
        _ => saint.unwrap_or_else(|| if house { without_suffix(words, name, end) } else { start }),
    }
}

/// The place behind a suffix and those that follow it: `21ST STREET CT`.
fn behind_suffixes(words: &Words<'_>, suffix: usize, end: usize) -> usize {
    let more = |&at: &usize| {
        !is_saint_city(words, at, end) && (words.at(at).meaning.plain_suffix || words.is_suffix(at, "EXT"))
    };
    suffix + 1 + (suffix + 1..end).take_while(more).count()
}

/// `ST` before a name that ends with a suffix of its own: `N ST LOUIS AVE`.
fn is_saint(words: &Words<'_>, at: usize, name: usize, end: usize) -> bool {
    words.at(at).is("ST")
        && (at == name || at == name + 1 && words.at(name).is_direction())
        && words.first_plain(at + 2, end.min(at + 5)).is_some()
}

/// `ST LOUIS` at the end of a line.
fn is_saint_city(words: &Words<'_>, at: usize, end: usize) -> bool {
    words.at(at).is("ST")
        && at + 1 < end
        && words.at(at + 1).meaning.city_saint
        && words.first_plain(at + 2, end).is_none()
}

/// Skips a direction behind the suffix, unless it begins the name of the city.
fn behind_direction(words: &Words<'_>, at: usize, end: usize) -> usize {
    let word = words.at(at);
    let city = at + 1 < end && words.at(at + 1).meaning.city_pointed && !matches!(word.meaning.direction, 5..=8);
    if at + 2 < end && joined_direction(words, at).is_some() {
        return at + 2;
    }
    if at < end && word.is_direction() && !city { at + 1 } else { at }
}

/// A street without a suffix: the city has one word, or as many as such cities have.
fn without_suffix(words: &Words<'_>, name: usize, end: usize) -> usize {
    if words.at(name).has_digit() || is_glued_direction(words, name) {
        return behind_direction(words, name + 1, end);
    }
    let natural =
        (name + 1..end.saturating_sub(1)).find(|&at| words.at(at).is_suffix() && !words.at(at + 1).is_suffix());
    let starts = |back: usize| end > name + back && words.at(end - back).meaning.city_start;
    match natural {
        _ if starts(3) => end - 3,
        _ if starts(2) => end - 2,
        Some(natural) => behind_direction(words, natural + 1, end),
        None => end.saturating_sub(1).max(name + 1).min(end),
    }
}
