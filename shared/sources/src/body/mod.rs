//! A page's body: its records as they were written, and what it says beside them.

mod document;
mod path;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use document::{BodyError, Document, RecordText};
pub(crate) use path::Path;
