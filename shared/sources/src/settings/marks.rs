//! Watermarks: where a record stands in time, as a number that grows.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::Deserialize;

use crate::body::Path;

/// How changes are told from what was pulled before.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatermarkSettings {
    /// Path of the member that grows with every change of a record.
    pub field: String,
    /// What it is; absent means a timestamp.
    pub kind: Option<MarkKind>,
    /// Where the first pull begins; absent means `1970-01-01T00:00:00Z` or 0.
    pub start: Option<String>,
    /// How far every pull begins before what was reached, for changes that appear late: seconds, or units of the whole
    /// number; absent means 0.
    pub overlap: u64,
    /// Whether the query makes records come in order of the field; absent means that it does.
    pub ordered: Option<bool>,
}

/// What a watermark is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// An instant, ISO 8601; without an offset it is UTC.
    #[default]
    Timestamp,
    /// A whole number.
    Integer,
}

const MICROS: i64 = 1_000_000;

impl MarkKind {
    /// A mark as a number: microseconds since 1970, or the whole number itself. Finer decimals are cut off.
    pub fn parse(self, text: &str) -> Option<i64> {
        match self {
            Self::Integer => text.parse().ok(),
            Self::Timestamp => {
                let with_offset = DateTime::parse_from_rfc3339(text).map(|instant| instant.timestamp_micros());
                let without = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
                let instant = with_offset.or_else(|_| without().map(|local| local.and_utc().timestamp_micros()));
                let midnight = || format!("{text}T00:00:00Z");
                instant.or_else(|_| DateTime::parse_from_rfc3339(&midnight()).map(|day| day.timestamp_micros())).ok()
            }
        }
    }

    /// A mark as queries write it: `2024-05-01T12:00:00.000Z` with as many decimals as it takes, or the whole number.
    pub fn format(self, mark: i64) -> String {
        let instant = DateTime::<Utc>::from_timestamp_micros(mark);
        match (self, instant) {
            (Self::Timestamp, Some(instant)) if mark % 1_000 == 0 => {
                instant.to_rfc3339_opts(SecondsFormat::Millis, true)
            }
            (Self::Timestamp, Some(instant)) => instant.to_rfc3339_opts(SecondsFormat::Micros, true),
            _ => mark.to_string(),
        }
    }

    /// The mark of a moment in microseconds since 1970; none where marks are no times.
    pub(crate) fn of_moment(self, micros: i64) -> Option<i64> {
        (self == Self::Timestamp).then_some(micros)
    }
}

/// A watermark, checked.
#[derive(Debug, Clone)]
pub struct Watermark {
    pub(crate) field: Path,
    /// What it is.
    pub kind: MarkKind,
    pub(crate) start: i64,
    /// In the mark's own unit.
    pub(crate) overlap: i64,
    pub(crate) ordered: bool,
}

impl Watermark {
    /// Path of the member that grows.
    #[must_use]
    pub fn field(&self) -> &str {
        self.field.as_str()
    }

    /// Checks settings; answers the key at fault, and what was found and expected.
    pub(super) fn of(settings: &WatermarkSettings) -> Result<Self, (String, String)> {
        let kind = settings.kind.unwrap_or_default();
        if settings.field.is_empty() {
            return Err(("watermark.field".to_owned(), "found none, expected the member that grows".to_owned()));
        }
        let start = settings.start.as_deref().map_or(Some(0), |start| kind.parse(start)).ok_or_else(|| {
            let found = settings.start.as_deref().unwrap_or_default();
            let expected = match kind {
                MarkKind::Timestamp => "a timestamp such as `2024-01-01T00:00:00Z`",
                MarkKind::Integer => "a whole number",
            };
            ("watermark.start".to_owned(), format!("found `{found}`, expected {expected}"))
        })?;
        let unit = if kind == MarkKind::Timestamp { MICROS } else { 1 };
        let overlap = i64::try_from(settings.overlap).ok().and_then(|overlap| overlap.checked_mul(unit));
        let overlap = overlap.ok_or_else(|| {
            let expected = "less than 292,000 years of seconds, or 2^63 units";
            ("watermark.overlap".to_owned(), format!("found {}, expected {expected}", settings.overlap))
        })?;
        let ordered = settings.ordered.unwrap_or(true);
        Ok(Self { field: Path::new(&settings.field), kind, start, overlap, ordered })
    }
}
