//! Walking the pages of one pull: what the next request is, what is new on a page, and when the feed has ended.

mod advance;
mod position;
mod request;
mod seen;

use chrono::{DateTime, Utc};

pub(crate) use position::Next;
pub use position::{Course, Position};
pub use seen::Seen;

use self::{
    advance::{Advance, Leads},
    position::Trail,
};
use crate::{
    body::{BodyError, Document, RecordText},
    client::{Client, Exchange, Ports, Traffic},
    error::{Place, SourceError},
    settings::{HttpSource, Watermark},
};

/// Pages without a record in a row, at most.
const MOST_EMPTY: u64 = 100;

/// What a walk is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// What changed since the watermark, or all records of a source without one.
    News,
    /// Records whose marks lie between two, both included.
    Window {
        /// The least mark.
        from: i64,
        /// The greatest mark.
        until: i64,
    },
}

/// A record of a page that was not seen before.
#[derive(Debug)]
pub struct Record {
    /// The record as one line of JSON.
    pub text: String,
    /// Where it stands; none without a watermark, or where the record does not say.
    pub mark: Option<i64>,
}

/// A complete page.
#[derive(Debug, Default)]
pub struct Page {
    /// Its number in the walk, from 1.
    pub number: u64,
    /// What is new on it, in its order.
    pub records: Vec<Record>,
    /// Records on it that were seen before.
    pub repeated: u64,
    /// Records on it without a mark, new ones.
    pub undated: u64,
}

/// One step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A page came; the position is behind it.
    Page(Page),
    /// The deadline is there, or nothing can be asked before this moment, which lies beyond it.
    Paused(DateTime<Utc>),
    /// The feed has ended, and the position has the new watermark.
    Done,
}

/// One pull.
pub struct Walk<'a> {
    source: &'a HttpSource,
    client: Client<'a>,
    span: Span,
    position: Position,
    seen: Seen,
    /// Whether the walk goes on behind a page of an earlier one whose links may have ended meanwhile.
    resumed: bool,
    done: bool,
    failure: Option<SourceError>,
}

impl<'a> Walk<'a> {
    /// A walk from a position, which is where an earlier one stopped, or the default at first. `seen` belongs to the
    /// position. No wait goes beyond the deadline.
    ///
    /// # Errors
    /// `Secret` for a secret that is not there.
    pub fn new(
        source: &'a HttpSource,
        ports: Ports<'a>,
        span: Span,
        (position, seen): (Position, Seen),
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Self, SourceError> {
        let is_first = span == Span::News && position.watermark.is_none();
        let first = position.course.as_ref().map_or(is_first, |course| course.first);
        let source = if first { source.first() } else { source };
        let client = Client::new(source, ports, deadline)?;
        let resumed = position.course.as_ref().is_some_and(|course| course.next != Next::First);
        Ok(Self { source, client, span, position, seen, resumed, done: false, failure: None })
    }

    /// Asks for the next page.
    ///
    /// # Errors
    /// [`SourceError`]; the position stays behind the last complete page, or at the mark reached where the walk cannot
    /// go on from there.
    pub fn step(&mut self) -> Result<Step, SourceError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if self.done {
            return Ok(Step::Done);
        }
        if self.client.is_late() {
            return Ok(Step::Paused(self.client.ports.clock.now()));
        }
        let course = self.course();
        let page = course.pages + 1;
        let Some(url) = request::url(self.source, &course) else {
            // The settings lead from page to page in another way now.
            self.restart();
            return self.step();
        };
        if course.pages >= self.source.max_pages {
            self.restart();
            let message = format!("found {} pages and more to come", course.pages);
            return Err(SourceError::Endless { place: self.client.place(&url, page), message });
        }
        let (asked, status, document, headers) = match self.client.page(&url, page)? {
            Exchange::Paused(until) => return Ok(Step::Paused(until)),
            Exchange::Page { url, status, document, headers } => (url, status, document, headers),
        };
        let place = self.client.place(&asked, page);
        match document {
            Some(document) => {
                self.resumed = false;
                let leads = Leads { asked: &asked, document: &document, headers: &headers };
                self.take(course, &leads, &place).map(Step::Page)
            }
            None if status == 204 || (matches!(course.next, Next::Page(_) | Next::Offset(_)) && status != 400) => {
                self.end(course, &place);
                self.step()
            }
            None if self.resumed => {
                // A link or cursor of an earlier invocation that has ended; the mark reached has not.
                self.restart();
                self.step()
            }
            None => Err(SourceError::Status { place, status, beginning: String::new() }),
        }
    }

    /// Where the walk stands.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What was seen, of the position.
    #[must_use]
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// What was asked of the provider by this walk.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.client.traffic
    }

    /// The walk under way, begun now where there is none.
    fn course(&self) -> Course {
        if let Some(course) = &self.position.course {
            return course.clone();
        }
        let watermark = self.source.watermark.as_ref();
        let reached = |watermark: &Watermark| {
            self.position.watermark.map_or(watermark.start, |reached| reached.saturating_sub(watermark.overlap))
        };
        let (from, until) = match self.span {
            Span::Window { from, until } => (self.position.watermark.unwrap_or(from), Some(until)),
            Span::News => (watermark.map_or(0, reached), None),
        };
        Course {
            started: self.client.ports.clock.now().timestamp_micros(),
            first: self.span == Span::News && self.position.watermark.is_none(),
            from,
            until,
            pages: 0,
            records: 0,
            in_query: 0,
            declared: None,
            reached: self.position.watermark,
            at: None,
            page: String::new(),
            empty: 0,
            next: Next::First,
            trail: Trail::default(),
        }
    }

    /// Takes a page and moves behind it.
    fn take(&mut self, mut course: Course, leads: &Leads<'_>, place: &Place) -> Result<Page, SourceError> {
        let wrong = |message| SourceError::Page { place: place.clone(), message };
        let found = records(leads.document, self.source).map_err(wrong)?;
        let count = found.len() as u64;
        let digest = advance::digest(&found);
        let mut page = Page { number: course.pages + 1, ..Page::default() };
        for record in found {
            self.sort(record, &mut course, &mut page).map_err(wrong)?;
        }
        course.pages += 1;
        course.records += count;
        course.in_query += count;
        course.empty = if count == 0 { course.empty + 1 } else { 0 };
        course.declared = self.source.total.as_ref().and_then(|total| advance::number(leads.document, total));
        if course.until.is_some_and(|until| self.is_ordered() && course.at > Some(until)) {
            self.finish(course);
        } else {
            let advance = advance::next(self.source, &course, leads, count, &digest).map_err(wrong)?;
            self.advance(course, advance, digest, place);
        }
        Ok(page)
    }

    /// Puts a record where it belongs: new, seen before, or outside of the span.
    fn sort(&mut self, record: RecordText, course: &mut Course, page: &mut Page) -> Result<(), String> {
        let Some(watermark) = &self.source.watermark else {
            page.records.push(Record { text: record.get().to_owned(), mark: None });
            return Ok(());
        };
        let said = watermark.field.text(&record);
        let mark = said.as_deref().and_then(|text| watermark.kind.parse(text));
        let Some(mark) = mark else {
            // It is for the table structure to judge; a bad record never ends a pull.
            let new = self.seen.insert(course.reached.unwrap_or(course.from), record.get());
            page.repeated += u64::from(!new);
            page.undated += u64::from(new);
            page.records.extend(new.then(|| Record { text: record.get().to_owned(), mark: None }));
            return Ok(());
        };
        if watermark.ordered && course.at > Some(mark) {
            let last = watermark.kind.format(course.at.unwrap_or_default());
            let (field, mark) = (watermark.field.as_str(), watermark.kind.format(mark));
            let expected = "expected records in order of it, or `ordered = false`";
            return Err(format!("found `{field}` {mark} behind {last}, {expected}"));
        }
        course.at = Some(mark);
        if mark < course.from || course.until.is_some_and(|until| mark > until) {
            return Ok(());
        }
        course.reached = course.reached.max(Some(mark));
        if self.seen.insert(mark, record.get()) {
            page.records.push(Record { text: record.get().to_owned(), mark: Some(mark) });
        } else {
            page.repeated += 1;
        }
        Ok(())
    }

    fn is_ordered(&self) -> bool {
        self.source.watermark.as_ref().is_some_and(|watermark| watermark.ordered)
    }

    /// Moves to what a page leads to.
    fn advance(&mut self, mut course: Course, advance: Advance, digest: String, place: &Place) {
        let step = step(&course, &advance, &digest);
        match advance {
            Advance::End => return self.end(course, place),
            Advance::Anew => {
                course.from = course.at.unwrap_or(course.from);
                (course.at, course.in_query, course.next, course.page) = (None, 0, Next::First, String::new());
            }
            Advance::To(next) => (course.next, course.page) = (self.unsigned(next), digest),
        }
        let circle = course.trail.returns(&step).then(|| "found a page again".to_owned());
        let silent = (course.empty >= MOST_EMPTY).then(|| format!("found {MOST_EMPTY} pages without a record"));
        if let Some(watermark) = self.source.watermark.as_ref().filter(|watermark| watermark.ordered) {
            self.seen.forget_before(course.reached.unwrap_or(course.from).saturating_sub(watermark.overlap));
        }
        self.position.course = Some(course);
        if let Some(message) = silent.or(circle) {
            self.restart();
            self.failure = Some(SourceError::Endless { place: place.clone(), message });
        }
    }

    /// Ends the walk where the feed does, which may be sooner than it declared.
    fn end(&mut self, course: Course, place: &Place) {
        let found = course.in_query;
        match course.declared.filter(|declared| *declared > found) {
            None => self.finish(course),
            Some(declared) => {
                self.position.course = Some(course);
                self.restart();
                self.failure = Some(SourceError::Incomplete { place: place.clone(), found, declared });
            }
        }
    }

    fn unsigned(&self, next: Next) -> Next {
        match next {
            Next::Link(link) => match url::Url::parse(&link) {
                Ok(url) => Next::Link(self.client.unsigned(url).into()),
                Err(_) => Next::Link(link),
            },
            next => next,
        }
    }

    /// Ends the walk at the end of the feed.
    fn finish(&mut self, course: Course) {
        if let Some(watermark) = &self.source.watermark {
            // A feed without any record has reached where it was asked from: the next pull is no first one.
            let reached = course.reached.unwrap_or(course.from);
            self.position.watermark = self.position.watermark.max(Some(reached));
            self.seen.forget_before(reached.saturating_sub(watermark.overlap));
        }
        self.position.course = None;
        self.done = true;
    }

    /// Gives up the walk under way; the next one begins at the mark reached where marks come in order, else anew.
    fn restart(&mut self) {
        let reached = self.position.course.take().and_then(|course| course.reached);
        if self.is_ordered() {
            self.position.watermark = self.position.watermark.max(reached);
        }
        self.resumed = false;
    }
}

fn records(document: &Document, source: &HttpSource) -> Result<Vec<RecordText>, String> {
    document.records(&source.records).map_err(|error| match error {
        BodyError::Broken(message) | BodyError::Misplaced(message) => message,
    })
}

/// What a step is known by: pages by what is on them and where their query began, links and cursors by themselves.
fn step(course: &Course, advance: &Advance, digest: &str) -> String {
    match advance {
        Advance::To(Next::Cursor(step) | Next::Link(step)) => step.clone(),
        _ => format!("{} {digest}", course.from),
    }
}
