//! `pull`: takes what is new from a vendor's API or a database into the lake, before a run is planned over it.
//!
//! What was pulled lies as NDJSON under `pulled/<job>/<source>/`, one object a part, one line a record with its envelope.
//! A part's key follows from its number alone, it is written once and never changed, and its last line says where the
//! pull stood behind it. So a worker that dies between writing a part and moving the cursor, or two workers at once,
//! neither lose nor double a record: whoever comes next finds the part and goes on from what it says.

mod cursor;
mod files;
mod keys;
mod part;
mod report;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use lotline_sources::{
    Clock, EnvironmentSecrets, Internet, Origin, Ports, Secrets, Span, Step, SystemClock, Transport,
};
use lotline_store::Stores;

pub(crate) use files::folders;
pub use report::PullReport;

use self::{cursor::Cursor, part::Part};
use crate::{Job, StageError};

/// Bytes of lines after which a part is written; the page that goes over it is still whole.
const PART_BYTES: usize = 16 << 20;

/// The folder of the lake that what was pulled lies in. An upload to `drop/` starts a run; what a run pulls must not.
const ZONE: &str = "pulled";
/// The folder of what pulls keep for themselves.
const SCRATCH: &str = "runs/pulls";

/// What a pull touches outside the lake.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Carries requests.
    pub transport: &'a dyn Transport,
    /// Every wait goes through it.
    pub clock: &'a dyn Clock,
    /// Knows the secrets that settings name.
    pub secrets: &'a dyn Secrets,
    /// When the pull stops between two pages, to be gone on with later; none goes on to the end.
    pub deadline: Option<DateTime<Utc>>,
}

/// What is pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// What changed since the last pull; deletions, where the settings look for them and it is time.
    News,
    /// What changed within a window, once more or for the first time: watermarks as the source writes them, both
    /// included.
    Window {
        /// The least.
        from: String,
        /// The greatest.
        until: String,
    },
    /// What changed, and deletions whether it is time or not.
    Deletions,
}

/// Does something with the network, the machine's clock and the environment's secrets.
pub fn with_network<T>(deadline: Option<DateTime<Utc>>, pull: impl FnOnce(Outside<'_>) -> T) -> T {
    let transport = Internet::default();
    pull(Outside { transport: &transport, clock: &SystemClock, secrets: &EnvironmentSecrets, deadline })
}

/// Pulls one source; `progress` is told after every page. Memory: one page and one part.
///
/// # Errors
/// `BadRequest` for a source that is not pulled or a window that is none; `Source` with page and address; the lake's own.
pub fn run(
    stores: &Stores,
    outside: Outside<'_>,
    job: &Job,
    source: &str,
    scope: &Scope,
    progress: &mut dyn FnMut(&PullReport),
) -> Result<PullReport, StageError> {
    let origin = pulled(job, source)?;
    let pull = Pull { stores, outside, zone: ZONE, name: format!("{}/{source}", job.name), source, origin };
    let mut report = PullReport::default();
    pull.span(pull.span_of(scope)?, &mut report, progress)?;
    if report.done && (*scope == Scope::News || *scope == Scope::Deletions) {
        keys::reconcile(&pull, *scope == Scope::Deletions, &mut report, progress)?;
    }
    Ok(report)
}

fn pulled<'a>(job: &'a Job, source: &str) -> Result<&'a Origin, StageError> {
    job.pulled.get(source).ok_or_else(|| StageError::BadRequest {
        subject: "source",
        found: source.to_owned(),
        expected: format!("a source with `http` or `mysql` settings: {}", crate::job::choices(job.pulled.keys())),
    })
}

/// One source of one job.
struct Pull<'a> {
    stores: &'a Stores,
    outside: Outside<'a>,
    /// The folder that its parts lie below.
    zone: &'static str,
    /// The name of its state, and of its folder in the zone.
    name: String,
    source: &'a str,
    origin: &'a Origin,
}

impl Pull<'_> {
    fn ports(&self) -> Ports<'_> {
        let Outside { transport, clock, secrets, .. } = self.outside;
        Ports { transport, clock, states: &*self.stores.states, secrets }
    }

    fn failed(&self, source: lotline_sources::SourceError) -> StageError {
        StageError::Source { source_name: self.source.to_owned(), source: Box::new(source) }
    }

    fn span_of(&self, scope: &Scope) -> Result<Span, StageError> {
        let Scope::Window { from, until } = scope else { return Ok(Span::News) };
        let wrong = |found: &str, expected: &str| StageError::BadRequest {
            subject: "window",
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        let watermark = self.origin.watermark();
        let kind = watermark.ok_or_else(|| wrong(from, "no window: the source has no `watermark`"))?.kind;
        let mark =
            |text: &str| kind.parse(text).ok_or_else(|| wrong(text, "a watermark, such as `2024-05-01T00:00:00Z`"));
        match (mark(from)?, mark(until)?) {
            (first, last) if first > last => {
                Err(wrong(&format!("{from} to {until}"), "an end that is not before its start"))
            }
            (from, until) => Ok(Span::Window { from, until }),
        }
    }

    /// Walks pages to the end of the span or the deadline, parts and cursor behind it.
    fn span(
        &self,
        span: Span,
        report: &mut PullReport,
        progress: &mut dyn FnMut(&PullReport),
    ) -> Result<(), StageError> {
        // Another worker may move the cursor; then this one goes on from there.
        while !self.until_moved(span, report, progress)? {}
        Ok(())
    }

    /// Whether the span is done or paused; else the cursor was moved by another worker.
    fn until_moved(
        &self,
        span: Span,
        report: &mut PullReport,
        progress: &mut dyn FnMut(&PullReport),
    ) -> Result<bool, StageError> {
        let mut cursor = Cursor::load(self, span)?;
        let at = cursor.at(self)?;
        let before = *report;
        let walk = self.origin.pages(self.ports(), span, at, self.outside.deadline);
        let mut walk = walk.map_err(|error| self.failed(error))?;
        let mut part = Part::default();
        loop {
            let step = walk.step();
            report.traffic(&before, walk.traffic());
            let ended = match step {
                Ok(Step::Page(page)) => {
                    report.page(&page);
                    progress(report);
                    part.push(self.outside.clock.now(), &page)?;
                    if part.bytes() < PART_BYTES {
                        continue;
                    }
                    None
                }
                Ok(Step::Paused(until)) => Some(Ok((false, Some(until)))),
                Ok(Step::Done) => Some(Ok((true, None))),
                Err(error) => Some(Err(self.failed(error))),
            };
            let whole = matches!(ended, Some(Ok((true, _))));
            let written = part.records();
            if !cursor.advance(self, &*walk, &mut part, whole)? {
                return Ok(false);
            }
            report.part(written);
            if let Some(ended) = ended {
                (report.done, report.resume_at) = ended?;
                return Ok(true);
            }
        }
    }
}
