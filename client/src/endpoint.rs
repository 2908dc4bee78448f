//! Queries to a GraphQL endpoint over HTTP, asked again where the failure may pass.

use std::time::Duration;

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use http::{Request, Uri};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::{
    error::{ClientError, causes},
    queries::Query,
    signature::Signer,
};

/// How often a request is sent, at most.
const ATTEMPTS: u32 = 5;
/// The longest pause after the first attempt; doubled after each.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of an answer, at most; AppSync's are at most 5 MB.
const MAX_BYTES: usize = 8 << 20;
/// Characters of an answer that a message quotes.
const QUOTED: usize = 300;

/// How requests show who sends them.
#[derive(Debug)]
pub(crate) enum Auth {
    None,
    ApiKey(String),
    Iam(Signer),
}

/// A GraphQL endpoint; one answer at most is held in memory.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Uri,
    auth: Auth,
    timeout: Duration,
    pub(crate) pause: Duration,
    connector: Connector,
}

/// Why one attempt gave no answer.
enum Failure {
    /// May pass.
    Transient(String),
    Final(ClientError),
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Box<RawValue>>,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Endpoint {
    pub(crate) fn new(url: Uri, auth: Auth, timeout: Duration) -> Self {
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build();
        Self { url, auth, timeout, pause: PAUSE, connector }
    }

    /// The data that a query asks for.
    ///
    /// A timeout, a broken connection, 429 and 5xx are tried again, five attempts in all, after a pause of random
    /// length.
    ///
    /// # Errors
    /// No answer, another status, GraphQL errors, or data of another shape.
    pub(crate) async fn ask<T: DeserializeOwned>(&mut self, query: Query, variables: Value) -> Result<T, ClientError> {
        let body = json!({ "query": query.text, "operationName": query.name, "variables": variables }).to_string();
        let mut cause = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(self.pause.mul_f64(fastrand::f64() * f64::from(1 << (attempt - 1)))).await;
            }
            match self.attempt(query, &body).await {
                Ok(answer) => return self.data(query, &answer),
                Err(Failure::Transient(found)) => cause = found,
                Err(Failure::Final(error)) => return Err(error),
            }
        }
        Err(ClientError::Unanswered { url: self.url.to_string(), attempts: ATTEMPTS, cause })
    }

    async fn attempt(&mut self, query: Query, body: &str) -> Result<Vec<u8>, Failure> {
        let request = self.request(body).await.map_err(Failure::Final)?;
        let sent = tokio::time::timeout(self.timeout, self.send(request)).await;
        let (status, answer) = sent.map_err(|_| Failure::Transient(format!("no answer in {:?}", self.timeout)))??;
        match status {
            200 => Ok(answer),
            408 | 429 | 500..=599 => Err(Failure::Transient(format!("status {status}: `{}`", excerpt(&answer)))),
            _ => {
                let (url, body) = (self.url.to_string(), excerpt(&answer));
                Err(Failure::Final(ClientError::Status { url, query: query.name, status, body }))
            }
        }
    }

    async fn request(&mut self, body: &str) -> Result<HttpRequest, ClientError> {
        let fault = |fault| ClientError::Endpoint { url: self.url.to_string(), fault };
        let mut request = Request::post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(SdkBody::from(body))
            .map_err(|_| fault("no request can be sent there"))?;
        match &mut self.auth {
            Auth::None => {}
            Auth::ApiKey(key) => {
                let key = key.parse().map_err(|_| fault("the API key has characters that no key has"))?;
                request.headers_mut().insert("x-api-key", key);
            }
            Auth::Iam(signer) => signer.sign(&mut request, body.as_bytes()).await?,
        }
        request.try_into().map_err(|_| fault("no request can be sent there"))
    }

    async fn send(&self, request: HttpRequest) -> Result<(u16, Vec<u8>), Failure> {
        let response = self.connector.call(request).await.map_err(|error| Failure::Transient(causes(&error)))?;
        let status = response.status().as_u16();
        let mut stream = ByteStream::new(response.into_body());
        let mut answer = Vec::new();
        while let Some(bytes) = stream.next().await {
            answer.extend_from_slice(&bytes.map_err(|error| Failure::Transient(causes(&error)))?);
            if answer.len() > MAX_BYTES {
                let fault = "the answer has more than 8 MiB; ask for smaller pages";
                return Err(Failure::Final(ClientError::Endpoint { url: self.url.to_string(), fault }));
            }
        }
        Ok((status, answer))
    }

    fn data<T: DeserializeOwned>(&self, query: Query, answer: &[u8]) -> Result<T, ClientError> {
        let url = || self.url.to_string();
        let unlike = |source| ClientError::Unlike { url: url(), query: query.name, source, body: excerpt(answer) };
        let Answer { data, errors } = serde_json::from_slice(answer).map_err(unlike)?;
        if !errors.is_empty() {
            let errors = errors.iter().map(spelled).collect::<Vec<_>>().join("; ");
            return Err(ClientError::Refused { url: url(), query: query.name, errors });
        }
        serde_json::from_str(data.as_ref().map_or("null", |data| data.get())).map_err(unlike)
    }
}

/// A GraphQL error in words: its code, where it happened, its message.
fn spelled(error: &Value) -> String {
    // AppSync and other servers keep the code in different places.
    let code = error.get("errorType").or_else(|| error.pointer("/extensions/code")).and_then(Value::as_str);
    let path = error.get("path").and_then(Value::as_array);
    let path = path.map(|steps| steps.iter().map(step).collect::<Vec<_>>().join("."));
    let message = error.get("message").and_then(Value::as_str).unwrap_or("no message");
    let place = path.map(|path| format!(" at `{path}`")).unwrap_or_default();
    format!("{}{place}: {message}", code.unwrap_or("error"))
}

fn step(step: &Value) -> String {
    step.as_str().map_or_else(|| step.to_string(), str::to_owned)
}

/// The beginning of an answer, on one line.
fn excerpt(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(&answer[..answer.len().min(4 * QUOTED)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|letter| !letter.is_control()).take(QUOTED).collect()
}
