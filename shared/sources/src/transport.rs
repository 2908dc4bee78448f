//! The transport port: one HTTP request and its answer, whatever carries them.

use std::{fmt, time::Duration};

/// What is sent.
#[derive(Clone)]
pub struct Request {
    /// The whole address, secrets included where the provider wants them there.
    pub url: String,
    /// Header names and values, secrets included.
    pub headers: Vec<(String, String)>,
    /// A form to post; none asks by `GET`.
    pub form: Option<String>,
    /// The longest that the whole exchange may take.
    pub timeout: Duration,
    /// Bytes of the body, decompressed, at most.
    pub max_body: u64,
}

impl fmt::Debug for Request {
    /// Address and headers may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header; the name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why no whole answer came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It took too long.
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
    /// The body is over the cap.
    #[error("found a body over {0} bytes")]
    TooLarge(u64),
    /// The connection failed or broke; it may pass.
    #[error("{0}")]
    Broken(String),
    /// The request itself cannot be sent.
    #[error("{0}")]
    Refused(String),
}

/// Carries requests. Redirects are answers like any other: none is followed.
pub trait Transport: Send + Sync {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// [`TransportError`], which says whether it may pass.
    fn send(&self, request: &Request) -> Result<Response, TransportError>;
}
