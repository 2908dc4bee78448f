//! What a level reads out of a value: a number, a range, a date or a place.

use super::Level;
use crate::calendar;

/// How values are read before they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A number.
    Number,
    /// A house number or a range of them, `66` or `66-70`: lowest and highest, half a number more for `1..9`, see
    /// [`covers_both_sides`].
    Range,
    /// A date, `YYYY-MM-DD`: days since 1970-01-01.
    Date,
    /// A date, with a time of day or without: seconds since 1970-01-01 00:00.
    Time,
    /// A place, `latitude longitude` in degrees.
    Place,
}

impl Reading {
    /// The one way in which these levels read values; none when all take them as text.
    ///
    /// # Errors
    /// The ways in words, when there are several.
    pub(crate) fn of(levels: &[Level]) -> Result<Option<Self>, String> {
        let mut found: Option<Self> = None;
        for reading in levels.iter().flat_map(Level::conditions).filter_map(|condition| condition.reading()) {
            match found {
                Some(earlier) if earlier != reading => {
                    return Err(format!("{} and {}", earlier.word(), reading.word()));
                }
                _ => found = Some(reading),
            }
        }
        Ok(found)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Range => "a range",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Place => "a place",
        }
    }

    /// Reads a value; NaN where it is nothing of the kind, so that no level but `exact` holds.
    pub(crate) fn read(self, value: &str) -> [f64; 2] {
        let read = match self {
            Self::Number => number(value).map(|number| [number, number]),
            Self::Range => range(value),
            Self::Date => calendar::days(value).map(|days| [days as f64; 2]),
            Self::Time => calendar::seconds(value).map(|seconds| [seconds; 2]),
            Self::Place => place(value),
        };
        read.filter(|read| read.iter().all(|number| number.is_finite())).unwrap_or([f64::NAN; 2])
    }
}

/// A number; most are whole and short, which takes no parser of decimals.
fn number(value: &str) -> Option<f64> {
    whole(value).map(f64::from).or_else(|| value.parse().ok())
}

fn whole(value: &str) -> Option<u32> {
    let digit = |sum: u32, byte: u8| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'));
    (1..10).contains(&value.len()).then(|| value.bytes().try_fold(0, digit)).flatten()
}

fn range(value: &str) -> Option<[f64; 2]> {
    if let Some(single) = whole(value) {
        return Some([f64::from(single); 2]);
    }
    if let Some((low, high)) = value.split_once("..") {
        return Some([f64::from(whole(low)?), f64::from(whole(high)?) + 0.5]);
    }
    let (low, high) = value.split_once('-')?;
    Some([f64::from(whole(low)?), f64::from(whole(high)?)])
}

/// Whether a range of houses has every number and not only those of one side of the street: as `1..9` says, and `65-70`
/// cannot mean otherwise.
pub(super) fn covers_both_sides(range: [f64; 2]) -> bool {
    (range[1] - range[0]) % 2.0 > 0.0
}

fn place(value: &str) -> Option<[f64; 2]> {
    let (latitude, longitude) = value.split_once(' ')?;
    Some([latitude.parse().ok()?, longitude.parse().ok()?])
}

/// Mean radius of the Earth, to the kilometer as Splink and most others have it.
const EARTH_KILOMETERS: f64 = 6371.0;

/// Distance of two places on a great circle, by the haversine formula; NaN when one is unknown.
// Inlined, its sines are worked out ahead of any other condition.
#[inline(never)]
pub(super) fn kilometers(left: [f64; 2], right: [f64; 2]) -> f64 {
    let radians = |degrees: f64| degrees.to_radians();
    let half = |degrees: f64| (radians(degrees) / 2.0).sin().powi(2);
    let along = half(right[0] - left[0]);
    let across = half(right[1] - left[1]) * radians(left[0]).cos() * radians(right[0]).cos();
    2.0 * EARTH_KILOMETERS * (along + across).sqrt().min(1.0).asin()
}
