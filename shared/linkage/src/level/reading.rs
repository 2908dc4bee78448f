//! What a level reads out of a value: a number, a range, a date or a place.

use super::Level;

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
            Self::Place => "a place",
        }
    }

    /// Reads a value; NaN where it is nothing of the kind, so that no level but `exact` holds.
    pub(crate) fn read(self, value: &str) -> [f64; 2] {
        let read = match self {
            Self::Number => number(value).map(|number| [number, number]),
            Self::Range => range(value),
            Self::Date => date(value).map(|days| [days, days]),
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

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, `days_from_civil`).
fn date(value: &str) -> Option<f64> {
    let mut parts = value.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days as f64)
}

/// Mean radius of the Earth.
const EARTH_KILOMETERS: f64 = 6371.0088;

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
