//! A server that gives the answers it was told, one a request, and keeps what it was asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread::JoinHandle,
    time::Duration,
};

use serde_json::{Value, json};

use crate::endpoint::{Auth, Endpoint};

/// What was asked: headers in lower case, and the body.
pub(crate) struct Asked {
    pub(crate) headers: Vec<String>,
    pub(crate) body: Value,
}

pub(crate) struct Server {
    address: String,
    thread: JoinHandle<Vec<Asked>>,
}

impl Server {
    /// Answers with these statuses and bodies, then closes.
    pub(crate) fn start(answers: Vec<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/graphql", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let answer = |(status, body): (u16, String)| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut headers = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    headers.push(line.trim().to_lowercase());
                }
                let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                let mut asked = vec![0; length.parse().unwrap()];
                reader.read_exact(&mut asked).unwrap();
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
                Asked { headers, body: serde_json::from_slice(&asked).unwrap() }
            };
            answers.into_iter().map(answer).collect()
        });
        Self { address, thread }
    }

    pub(crate) fn url(&self) -> &str {
        &self.address
    }

    /// An endpoint that is asked again without a pause.
    pub(crate) fn endpoint(&self, auth: Auth) -> Endpoint {
        let mut endpoint = Endpoint::new(self.address.parse().unwrap(), auth, Duration::from_secs(20));
        endpoint.pause = Duration::ZERO;
        endpoint
    }

    /// Everything that was asked, once all answers were given.
    pub(crate) fn asked(self) -> Vec<Asked> {
        self.thread.join().unwrap()
    }
}

pub(crate) fn ok(data: &Value) -> (u16, String) {
    (200, json!({ "data": data }).to_string())
}

/// A property: id, the assessor's bedrooms, the listing's, the value.
pub(crate) type Row = (&'static str, Option<i64>, Option<i64>, Option<f64>);

/// A page of properties.
pub(crate) fn page(rows: &[Row], next: Option<&str>) -> (u16, String) {
    let node = |&(id, bedrooms, beds, value): &Row| json!({ "id": id, "parcel": { "bedrooms": bedrooms }, "listing": { "beds": beds, "estValue": value } });
    let nodes: Vec<Value> = rows.iter().map(node).collect();
    let page_info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
    ok(&json!({ "properties": { "nodes": nodes, "pageInfo": page_info } }))
}

/// The summary of a run: the row of `matched`, and the rows of `bedrooms`.
pub(crate) fn summary(run: &str, matched: &Value, bedrooms: &[Value]) -> (u16, String) {
    let bedrooms: Vec<String> = bedrooms.iter().map(Value::to_string).collect();
    ok(&json!({ "summary": { "runId": run, "insights": [
        { "name": "matched", "rows": [matched.to_string()] },
        { "name": "bedrooms", "rows": bedrooms },
    ] } }))
}
