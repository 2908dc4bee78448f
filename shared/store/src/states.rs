//! The states port: small documents that several workers change, each seeing what the others did.

use serde_json::Value;

use crate::StoreError;

/// Cursors, watermarks and budgets by name, such as `pull/mls/listings`.
pub trait States: Send + Sync {
    /// The document of that name as it is now, or none.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn state(&self, name: &str) -> Result<Option<State>, StoreError>;

    /// Writes a document unless somebody wrote it since the version `seen` (none: since there was none); of several
    /// writers at once that saw the same version exactly one gets `true`.
    ///
    /// # Errors
    /// `StateTooLarge` for a document over 390,000 bytes of JSON; otherwise whatever the storage reports.
    fn save(&self, name: &str, seen: Option<u64>, value: &Value) -> Result<bool, StoreError>;
}

/// A document and its version, which grows with every write.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Counts the writes, from 1.
    pub version: u64,
    /// What was written last.
    pub value: Value,
}

/// Bytes of a document's JSON, at most: what one item of DynamoDB holds beside its keys.
const MAX_BYTES: usize = 390_000;

/// The document as text, which every adapter that keeps one writes.
///
/// # Errors
/// `StateTooLarge`.
pub fn state_text(name: &str, value: &Value) -> Result<String, StoreError> {
    let text = value.to_string();
    if text.len() > MAX_BYTES {
        return Err(StoreError::StateTooLarge { name: name.to_owned(), found: text.len(), limit: MAX_BYTES });
    }
    Ok(text)
}
