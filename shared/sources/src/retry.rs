//! How long to wait before asking again, and what an answer says about that.

use std::time::Duration;

use chrono::{DateTime, Utc};
use twox_hash::XxHash3_64;

use crate::{clock::after, settings::QuotaHeaders, transport::Response};

/// The longest pause after the first attempt; doubled after each.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause of all.
const LONGEST: Duration = Duration::from_secs(60);
/// The pause on top of what a provider asks for, at most, so that not all come back at once.
const SPREAD: Duration = Duration::from_secs(1);

/// A pause before the attempt after this one (from 1), between half and the whole of its bound. Chance follows from
/// address and time, so that a simulation is the same every time.
pub(crate) fn pause(url: &str, attempt: u32, now: DateTime<Utc>) -> Duration {
    let bound = FIRST.saturating_mul(1 << (attempt.saturating_sub(1)).min(16)).min(LONGEST);
    bound.mul_f64(f64::midpoint(1.0, chance(url, attempt, now)))
}

/// The moment to ask again where the provider names one.
pub(crate) fn asked_for(response: &Response, url: &str, attempt: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let moment = moment(response.header("retry-after")?, now)?;
    Some(after(moment.max(now), SPREAD.mul_f64(chance(url, attempt, now))))
}

/// When a provider whose headers say that nothing is left has something again.
pub(crate) fn exhausted_until(
    response: &Response,
    headers: &[QuotaHeaders],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let empty = |pair: &QuotaHeaders| {
        let left: f64 = response.header(&pair.left)?.trim().parse().ok()?;
        if left >= 1.0 { None } else { moment(response.header(&pair.reset)?, now) }
    };
    headers.iter().filter_map(empty).max()
}

/// A moment as headers write it: seconds from now, seconds or milliseconds since 1970, or a date.
fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // A million seconds are eleven days, more than any provider asks to wait; in milliseconds 1e11 is the year 1973.
    const FROM_NOW: f64 = 1e6;
    const SECONDS: f64 = 1e11;
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        let seconds = if number < SECONDS { number } else { number / 1_000.0 };
        let duration = Duration::try_from_secs_f64(seconds).ok()?;
        return Some(after(if number < FROM_NOW { now } else { DateTime::UNIX_EPOCH }, duration));
    }
    let date = DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text));
    date.ok().map(|date| date.to_utc())
}

/// A number from 0 to 1.
fn chance(url: &str, attempt: u32, now: DateTime<Utc>) -> f64 {
    let hash = XxHash3_64::oneshot(format!("{url} {attempt} {}", now.timestamp_micros()).as_bytes());
    #[expect(clippy::cast_precision_loss, reason = "a pause needs no more than 53 bits")]
    let share = hash as f64 / u64::MAX as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status: 429, headers, body: Vec::new() }
    }

    #[test]
    fn pauses_grow_are_bounded_and_differ() {
        let now = DateTime::UNIX_EPOCH;
        for attempt in 1..40 {
            let bound = FIRST.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST);
            let found = pause("u", attempt, now);
            assert!(found >= bound / 2 && found <= bound, "{attempt}: {found:?}");
        }
        assert_ne!(pause("u", 1, now), pause("v", 1, now));
    }

    #[test]
    fn moments_are_read_in_every_form() {
        let now: DateTime<Utc> = "2024-05-01T12:00:00Z".parse().unwrap();
        let later: DateTime<Utc> = "2024-05-01T12:01:00Z".parse().unwrap();
        for text in ["60", "1714564860", "1714564860000", "Wed, 01 May 2024 12:01:00 GMT", "2024-05-01T12:01:00Z"] {
            assert_eq!(moment(text, now), Some(later), "{text}");
            let asked = asked_for(&response(&[("retry-after", text)]), "u", 1, now).unwrap();
            assert!(asked >= later && asked <= after(later, SPREAD), "{text}");
        }
        for text in ["", "soon", "-5", "NaN"] {
            assert_eq!(moment(text, now), None, "{text}");
        }
    }

    #[test]
    fn headers_say_when_nothing_is_left() {
        let now: DateTime<Utc> = "2024-05-01T12:00:00Z".parse().unwrap();
        let pair = |left: &str, reset: &str| QuotaHeaders { left: left.to_owned(), reset: reset.to_owned() };
        let pairs = [pair("Minute-Left", "Minute-Reset"), pair("Hour-Left", "Hour-Reset")];
        let until = |headers: &[(&str, &str)]| exhausted_until(&response(headers), &pairs, now);
        assert_eq!(until(&[("minute-left", "1"), ("minute-reset", "9")]), None);
        let both = [("minute-left", "0"), ("minute-reset", "9"), ("hour-left", "0"), ("hour-reset", "900")];
        assert_eq!(until(&both), Some(after(now, Duration::from_secs(900))));
    }
}
