//! Answers that are none.

use serde_json::json;

use super::server::{Server, ok, page, summary};
use crate::{check::check, endpoint::Auth};

async fn fault(answers: Vec<(u16, String)>) -> String {
    let server = Server::start(answers);
    let error = check(&mut server.endpoint(Auth::None), "properties", 2).await.unwrap_err().to_string();
    let fault = error.replace(server.url(), "URL");
    server.asked();
    fault
}

#[tokio::test]
async fn graphql_errors_are_told_with_code_and_place() {
    let of_appsync = json!({ "data": null, "errors": [
        { "errorType": "NOT_READY", "path": ["summary"], "message": "no run yet" },
        { "message": "too deep" },
    ] });
    assert_eq!(
        fault(vec![(200, of_appsync.to_string())]).await,
        "`URL` refused the query `Summary`: NOT_READY at `summary`: no run yet; error: too deep"
    );
    let of_others = json!({ "errors": [{ "extensions": { "code": "LIMIT" }, "path": ["a", 0], "message": "slow" }] });
    assert_eq!(
        fault(vec![(200, of_others.to_string())]).await,
        "`URL` refused the query `Summary`: LIMIT at `a.0`: slow"
    );
}

#[tokio::test]
async fn other_answers_are_quoted() {
    assert_eq!(
        fault(vec![(401, "{\n  \"errors\": \"no\"}".to_owned())]).await,
        "`URL` answered 401 to the query `Summary`: `{ \"errors\": \"no\"}`"
    );
    assert_eq!(
        fault(vec![(200, "<html>".to_owned())]).await,
        "`URL` gave something else than asked for to the query `Summary`: expected value at line 1 column 1; \
         found `<html>`"
    );
    let busy = || (503, "busy".to_owned());
    assert_eq!(
        fault(vec![busy(), busy(), busy(), busy(), busy()]).await,
        "`URL` gave no answer in 5 attempts; the last one: status 503: `busy`"
    );
}

#[tokio::test]
async fn a_summary_must_be_there_and_whole() {
    assert_eq!(
        fault(vec![ok(&json!({ "summary": null }))]).await,
        "`URL` has no summary of the job `properties`: no run of it was published"
    );
    let bare = || ok(&json!({ "summary": { "runId": "run-1", "insights": [] } }));
    assert_eq!(
        fault(vec![bare(), page(&[], None), bare()]).await,
        "the summary of run `run-1`: the insight `matched` is missing"
    );
    let odd = || summary("run-1", &json!({ "matched": 3 }), &[]);
    assert_eq!(
        fault(vec![odd(), page(&[], None), odd()]).await,
        "the summary of run `run-1`: the insight `matched` has the row `{\"matched\":3}`: missing field \
         `matched_properties` at line 1 column 13"
    );
}
