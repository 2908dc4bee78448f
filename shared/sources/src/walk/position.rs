//! Where a pull stands: what the next request needs, and nothing secret.

#[cfg(feature = "mysql")]
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What was reached, and the walk that is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The greatest mark up to which everything was pulled; none before the first pull.
    pub watermark: Option<i64>,
    /// The walk under way; none between two.
    pub course: Option<Course>,
}

/// A walk under way, behind its last complete page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// When it began, in microseconds since 1970.
    pub started: i64,
    /// Whether it asks as a first pull does.
    pub first: bool,
    /// The mark that the query begins at.
    pub(crate) from: i64,
    /// The mark that the walk ends at; none goes on to the end of the feed.
    pub(crate) until: Option<i64>,
    /// Pages that are complete.
    pub pages: u64,
    /// Records of the feed in them, those that were seen before included.
    pub records: u64,
    /// Records since the query last began anew, for the declared total.
    pub(crate) in_query: u64,
    /// What the feed last declared that number to become.
    pub(crate) declared: Option<u64>,
    /// The greatest mark yet.
    pub(crate) reached: Option<i64>,
    /// The last record's mark in the running query.
    pub(crate) at: Option<i64>,
    /// Digest of the last page of the running query.
    pub(crate) page: String,
    /// Pages without a record since the last one with some.
    pub(crate) empty: u64,
    /// What the next request asks for.
    pub(crate) next: Next,
    /// Finds a feed that goes in circles.
    pub(crate) trail: Trail,
}

impl Course {
    /// A walk over everything that begins now.
    #[cfg(feature = "mysql")]
    pub(crate) fn begun(now: DateTime<Utc>) -> Self {
        Self {
            started: now.timestamp_micros(),
            first: true,
            from: 0,
            until: None,
            pages: 0,
            records: 0,
            in_query: 0,
            declared: None,
            reached: None,
            at: None,
            page: String::new(),
            empty: 0,
            next: Next::First,
            trail: Trail::default(),
        }
    }
}

/// What leads to the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Next {
    /// The query as the settings say it.
    First,
    /// A page by number.
    Page(u64),
    /// Records to pass over.
    Offset(u64),
    /// A cursor.
    Cursor(String),
    /// An address, without secrets.
    Link(String),
}

/// Finds a circle of any length in bounded memory: every step is compared with one earlier step, which is set anew at
/// every power of two (Brent 1980).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trail {
    steps: u64,
    mark: Option<String>,
}

impl Trail {
    /// Whether this step was made before.
    pub(crate) fn returns(&mut self, step: &str) -> bool {
        if self.mark.as_deref() == Some(step) {
            return true;
        }
        self.steps += 1;
        if self.steps.is_power_of_two() {
            self.mark = Some(step.to_owned());
        }
        false
    }
}
