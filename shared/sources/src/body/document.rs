//! A body as JSON, whatever it came as.

use serde_json::value::RawValue;

use super::{path::Path, xml};
use crate::settings::BodyFormat;

/// Why a body is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It ends too soon or is not what it says it is; the next answer may be whole.
    #[error("{0}")]
    Broken(String),
    /// It is whole, but its records are not where the settings say.
    #[error("{0}")]
    Misplaced(String),
}

/// A record as one line of JSON, members in their order, numbers as they were written.
pub(crate) type RecordText = Box<RawValue>;

/// A parsed body; holds its text once.
#[derive(Debug)]
pub(crate) struct Document {
    root: Box<RawValue>,
    /// In XML one record is no list, and no record is no element.
    lenient: bool,
}

impl Document {
    pub(crate) fn parse(body: &[u8], format: BodyFormat) -> Result<Self, BodyError> {
        let lenient = format == BodyFormat::Xml;
        let root = if lenient { xml::to_json(body).map_err(BodyError::Broken)? } else { json(body)? };
        Ok(Self { root, lenient })
    }

    /// The records at a path, in order.
    pub(crate) fn records(&self, path: &Path) -> Result<Vec<RecordText>, BodyError> {
        let Some(found) = path.of(&self.root) else {
            let absent =
                || BodyError::Misplaced(format!("found no `{}`, expected the array of records", path.as_str()));
            return if self.lenient { Ok(Vec::new()) } else { Err(absent()) };
        };
        match serde_json::from_str::<Vec<&RawValue>>(found.get()) {
            Ok(records) => Ok(records.into_iter().map(one_line).collect()),
            Err(_) if self.lenient => Ok(vec![one_line(found)]),
            Err(_) => {
                let start: String = found.get().chars().take(40).collect();
                Err(BodyError::Misplaced(format!(
                    "found `{start}` at `{}`, expected the array of records",
                    path.as_str()
                )))
            }
        }
    }

    /// What a member says, as text.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        path.text(&self.root)
    }
}

fn json(body: &[u8]) -> Result<Box<RawValue>, BodyError> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let body = body.strip_prefix(MARK).unwrap_or(body);
    serde_json::from_slice(body).map_err(|error| BodyError::Broken(format!("found no whole JSON value: {error}")))
}

/// Line ends in JSON stand between its parts only: within strings they are escaped.
fn one_line(record: &RawValue) -> RecordText {
    if !record.get().contains(['\n', '\r']) {
        return record.to_owned();
    }
    let line = record.get().replace(['\n', '\r'], " ");
    RawValue::from_string(line).unwrap_or_else(|_| record.to_owned())
}
