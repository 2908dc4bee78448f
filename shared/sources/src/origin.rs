//! What a source is pulled from, and one pull of it as whoever keeps its records sees it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::{
    client::{Ports, Traffic},
    error::SourceError,
    mysql::MysqlSource,
    settings::{HttpSource, Watermark},
    walk::{Position, Seen, Span, Step, Walk},
};

/// Where records come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A vendor's API.
    Http(Box<HttpSource>),
    /// A database.
    Mysql(MysqlSource),
}

/// One pull, page by page. What it answers and where it stands go into the lake together.
pub trait Pages {
    /// Asks for the next page.
    ///
    /// # Errors
    /// [`SourceError`]; the position stays behind the last complete page, or where the pull can go on from.
    fn step(&mut self) -> Result<Step, SourceError>;

    /// Where the pull stands.
    fn position(&self) -> &Position;

    /// What was seen, of the position.
    fn seen(&self) -> &Seen;

    /// What was asked of the source by this pull.
    fn traffic(&self) -> Traffic;
}

impl Pages for Walk<'_> {
    fn step(&mut self) -> Result<Step, SourceError> {
        self.step()
    }

    fn position(&self) -> &Position {
        self.position()
    }

    fn seen(&self) -> &Seen {
        self.seen()
    }

    fn traffic(&self) -> Traffic {
        self.traffic()
    }
}

impl Origin {
    /// How changes are told from what was pulled before; none means that every pull takes all records anew.
    #[must_use]
    pub fn watermark(&self) -> Option<&Watermark> {
        self.http().and_then(|http| http.watermark.as_ref())
    }

    /// How all keys are listed, and how long after one list the next one is due; none where deletions are not looked for.
    #[must_use]
    pub fn keys(&self) -> Option<(&Self, Duration)> {
        self.http().and_then(HttpSource::keys)
    }

    /// Path of what identifies a record.
    #[must_use]
    pub fn key_path(&self) -> Option<&str> {
        self.http().and_then(HttpSource::key_path)
    }

    /// What identifies a record, as it is written there.
    #[must_use]
    pub fn key_of<'r>(&self, record: &'r RawValue) -> Option<&'r RawValue> {
        self.http().and_then(|http| http.key_of(record))
    }

    /// A pull from a position, which is where an earlier one stopped, or the default at first. `seen` belongs to the
    /// position. No wait goes beyond the deadline.
    ///
    /// # Errors
    /// `Secret` for a secret that is not there, `Page` for one that is of no use, `NoClient` for a source that this binary
    /// was built without the client of.
    pub fn pages<'a>(
        &'a self,
        ports: Ports<'a>,
        span: Span,
        (position, seen): (Position, Seen),
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Box<dyn Pages + 'a>, SourceError> {
        match self {
            Self::Http(http) => Ok(Box::new(Walk::new(http, ports, span, (position, seen), deadline)?)),
            #[cfg(feature = "mysql")]
            Self::Mysql(mysql) => Ok(Box::new(crate::mysql::MysqlWalk::new(mysql, ports, position, deadline)?)),
            #[cfg(not(feature = "mysql"))]
            Self::Mysql(_) => Err(SourceError::NoClient { feature: "mysql" }),
        }
    }

    fn http(&self) -> Option<&HttpSource> {
        match self {
            Self::Http(http) => Some(http),
            Self::Mysql(_) => None,
        }
    }
}
