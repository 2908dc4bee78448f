//! Dates and times of the proleptic Gregorian calendar, as text.

const SECONDS_OF_DAY: f64 = 86_400.0;

/// Days since 1970-01-01 of a date `YYYY-MM-DD`, which has to be in the calendar. Space around it and missing leading
/// zeros do not matter.
pub(crate) fn days(text: &str) -> Option<i64> {
    let mut parts = text.trim_ascii().split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=days_of_month(year, month)).contains(&day) {
        return None;
    }
    Some(days_from_civil(year, month, day))
}

/// Seconds since 1970-01-01 00:00 of a date, or of a date and a time of day: `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`,
/// `YYYY-MM-DDTHH:MM:SS.SSSZ`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let clock = if clock.is_empty() && !text.ends_with('T') { 0.0 } else { clock_seconds(clock)? };
    Some(days(date)? as f64 * SECONDS_OF_DAY + clock)
}

/// Whether a text is a date and a time of day written `YYYY-MM-DDTHH:MM:SSZ`, without parts of seconds.
pub(crate) fn is_utc_time(text: &str) -> bool {
    let text = text.trim_ascii();
    let whole = text.contains('T') && text.ends_with('Z') && text.matches(':').count() == 2 && !text.contains('.');
    whole && seconds(text).is_some()
}

fn clock_seconds(text: &str) -> Option<f64> {
    let mut parts = text.strip_suffix('Z').unwrap_or(text).split(':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (whole, fraction) = parts.next().map_or(("0", ""), |text| text.split_once('.').unwrap_or((text, "")));
    let seconds = digits(whole, 2)?;
    let plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 || !plain {
        return None;
    }
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    Some((hours * 3_600 + minutes * 60 + seconds) as f64 + fraction)
}

/// A number of at most so many digits and nothing else.
fn digits(text: &str, most: usize) -> Option<i64> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Hinnant, `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
