//! Why a field could not be answered, under types that stay the same from release to release.

use lotline_insights::SqlError;
use lotline_stages::{StageError, message};
use lotline_store::StoreError;
use serde_json::{Value, json};

/// A field that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What clients match on.
    pub kind: ErrorKind,
    /// What was found and what was expected.
    pub message: String,
}

/// The types of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The arguments cannot be meant.
    BadRequest,
    /// A job, table or source that is named is not there.
    NotFound,
    /// It is there, and has nothing published yet.
    NotReady,
    /// More was asked for than one answer may have.
    Limit,
    /// Not the caller's doing.
    Internal,
}

impl ErrorKind {
    /// The type as written in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::NotFound => "NOT_FOUND",
            Self::NotReady => "NOT_READY",
            Self::Limit => "LIMIT",
            Self::Internal => "INTERNAL",
        }
    }
}

impl ApiError {
    /// Arguments that cannot be meant.
    pub(crate) fn bad(found: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadRequest, message: found.into() }
    }

    /// Something named that is not there, with what there is.
    pub(crate) fn not_found<'a>(what: &str, name: &str, choices: impl Iterator<Item = &'a str>) -> Self {
        let choices: Vec<String> = choices.map(|choice| format!("`{choice}`")).collect();
        let expected = if choices.is_empty() { "none yet".to_owned() } else { choices.join(", ") };
        Self { kind: ErrorKind::NotFound, message: format!("{what}: found `{name}`, expected one of {expected}") }
    }

    /// What a server cannot answer through no fault of the caller's, with its causes.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        Self { kind: ErrorKind::Internal, message: message(error) }
    }

    /// More was asked for than one answer may have.
    pub(crate) fn limit(found: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Limit, message: found.into() }
    }

    /// As an item of a batch or of GraphQL's list of errors.
    pub fn to_json(&self) -> Value {
        json!({ "errorType": self.kind.name(), "errorMessage": self.message })
    }
}

impl From<StageError> for ApiError {
    fn from(error: StageError) -> Self {
        let kind = match &error {
            StageError::BadRequest { .. } => ErrorKind::BadRequest,
            _ => ErrorKind::Internal,
        };
        Self { kind, message: message(&error) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        StageError::from(error).into()
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        let kind = match &error {
            SqlError::TooLong => ErrorKind::Limit,
            _ => ErrorKind::Internal,
        };
        Self { kind, message: message(&error) }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self { kind: ErrorKind::Internal, message: error.to_string() }
    }
}
