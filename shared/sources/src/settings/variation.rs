//! Pulls of a source that ask otherwise than the usual one: the first, and the one that lists keys.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{HttpSettings, Paging};

/// What one kind of pull says otherwise; what is absent stays as the source says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Variation {
    /// Address of the first page.
    pub url: Option<String>,
    /// Path of the records.
    pub records: Option<String>,
    /// Path of the declared number of records.
    pub total: Option<String>,
    /// All query parameters, in place of the source's.
    pub query: Option<BTreeMap<String, String>>,
    /// Records a page.
    pub page_size: Option<u64>,
    /// How one page leads to the next.
    pub paging: Option<Paging>,
    /// Whether records come in order of the watermark; absent means as the source says.
    pub ordered: Option<bool>,
}

/// How all keys are listed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySettings {
    /// Hours between two lists, at least; absent means 24.
    pub every_hours: Option<u64>,
    /// Address of the first page.
    pub url: Option<String>,
    /// Path of the records.
    pub records: Option<String>,
    /// Path of the declared number of records.
    pub total: Option<String>,
    /// All query parameters, in place of the source's.
    pub query: Option<BTreeMap<String, String>>,
    /// Records a page.
    pub page_size: Option<u64>,
    /// How one page leads to the next.
    pub paging: Option<Paging>,
}

impl KeySettings {
    pub(super) fn variation(self) -> Variation {
        let Self { url, records, total, query, page_size, paging, every_hours: _ } = self;
        Variation { url, records, total, query, page_size, paging, ordered: Some(false) }
    }
}

impl Variation {
    /// The source's settings with what this pull says otherwise.
    pub(super) fn of(self, usual: &HttpSettings) -> HttpSettings {
        let mut watermark = usual.watermark.clone();
        if let (Some(watermark), Some(ordered)) = (&mut watermark, self.ordered) {
            watermark.ordered = Some(ordered);
        }
        HttpSettings {
            url: self.url.or_else(|| usual.url.clone()),
            records: self.records.or_else(|| usual.records.clone()),
            total: self.total.or_else(|| usual.total.clone()),
            query: self.query.unwrap_or_else(|| usual.query.clone()),
            page_size: self.page_size.or(usual.page_size),
            paging: self.paging.or_else(|| usual.paging.clone()),
            watermark,
            first: None,
            keys: None,
            ..usual.clone()
        }
    }
}
