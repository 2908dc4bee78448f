//! Reads every property, computes the summary and compares it with the published one.

use serde::Serialize;
use serde_json::json;

use crate::{
    endpoint::Endpoint,
    error::ClientError,
    queries::{PROPERTIES, Page, PropertiesData, Published, SUMMARY, SummaryData},
    summary::{Difference, Summary, Tally},
};

/// How often the properties are read while new runs are published meanwhile.
const READINGS: u32 = 3;

/// What came out, as it is written.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Report {
    pub(crate) job: String,
    pub(crate) run_id: String,
    /// Whether the published summary is what the rows say.
    pub(crate) equal: bool,
    /// Computed from the rows.
    pub(crate) summary: Summary,
    pub(crate) published: Summary,
    pub(crate) differences: Vec<Difference>,
    /// Pages that were read.
    pub(crate) pages: u64,
}

impl Report {
    /// The report in words, one line a differing figure.
    pub(crate) fn lines(&self) -> Vec<String> {
        let words = if self.equal { "the published summary is right" } else { "the published summary is wrong" };
        let read = format!("{} properties in {} pages", self.summary.matched.matched_properties, self.pages);
        let mut lines = vec![format!("{}: {read}; {words}", self.run_id)];
        for Difference { figure, found, expected } in &self.differences {
            lines.push(format!("{figure}: found {found}, expected {expected}"));
        }
        lines
    }
}

/// Compares the published summary of a job with one computed from all properties.
///
/// # Errors
/// The endpoint does not answer or answers something else, the job has no summary, or new runs are published faster
/// than the properties can be read.
pub(crate) async fn check(endpoint: &mut Endpoint, job: &str, page_size: u32) -> Result<Report, ClientError> {
    let mut before = published(endpoint, job).await?;
    for _ in 0..READINGS {
        let (summary, pages) = computed(endpoint, page_size).await?;
        let after = published(endpoint, job).await?;
        if before.run_id == after.run_id {
            let published = Summary::published(&before)?;
            let differences = summary.differences(&published);
            let (job, run_id, equal) = (job.to_owned(), before.run_id, differences.is_empty());
            return Ok(Report { job, run_id, equal, summary, published, differences, pages });
        }
        before = after;
    }
    Err(ClientError::Moving { job: job.to_owned(), attempts: READINGS })
}

async fn published(endpoint: &mut Endpoint, job: &str) -> Result<Published, ClientError> {
    let data: SummaryData = endpoint.ask(SUMMARY, json!({ "job": job })).await?;
    data.summary.ok_or_else(|| ClientError::Unpublished { url: endpoint.url.to_string(), job: job.to_owned() })
}

/// The summary of all properties and how many pages they were on.
async fn computed(endpoint: &mut Endpoint, page_size: u32) -> Result<(Summary, u64), ClientError> {
    let mut tally = Tally::default();
    let (mut after, mut last_id, mut pages) = (None::<String>, None::<String>, 0);
    loop {
        let variables = json!({ "first": page_size, "after": after });
        let Page { nodes, page_info } = endpoint.ask::<PropertiesData>(PROPERTIES, variables).await?.properties;
        pages += 1;
        let fault = |fault| Err(ClientError::Paging { url: endpoint.url.to_string(), page: pages, fault });
        for property in &nodes {
            // Ids ascend over all pages, so a page that comes again shows, whatever its cursor.
            if let Some(last) = last_id.as_ref().filter(|last| **last >= property.id) {
                return fault(format!("the id `{}` comes after `{last}`, expected ascending ids", property.id));
            }
            tally.add(property);
            last_id = Some(property.id.clone());
        }
        if !page_info.has_next_page {
            return Ok((tally.summary(), pages));
        }
        match page_info.end_cursor {
            None => return fault("has no cursor, yet another page follows".to_owned()),
            Some(cursor) if after.as_ref() == Some(&cursor) => {
                return fault(format!("has the cursor `{cursor}` of the page before"));
            }
            Some(_) if nodes.is_empty() => return fault("is empty, yet another page follows".to_owned()),
            next => after = next,
        }
    }
}
