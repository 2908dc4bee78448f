//! The clock that every wait, budget and retry goes through, so that a day of pulls can be simulated in a moment.

use std::{thread, time::Duration};

use chrono::{DateTime, Utc};

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// The time in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Returns when the duration has passed.
    fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

/// The time from one moment to a later one; zero when it is not later.
pub(crate) fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

/// A moment that much later; the last one that there is where it would lie beyond.
pub(crate) fn after(moment: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
    let delta = chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX);
    moment.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
