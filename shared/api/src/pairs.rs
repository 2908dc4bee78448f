//! Pairs explained.

use lotline_stages::{
    Manifest, StageError,
    link::{self, Decision, PairExplanation},
};
use lotline_store::{Publication, Stores};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pair {
    job: String,
    id_l: String,
    id_r: String,
}

/// Why two records are linked or are not; null when one of them is not there.
pub(crate) fn explain(stores: &Stores, Pair { job, id_l, id_r }: Pair) -> Result<Value, ApiError> {
    let explained = match link::explain(stores, &published(stores, &job)?, &id_l, &id_r) {
        Err(StageError::BadRequest { subject: "ID_L" | "ID_R", .. }) => return Ok(Value::Null),
        explained => explained?,
    };
    let PairExplanation { left, right, decision, explanation, .. } = &explained;
    let steps: Vec<Value> = explanation
        .steps
        .iter()
        .map(|step| {
            json!({
                "comparison": step.comparison,
                "level": (step.gamma >= 0).then_some(&step.level),
                "valueL": step.value_l,
                "valueR": step.value_r,
                "weight": step.weight,
                "termFrequencyWeight": step.term_frequency_weight,
            })
        })
        .collect();
    let words = std::iter::once(decision.to_string()).chain(explanation.sentences());
    Ok(json!({
        "idL": left.id,
        "idR": right.id,
        "linked": matches!(decision, Decision::Linked { .. }),
        "decision": words.collect::<Vec<_>>().join("\n"),
        "matchWeight": explanation.match_weight,
        "matchProbability": explanation.match_probability,
        "priorWeight": explanation.prior_weight,
        "steps": steps,
        "waterfall": serde_json::to_string(&explained)?,
    }))
}

/// What readers of a job see.
///
/// # Errors
/// `NotFound` for a job that has published nothing.
pub(crate) fn publication(stores: &Stores, job: &str) -> Result<Publication, ApiError> {
    let expected = || ApiError::not_found("job", job, ["one that has published"].into_iter());
    stores.catalog.publication(job)?.ok_or_else(expected)
}

/// The run of a job that readers see.
///
/// # Errors
/// As for [`publication`].
pub(crate) fn published(stores: &Stores, job: &str) -> Result<Manifest, ApiError> {
    Ok(Manifest::load(stores, &publication(stores, job)?.run_id)?)
}
