//! What can keep the client from comparing.

use std::{error::Error, path::PathBuf};

/// A failure; each has exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{url}` gave no answer in {attempts} attempts; the last one: {cause}")]
    Unanswered { url: String, attempts: u32, cause: String },
    #[error("`{url}` answered {status} to the query `{query}`: `{body}`")]
    Status { url: String, query: &'static str, status: u16, body: String },
    #[error("`{url}` refused the query `{query}`: {errors}")]
    Refused { url: String, query: &'static str, errors: String },
    #[error("`{url}` gave something else than asked for to the query `{query}`: {source}; found `{body}`")]
    Unlike { url: String, query: &'static str, source: serde_json::Error, body: String },
    #[error("page {page} of the properties of `{url}`: {fault}")]
    Paging { url: String, page: u64, fault: String },
    #[error("`{url}` has no summary of the job `{job}`: no run of it was published")]
    Unpublished { url: String, job: String },
    #[error("the summary of run `{run_id}`: the insight `{insight}` {fault}")]
    Insight { run_id: String, insight: &'static str, fault: String },
    #[error("new runs of the job `{job}` were published during each of {attempts} readings")]
    Moving { job: String, attempts: u32 },
    #[error("the endpoint `{url}`: {fault}")]
    Endpoint { url: String, fault: &'static str },
    #[error("signing the request: {0}")]
    Signature(String),
    #[error("writing `{}`: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("writing `s3://{bucket}/{key}`: {cause}")]
    S3 { bucket: String, key: String, cause: String },
}

/// An error with its causes: most clients show only the outermost, which says little.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.ends_with(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        next = cause.source();
    }
    words
}
