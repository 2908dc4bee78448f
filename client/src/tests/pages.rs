//! Reading page by page and comparing.

use serde_json::{Value, json};

use super::server::{Row, Server, page, summary};
use crate::{
    check::{Report, check},
    endpoint::Auth,
    error::ClientError,
};

const ONE: &[Row] = &[("a", Some(3), None, Some(100.0)), ("b", None, Some(4), None)];
const TWO: &[Row] = &[("c", Some(3), Some(9), Some(300.0))];

fn right() -> (u16, String) {
    published("run-1", 200.0)
}

fn published(run: &str, mean: f64) -> (u16, String) {
    let matched = json!({ "matched_properties": 3, "mean_estimated_value": mean, "median_estimated_value": 200.0 });
    summary(run, &matched, &[json!({ "bedrooms": 3, "properties": 2 }), json!({ "bedrooms": 4, "properties": 1 })])
}

async fn read(answers: Vec<(u16, String)>) -> (Result<Report, ClientError>, Vec<Value>) {
    let server = Server::start(answers);
    let report = check(&mut server.endpoint(Auth::None), "properties", 2).await;
    (report, server.asked().into_iter().map(|asked| asked.body["variables"].clone()).collect())
}

async fn fault(answers: Vec<(u16, String)>) -> String {
    let error = read(answers).await.0.unwrap_err().to_string();
    error.split_once("/graphql`: ").map_or(error.clone(), |(_, fault)| fault.to_owned())
}

#[tokio::test]
async fn pages_are_read_to_the_last_and_compared() {
    let (report, variables) = read(vec![right(), page(ONE, Some("b")), page(TWO, None), right()]).await;
    let report = report.unwrap();
    assert_eq!(report.lines(), ["run-1: 3 properties in 2 pages; the published summary is right"]);
    assert!(report.equal && report.published == report.summary);
    assert_eq!(variables[0], json!({ "job": "properties" }));
    assert_eq!(variables[1], json!({ "first": 2, "after": null }));
    assert_eq!(variables[2], json!({ "first": 2, "after": "b" }));
}

#[tokio::test]
async fn a_wrong_summary_is_told_figure_by_figure() {
    let wrong = || published("run-1", 201.0);
    let (report, _) = read(vec![wrong(), page(ONE, Some("b")), page(TWO, None), wrong()]).await;
    let report = report.unwrap();
    assert!(!report.equal);
    assert_eq!(
        report.lines(),
        [
            "run-1: 3 properties in 2 pages; the published summary is wrong",
            "mean_estimated_value: found 201.0, expected 200.0",
        ]
    );
}

#[tokio::test]
async fn a_failure_that_passes_is_no_failure() {
    let busy = || (503, "busy".to_owned());
    let (report, variables) =
        read(vec![right(), page(ONE, Some("b")), busy(), (429, String::new()), page(TWO, None), busy(), right()]).await;
    assert!(report.unwrap().equal);
    assert_eq!(variables[2], variables[4]);
}

#[tokio::test]
async fn pages_that_never_end_are_an_error() {
    let again = "page 2: has the cursor `b` of the page before";
    assert!(fault(vec![right(), page(ONE, Some("b")), page(TWO, Some("b"))]).await.ends_with(&again[8..]));
    let ids = fault(vec![right(), page(ONE, Some("b")), page(ONE, Some("c"))]).await;
    assert_eq!(ids, "the id `a` comes after `b`, expected ascending ids");
    let empty = fault(vec![right(), page(ONE, Some("b")), page(&[], Some("c"))]).await;
    assert_eq!(empty, "is empty, yet another page follows");
    let endless = json!({ "properties": { "nodes": [], "pageInfo": { "hasNextPage": true, "endCursor": null } } });
    assert_eq!(fault(vec![right(), super::server::ok(&endless)]).await, "has no cursor, yet another page follows");
}

#[tokio::test]
async fn a_run_published_meanwhile_is_read_anew() {
    let other = || published("run-2", 200.0);
    let (report, _) =
        read(vec![right(), page(ONE, None), other(), page(ONE, Some("b")), page(TWO, None), other()]).await;
    let report = report.unwrap();
    assert!(report.equal);
    assert_eq!((report.run_id.as_str(), report.pages), ("run-2", 2));
    let run = |number: u32| published(&format!("run-{number}"), 200.0);
    let restless = vec![run(1), page(TWO, None), run(2), page(TWO, None), run(3), page(TWO, None), run(4)];
    assert_eq!(fault(restless).await, "new runs of the job `properties` were published during each of 3 readings");
}
