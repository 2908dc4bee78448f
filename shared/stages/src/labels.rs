//! What people said of pairs: one object a pair, `labels/<job>/<digest of the pair>.json`, so that the last word counts
//! and nobody waits for anybody.

use lotline_store::{SettingsFiles, Stores};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Job, StageError,
    run::{hex, load},
};

/// What a person said of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Key of the left record.
    pub id_l: String,
    /// Key of the right record; of two records of one table the greater key.
    pub id_r: String,
    /// What was said.
    pub verdict: Verdict,
    /// Who said it.
    pub by: String,
    /// When, as RFC 3339 in UTC.
    pub at: String,
}

/// Whether two records are the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// They are.
    Link,
    /// They are not.
    NotLink,
    /// One cannot tell.
    Unsure,
}

/// Keeps a label in place of what was said of its pair before.
///
/// # Errors
/// The lake's.
pub fn put(stores: &Stores, job: &str, label: &Label) -> Result<(), StageError> {
    let mut hasher = Sha256::new();
    for id in [&label.id_l, &label.id_r] {
        hasher.update((id.len() as u64).to_le_bytes());
        hasher.update(id);
    }
    let bytes = serde_json::to_vec(label).map_err(|error| StageError::Internal(error.to_string()))?;
    Ok(stores.objects.put(&format!("{}{}.json", folder(job), &hex(&hasher.finalize())[..32]), &bytes)?)
}

/// All labels of a job, in order of their ids.
///
/// # Errors
/// The lake's; `Damaged` for an object that is no label.
pub fn list(stores: &Stores, job: &str) -> Result<Vec<Label>, StageError> {
    let mut labels = Vec::new();
    for object in stores.objects.list(&folder(job))? {
        labels.extend(load::<Label>(&*stores.objects, &object.key)?);
    }
    labels.sort_by(|a, b| (&a.id_l, &a.id_r).cmp(&(&b.id_l, &b.id_r)));
    Ok(labels)
}

/// The files of a job with the links that people said added to its `labels.csv`, for its model to learn from.
///
/// # Errors
/// As for [`list`].
pub fn teach(stores: &Stores, job: &Job, mut files: SettingsFiles) -> Result<SettingsFiles, StageError> {
    // Without links there is nothing to learn, and with a model of its own nothing is learned.
    if job.link.is_none() || job.model.is_some() {
        return Ok(files);
    }
    let said = list(stores, &job.name)?;
    let said = said.iter().filter(|label| label.verdict == Verdict::Link).map(|label| (&label.id_l, &label.id_r));
    let known: Vec<(&String, &String)> = job.labels.iter().map(|(left, right)| (left, right)).collect();
    let all: Vec<(&String, &String)> = known.iter().copied().chain(said.filter(|pair| !known.contains(pair))).collect();
    if all.len() > known.len() {
        let quoted = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
        let rows: String = all.iter().map(|(left, right)| format!("{},{}\n", quoted(left), quoted(right))).collect();
        files.insert("labels.csv".to_owned(), format!("id_l,id_r\n{rows}"));
    }
    Ok(files)
}

fn folder(job: &str) -> String {
    format!("labels/{job}/")
}
