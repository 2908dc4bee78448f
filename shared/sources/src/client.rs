//! One page's exchange: within the budget, asked again where that may help, every fault with its place.

use std::time::Duration;

use chrono::{DateTime, Utc};
use lotline_store::States;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    address::same_host,
    body::{BodyError, Document},
    clock::{Clock, after, between},
    credentials::Credentials,
    error::{Place, SourceError},
    retry::{asked_for, exhausted_until, pause},
    secrets::Secrets,
    settings::{BodyFormat, HttpSource},
    transport::{Request, Response, Transport, TransportError},
};

/// Redirects on one host that are followed for one page.
const REDIRECTS: u32 = 5;
/// Characters of a body that a message quotes.
const QUOTED: usize = 200;

/// What a pull touches outside its own memory.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Carries requests.
    pub transport: &'a dyn Transport,
    /// Every wait goes through it.
    pub clock: &'a dyn Clock,
    /// Keeps budgets where all workers see them.
    pub states: &'a dyn States,
    /// Knows the secrets that settings name.
    pub secrets: &'a dyn Secrets,
}

/// What was asked of a provider, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests sent, those for tokens and those asked again included.
    pub requests: u64,
    /// Requests that were made again.
    pub retries: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// Milliseconds waited for the budget and before asking again.
    pub waited_ms: u64,
}

/// A page, or none before the deadline.
pub(crate) enum Exchange {
    /// An answer; its document is none where the status (204, 400, 404, 410) says that there is no page.
    Page { url: Url, status: u16, document: Option<Document>, headers: Vec<(String, String)> },
    /// There is no time left; nothing is asked before this moment.
    Paused(DateTime<Utc>),
}

/// What became of one attempt.
enum Attempt {
    Done(Exchange),
    /// To be made again, at this moment or after the usual pause.
    Again {
        cause: String,
        at: Option<DateTime<Utc>>,
    },
    Redirected(Url),
}

/// Asks for the pages of a source.
pub(crate) struct Client<'a> {
    source: &'a HttpSource,
    pub(crate) ports: Ports<'a>,
    credentials: Credentials,
    /// No wait goes beyond it.
    deadline: Option<DateTime<Utc>>,
    pub(crate) traffic: Traffic,
}

impl<'a> Client<'a> {
    pub(crate) fn new(
        source: &'a HttpSource,
        ports: Ports<'a>,
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Self, SourceError> {
        let credentials = Credentials::of(&source.auth, ports.secrets)?;
        Ok(Self { source, ports, credentials, deadline, traffic: Traffic::default() })
    }

    /// An address without secrets.
    pub(crate) fn unsigned(&self, url: Url) -> Url {
        self.credentials.unsigned(url)
    }

    pub(crate) fn place(&self, url: &Url, page: u64) -> Place {
        Place { url: self.credentials.masked(self.credentials.unsigned(url.clone()).as_str()), page }
    }

    /// Asks for a page until it comes, may not be asked for again, or there is no time left.
    pub(crate) fn page(&mut self, url: &Url, page: u64) -> Result<Exchange, SourceError> {
        let (mut url, mut redirects, mut attempt) = (url.clone(), 0, 0);
        loop {
            attempt += 1;
            let place = self.place(&url, page);
            if let Some(exchange) = self.token(&place)? {
                return Ok(exchange);
            }
            let (cause, at) = match self.attempt(&url, &place, attempt)? {
                Attempt::Done(exchange) => return Ok(exchange),
                Attempt::Redirected(to) if redirects < REDIRECTS => {
                    (url, redirects, attempt) = (to, redirects + 1, attempt - 1);
                    continue;
                }
                Attempt::Redirected(_) => {
                    return Err(SourceError::Endless {
                        place,
                        message: format!("found {REDIRECTS} redirects in a row"),
                    });
                }
                Attempt::Again { cause, at } => (cause, at),
            };
            if attempt >= self.source.attempts {
                return Err(SourceError::Unanswered { place, attempts: attempt, cause });
            }
            self.traffic.retries += 1;
            let now = self.ports.clock.now();
            let at = at.unwrap_or_else(|| after(now, pause(url.as_str(), attempt, now)));
            if let Some(paused) = self.wait(at) {
                return Ok(paused);
            }
        }
    }

    /// Fetches a token where one is needed. No answer is that all is well.
    fn token(&mut self, place: &Place) -> Result<Option<Exchange>, SourceError> {
        for attempt in 1.. {
            let Some(request) = self.credentials.token_request(self.ports.clock.now(), self.source.timeout) else {
                break;
            };
            let response = match self.send(&request)? {
                Ok(response) => response,
                Err(paused) => return Ok(Some(paused)),
            };
            let cause = match response {
                Ok(response) if response.status == 200 => {
                    let kept = self.credentials.keep_token(&response, self.ports.clock.now());
                    kept.map_err(|message| SourceError::Page { place: place.clone(), message })?;
                    break;
                }
                Ok(response) if matches!(response.status, 400 | 401 | 403) => {
                    return Err(self.denied(place, response.status)?);
                }
                Ok(response) => format!("found status {} where tokens are fetched", response.status),
                Err(error) => self.credentials.masked(&error.to_string()),
            };
            if attempt >= self.source.attempts {
                return Err(SourceError::Unanswered { place: place.clone(), attempts: attempt, cause });
            }
            self.traffic.retries += 1;
            let now = self.ports.clock.now();
            if let Some(paused) = self.wait(after(now, pause(&request.url, attempt, now))) {
                return Ok(Some(paused));
            }
        }
        Ok(None)
    }

    fn attempt(&mut self, url: &Url, place: &Place, attempt: u32) -> Result<Attempt, SourceError> {
        let (signed, header) = self.credentials.sign(url.clone());
        let accept = match self.source.format {
            BodyFormat::Json => "application/json",
            BodyFormat::Xml => "application/xml, text/xml",
        };
        let usual = [("accept".to_owned(), accept.to_owned())];
        let own = |name: &str| self.source.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
        let usual = usual.into_iter().filter(|(name, _)| !own(name));
        let headers = usual.chain(self.source.headers.iter().cloned()).chain(header).collect();
        let (timeout, max_body) = (self.source.timeout, self.source.max_body);
        let request = Request { url: signed.into(), headers, form: None, timeout, max_body };
        let response = match self.send(&request)? {
            Err(paused) => return Ok(Attempt::Done(paused)),
            Ok(Err(TransportError::TooLarge(limit))) => {
                return Err(SourceError::TooLarge { place: place.clone(), limit });
            }
            Ok(Err(TransportError::Refused(message))) => {
                let message = self.credentials.masked(&message);
                return Err(SourceError::Page { place: place.clone(), message });
            }
            Ok(Err(error)) => {
                return Ok(Attempt::Again { cause: self.credentials.masked(&error.to_string()), at: None });
            }
            Ok(Ok(response)) => response,
        };
        self.judge(response, url, place, attempt)
    }

    /// What an answer means.
    fn judge(&mut self, response: Response, url: &Url, place: &Place, attempt: u32) -> Result<Attempt, SourceError> {
        let now = self.ports.clock.now();
        let again = |cause: String, at| Ok(Attempt::Again { cause, at });
        match response.status {
            200 => self.parse(response, url, place),
            status @ (204 | 400 | 404 | 410) => {
                let headers = response.headers;
                Ok(Attempt::Done(Exchange::Page { url: url.clone(), status, document: None, headers }))
            }
            301 | 302 | 303 | 307 | 308 => {
                let to = response.header("location").and_then(|location| url.join(location).ok());
                match to {
                    Some(to) if same_host(&to, url) => Ok(Attempt::Redirected(to)),
                    to => {
                        let to = to.map_or_else(|| "nowhere".to_owned(), |to| self.credentials.masked(to.as_str()));
                        Err(SourceError::Redirected { place: place.clone(), to })
                    }
                }
            }
            // A token may end early; another one is fetched once a page.
            401 if attempt == 1 && self.credentials.drop_token() => again("found status 401".to_owned(), Some(now)),
            status @ (401 | 403) => Err(self.denied(place, status)?),
            status @ (408 | 425 | 429 | 500..=599) => {
                again(format!("found status {status}"), asked_for(&response, url.as_str(), attempt, now))
            }
            status => {
                let text = String::from_utf8_lossy(&response.body);
                let quoted = self.credentials.masked(&text.chars().take(QUOTED).collect::<String>());
                let beginning = if quoted.is_empty() { quoted } else { format!(" (`{quoted}`)") };
                Err(SourceError::Status { place: place.clone(), status, beginning })
            }
        }
    }

    fn parse(&self, response: Response, url: &Url, place: &Place) -> Result<Attempt, SourceError> {
        let format = self.source.format;
        let (expected, words): (_, &[&str]) = match format {
            BodyFormat::Json => ("JSON", &["json"]),
            BodyFormat::Xml => ("XML", &["xml"]),
        };
        // Some providers say nothing, or `text/plain`; only what is certainly something else is refused.
        let found = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let silent =
            found.is_empty() || found.starts_with("text/plain") || found.starts_with("application/octet-stream");
        if !silent && !words.iter().any(|word| found.contains(word)) {
            return Err(SourceError::ContentType { place: place.clone(), found, expected });
        }
        match Document::parse(&response.body, format) {
            Ok(document) => {
                let (url, headers) = (url.clone(), response.headers);
                Ok(Attempt::Done(Exchange::Page { url, status: 200, document: Some(document), headers }))
            }
            Err(BodyError::Broken(cause)) => Ok(Attempt::Again { cause, at: None }),
            Err(BodyError::Misplaced(message)) => Err(SourceError::Page { place: place.clone(), message }),
        }
    }

    /// Closes the budget, for a suspended token is not restored by asking on.
    fn denied(&self, place: &Place, status: u16) -> Result<SourceError, SourceError> {
        let (now, budget) = (self.ports.clock.now(), &self.source.budget);
        let until = after(now, budget.denied_pause);
        budget.spend(self.ports.states, now, 0, Some(until))?;
        Ok(SourceError::Denied { place: place.clone(), status, budget: budget.name.clone(), until })
    }

    /// Sends within the budget and writes down what came back.
    fn send(&mut self, request: &Request) -> Result<Result<Result<Response, TransportError>, Exchange>, SourceError> {
        let budget = &self.source.budget;
        while let Some(room) = budget.take(self.ports.states, self.ports.clock.now())? {
            if let Some(paused) = self.wait(room) {
                return Ok(Err(paused));
            }
        }
        self.traffic.requests += 1;
        let answer = self.ports.transport.send(request);
        let now = self.ports.clock.now();
        let (bytes, closed) = match &answer {
            Err(_) => (0, None),
            Ok(response) => {
                let empty = exhausted_until(response, &budget.quota_headers, now);
                let told = matches!(response.status, 429 | 503).then(|| asked_for(response, &request.url, 0, now));
                (response.body.len() as u64, empty.max(told.flatten()))
            }
        };
        budget.spend(self.ports.states, now, bytes, closed)?;
        self.traffic.bytes += bytes;
        Ok(Ok(answer))
    }

    /// Waits until a moment; or answers it where it lies beyond the deadline.
    fn wait(&mut self, until: DateTime<Utc>) -> Option<Exchange> {
        let now = self.ports.clock.now();
        if self.deadline.is_some_and(|deadline| until > deadline) {
            return Some(Exchange::Paused(until));
        }
        let duration: Duration = between(now, until);
        if !duration.is_zero() {
            self.ports.clock.sleep(duration);
            self.traffic.waited_ms += u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        }
        None
    }

    /// Whether there is no time left for another page.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| self.ports.clock.now() >= deadline)
    }
}
