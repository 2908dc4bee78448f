//! Where street, units and city of an address line end.

use std::ops::Range;

use super::road;
use super::street::{is_glued_direction, joined_direction};
use super::tables::Unit;
use super::unit::{Units, is_mark};
use super::words::{Words, before};

/// The words of an address behind its house number, sorted into street, units and city.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// The words of the street.
    pub(super) street: Range<usize>,
    /// The units.
    pub(super) units: Units,
    /// The words of the city.
    pub(super) city: Range<usize>,
    /// Index of a direction that stands behind a comma: `PEACHTREE RD, NE`.
    pub(super) direction: u8,
}

/// What is known before the words are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// A state or ZIP code follows, so a city is expected before it.
    pub(super) place: bool,
    /// A house number stands before.
    pub(super) house: bool,
    /// The street ends here, being a box.
    pub(super) street_end: Option<usize>,
}

impl Layout {
    /// Sorts the words from `start` to `end`; `units` are those found before.
    pub(super) fn read(words: &Words<'_>, start: usize, end: usize, known: Known, units: Units) -> Self {
        let first_end = segment_end(words, start, end);
        let mut layout = Self { street: start..first_end, units, ..Self::default() };
        let city_later =
            segments(words, first_end, end).any(|segment| kind(words, &segment, end, known) == Segment::City);
        layout.read_street(words, first_end, known, city_later);
        let mut last = None;
        for mut segment in segments(words, first_end, end) {
            // `PEACHTREE RD, NE ATLANTA`
            if segment.len() > 1 && begins_with_direction(words, &segment) {
                layout.direction = words.at(segment.start).meaning.direction;
                segment.start += 1;
            }
            match kind(words, &segment, end, known) {
                Segment::Direction => layout.direction = words.at(segment.start).meaning.direction,
                Segment::City => last = Some(segment),
                Segment::Unit(mark) => layout.read_units(words, mark, segment.end, known.place && !city_later),
            }
        }
        if let Some(city) = last {
            layout.city = city;
        }
        layout
    }

    /// Reads units that begin at `at`; words behind them are the city.
    fn read_units(&mut self, words: &Words<'_>, mut at: usize, end: usize, city_follows: bool) {
        let mut plain = !is_mark(words, at, end);
        while at < end && (plain || is_mark(words, at, end)) {
            if plain {
                let stop = (at + 1..end).find(|&next| is_mark(words, next, end)).unwrap_or(end);
                self.units.add_words(at, stop);
                at = stop;
            } else {
                at = self.units.take(words, at, end, city_follows);
            }
            plain = false;
        }
        if city_follows && at < end {
            self.city = at..end;
        }
    }

    /// Cuts the first segment into street, units and, unless it comes later, city.
    fn read_street(&mut self, words: &Words<'_>, end: usize, known: Known, city_later: bool) {
        let tail = known.house && has_tail(words, self.street.start, end) || known.street_end.is_some();
        let city_follows = (known.place || tail) && !city_later;
        let mut start = self.street.start;
        // `6910 #G MARY CAROLINE CIRCLE`
        if words.at(start).behind(before::HASH) && start + 2 < end && known.house && known.street_end.is_none() {
            self.units.add_words(start, start + 1);
            start += 1;
        }
        let pointed = start + usize::from(words.at(start).is_direction());
        let road = road::numbered_road(words, pointed, end);
        let from = known.street_end.or(road).unwrap_or(start + 1);
        let mark = (from..end).find(|&at| is_mark(words, at, end));
        let mut street_end = mark.unwrap_or(end);
        if mark.is_none() && city_follows {
            street_end = known.street_end.unwrap_or_else(|| boundary(words, start, end, known.house));
            let unit = street_end > start && (street_end + 1 < end) && is_bare_unit(words, street_end);
            if unit {
                self.units.add_words(street_end, street_end + 1);
            }
            self.city = street_end + usize::from(unit)..end;
        } else if let Some(mark) = mark {
            self.read_units(words, mark, end, city_follows);
        }
        if let Some(end) = known.street_end {
            street_end = end;
        } else if self.units.is_empty()
            && self.city.is_empty()
            && is_trailing_unit(words, start..street_end, known.place)
        {
            street_end -= 1;
            self.units.add_words(street_end, street_end + 1);
        }
        self.street = start..street_end;
    }
}

/// What the words between two commas are.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Direction,
    City,
    /// A unit, announced at this word.
    Unit(usize),
}

fn kind(words: &Words<'_>, segment: &Range<usize>, end: usize, known: Known) -> Segment {
    let (start, count) = (segment.start, segment.len());
    if count == 1 && words.at(start).is_direction() {
        return Segment::Direction;
    }
    if let Some(mark) = segment.clone().find(|&at| is_mark(words, at, segment.end)) {
        return Segment::Unit(mark);
    }
    let short = |at: usize| words.at(at).len() <= 3;
    let any_digit = segment.clone().any(|at| words.at(at).has_digit());
    // `RYE, NY` is a city for all its shortness.
    let city = known.place && segment.end == end && !any_digit && words.at(start).len() > 1;
    let plain = match count {
        1 => any_digit && words.at(start).len() < 5 || short(start) || words.at(start).has_hyphen(),
        2 => segment.clone().all(short) && any_digit,
        _ => false,
    };
    if plain && !city { Segment::Unit(start) } else { Segment::City }
}

fn begins_with_direction(words: &Words<'_>, segment: &Range<usize>) -> bool {
    let (first, next) = (words.at(segment.start), words.at(segment.start + 1));
    first.is_direction()
        && first.len() <= 2
        && !next.meaning.city_pointed
        && (first.len() == 2 || words.at(segment.start - 1).is_suffix() || words.at(segment.start - 1).has_digit())
}

/// Whether words of letters stand behind the suffix of a street, which are a city for want of
/// anything else: `1755 HOWARD ST DES PLAINES`.
fn has_tail(words: &Words<'_>, start: usize, end: usize) -> bool {
    let name = start + usize::from(words.at(start).is_direction());
    let Some(mut last) = (name + 1..end).rev().find(|&at| words.at(at).meaning.plain_suffix) else { return false };
    last += usize::from(words.at(last + 1).is_direction() && words.at(last + 1).len() < 3);
    let behind = (last + 1..end).map(|at| words.at(at));
    let mut count = 0;
    let plain = behind
        .inspect(|_| count += 1)
        .all(|word| !word.has_digit() && word.len() > 2 && word.meaning.unit == Unit::None);
    plain && count > 0 && !(count == 1 && words.at(last + 1).is_direction())
}

fn segment_end(words: &Words<'_>, start: usize, end: usize) -> usize {
    (start + 1..end).find(|&at| words.at(at).behind(before::COMMA)).unwrap_or(end.max(start))
}

fn segments<'w>(words: &'w Words<'_>, start: usize, end: usize) -> impl Iterator<Item = Range<usize>> + 'w {
    let mut at = start;
    std::iter::from_fn(move || {
        let segment = at..segment_end(words, at, end);
        at = segment.end;
        (!segment.is_empty()).then_some(segment)
    })
}

/// Where the street ends and the city begins, in words without a comma or unit between them.
fn boundary(words: &Words<'_>, start: usize, end: usize, house: bool) -> usize {
    let pointed = words.at(start).is_direction() && start + 1 < end && !words.at(start + 1).meaning.plain_suffix;
    let name = start + usize::from(pointed);
    if let Some(road_end) = road::numbered_road(words, name, end) {
        return behind_direction(words, road_end, end);
    }
    if words.is_suffix(name, "AVE") && words.at(name + 1).len() == 1 {
        return behind_direction(words, name + 2, end);
    }
    if words.is_suffix(name, "AVE") && words.text(name + 1) == "OF" {
        return (name + 3 + usize::from(words.text(name + 2) == "THE")).min(end);
    }
    let ends_street = |&at: &usize| {
        (words.at(at).meaning.plain_suffix && !is_saint(words, at, name, end)) || words.text(at) == "BROADWAY"
    };
    if let Some(saint) = (name + 1..end).find(|&at| is_saint_city(words, at, end))
        && !(name + 1..saint).any(|at| ends_street(&at))
    {
        return saint;
    }
    let first = if words.text(name) == "BROADWAY" { name } else { name + 1 };
    if let Some(mut suffix) = (first..end).find(ends_street) {
        while suffix + 1 < end
            && !is_saint_city(words, suffix + 1, end)
            && (words.at(suffix + 1).meaning.plain_suffix || words.is_suffix(suffix + 1, "EXT"))
        {
            suffix += 1;
        }
        return behind_direction(words, suffix + 1, end);
    }
    if house { without_suffix(words, name, end) } else { start }
}

/// `ST` before a name that ends with a suffix of its own: `N ST LOUIS AVE`.
fn is_saint(words: &Words<'_>, at: usize, name: usize, end: usize) -> bool {
    words.text(at) == "ST"
        && (at == name || at == name + 1 && words.at(name).is_direction())
        && (at + 2..end.min(at + 5)).any(|next| words.at(next).meaning.plain_suffix)
}

/// `ST LOUIS` at the end of a line.
fn is_saint_city(words: &Words<'_>, at: usize, end: usize) -> bool {
    words.text(at) == "ST"
        && at + 1 < end
        && words.at(at + 1).meaning.city_saint
        && !(at + 2..end).any(|next| words.at(next).meaning.plain_suffix)
}

/// Skips a direction behind the suffix, unless it begins the name of the city.
fn behind_direction(words: &Words<'_>, at: usize, end: usize) -> usize {
    let word = words.at(at);
    let city = at + 1 < end && words.at(at + 1).meaning.city_pointed && !matches!(word.meaning.direction, 5..=8);
    if at + 2 < end && joined_direction(words.text(at), words.text(at + 1)).is_some() {
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
    let starts = |back: usize| end >= name + back + 1 && words.at(end - back).meaning.city_start;
    match natural {
        _ if starts(3) => end - 3,
        _ if starts(2) => end - 2,
        Some(natural) => behind_direction(words, natural + 1, end),
        None => end.saturating_sub(1).max(name + 1).min(end),
    }
}

/// A unit without any sign between street and city: `720 10TH AVE SW A MOUNT VERNON IA`.
fn is_bare_unit(words: &Words<'_>, at: usize) -> bool {
    let word = words.at(at);
    word.is_letter() || word.has_digit() && words.ordinal_digits(at).is_none()
}

/// A unit without any sign: what follows the suffix and is no direction (`12 MAIN ST 4B`).
fn is_trailing_unit(words: &Words<'_>, street: Range<usize>, place: bool) -> bool {
    let (start, last) = (street.start, street.end.saturating_sub(1));
    if street.len() < 2 {
        return false;
    }
    let (word, before) = (words.at(last), words.at(last - 1));
    let pointed = usize::from(words.at(start).is_direction());
    if road::numbered_road(words, start + pointed, street.end).is_some() {
        return false;
    }
    let ends_street = last - start >= 2 && (before.is_suffix() || before.is_direction());
    // `S AVENUE H` has no unit.
    if word.len() == 1 && words.is_suffix(last - 1, "AVE") && last - 1 == start + pointed {
        return false;
    }
    let road_number = words.is_suffix(last - 1, "HWY") || words.is_suffix(last - 1, "RTE");
    let ordinal = words.ordinal_digits(last).is_some();
    let lettered = word.has_digit() && !ordinal && !word.is_number();
    let named = (start..last).any(|at| !words.at(at).is_direction());
    let numbered = place && word.is_number() && named && !road_number && !words.at(start).has_digit();
    let looks_like = word.has_digit() || word.is_letter();
    (looks_like && ends_street && !road_number && !words.at(start).meaning.plain_suffix)
        || (lettered || numbered) && named
}
