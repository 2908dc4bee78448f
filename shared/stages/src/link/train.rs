//! Training: one model from the plan's sample, written as a file that every scorer reads.

use std::collections::HashMap;

use lotline_linkage::{Linker, Model, Records, Side, TermFrequencies, Training, train};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::{
    count::{self, LeftOut},
    linker,
    plan::{self, PlanReport},
    project,
    rows::Rows,
};
use crate::{
    Job, Manifest, StageError, message,
    run::{done, load, once},
};

/// What training found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainReport {
    /// The model's key; null when the tables have nothing to train from, so that nothing can be linked.
    pub model: Option<String>,
    /// What a reader should know before trusting the model.
    pub warnings: Vec<String>,
    /// How many blocks are left out for their size.
    #[serde(default)]
    pub blocks_left_out: usize,
}

fn model_key(manifest: &Manifest) -> String {
    manifest.key("link/model.json")
}

const REPORT: &str = "link/train";

/// Trains the model.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<TrainReport, StageError> {
    once(stores, manifest, REPORT, || {
        let job = manifest.job()?;
        let (_, linker) = linker(&job, manifest)?;
        let plan = plan::report(stores, manifest)?;
        let terms = count_terms(stores, manifest, &linker, plan.parts.len())?;
        let blocks_left_out = leave_out(stores, manifest, &plan)?;
        if let Some(model) = &job.model {
            return Ok(TrainReport {
                model: Some(put(stores, manifest, model)?),
                warnings: Vec::new(),
                blocks_left_out,
            });
        }
        let mut sample = Sample::read(stores, manifest, &job, &linker, &plan)?;
        sample.records.count_terms(&linker, &terms);
        let training = Training {
            records: &sample.records,
            rows: &sample.rows,
            random: &sample.random,
            memberships: &sample.memberships,
            labelled: &sample.labelled,
            left_total: plan.left_rows,
            right_total: plan.right_rows,
            fraction: plan.sample,
        };
        let (model, warnings) = match train(&linker, training) {
            Ok(trained) => trained,
            Err(nothing) => {
                let warning = format!("nothing was linked: {}", message(&nothing));
                return Ok(TrainReport { model: None, warnings: vec![warning], blocks_left_out });
            }
        };
        let unknown = job.labels.len() - sample.labels_found;
        let unknown = (unknown > 0).then(|| format!("{unknown} of {} labels name no rows", job.labels.len()));
        let warnings = unknown.into_iter().chain(warnings.iter().map(ToString::to_string)).collect();
        Ok(TrainReport { model: Some(put(stores, manifest, &model)?), warnings, blocks_left_out })
    })
}

/// Writes the model; answers its key.
fn put(stores: &Stores, manifest: &Manifest, model: &Model) -> Result<String, StageError> {
    let text = model.to_json().map_err(|error| StageError::Internal(error.to_string()))?;
    stores.objects.put(&model_key(manifest), text.as_bytes())?;
    Ok(model_key(manifest))
}

/// The report of a run whose model is trained.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<TrainReport, StageError> {
    done(stores, manifest, REPORT)
}

/// Writes down the blocks that make no pairs, where the job has a bound; answers how many.
fn leave_out(stores: &Stores, manifest: &Manifest, plan: &PlanReport) -> Result<usize, StageError> {
    if !plan.counts {
        return Ok(0);
    }
    let left_out = count::report(stores, manifest)?.left_out;
    let bytes = serde_json::to_vec(&left_out).map_err(|error| StageError::Internal(error.to_string()))?;
    stores.objects.put(&left_out_key(manifest), &bytes)?;
    Ok(left_out.len())
}

fn left_out_key(manifest: &Manifest) -> String {
    manifest.key("link/left-out.json")
}

/// The blocks that make no pairs, as rule and key.
pub(super) fn left_out(stores: &Stores, manifest: &Manifest) -> Result<impl Iterator<Item = (usize, u64)>, StageError> {
    let left_out: Option<Vec<LeftOut>> = load(&*stores.objects, &left_out_key(manifest))?;
    Ok(left_out.unwrap_or_default().into_iter().map(|block| (block.rule, block.key)))
}

/// The trained model of a run; `None` when there was nothing to train from.
pub(super) fn model(stores: &Stores, manifest: &Manifest) -> Result<Option<Model>, StageError> {
    let Some(key) = report(stores, manifest)?.model else { return Ok(None) };
    let damaged = |message: String| StageError::Damaged { key: key.clone(), message };
    let bytes =
        stores.objects.get(&key)?.ok_or_else(|| damaged("found no model, expected a trained one".to_owned()))?;
    let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
    Model::from_json(&text).map(Some).map_err(|error| damaged(error.to_string()))
}

/// Adds up what the parts counted, for every scorer to read.
fn count_terms(
    stores: &Stores,
    manifest: &Manifest,
    linker: &Linker,
    parts: usize,
) -> Result<TermFrequencies, StageError> {
    let mut terms = TermFrequencies::new(linker.terms().len());
    for part in 0..parts {
        terms.add(&read_terms(stores, linker, &project::terms_key(manifest, part))?);
    }
    stores.objects.put(&terms_key(manifest), &terms.to_bytes())?;
    Ok(terms)
}

fn terms_key(manifest: &Manifest) -> String {
    manifest.key("link/terms")
}

/// How frequent the values are that the linker counts.
pub(super) fn terms(stores: &Stores, manifest: &Manifest, linker: &Linker) -> Result<TermFrequencies, StageError> {
    read_terms(stores, linker, &terms_key(manifest))
}

fn read_terms(stores: &Stores, linker: &Linker, key: &str) -> Result<TermFrequencies, StageError> {
    let bytes = stores.objects.get(key)?.unwrap_or_default();
    TermFrequencies::from_bytes(linker.terms().len(), &bytes).ok_or_else(|| StageError::Damaged {
        message: format!("found {} bytes, expected the counts of {} terms", bytes.len(), linker.terms().len()),
        key: key.to_owned(),
    })
}

/// What was set apart to train from.
struct Sample {
    records: Records,
    rows: Vec<(Side, u32)>,
    random: Vec<u32>,
    memberships: Vec<Vec<(u64, u32)>>,
    labelled: Vec<[u32; 2]>,
    /// Labels whose rows are both there.
    labels_found: usize,
}

impl Sample {
    /// Reads the samples that stand behind the shards: of blocks, of records, and what labels name.
    fn read(
        stores: &Stores,
        manifest: &Manifest,
        job: &Job,
        linker: &Linker,
        plan: &PlanReport,
    ) -> Result<Self, StageError> {
        let files = project::block_files(stores, manifest, plan.parts.len())?;
        let mut sample = Self {
            records: Records::new(linker),
            rows: Vec::new(),
            random: Vec::new(),
            memberships: vec![Vec::new(); linker.rules()],
            labelled: Vec::new(),
            labels_found: 0,
        };
        let mut seen = Seen::default();
        let mut labelled: HashMap<(Side, String), Vec<u32>> = HashMap::new();
        for bucket in plan.shards..plan.shards + project::SAMPLES {
            for segment in files.iter().flat_map(|file| file.segments(bucket)) {
                let rows = Rows::of(linker, &segment)?;
                let records: Vec<u32> =
                    (0..rows.len()).map(|record| sample.add(linker, &rows, record, &mut seen)).collect();
                for place in &rows.places {
                    let member = (place.block.key, records[place.record as usize]);
                    sample.memberships[usize::from(place.block.rule)].push(member);
                }
                match bucket - plan.shards {
                    0 => {}
                    1 => sample.random.extend(records),
                    _ => {
                        for (row, record) in (0..).zip(records) {
                            let key = (rows.side(row), rows.id(row).to_owned());
                            labelled.entry(key).or_default().push(record);
                        }
                    }
                }
            }
        }
        sample.label(job, linker, &labelled);
        Ok(sample)
    }

    /// Pairs the records of labelled rows.
    fn label(&mut self, job: &Job, linker: &Linker, labelled: &HashMap<(Side, String), Vec<u32>>) {
        let right_side = if linker.settings().is_dedupe() { Side::Left } else { Side::Right };
        for (left, right) in &job.labels {
            let of = |side: Side, id: &String| labelled.get(&(side, id.clone()));
            if let (Some(lefts), Some(rights)) = (of(Side::Left, left), of(right_side, right)) {
                self.labels_found += 1;
                self.labelled.extend(lefts.iter().flat_map(|left| rights.iter().map(move |right| [*left, *right])));
            }
        }
    }

    /// The record of a row, which may be in several blocks and in both samples.
    fn add(&mut self, linker: &Linker, rows: &Rows, row: u32, seen: &mut Seen) -> u32 {
        let (id, side, record) = (rows.id(row), rows.side(row), row as usize);
        seen.text.clear();
        seen.text.push(if side == Side::Right { 'r' } else { 'l' });
        seen.text.push_str(id);
        seen.text.push('\0');
        let name = XxHash3_128::oneshot(seen.text.as_bytes());
        for value in rows.records.values(record) {
            seen.text.push_str(value.unwrap_or("\u{1f}"));
            seen.text.push('\0');
        }
        let digest = XxHash3_128::oneshot(seen.text.as_bytes());
        let known = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        let found = *seen.records.entry(digest).or_insert(known);
        if found == known {
            let next = u32::try_from(seen.rows.len()).unwrap_or(u32::MAX);
            let row = *seen.rows.entry(name).or_insert(next);
            self.rows.push((side, row));
            self.records.push(linker, rows.records.values(record));
        }
        found
    }
}

/// Records and rows of the sample so far.
#[derive(Default)]
struct Seen {
    /// By a digest of side, id and values.
    records: HashMap<u128, u32>,
    /// By a digest of side and id.
    rows: HashMap<u128, u32>,
    text: String,
}
