//! No provider gets more than it allows, whoever asks.

use std::{sync::Mutex, time::Duration};

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Pulls, TestClock, World, source};
use crate::{Clock, Request, Response, SourceError, Span, Step, Traffic, Transport, TransportError, Walk};

/// Notes when it was asked; answers pages for ever, of these bytes and headers.
struct Provider<'a> {
    clock: &'a TestClock,
    asked: Mutex<Vec<DateTime<Utc>>>,
    answer: fn(usize) -> Response,
}

impl Transport for Provider<'_> {
    fn send(&self, _: &Request) -> Result<Response, TransportError> {
        // An answer takes its time.
        self.clock.sleep(Duration::from_millis(30));
        let mut asked = self.asked.lock().unwrap();
        asked.push(self.clock.now());
        Ok((self.answer)(asked.len()))
    }
}

fn page(body: String) -> Response {
    Response { status: 200, headers: Vec::new(), body: body.into_bytes() }
}

fn numbered(request: usize) -> Response {
    page(format!("[{{\"n\": {request}}}]"))
}

fn settings(more: &str) -> String {
    format!("url = 'https://vendor.test/rows'\npaging = {{ style = 'page', parameter = 'page' }}\n{more}")
}

/// The most requests in any period of that length.
fn most_within(asked: &[DateTime<Utc>], seconds: i64) -> usize {
    let within = |first: &DateTime<Utc>| {
        asked.iter().filter(|at| *at >= first && (**at - first).num_milliseconds() < seconds * 1_000).count()
    };
    asked.iter().map(within).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_period_has_more_requests_than_are_allowed(second in 1_u64..5, minute in 1_u64..90, pages in 20_u64..200) {
        let world = World::default();
        let provider = Provider { clock: &world.clock, asked: Mutex::default(), answer: numbered };
        let budget = format!("max_pages = {pages}\n[budget]\nrequests_per_second = {second}\nrequests_per_minute = {minute}");
        let source = source(&settings(&budget));
        // Two sources share the provider's budget, page by page.
        let mut walks: Vec<Walk<'_>> = (0..2).map(|_| Walk::new(&source, world.ports(&provider), Span::News, Default::default(), None).unwrap()).collect();
        for _ in 0..pages {
            for walk in &mut walks {
                prop_assert!(matches!(walk.step(), Ok(Step::Page(_))));
            }
        }
        let asked = provider.asked.lock().unwrap();
        prop_assert!(most_within(&asked, 1) <= second as usize);
        prop_assert!(most_within(&asked, 60) <= minute as usize);
        // And hardly less than that is made use of.
        let took = (asked[asked.len() - 1] - asked[0]).as_seconds_f64();
        let fewest = (second * 60).min(minute) as f64 / 60.0 * took * 0.9;
        prop_assert!(asked.len() as f64 >= fewest.min(asked.len() as f64 / 2.0), "{} in {took} s", asked.len());
    }
}

#[test]
fn bytes_are_bounded_by_the_hour() {
    let world = World::default();
    let answer = |request| page(format!("[{{\"n\": {request}, \"text\": \"{}\"}}]", "x".repeat(9_000)));
    let provider = Provider { clock: &world.clock, asked: Mutex::default(), answer };
    let source = source(&settings("max_pages = 50\n[budget]\nbytes_per_hour = 100000"));
    let mut walk = Walk::new(&source, world.ports(&provider), Span::News, Default::default(), None).unwrap();
    while let Ok(Step::Page(_)) = walk.step() {}
    let asked = provider.asked.lock().unwrap();
    assert_eq!(asked.len(), 50);
    assert!(most_within(&asked, 3_600) <= 11, "{}", most_within(&asked, 3_600));
    assert!(walk.traffic().waited_ms > 3 * 3_600_000);
}

#[test]
fn headers_that_say_nothing_is_left_are_obeyed() {
    let world = World::default();
    let answer = |request: usize| {
        let left = (3 - (request - 1) % 4).to_string();
        let headers = vec![("minute-left".to_owned(), left), ("minute-reset".to_owned(), "60".to_owned())];
        Response { headers, ..numbered(request) }
    };
    let provider = Provider { clock: &world.clock, asked: Mutex::default(), answer };
    let source = source(&settings(
        "max_pages = 40\n[budget]\nquota_headers = [{ left = 'Minute-Left', reset = 'Minute-Reset' }]",
    ));
    let mut walk = Walk::new(&source, world.ports(&provider), Span::News, Default::default(), None).unwrap();
    while let Ok(Step::Page(_)) = walk.step() {}
    let asked = provider.asked.lock().unwrap();
    assert_eq!((asked.len(), most_within(&asked, 60)), (40, 4));
}

#[test]
fn a_suspended_token_is_left_alone_by_everybody() {
    let world = World::default();
    let answer = |_| Response { status: 403, headers: Vec::new(), body: b"suspended".to_vec() };
    let provider = Provider { clock: &world.clock, asked: Mutex::default(), answer };
    let source = source(&settings("[budget]\ndenied_pause = 7200"));
    let began = world.clock.now();
    let denied = Pulls::default().pull(&source, world.ports(&provider), Span::News).unwrap_err();
    assert!(matches!(denied, SourceError::Denied { status: 403, .. }), "{denied}");
    assert!(!denied.is_transient());
    // Another worker has an hour, and does not ask within it.
    let deadline = Some(began + Duration::from_secs(3_600));
    let mut other = Walk::new(&source, world.ports(&provider), Span::News, Default::default(), deadline).unwrap();
    assert!(matches!(other.step(), Ok(Step::Paused(until)) if until > began + Duration::from_secs(7_199)));
    assert_eq!((provider.asked.lock().unwrap().len(), other.traffic()), (1, Traffic::default()));
}

#[test]
fn a_deadline_ends_a_pull_between_pages_and_the_next_goes_on() {
    let world = World::default();
    let provider = Provider { clock: &world.clock, asked: Mutex::default(), answer: numbered };
    let source = source(&settings("[budget]\nrequests_per_second = 1"));
    let (mut at, mut numbers) = (Default::default(), Vec::new());
    for _ in 0..3 {
        let deadline = world.clock.now() + Duration::from_secs(5);
        let mut walk = Walk::new(&source, world.ports(&provider), Span::News, at, Some(deadline)).unwrap();
        while let Step::Page(page) = walk.step().unwrap() {
            numbers.push(page.number);
        }
        assert!(world.clock.now() <= deadline + Duration::from_millis(30));
        at = (walk.position().clone(), walk.seen().clone());
        world.clock.sleep(Duration::from_secs(60));
    }
    assert!(numbers.len() > 9 && numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
}
