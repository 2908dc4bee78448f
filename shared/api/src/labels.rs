//! What people say of pairs, and which pairs to ask them about next.

use std::collections::HashSet;

use chrono::{SecondsFormat, Utc};
use lotline_stages::labels::{self, Label, Verdict};
use lotline_store::Stores;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{error::ApiError, links, page::Page, pairs::published, tables::Tables};

#[derive(Deserialize)]
pub(crate) struct Listed {
    job: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said {
    job: String,
    id_l: String,
    id_r: String,
    verdict: Verdict,
    by: Option<String>,
}

/// Labels, a page at a time.
pub(crate) fn list(stores: &Stores, Listed { job, page }: Listed) -> Result<Value, ApiError> {
    let after = page.after::<(String, String)>()?;
    let all = labels::list(stores, &job)?.into_iter();
    let rest = all.filter(|label| after.as_ref().is_none_or(|(l, r)| (&label.id_l, &label.id_r) > (l, r)));
    let nodes = rest.take(page.rows()? + 1).map(|label| node(&label)).collect();
    page.connection(nodes, |label| json!([label["idL"], label["idR"]]))
}

/// The most doubtful links that nobody has judged.
pub(crate) fn queue(stores: &Stores, tables: &Tables, Listed { job, page }: Listed) -> Result<Value, ApiError> {
    let judged: HashSet<(String, String)> =
        labels::list(stores, &job)?.into_iter().map(|label| (label.id_l, label.id_r)).collect();
    let is_open = |link: &Value| {
        let id = |name: &str| link[name].as_str().unwrap_or_default().to_owned();
        !judged.contains(&(id("idL"), id("idR")))
    };
    let links = links::doubtful(tables, &job, page.rows()? + judged.len())?;
    Ok(links.into_iter().filter(is_open).take(page.rows()?).collect())
}

/// Keeps a label of a pair of a published job; `caller` is who asks, where the server knows.
pub(crate) fn say(stores: &Stores, said: Said, caller: Option<&str>) -> Result<Value, ApiError> {
    let Said { job, id_l, id_r, verdict, by } = said;
    let link = published(stores, &job)?.job()?.link;
    let link = link.ok_or_else(|| ApiError::bad(format!("job: found `{job}`, expected one that links")))?;
    let [id_l, id_r] = labels::pair(&link, &id_l, &id_r).map(str::to_owned);
    let by = caller.map(str::to_owned).or(by).filter(|by| !by.trim().is_empty());
    let label = Label {
        id_l,
        id_r,
        verdict,
        by: by.unwrap_or_else(|| "unknown".to_owned()),
        at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    labels::put(stores, &job, &label)?;
    Ok(node(&label))
}

fn node(label: &Label) -> Value {
    json!({ "idL": label.id_l, "idR": label.id_r, "verdict": label.verdict, "by": label.by, "at": label.at })
}
