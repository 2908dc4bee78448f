//! A part: records as lines of NDJSON, each in its envelope, written once.

use chrono::{DateTime, SecondsFormat, Utc};
use lotline_sources::Page;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{StageError, run::hex};

/// The name of a part; its extension says how [`encode`] writes it.
pub(super) fn name(number: u64) -> String {
    format!("{number:010}.ndjson")
}

/// The bytes of an object of lines.
fn encode(lines: Vec<u8>) -> Vec<u8> {
    lines
}

/// The lines of an object's bytes.
pub(super) fn decode(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// One line.
#[derive(Serialize, Deserialize)]
pub(super) struct Line<'a> {
    /// When it was pulled.
    #[serde(borrow)]
    pulled_at: std::borrow::Cow<'a, str>,
    /// The page of the walk that it was on, from 1; none of a deletion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    page: Option<u64>,
    /// When its absence was found; none of a record that is there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) deleted_at: Option<String>,
    /// The record as it was received; of a deletion its key and watermark.
    #[serde(borrow)]
    pub(super) record: &'a RawValue,
}

impl Line<'_> {
    pub(super) fn pulled_at(&self) -> &str {
        &self.pulled_at
    }
}

/// Records that are not in the lake yet.
#[derive(Default)]
pub(super) struct Part {
    lines: Vec<u8>,
    records: u64,
    /// Of the records alone, without their envelopes.
    hasher: Sha256,
}

impl Part {
    /// Adds the records of a page.
    pub(super) fn push(&mut self, now: DateTime<Utc>, page: &Page) -> Result<(), StageError> {
        let pulled_at = instant(now);
        for record in &page.records {
            let record = RawValue::from_string(record.text.clone()).map_err(|error| internal(&error))?;
            let pulled_at = pulled_at.as_str().into();
            self.line(&Line { pulled_at, page: Some(page.number), deleted_at: None, record: &record })?;
        }
        Ok(())
    }

    /// Adds a deletion; `record` has the key and the watermark.
    pub(super) fn delete(&mut self, now: DateTime<Utc>, record: &RawValue) -> Result<(), StageError> {
        self.line(&Line { pulled_at: instant(now).into(), page: None, deleted_at: Some(instant(now)), record })
    }

    fn line(&mut self, line: &Line<'_>) -> Result<(), StageError> {
        serde_json::to_writer(&mut self.lines, line).map_err(|error| internal(&error))?;
        self.lines.push(b'\n');
        self.records += 1;
        self.hasher.update(line.record.get());
        self.hasher.update("\n");
        Ok(())
    }

    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Digest of these records behind those of an earlier digest; that one again where there are none.
    pub(super) fn digest(&self, earlier: &str) -> String {
        if self.records == 0 {
            return earlier.to_owned();
        }
        hex(&self.hasher.clone().chain_update(earlier).finalize())
    }

    /// Bytes of the lines.
    pub(super) fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// The part's bytes, its last line with where the pull stands behind it; the part is empty then.
    pub(super) fn finish<T: Serialize>(&mut self, next: &T) -> Result<Vec<u8>, StageError> {
        let mut lines = std::mem::take(self).lines;
        lines.truncate(lines.trim_ascii_end().len());
        // The last line is an object: its end is moved behind one more member.
        lines.pop();
        lines.extend(b",\"next\":");
        serde_json::to_writer(&mut lines, next).map_err(|error| internal(&error))?;
        lines.extend(b"}\n");
        Ok(encode(lines))
    }
}

/// Where the pull stood behind a part.
pub(super) fn next<T: DeserializeOwned>(key: &str, bytes: Vec<u8>) -> Result<T, StageError> {
    #[derive(Deserialize)]
    struct Last<T> {
        next: T,
    }
    let lines = decode(bytes);
    let last = lines.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let last: Last<T> = serde_json::from_slice(last)
        .map_err(|error| StageError::Damaged { key: key.to_owned(), message: error.to_string() })?;
    Ok(last.next)
}

fn instant(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn internal(error: &serde_json::Error) -> StageError {
    StageError::Internal(error.to_string())
}
