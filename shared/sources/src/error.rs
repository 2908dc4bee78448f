//! What can stop a pull, with the address (secrets masked) and the page where it did.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use lotline_store::StoreError;

use crate::secrets::MissingSecret;

/// A page of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The address, secrets masked.
    pub url: String,
    /// The page of the pull, from 1.
    pub page: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "page {} ({})", self.page, self.url)
    }
}

/// A pull that could not finish. What was pulled before it stays, and the next pull goes on behind it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A secret that the settings name is not there.
    #[error(transparent)]
    Secret(#[from] MissingSecret),
    /// Cursors and budgets could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source that only another build of this program can pull.
    #[error("found a program without the client, expected one that was built with `--features {feature}`")]
    NoClient {
        /// The feature of Cargo's.
        feature: &'static str,
    },
    /// No page came, however often it was asked for.
    #[error("{place}: {cause}; asked {attempts} times")]
    Unanswered {
        /// Where.
        place: Place,
        /// How often it was asked for.
        attempts: u32,
        /// What came instead the last time.
        cause: String,
    },
    /// The provider refuses the credentials, or did so a short while ago.
    #[error(
        "{place}: found status {status}, expected the credentials to be taken; nothing is asked of `{budget}` before {}",
        until.to_rfc3339_opts(SecondsFormat::Secs, true)
    )]
    Denied {
        /// Where.
        place: Place,
        /// 401 or 403.
        status: u16,
        /// The budget that is closed for everybody who shares it.
        budget: String,
        /// When it opens again.
        until: DateTime<Utc>,
    },
    /// The provider answers with a status that asking again does not change.
    #[error("{place}: found status {status}{beginning}, expected a page")]
    Status {
        /// Where.
        place: Place,
        /// The status.
        status: u16,
        /// What the body begins with, in brackets; empty where that was not kept.
        beginning: String,
    },
    /// The provider sends to another host, which gets no credentials.
    #[error("{place}: found a redirect to `{to}`, expected an answer from the same host")]
    Redirected {
        /// Where.
        place: Place,
        /// The other address.
        to: String,
    },
    /// A body over the cap.
    #[error("{place}: found a body over {limit} bytes, expected at most `max_body`")]
    TooLarge {
        /// Where.
        place: Place,
        /// The cap.
        limit: u64,
    },
    /// A body of another type than the settings say.
    #[error("{place}: found content type `{found}`, expected {expected}")]
    ContentType {
        /// Where.
        place: Place,
        /// What came.
        found: String,
        /// What the settings say.
        expected: &'static str,
    },
    /// A page that is not what the settings say.
    #[error("{place}: {message}")]
    Page {
        /// Where.
        place: Place,
        /// What was found and expected.
        message: String,
    },
    /// The feed goes round in circles or past any bound.
    #[error("{place}: {message}, expected the feed to end")]
    Endless {
        /// Where.
        place: Place,
        /// What was found.
        message: String,
    },
    /// The feed ended before the number of records that it declared.
    #[error("{place}: found the end of the feed after {found} records, expected {declared} as it declares")]
    Incomplete {
        /// Where.
        place: Place,
        /// Records that came.
        found: u64,
        /// Records declared.
        declared: u64,
    },
}

impl SourceError {
    /// Whether the same pull may succeed when simply made again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unanswered { .. } | Self::Incomplete { .. } => true,
            Self::Store(error) => error.is_transient(),
            _ => false,
        }
    }
}
