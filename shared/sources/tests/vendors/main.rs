//! Vendors that misbehave, over real HTTP on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod credentials;
mod faults;
mod server;

use std::{sync::Mutex, time::Duration};

use chrono::{DateTime, Utc};
use lotline_sources::{
    Clock, HttpSettings, HttpSource, Internet, MissingSecret, Ports, Secret, Secrets, SourceError, Span, Step, Traffic,
    Walk,
};
use lotline_testkit::MemoryStates;

use crate::server::Server;

/// Time passes in no time.
#[derive(Default)]
struct Hasty(Mutex<Duration>);

impl Clock for Hasty {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

struct Token;

impl Secrets for Token {
    fn secret(&self, name: &str) -> Result<Secret, MissingSecret> {
        match name {
            "TOKEN" => Ok(Secret::new("s3cret")),
            _ => Err(MissingSecret { name: name.to_owned(), place: "the test".to_owned() }),
        }
    }
}

/// Everything that a pull brings, and what stopped it.
struct Pulled {
    records: Vec<String>,
    failure: Option<SourceError>,
    traffic: Traffic,
    waited: Duration,
}

impl Pulled {
    fn message(&self) -> String {
        self.failure.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

fn pull(server: &Server, settings: &str) -> Pulled {
    let text = format!("url = 'http://{}/rows'\n{settings}", server.address);
    let settings: HttpSettings = toml::from_str(&text).unwrap();
    let source = HttpSource::of("job.toml", "sources.rows.http", settings).unwrap();
    let (internet, clock, states) = (Internet::default(), Hasty::default(), MemoryStates::default());
    let ports = Ports { transport: &internet, clock: &clock, states: &states, secrets: &Token };
    let mut walk = Walk::new(&source, ports, Span::News, Default::default(), None).unwrap();
    let (mut records, mut failure) = (Vec::new(), None);
    while failure.is_none() {
        match walk.step() {
            Ok(Step::Page(page)) => records.extend(page.records.into_iter().map(|record| record.text)),
            Ok(Step::Paused(_)) => unreachable!("there is no deadline"),
            Ok(Step::Done) => break,
            Err(error) => failure = Some(error),
        }
    }
    let waited = *clock.0.lock().unwrap();
    Pulled { records, failure, traffic: walk.traffic(), waited }
}
