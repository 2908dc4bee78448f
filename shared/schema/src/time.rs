//! Dates and timestamps: a fast reader of ISO 8601, and strftime formats for the rest.

use std::{fmt::Write, ops::RangeInclusive};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime};

/// Days from 0001-01-01 to 1970-01-01, which chrono and Arrow count from.
const EPOCH_DAYS: i32 = 719_163;
pub(crate) const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The days from 0001-01-01 to 9999-12-31, counted from 1970-01-01.
pub(crate) const DAYS: RangeInclusive<i32> = -719_162..=2_932_896;
/// The microseconds of those days, counted from 1970-01-01T00:00:00.
pub(crate) const MICROS: RangeInclusive<i64> = -719_162 * MICROS_PER_DAY..=2_932_897 * MICROS_PER_DAY - 1;

/// The farthest that clocks are ahead of UTC or behind it, in minutes (ISO 8601 sets no bound, the tz database's is
/// that of Kiribati).
const MOST_OFFSET: i32 = 14 * 60;

/// A parsed timestamp: microseconds since 1970-01-01T00:00:00Z, and whether the text said which offset it is in.
pub(crate) struct Instant {
    pub(crate) micros: i64,
    /// Offset from UTC in minutes; `None` when the text named none.
    pub(crate) offset_minutes: Option<i32>,
}

/// Days since 1970-01-01 of an ISO date, or of a timestamp at midnight.
pub(crate) fn iso_date(text: &str) -> Option<i32> {
    let day = date_prefix(text)?;
    match &text[10..] {
        "" => Some(day),
        rest => midnight(rest).then_some(day),
    }
}

/// Days since 1970-01-01 by the first strftime format that fits the whole text.
pub(crate) fn formatted_date(text: &str, formats: &[String]) -> Option<i32> {
    // `%Y` would also take `20` for the year 20.
    let fits = |format: &String, day: &NaiveDate| !format.contains("%Y") || day.year() >= 1000;
    let parse = |format: &String| NaiveDate::parse_from_str(text, format).ok().filter(|day| fits(format, day));
    formats.iter().find_map(parse).map(days)
}

/// Whether dates written in a strftime format can be read from it: one with a directive that there is none of, or
/// without a year, cannot.
pub(crate) fn reads_back(format: &str) -> bool {
    let sample = DateTime::UNIX_EPOCH + Days::new(11_356);
    let mut text = String::new();
    write!(text, "{}", sample.format(format)).is_ok()
        && NaiveDate::parse_from_str(&text, format) == Ok(sample.date_naive())
}

/// An ISO 8601 timestamp: date, `T` or space, hours and minutes, optional seconds with up to nine decimals, optional offset.
pub(crate) fn iso_timestamp(text: &str) -> Option<Instant> {
    let day = i64::from(date_prefix(text)?);
    let rest = text[10..].strip_prefix(['T', 't', ' '])?;
    let (clock, offset_minutes) = split_offset(rest)?;
    let micros = day * MICROS_PER_DAY + micros_in_day(clock)? - i64::from(offset_minutes.unwrap_or(0)) * 60_000_000;
    Some(Instant { micros, offset_minutes })
}

fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAYS
}

fn date_prefix(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || !text.is_char_boundary(10) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        bytes[range].iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let year = i32::try_from(number(0..4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?).map(days)
}

fn midnight(rest: &str) -> bool {
    let clock = rest.strip_prefix(['T', 't', ' ']).and_then(split_offset);
    clock.is_some_and(|(clock, _)| micros_in_day(clock) == Some(0))
}

fn micros_in_day(clock: &str) -> Option<i64> {
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    time.signed_duration_since(NaiveTime::MIN).num_microseconds()
}

/// Splits `12:30:00+02:00` into the clock time and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(0)));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let offset = &text[at + 1..];
    let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes).filter(|minutes| *minutes < 60)?);
    let offset = Some(hours * 60 + minutes).filter(|offset| *offset <= MOST_OFFSET)?;
    Some((&text[..at], Some(if text.as_bytes()[at] == b'-' { -offset } else { offset })))
}

fn two_digits(text: &str) -> Option<i32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
