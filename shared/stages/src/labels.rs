//! What people said of pairs: one object a pair, `labels/<job>/<digest of the pair>.json`, so that the last word counts
//! and nobody waits for anybody.

use std::collections::BTreeSet;

use lotline_linkage::LinkSettings;
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

/// The files of a job with what people said of pairs in its `labels.csv`, for its model to learn from: links are added,
/// and pairs that are no links taken out.
///
/// # Errors
/// As for [`list`].
pub fn teach(stores: &Stores, job: &Job, mut files: SettingsFiles) -> Result<SettingsFiles, StageError> {
    // Without links there is nothing to learn, and with a model of its own nothing is learned.
    let (Some(link), None) = (&job.link, &job.model) else { return Ok(files) };
    let known: BTreeSet<[&str; 2]> = job.labels.iter().map(|(left, right)| pair(link, left, right)).collect();
    let said = list(stores, &job.name)?;
    let mut taught = known.clone();
    for label in &said {
        let pair = pair(link, &label.id_l, &label.id_r);
        match label.verdict {
            Verdict::Link => _ = taught.insert(pair),
            Verdict::NotLink => _ = taught.remove(&pair),
            Verdict::Unsure => {}
        }
    }
    if taught.is_empty() {
        files.remove("labels.csv");
    } else if taught != known {
        let quoted = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
        let rows: String = taught.iter().map(|[left, right]| format!("{},{}\n", quoted(left), quoted(right))).collect();
        files.insert("labels.csv".to_owned(), format!("id_l,id_r\n{rows}"));
    }
    Ok(files)
}

/// A pair as it is known: of two records of one table the lesser key is the left one.
pub fn pair<'a>(link: &LinkSettings, left: &'a str, right: &'a str) -> [&'a str; 2] {
    if link.is_dedupe() && left > right { [right, left] } else { [left, right] }
}

fn folder(job: &str) -> String {
    format!("labels/{job}/")
}

#[cfg(test)]
mod tests {
    use super::{Label, Verdict, put, teach};
    use crate::Job;
    use lotline_store::{SettingsFiles, Stores};

    const JOB: &str = "name = 'people'\n[sources.people]\n[link]\nleft = 'people'\ncardinality = 'clusters'\nblocking = [['name']]\n\
        [link.fields.name]\nstandardizer = 'text'\nleft = ['name']\n\
        [[link.comparisons]]\nname = 'name'\nfield = 'name'\nlevels = ['exact']\n";
    const TABLE: &str = "key = ['id']\n[[columns]]\nname = 'id'\ntype = 'text'\nrequired = true\n\
        [[columns]]\nname = 'name'\ntype = 'text'\n";

    #[test]
    fn links_are_added_and_denied_ones_taken_out_whichever_way_round_they_were_said() {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::local(folder.path()).unwrap();
        let labels = "id_l,id_r\nb,a\nc,d\n";
        let files: SettingsFiles = [("job.toml", JOB), ("tables/people.toml", TABLE), ("labels.csv", labels)]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
        let job = Job::parse("people", &files).unwrap();
        assert_eq!(teach(&stores, &job, files.clone()).unwrap(), files);
        for (id_l, id_r, verdict) in
            [("a", "b", Verdict::NotLink), ("f", "e", Verdict::Link), ("g", "h", Verdict::Unsure)]
        {
            let (id_l, id_r) = (id_l.to_owned(), id_r.to_owned());
            put(&stores, "people", &Label { id_l, id_r, verdict, by: "ann".to_owned(), at: String::new() }).unwrap();
        }
        let taught = teach(&stores, &job, files.clone()).unwrap();
        assert_eq!(taught["labels.csv"], "id_l,id_r\n\"c\",\"d\"\n\"e\",\"f\"\n");
    }
}
