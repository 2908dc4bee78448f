//! Pulls of feeds that are simulated in process, by a simulated clock.

mod budgets;
mod feed;
mod walks;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use lotline_testkit::MemoryStates;

use crate::{
    Clock, HttpSettings, HttpSource, MissingSecret, Ports, Position, Secret, Secrets, Seen, SourceError, Span, Step,
    Transport, Walk, clock::after,
};

/// A clock that passes only where somebody waits.
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new("2024-05-01T00:00:00Z".parse().unwrap()))
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = after(*now, duration);
    }
}

/// Knows one secret.
pub(crate) struct TestSecrets;

pub(crate) const SECRET: &str = "s3cret/value";

impl Secrets for TestSecrets {
    fn secret(&self, name: &str) -> Result<Secret, MissingSecret> {
        match name {
            "TOKEN" => Ok(Secret::new(SECRET)),
            _ => Err(MissingSecret { name: name.to_owned(), place: "the test".to_owned() }),
        }
    }
}

/// Everything a pull needs but the feed.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) clock: TestClock,
    pub(crate) states: MemoryStates,
}

impl World {
    pub(crate) fn ports<'a>(&'a self, transport: &'a dyn Transport) -> Ports<'a> {
        Ports { transport, clock: &self.clock, states: &self.states, secrets: &TestSecrets }
    }
}

/// Settings from TOML, checked.
pub(crate) fn source(text: &str) -> HttpSource {
    let settings: HttpSettings = toml::from_str(text).unwrap();
    HttpSource::of("job.toml", "sources.test.http", settings).unwrap()
}

/// Where pulls of one source stand.
#[derive(Default)]
pub(crate) struct Pulls {
    pub(crate) at: (Position, Seen),
}

impl Pulls {
    /// Makes a whole pull; answers the new records. Between pages everything kept goes through what is stored, as
    /// between two invocations.
    pub(crate) fn pull(
        &mut self,
        source: &HttpSource,
        ports: Ports<'_>,
        span: Span,
    ) -> Result<Vec<String>, SourceError> {
        let mut records = Vec::new();
        let mut walk = Walk::new(source, ports, span, self.at.clone(), None)?;
        loop {
            let step = walk.step();
            let stored = serde_json::to_string(walk.position()).unwrap();
            self.at = (serde_json::from_str(&stored).unwrap(), Seen::from_bytes(&walk.seen().to_bytes()));
            match step? {
                Step::Page(page) => records.extend(page.records.into_iter().map(|record| record.text)),
                Step::Paused(_) => unreachable!("no deadline"),
                Step::Done => return Ok(records),
            }
            if walk.position().course.is_some() {
                walk = Walk::new(source, ports, span, self.at.clone(), None)?;
            }
        }
    }
}
