//! What a pull did.

use chrono::{DateTime, SecondsFormat, Utc};
use lotline_sources::{Page, Traffic};
use serde::{Deserialize, Serialize, Serializer, de};

/// What a pull of one source did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullReport {
    /// Whether all that is new was pulled; else the same pull goes on where this one stopped.
    pub done: bool,
    /// When going on makes sense, where the provider or its budget allows nothing before.
    #[serde(serialize_with = "instant", deserialize_with = "parsed", default)]
    pub resume_at: Option<DateTime<Utc>>,
    /// Requests sent, for tokens too.
    pub requests: u64,
    /// Requests that were made again.
    pub retries: u64,
    /// Milliseconds waited for the provider's limits and before asking again.
    pub waited_ms: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// Complete pages.
    pub pages: u64,
    /// Records written into the lake.
    pub records: u64,
    /// Records that were there already.
    pub repeated: u64,
    /// Records that do not say where they stand.
    pub undated: u64,
    /// Deletions written into the lake.
    pub deleted: u64,
    /// Objects written.
    pub parts: u64,
}

impl PullReport {
    /// Counts the traffic of a walk on top of what was before it.
    pub(super) fn traffic(&mut self, before: &Self, traffic: Traffic) {
        self.requests = before.requests + traffic.requests;
        self.retries = before.retries + traffic.retries;
        self.waited_ms = before.waited_ms + traffic.waited_ms;
        self.bytes = before.bytes + traffic.bytes;
    }

    pub(super) fn page(&mut self, page: &Page) {
        self.pages += 1;
        self.repeated += page.repeated;
        self.undated += page.undated;
    }

    pub(super) fn part(&mut self, records: u64) {
        self.records += records;
        self.parts += u64::from(records > 0);
    }
}

fn instant<S: Serializer>(moment: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(|moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true)).serialize(serializer)
}

fn parsed<'de, D: de::Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}
