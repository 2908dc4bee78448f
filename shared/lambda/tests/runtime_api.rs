//! The real function binaries behind a Runtime API host: real events in, reports and stable error names out.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use lotline_stages::{Input, Job, Manifest};
use lotline_store::{RunClaim, SettingsFiles, Stores};
use serde_json::{Value, json};

/// One function process and the host that it asks for work.
struct Function {
    process: Child,
    listener: TcpListener,
}

impl Drop for Function {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What a function answered: its report, or its error.
#[derive(Debug, PartialEq)]
enum Answer {
    Report(Value),
    Error(Value),
}

impl Function {
    fn start(name: &str, lake: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let binary = binary(name);
        let process = Command::new(&binary)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .envs([
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ])
            .env(lotline_lambda::LAKE_VARIABLE, lake)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run `cargo build --workspace --bins`", binary.display()));
        Self { process, listener }
    }

    /// Hands the function one event and waits for its answer. The function may use one connection or several.
    fn invoke(&self, event: &Value) -> Answer {
        let mut handed = false;
        loop {
            let (stream, _) = self.listener.accept().expect("the function connects");
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            while let Some((path, body)) = request(&mut reader) {
                if path.ends_with("/next") && !handed {
                    handed = true;
                    respond(
                        &stream,
                        "200 OK",
                        "Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:1:function:f\r\n",
                        &event.to_string(),
                    );
                } else if path.ends_with("/response") {
                    return Answer::Report(body);
                } else if path.ends_with("/error") {
                    return Answer::Error(body);
                }
            }
        }
    }
}

/// One request: its path and its body as JSON.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            }
            assert!(!name.eq_ignore_ascii_case("transfer-encoding"), "the host reads no chunked bodies");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

fn respond(mut stream: &TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("the function listens");
}

/// The binary beside this test's own folder: `target/<profile>/<name>`.
fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a test binary");
    own.ancestors().nth(2).expect("target/<profile>").join(name)
}

/// A job that links two tables of a few rows, planned in a lake.
fn planned(folder: &Path) -> Manifest {
    let table = "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n[[columns]]\nname = \"address\"\ntype = \"text\"\n";
    let job = "name = \"small\"\n[sources.left]\n[sources.right]\n[link]\nleft = \"left\"\nright = \"right\"\n\
        cardinality = \"one_to_one\"\nthreshold = 0.000001\nblocking = [[\"address.name\"], [\"address.house_low\"]]\n\
        [link.fields.address]\nstandardizer = \"us_address\"\nleft = [\"address\"]\nright = [\"address\"]\n\
        [[link.comparisons]]\nname = \"house\"\nfield = \"address.house\"\nlevels = [\"exact\"]\n\
        [[link.comparisons]]\nname = \"street\"\nfield = \"address.name\"\nlevels = [\"exact\"]\n";
    let files: SettingsFiles = [
        ("job.toml", job),
        ("tables/left.toml", table),
        ("tables/right.toml", table),
        ("insights/links.sql", "SELECT count(*) AS links FROM small_links"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let mut inputs = BTreeMap::new();
    for source in ["left", "right"] {
        let path = folder.join(format!("{source}.csv"));
        let rows: String =
            (1..60).map(|row| format!("{source}{row},{row} {} ST\n", ["OAK", "ELM", "MAIN"][row % 3])).collect();
        let text = format!("id,address\n{rows}");
        fs::write(&path, &text).expect("a file");
        let sha256 = sha256(&text);
        inputs.insert(
            source.to_owned(),
            vec![Input {
                path: path.display().to_string(),
                in_lake: false,
                version: None,
                sha256,
                bytes: text.len() as u64,
            }],
        );
    }
    let parsed = Job::parse("small", &files).expect("a valid job");
    Manifest::new("small", &parsed, files, inputs, 64 << 20)
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_whole_chain_runs_in_the_function_binaries() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().join("lake");
    let stores = Stores::local(&lake).expect("a lake");
    let manifest = planned(folder.path()).plan(&stores).expect("planned");
    let run = &manifest.run_id;
    let claim =
        RunClaim { run_id: run.clone(), ticket: 1, job: "small".into(), owner: "test".into(), inputs: json!({}) };
    stores.ledger.claim(&claim).expect("a ledger");
    let mut events = Vec::new();
    for source in ["left", "right"] {
        events.push(("ingest", json!({"step": "file", "run_id": run, "source": source, "file": 0})));
        events.push(("validate", json!({"step": "chunk", "run_id": run, "source": source, "file": 0, "chunk": 0})));
        events.push(("validate", json!({"step": "bucket", "run_id": run, "source": source, "bucket": 0})));
        events.push(("validate", json!({"step": "table", "run_id": run, "source": source})));
    }
    events.push(("link", json!({"step": "plan", "run_id": run})));
    events.extend((0..2).map(|part| ("link", json!({"step": "project", "run_id": run, "part": part}))));
    events.push(("link", json!({"step": "train", "run_id": run})));
    events.push(("link", json!({"step": "match", "run_id": run, "shard": 0})));
    events.push(("link", json!({"step": "settle", "run_id": run})));
    events.push(("summarize", json!({"run_id": run})));
    events.push(("publish", json!({"run_id": run})));
    let early = [
        ("publish", json!({"run_id": run}), "step: found `summarize (not done)`"),
        ("link", json!({"step": "match", "run_id": run, "shard": 0}), "step: found `link/plan (not done)`"),
        (
            "validate",
            json!({"step": "bucket", "run_id": run, "source": "left", "bucket": 7}),
            "expected a bucket below 1",
        ),
    ];
    for (function, event, expected) in early {
        let Answer::Error(error) = Function::start(function, &lake).invoke(&event) else {
            panic!("{function} took {event}")
        };
        assert_eq!(error["errorType"], "Lotline.BadRequest");
        assert!(error["errorMessage"].as_str().is_some_and(|message| message.contains(expected)), "{error}");
    }
    let mut answers = Vec::new();
    for (function, event) in &events {
        match Function::start(function, &lake).invoke(event) {
            Answer::Report(report) => answers.push(report),
            Answer::Error(error) => panic!("{function} {event}: {error}"),
        }
    }
    assert_eq!(answers[3]["accepted"], 59);
    assert_eq!(answers[13]["links"], 59);
    assert_eq!(
        answers[15]["tables"],
        json!(["left", "left_quarantine", "right", "right_quarantine", "small_linked", "small_links"])
    );
    // A redelivered event changes nothing and answers the same.
    assert_eq!(Function::start("link", &lake).invoke(&events[13].1), Answer::Report(answers[13].clone()));
    assert_eq!(stores.catalog.tables().expect("a catalog").len(), 6);
}

#[test]
fn a_malformed_event_is_answered_with_a_stable_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let unknown_field = json!({"step": "file", "run_id": "r", "source": "s", "file": 0, "colour": "red"});
    let unknown_run = json!({"step": "file", "run_id": "absent", "source": "s", "file": 0});
    let cases = [
        ("ingest", unknown_field, "unknown field `colour`"),
        ("ingest", unknown_run, "run_id: found `absent`, expected a run that was planned in this lake"),
        ("validate", json!({"step": "chop"}), "unknown variant `chop`"),
        ("publish", json!("text"), "invalid type: string"),
    ];
    for (function, event, expected) in cases {
        let Answer::Error(error) = Function::start(function, folder.path()).invoke(&event) else {
            panic!("{function} took {event}");
        };
        assert_eq!(error["errorType"], "Lotline.BadRequest", "{error}");
        assert!(error["errorMessage"].as_str().is_some_and(|message| message.contains(expected)), "{error}");
    }
}
