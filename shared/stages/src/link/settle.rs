//! Settling: the best score of every pair, then the links that the cardinality allows, then the integrated table.

use std::collections::HashSet;

use arrow_array::{RecordBatch, UInt32Array, cast::AsArray};
use arrow_select::take::take_record_batch;
use lotline_linkage::{Cardinality, LinkSettings};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::{integrate, linker, links_table, matching, pairs, plan, sorted};
use crate::{
    Manifest, StageError,
    digest::TableDigest,
    run::{done, once},
    sort::BatchStream,
    tables::{TableFile, TableWriter},
};

/// What was decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleReport {
    /// Links, one a row of the links table.
    pub links: u64,
    /// Digest of the links table.
    pub links_digest: String,
    /// Digest of the integrated table; none where files are linked as they are.
    pub integrated_digest: Option<String>,
}

const REPORT: &str = "link/settle";

/// Decides the links.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<SettleReport, StageError> {
    once(stores, manifest, REPORT, || {
        let job = manifest.job()?;
        let (settings, _) = linker(&job, manifest)?;
        let links_key = manifest.table_file(&links_table(&job.name));
        let (links, links_digest) = write_links(stores, manifest, &settings, &links_key)?;
        let integrated_digest = if manifest.unvalidated {
            None
        } else {
            Some(integrate::run(stores, manifest, &job, &settings, &links_key)?)
        };
        Ok(SettleReport { links, links_digest, integrated_digest })
    })
}

/// The report of a run whose links are decided.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<SettleReport, StageError> {
    done(stores, manifest, REPORT)
}

fn write_links(
    stores: &Stores,
    manifest: &Manifest,
    settings: &LinkSettings,
    key: &str,
) -> Result<(u64, String), StageError> {
    let schema = pairs::schema();
    let mut writer = TableWriter::published(&*stores.objects, key, &schema, &["id_l", "id_r"])?;
    let mut digest = TableDigest::new();
    let job = manifest.job()?;
    let (_, linker) = linker(&job, manifest)?;
    let scored = scored(stores, manifest)?;
    // Only rows with several readings can meet more than once.
    let best = if linker.has_alternatives() { best_of_each_pair(stores, manifest, scored)? } else { scored };
    let decided: BatchStream<'_> = match settings.cardinality {
        Cardinality::ManyToMany | Cardinality::Clusters => {
            sorted(stores, manifest, "links", &pairs::schema(), pairs::by_pair(), best)?
        }
        Cardinality::ManyToOne => decide(stores, manifest, best, [true, false])?,
        Cardinality::OneToOne => decide(stores, manifest, best, [true, true])?,
    };
    for batch in decided {
        let batch = batch?;
        digest.update(&batch)?;
        writer.write(&batch)?;
    }
    Ok((writer.commit()?, digest.finish()))
}

/// The scored pairs of all shards.
fn scored<'a>(stores: &'a Stores, manifest: &Manifest) -> Result<BatchStream<'a>, StageError> {
    let shards = plan::report(stores, manifest)?.shards;
    let keys: Vec<String> = (0..shards).map(|shard| matching::scored_key(manifest, shard)).collect();
    let files = keys.into_iter().map(|key| TableFile::open(&*stores.objects, &key).and_then(|file| file.read()));
    Ok(Box::new(files.flat_map(|batches| match batches {
        Ok(batches) => Box::new(batches) as BatchStream<'a>,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })))
}

/// The scored pairs by pair, each pair once with its highest weight.
fn best_of_each_pair<'a>(
    stores: &'a Stores,
    manifest: &Manifest,
    scored: BatchStream<'_>,
) -> Result<BatchStream<'a>, StageError> {
    let by_pair = sorted(stores, manifest, "scored", &pairs::schema(), pairs::by_pair(), scored)?;
    let mut last = (String::new(), String::new());
    Ok(Box::new(by_pair.map(move |batch| {
        keep(&batch?, |left, right| {
            let new = (last.0.as_str(), last.1.as_str()) != (left, right);
            if new {
                last = (left.to_owned(), right.to_owned());
            }
            new
        })
    })))
}

/// The links among the pairs, by id: pairs are taken from the highest weight down, and one is a link unless one of its
/// limited sides has a link already.
/// Holds 16 bytes for every linked record of a limited side.
fn decide<'a>(
    stores: &'a Stores,
    manifest: &Manifest,
    pairs: BatchStream<'a>,
    limited: [bool; 2],
) -> Result<BatchStream<'a>, StageError> {
    let by_weight = sorted(stores, manifest, "weights", &pairs::schema(), pairs::by_weight(), pairs)?;
    let mut linked: [HashSet<u128>; 2] = Default::default();
    let links = Box::new(by_weight.map(move |batch| {
        keep(&batch?, |left, right| {
            let ids = [XxHash3_128::oneshot(left.as_bytes()), XxHash3_128::oneshot(right.as_bytes())];
            let free = (0..2).all(|side| !limited[side] || !linked[side].contains(&ids[side]));
            if free {
                (0..2).filter(|side| limited[*side]).for_each(|side| _ = linked[side].insert(ids[side]));
            }
            free
        })
    }));
    sorted(stores, manifest, "links", &pairs::schema(), pairs::by_pair(), links)
}

/// The rows whose ids pass, asked in order.
fn keep(batch: &RecordBatch, mut passes: impl FnMut(&str, &str) -> bool) -> Result<RecordBatch, StageError> {
    let (left, right) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
    let rows: Vec<u32> = (0..batch.num_rows())
        .filter(|row| passes(left.value(*row), right.value(*row)))
        .map(|row| u32::try_from(row).unwrap_or(u32::MAX))
        .collect();
    Ok(take_record_batch(batch, &UInt32Array::from(rows))?)
}
