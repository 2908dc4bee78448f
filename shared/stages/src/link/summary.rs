//! What linking came to, all steps together.

use std::collections::BTreeMap;

use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{ClusterReport, clusters_table, links_table, matching, plan, project, settle, train};
use crate::{Manifest, StageError, run::step_seconds};

/// Counts over all steps, and where the results are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkSummary {
    /// Rows of the left table.
    pub left_rows: u64,
    /// Rows of the right table.
    pub right_rows: u64,
    /// Rows that could not be read as a record.
    pub damaged: u64,
    /// Pairs compared; a record with several alternatives counts once for each.
    pub pairs_compared: u64,
    /// Blocks that made no pairs for their size, by `max_block_pairs`.
    pub blocks_left_out: u64,
    /// Links.
    pub links: u64,
    /// Digest of the links.
    pub links_digest: String,
    /// Of one table linked with itself: its clusters.
    pub clusters: Option<ClusterReport>,
    /// The least match weight of a link.
    pub threshold: f64,
    /// The share of the links that should be right, by their match probabilities.
    pub expected_precision: f64,
    /// How far the true share may well be from that.
    pub uncertainty: f64,
    /// Seconds that the steps took in all, by step; steps side by side count each.
    pub seconds: BTreeMap<String, f64>,
    /// What a reader should know before trusting the model.
    pub warnings: Vec<String>,
    /// What came out, as the name of a file and its key in the lake.
    pub files: BTreeMap<String, String>,
}

/// Adds up the reports of a run whose links are decided.
///
/// # Errors
/// `BadRequest` before that.
pub fn summary(stores: &Stores, manifest: &Manifest) -> Result<LinkSummary, StageError> {
    let plan = plan::report(stores, manifest)?;
    let (trained, settled) = (train::report(stores, manifest)?, settle::report(stores, manifest)?);
    let mut summary = LinkSummary {
        left_rows: plan.left_rows,
        right_rows: plan.right_rows,
        damaged: 0,
        pairs_compared: 0,
        blocks_left_out: trained.blocks_left_out as u64,
        links: settled.links,
        links_digest: settled.links_digest,
        clusters: settled.clusters,
        threshold: settled.threshold,
        expected_precision: settled.expected_precision,
        uncertainty: settled.uncertainty,
        seconds: step_seconds(stores, manifest, "link/")?,
        warnings: trained.warnings,
        files: BTreeMap::new(),
    };
    let links = manifest.table_file(&links_table(&manifest.job()?.name));
    summary.files.insert("links.parquet".to_owned(), links);
    if summary.clusters.is_some() {
        summary
            .files
            .insert("clusters.parquet".to_owned(), manifest.table_file(&clusters_table(&manifest.job()?.name)));
    }
    // There is none when there was nothing to train from.
    summary.files.extend(trained.model.map(|model| ("model.json".to_owned(), model)));
    for part in 0..plan.parts.len() {
        summary.damaged += project::report(stores, manifest, part)?.damaged;
    }
    for shard in 0..plan.shards {
        summary.pairs_compared += matching::report(stores, manifest, shard)?.pairs_compared;
    }
    Ok(summary)
}
