//! Dates and timestamps: a fast reader of ISO 8601, and strftime formats for the rest.

use chrono::{Datelike, NaiveDate, NaiveTime};

/// Days from 0001-01-01 to 1970-01-01, which chrono and Arrow count from.
const EPOCH_DAYS: i32 = 719_163;
const MICROS_PER_DAY: i64 = 86_400_000_000;

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

/// An ISO 8601 timestamp: date, `T` or space, hours and minutes, optional seconds with up to nine decimals, optional offset.
pub(crate) fn iso_timestamp(text: &str) -> Option<Instant> {
    let day = i64::from(date_prefix(text)?);
    let rest = text[10..].strip_prefix(['T', 't', ' '])?;
    let (clock, offset_minutes) = split_offset(rest)?;
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    let in_day = time.signed_duration_since(NaiveTime::MIN).num_microseconds()?;
    let micros = day * MICROS_PER_DAY + in_day - i64::from(offset_minutes.unwrap_or(0)) * 60_000_000;
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
    clock.is_some_and(|(clock, _)| !clock.is_empty() && clock.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.')))
}

/// Splits `12:30:00+02:00` into the clock time and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(0)));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let digits: String = text[at + 1..].chars().filter(|letter| *letter != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes = digits[..2].parse::<i32>().ok()? * 60 + digits[2..].parse::<i32>().ok()?;
    Some((&text[..at], Some(if text.as_bytes()[at] == b'-' { -minutes } else { minutes })))
}
