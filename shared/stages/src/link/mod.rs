//! `link`: plan, project part by part, count where blocks may be left out, train, match shard by shard, settle.

mod blocks;
mod count;
mod decide;
mod explain;
mod forecast;
mod gather;
mod index;
mod integrate;
mod matching;
mod pairs;
mod plan;
mod project;
mod read;
mod rows;
mod settle;
mod summary;
#[cfg(test)]
mod tests;
mod train;

use arrow_schema::SchemaRef;
use lotline_linkage::{LinkSettings, Linker};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use crate::{
    Job, Manifest, StageError,
    sort::{BatchStream, Order, Sorter},
};

pub use count::{BlockCount, CountReport, LeftOut, RuleCount, report as count_report, run as count};
pub use explain::{Decision, ExplainedRecord, Link, PairExplanation, run as explain};
pub use forecast::{LinkForecast, RuleForecast, Trial, forecast, trial_shard};
pub use index::{Scoring, scoring, side_letter};
pub use matching::{MatchReport, report as match_report, run as match_shard};
pub use plan::{FileChunk, Part, PartRows, PlanReport, report as plan_report, run as plan};
pub use project::{ProjectReport, report as project_report, run as project};
pub use read::ROW_NUMBER;
pub use settle::{ClusterReport, SettleReport, report as settle_report, run as settle};
pub use summary::{LinkSummary, summary};
pub use train::{TrainReport, report as train_report, run as train};

/// One step of linking a run's two tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum LinkRequest {
    /// Decide in what parts both tables are projected, and into how many shards.
    Plan {
        /// The run.
        run_id: String,
    },
    /// Project the rows of one part.
    Project {
        /// The run.
        run_id: String,
        /// The part, below the plan's number of parts.
        part: usize,
    },
    /// Count the pairs of one shard by rule and block.
    Count {
        /// The run.
        run_id: String,
        /// The shard, below the plan's number of shards.
        shard: u32,
    },
    /// Train the model from the samples that were set apart.
    Train {
        /// The run.
        run_id: String,
    },
    /// Score the candidate pairs of one shard.
    Match {
        /// The run.
        run_id: String,
        /// The shard, below the plan's number of shards.
        shard: u32,
    },
    /// Decide the links and write the links table and the integrated table.
    Settle {
        /// The run.
        run_id: String,
    },
}

/// What a step did.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LinkReport {
    /// Of the plan.
    Plan(PlanReport),
    /// Of a part.
    Project(ProjectReport),
    /// Of a shard's blocks, by rule: they may be too many to answer.
    Count(Vec<RuleCount>),
    /// Of the training.
    Train(TrainReport),
    /// Of a shard.
    Match(MatchReport),
    /// Of the decisions.
    Settle(SettleReport),
}

/// Does one step.
///
/// # Errors
/// `BadRequest` for a job without linking, a shard that the plan does not have, or a step whose forerunners are not
/// done, and the lake's own.
pub fn run(stores: &Stores, request: &LinkRequest) -> Result<LinkReport, StageError> {
    match request {
        LinkRequest::Plan { run_id } => plan(stores, &Manifest::load(stores, run_id)?).map(LinkReport::Plan),
        LinkRequest::Project { run_id, part } => {
            project(stores, &Manifest::load(stores, run_id)?, *part).map(LinkReport::Project)
        }
        LinkRequest::Count { run_id, shard } => {
            let counted = count(stores, &Manifest::load(stores, run_id)?, *shard)?;
            Ok(LinkReport::Count(counted.rules))
        }
        LinkRequest::Train { run_id } => train(stores, &Manifest::load(stores, run_id)?).map(LinkReport::Train),
        LinkRequest::Match { run_id, shard } => {
            match_shard(stores, &Manifest::load(stores, run_id)?, *shard).map(LinkReport::Match)
        }
        LinkRequest::Settle { run_id } => settle(stores, &Manifest::load(stores, run_id)?).map(LinkReport::Settle),
    }
}

/// The tables that a job's links make, with their columns.
pub(crate) fn schemas(job: &Job) -> Result<Vec<(String, SchemaRef)>, StageError> {
    let Some(settings) = &job.link else { return Ok(Vec::new()) };
    let integrated = integrate::schema(job, settings)?;
    let mut tables = vec![(links_table(&job.name), pairs::schema()), (integrated_table(&job.name), integrated)];
    if settings.is_dedupe() {
        tables.push((clusters_table(&job.name), settle::clusters_schema()));
    }
    if settings.index {
        tables.push((index_table(&job.name), index::schema()));
    }
    Ok(tables)
}

/// Name of a job's links table.
pub fn links_table(job: &str) -> String {
    format!("{job}_links").replace('-', "_")
}

/// Name of the table of a job's clusters, where one table is linked with itself.
pub fn clusters_table(job: &str) -> String {
    format!("{job}_clusters").replace('-', "_")
}

/// Name of a job's blocking index.
pub fn index_table(job: &str) -> String {
    format!("{job}_index").replace('-', "_")
}

/// Name of a job's integrated table.
pub fn integrated_table(job: &str) -> String {
    format!("{job}_linked").replace('-', "_")
}

/// The link settings of a job and the linker they make.
fn linker(job: &Job, manifest: &Manifest) -> Result<(LinkSettings, Linker), StageError> {
    let settings = job.link.clone().ok_or_else(|| StageError::BadRequest {
        subject: "job",
        found: job.name.clone(),
        expected: "a job with a [link] section".to_owned(),
    })?;
    let place = format!("{}/job.toml", manifest.place);
    let linker = Linker::new(&settings).map_err(|source| StageError::LinkSettings { place, source })?;
    Ok((settings, linker))
}

/// The batches in order; what does not fit memory is spilled below the run's `folder`.
fn sorted<'a>(
    stores: &'a Stores,
    manifest: &Manifest,
    folder: &str,
    schema: &SchemaRef,
    order: Order,
    batches: BatchStream<'_>,
) -> Result<BatchStream<'a>, StageError> {
    let folder = manifest.key(&format!("link/sort/{folder}"));
    let mut sorter = Sorter::new(&*stores.objects, folder, schema, order, manifest.worker_memory / 4)?;
    for batch in batches {
        sorter.push(batch?)?;
    }
    sorter.finish()
}
