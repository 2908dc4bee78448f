//! A feed in memory that answers like a vendor, in every way of paging, and changes while it is walked.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use url::Url;

use crate::{Request, Response, Transport, TransportError};

/// Key to mark and version.
pub(crate) type Rows = BTreeMap<u64, (i64, u64)>;

/// A change made before a request is answered.
pub(crate) type Change = fn(&mut Rows, u64);

/// Answers `?since=<mark>` in order of mark and key.
pub(crate) struct Feed {
    pub(crate) rows: Mutex<Rows>,
    pub(crate) page: usize,
    /// Records in pages are in order of mark; else of key.
    pub(crate) ordered: bool,
    /// Made at every request.
    pub(crate) change: Option<Change>,
    pub(crate) requests: Mutex<u64>,
}

impl Feed {
    pub(crate) fn new(rows: Rows, page: usize) -> Self {
        Self { rows: Mutex::new(rows), page, ordered: true, change: None, requests: Mutex::new(0) }
    }

    pub(crate) fn rows(&self) -> std::sync::MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records from a mark on, in order.
    fn records(&self, since: i64) -> Vec<(i64, u64, u64)> {
        let rows = self.rows();
        let all = rows.iter().map(|(key, (mark, version))| (*mark, *key, *version));
        let mut found: Vec<_> = all.filter(|(mark, ..)| *mark >= since).collect();
        if self.ordered {
            found.sort_unstable();
        }
        found
    }
}

impl Transport for Feed {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests += 1;
        if let Some(change) = self.change {
            change(&mut self.rows(), *requests);
        }
        let url = Url::parse(&request.url).unwrap();
        let said = |name: &str| url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
        let number = |name: &str| said(name).and_then(|value| value.parse::<usize>().ok());
        let since = said("since").and_then(|value| value.parse().ok()).unwrap_or(i64::MIN);
        let records = self.records(since);
        // A cursor names the last record, so that changes move nothing over a border.
        let behind: Option<(i64, u64)> = said("cursor").and_then(|cursor| {
            let (mark, key) = cursor.split_once('-')?;
            Some((mark.parse().ok()?, key.parse().ok()?))
        });
        let start = match (number("offset"), number("page"), behind) {
            (Some(offset), ..) => offset,
            (_, Some(page), _) => (page - 1) * self.page,
            (.., Some(behind)) if self.ordered => records.partition_point(|(mark, key, _)| (*mark, *key) <= behind),
            (.., Some((_, behind))) => records.partition_point(|(_, key, _)| *key <= behind),
            _ => 0,
        };
        let page: Vec<_> = records.iter().skip(start).take(self.page).collect();
        let cursor = page.last().map(|(mark, key, _)| format!("{mark}-{key}"));
        let next = cursor.as_ref().filter(|_| start + page.len() < records.len());
        let next = next.map(|cursor| format!("{}?since={since}&cursor={cursor}", url.path()));
        let value: Vec<Value> =
            page.iter().map(|(mark, key, version)| json!({"mark": mark, "key": key, "version": version})).collect();
        let pages = records.len().div_ceil(self.page);
        let body = json!({"value": value, "next": next, "cursor": cursor, "total": records.len(), "pages": pages});
        let link = next.map(|next| ("link".to_owned(), format!("<{next}>; rel=\"next\"")));
        Ok(Response { status: 200, headers: link.into_iter().collect(), body: body.to_string().into_bytes() })
    }
}
