//! How requests show who sends them, and where settings may send them.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use clap::Parser;
use http::Request;
use serde_json::{Value, json};

use super::server::{Asked, Server, ok};
use crate::{
    endpoint::Auth,
    output,
    queries::SUMMARY,
    settings::{Place, Settings},
    signature::Signer,
};

fn signer() -> Signer {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("token".to_owned()), None, "test");
    Signer::new("us-east-1", SharedCredentialsProvider::new(credentials))
}

async fn asked(auth: Auth) -> Vec<Asked> {
    let server = Server::start(vec![ok(&json!({}))]);
    let _: Value = server.endpoint(auth).ask(SUMMARY, json!({ "job": "properties" })).await.unwrap();
    server.asked()
}

#[tokio::test]
async fn a_key_is_sent_as_appsync_wants_it() {
    let asked = asked(Auth::ApiKey("da2-key".to_owned())).await;
    assert!(asked[0].headers.contains(&"x-api-key: da2-key".to_owned()));
    assert_eq!(asked[0].body["operationName"], "Summary");
}

#[tokio::test]
async fn a_signature_is_sent_with_the_token() {
    let headers = asked(Auth::Iam(signer())).await.remove(0).headers;
    let signature = headers.iter().find(|line| line.starts_with("authorization: ")).unwrap();
    assert!(signature.starts_with("authorization: aws4-hmac-sha256 credential=akidexample/"), "{signature}");
    assert!(signature.contains("/us-east-1/appsync/aws4_request, "), "{signature}");
    assert!(headers.contains(&"x-amz-security-token: token".to_owned()));
}

#[tokio::test]
async fn the_signature_is_that_of_botocore() {
    let body = br#"{"query":"{ tables { name } }"}"#;
    let mut request = Request::post("https://abc.appsync-api.us-east-1.amazonaws.com/graphql")
        .header("content-type", "application/json")
        .body(())
        .unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    signer().sign_at(&mut request, body, now).await.unwrap();
    assert_eq!(request.headers()["authorization"].to_str().unwrap(), BOTOCORE);
}

const BOTOCORE: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/appsync/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
    Signature=25a80388c1afa6f7c8e2e5cc0bf7845f66b8cc173e259a287420bc666b5c4b07";

async fn refused(arguments: &[&str]) -> String {
    let arguments = ["lotline-client", "--endpoint"].iter().chain(arguments);
    Settings::parse_from(arguments).endpoint().await.unwrap_err().to_string()
}

#[tokio::test]
async fn secrets_travel_encrypted() {
    assert_eq!(
        refused(&["http://example.com/graphql", "--api-key", "k"]).await,
        "the endpoint `http://example.com/graphql`: keys and signatures are sent by https:// only"
    );
    assert_eq!(
        refused(&["example.com", "--auth", "none"]).await,
        "the endpoint `example.com`: expected an address that begins with https:// or http://"
    );
    assert_eq!(
        refused(&["https://example.com/graphql", "--auth", "api-key"]).await,
        "the endpoint `https://example.com/graphql`: no API key was given"
    );
    let local = ["lotline-client", "--endpoint", "http://localhost:8080/graphql"];
    Settings::parse_from(local).endpoint().await.unwrap();
}

#[test]
fn a_place_is_a_file_or_an_object() {
    let s3 = Place::S3 { bucket: "b".to_owned(), key: "summaries/x.json".to_owned() };
    assert_eq!("s3://b/summaries/x.json".parse(), Ok(s3));
    assert_eq!("out/x.json".parse(), Ok(Place::File("out/x.json".into())));
    let error = "s3://b".parse::<Place>().unwrap_err();
    assert_eq!(error, "found `s3://b`, expected s3://BUCKET/KEY");
}

#[tokio::test]
async fn a_file_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    std::fs::write(&path, "an older and longer one").unwrap();
    output::write(Some(&Place::File(path.clone())), &json!({ "equal": true })).await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\n  \"equal\": true\n}\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = Place::File(folder.path().join("no/summary.json"));
    let error = output::write(Some(&nowhere), &json!(1)).await.unwrap_err().to_string();
    assert!(error.starts_with("writing `") && error.contains("No such file"), "{error}");
}
