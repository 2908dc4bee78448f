//! The receipt: what a run did, what came out, what it cost.

use std::collections::BTreeMap;

use lotline_store::{Published, Stores};
use serde::{Deserialize, Serialize};

use crate::{
    Job, Manifest, StageError, bill::Bill, link, publish::PublishRequest, pull::PullReport, run::work, validate,
};

/// The ledger of one source: `read = accepted + superseded + duplicate + quarantined`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLedger {
    /// Records found in the files.
    pub read: u64,
    /// Rows of the table.
    pub accepted: u64,
    /// Older versions of a key.
    pub superseded: u64,
    /// Rows equal in every column to one already counted.
    pub duplicate: u64,
    /// Rows set aside with their reason.
    pub quarantined: u64,
    /// Whether more rows were set aside than the table structure allows.
    pub over_limit: bool,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The run.
    pub run_id: String,
    /// The job.
    pub job: String,
    /// Digest over curated tables and insights: equal for equal results, wherever and however they were made.
    pub result_digest: String,
    /// Whether readers saw this run already.
    pub unchanged: bool,
    /// Whether readers see another run of the job, which was asked for later.
    #[serde(default)]
    pub superseded: bool,
    /// What was pulled before the run, by source; empty where nothing is or nobody measured.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pulled: BTreeMap<String, PullReport>,
    /// Ledger by source.
    pub sources: BTreeMap<String, SourceLedger>,
    /// Candidate pairs scored; null when the job links nothing.
    pub pairs_compared: Option<u64>,
    /// Links; null when the job links nothing.
    pub links: Option<u64>,
    /// What to know before trusting the numbers.
    pub warnings: Vec<String>,
    /// Published tables.
    pub tables: Vec<String>,
    /// Seconds by the clock; null where nobody measured.
    pub elapsed_s: Option<f64>,
    /// Most memory the process ever held, in bytes; null where there was more than one process.
    pub peak_rss_bytes: Option<u64>,
    /// What the work would cost on AWS.
    pub usd_estimate: f64,
    /// The estimate in full.
    pub bill: Bill,
}

/// What publishing a run came to.
pub(crate) struct Outcome {
    pub(crate) result_digest: String,
    pub(crate) tables: Vec<String>,
    pub(crate) published: Published,
}

impl Receipt {
    /// The receipt of a published run, from the reports of its steps.
    pub(crate) fn of(
        stores: &Stores,
        manifest: &Manifest,
        outcome: Outcome,
        measured: &PublishRequest,
    ) -> Result<Self, StageError> {
        let job = manifest.job()?;
        let sources = ledgers(stores, manifest, &job)?;
        let mut receipt = Self {
            run_id: manifest.run_id.clone(),
            job: job.name.clone(),
            result_digest: outcome.result_digest,
            unchanged: false,
            superseded: false,
            pulled: BTreeMap::new(),
            pairs_compared: None,
            links: None,
            warnings: Vec::new(),
            tables: outcome.tables,
            elapsed_s: measured.elapsed_s,
            peak_rss_bytes: measured.peak_rss_bytes,
            usd_estimate: 0.0,
            bill: Bill::estimate(work(stores, manifest)?, sources.values().map(|ledger| ledger.read).sum())?,
            sources,
        };
        receipt.usd_estimate = receipt.bill.usd;
        if job.link.is_some() {
            receipt.links = Some(link::settle_report(stores, manifest)?.links);
            receipt.warnings.extend(link::train_report(stores, manifest)?.warnings);
            let shards = link::plan_report(stores, manifest)?.shards;
            let pairs = (0..shards).map(|shard| Ok(link::match_report(stores, manifest, shard)?.pairs_compared));
            receipt.pairs_compared = Some(pairs.sum::<Result<u64, StageError>>()?);
        }
        Ok(receipt.shown_as(outcome.published))
    }

    /// The receipt with what publishing the run came to this time.
    pub(crate) fn shown_as(self, published: Published) -> Self {
        Self { unchanged: published == Published::Unchanged, superseded: published == Published::Superseded, ..self }
    }

    /// Whether any source is over its quality limit.
    pub fn over_limit(&self) -> bool {
        self.sources.values().any(|ledger| ledger.over_limit)
    }
}

fn ledgers(stores: &Stores, manifest: &Manifest, job: &Job) -> Result<BTreeMap<String, SourceLedger>, StageError> {
    let ledger = |source: &String| {
        let report = validate::report(stores, manifest, source)?;
        let ledger = SourceLedger {
            read: report.read,
            accepted: report.accepted,
            superseded: report.superseded,
            duplicate: report.duplicate,
            quarantined: report.quarantined,
            over_limit: report.over_limit,
        };
        Ok((source.clone(), ledger))
    };
    job.sources.keys().map(ledger).collect()
}
