//! Where street, units and city of an address line end.

use std::ops::Range;

use super::city::{boundary, has_tail};
use super::road;
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
    /// The word of a direction that stands behind a comma: `PEACHTREE RD, NE`.
    pub(super) direction: Option<usize>,
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
        let mut units_later = false;
        let mut city = None;
        for mut segment in segments(words, first_end, end) {
            layout.skip_direction(words, &mut segment);
            match kind(words, &segment, end, known) {
                Segment::City => city = Some(segment),
                Segment::Unit(_) => units_later = true,
                Segment::Direction => {}
            }
        }
        layout.read_street(words, first_end, known, city.is_some());
        // The units of the street's own line come first.
        for mut segment in segments(words, first_end, end).filter(|_| units_later) {
            layout.skip_direction(words, &mut segment);
            if let Segment::Unit(mark) = kind(words, &segment, end, known) {
                layout.read_units(words, mark, segment.end, known.place && city.is_none());
            }
        }
        if let Some(city) = city {
            layout.city = city;
        }
        layout
    }

    /// Takes the direction off the front of what stands behind a comma: `PEACHTREE RD, NE ATLANTA`.
    fn skip_direction(&mut self, words: &Words<'_>, segment: &mut Range<usize>) {
        let alone = segment.len() == 1 && words.at(segment.start).is_direction();
        if alone || segment.len() > 1 && begins_with_direction(words, segment) {
            self.direction = Some(segment.start);
            segment.start += usize::from(!alone);
        }
    }

    /// Reads units that begin at `at`; words behind them are the city.
    fn read_units(&mut self, words: &Words<'_>, mut at: usize, end: usize, city_follows: bool) {
        let mut plain = !is_mark(words, at, end);
        while at < end && (plain || is_mark(words, at, end)) {
            if plain {
                let stop = words.marks(at + 1, end).find(|&next| is_mark(words, next, end)).unwrap_or(end);
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
        self.skip_number_sign(words, end, known);
        let start = self.street.start;
        let tail = known.street_end.is_some() || known.house && has_tail(words, start, end);
        let city_follows = (known.place || tail) && !city_later;
        let pointed = start + usize::from(words.at(start).is_direction());
        let road = || road::numbered_road(words, pointed, end);
        let from = known.street_end.or_else(road).unwrap_or(start + 1);
        self.street.end = match words.marks(from, end).find(|&at| is_mark(words, at, end)) {
            Some(mark) => {
                self.read_units(words, mark, end, city_follows);
                known.street_end.unwrap_or(mark)
            }
            None if city_follows => {
                let street_end = known.street_end.unwrap_or_else(|| boundary(words, start, end, known.house));
                let unit = street_end > start && street_end + 1 < end && is_bare_unit(words, street_end);
                if unit {
                    self.units.add_words(street_end, street_end + 1);
                }
                self.city = street_end + usize::from(unit)..end;
                street_end
            }
            None => known.street_end.unwrap_or(end),
        };
        let complete = known.street_end.is_some() || !self.units.is_empty() || !self.city.is_empty();
        if !complete && is_trailing_unit(words, &self.street, known.place) {
            self.street.end -= 1;
            self.units.add_words(self.street.end, self.street.end + 1);
        }
    }

    /// Takes the unit of `6910 #G MARY CAROLINE CIRCLE`.
    fn skip_number_sign(&mut self, words: &Words<'_>, end: usize, known: Known) {
        let start = self.street.start;
        if known.house && words.at(start).behind(before::HASH) && start + 2 < end {
            self.units.add_words(start, start + 1);
            self.street.start += 1;
        }
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
    if let Some(mark) = words.marks(start, segment.end).find(|&at| is_mark(words, at, segment.end)) {
        return Segment::Unit(mark);
    }
    let short = |at: usize| words.at(at).len() <= 3;
    let any_digit = segment.clone().any(|at| words.at(at).has_digit());
    // `RYE, NY` is a city for all its shortness.
    let city = known.place && segment.end == end && !any_digit && words.at(start).len() > 1;
    let plain = match count {
        1 => any_digit && words.at(start).len() < 5 || short(start) || words.at(start).has_hyphen(),
        2 => segment.clone().all(short) && (any_digit || words.at(start + 1).behind(before::GLUE)),
        _ => false,
    };
    if plain && !city { Segment::Unit(start) } else { Segment::City }
}

fn begins_with_direction(words: &Words<'_>, segment: &Range<usize>) -> bool {
    let (first, next) = (words.at(segment.start), words.at(segment.start + 1));
    first.is_direction()
        && first.len() <= 2
        && !next.meaning.city_pointed
        && (first.len() == 2 || words.before(segment.start).is_suffix() || words.before(segment.start).has_digit())
}

fn segment_end(words: &Words<'_>, start: usize, end: usize) -> usize {
    words.comma(start + 1, end).max(start)
}

fn segments<'w>(words: &'w Words<'_>, start: usize, end: usize) -> impl Iterator<Item = Range<usize>> + 'w {
    let mut at = start;
    std::iter::from_fn(move || {
        let segment = at..segment_end(words, at, end);
        at = segment.end;
        (!segment.is_empty()).then_some(segment)
    })
}

/// A unit without any sign between street and city: `720 10TH AVE SW A MOUNT VERNON IA`.
fn is_bare_unit(words: &Words<'_>, at: usize) -> bool {
    let word = words.at(at);
    word.is_letter() || word.has_digit() && words.ordinal_digits(at).is_none()
}

/// A unit without any sign: what follows the suffix and is no direction (`12 MAIN ST 4B`).
fn is_trailing_unit(words: &Words<'_>, street: &Range<usize>, place: bool) -> bool {
    let (start, last) = (street.start, street.end.saturating_sub(1));
    let name = start + usize::from(words.at(start).is_direction());
    if street.len() < 2 || road::numbered_road(words, name, street.end).is_some() {
        return false;
    }
    let (word, before) = (words.at(last), words.at(last - 1));
    // `S AVENUE H` has no unit.
    if word.len() == 1 && words.is_suffix(last - 1, "AVE") && last - 1 == name {
        return false;
    }
    let ends_street = last - start >= 2 && (before.is_suffix() || before.is_direction());
    let road_number = words.is_suffix(last - 1, "HWY") || words.is_suffix(last - 1, "RTE");
    if ends_street && !road_number && !words.at(start).meaning.plain_suffix && (word.has_digit() || word.is_letter()) {
        return true;
    }
    let lettered = word.has_digit() && words.ordinal_digits(last).is_none() && !word.is_number();
    let numbered = place && word.is_number() && !road_number && !words.at(start).has_digit();
    (lettered || numbered) && (start..last).any(|at| !words.at(at).is_direction())
}
