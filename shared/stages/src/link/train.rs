//! Training: one model from the plan's sample, written as a file that every scorer reads.

use std::collections::BTreeMap;

use lotline_linkage::{Linker, Model, Side, Training, Variant, train};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    linker,
    plan::{self, plan_key},
    projection::{Rows, side_number},
};
use crate::{
    Manifest, StageError, message,
    run::{done, once},
    tables::TableFile,
};

/// What training found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainReport {
    /// The model's key; null when the tables have nothing to train from, so that nothing can be linked.
    pub model: Option<String>,
    /// What a reader should know before trusting the model.
    pub warnings: Vec<String>,
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
        let [left, right] = sample(stores, manifest, &linker, plan.shards)?;
        let training = Training {
            left: &left,
            right: &right,
            left_total: plan.left_rows,
            right_total: plan.right_rows,
            fraction: plan.sample,
        };
        let (model, warnings) = match train(&linker, training) {
            Ok(trained) => trained,
            Err(nothing) => {
                let warning = format!("nothing was linked: {}", message(&nothing));
                return Ok(TrainReport { model: None, warnings: vec![warning] });
            }
        };
        let text = model.to_json().map_err(|error| StageError::Internal(error.to_string()))?;
        stores.objects.put(&model_key(manifest), text.as_bytes())?;
        Ok(TrainReport {
            model: Some(model_key(manifest)),
            warnings: warnings.iter().map(ToString::to_string).collect(),
        })
    })
}

/// The report of a run whose model is trained.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<TrainReport, StageError> {
    done(stores, manifest, REPORT)
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

/// The sampled variants of both sides, in order of id; a variant keeps only its sampled blocks, so that every pair of
/// the sample is one that the whole plan would make.
fn sample(stores: &Stores, manifest: &Manifest, linker: &Linker, bucket: u32) -> Result<[Vec<Variant>; 2], StageError> {
    let mut found: [BTreeMap<(String, u16), Variant>; 2] = Default::default();
    for batch in TableFile::open(&*stores.objects, &plan_key(manifest))?.read_bucket(bucket)? {
        let batch = batch?;
        let rows = Rows::new(&batch, linker);
        for row in 0..batch.num_rows() {
            let side = usize::from(rows.side[row] == side_number(Side::Right));
            let variant = found[side]
                .entry((rows.id.value(row).to_owned(), rows.variant[row]))
                .or_insert_with(|| Variant { keys: vec![None; linker.rules()], values: rows.variant_at(row).values });
            variant.keys[usize::from(rows.rule[row])] = Some(rows.key[row]);
        }
    }
    Ok(found.map(|variants| variants.into_values().collect()))
}
