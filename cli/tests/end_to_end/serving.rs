//! `lotline serve`: the GraphQL contract over HTTP, against what `lotline sql` says of the same lake.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::harness::{Dir, input, job};

/// A running server.
struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Server {
    fn start(dir: &Dir) -> Self {
        let jobs = job("properties").parent().expect("a folder").display().to_string();
        let arguments = ["serve", "--lake", "lake", "--http", "127.0.0.1:0", "--jobs", &jobs];
        let spawned = dir.command(&arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut process = spawned.expect("the binary");
        let mut line = String::new();
        let mut stderr = BufReader::new(process.stderr.take().expect("stderr"));
        stderr.read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        let address = address.to_owned();
        // What it says later must not fill the pipe.
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self { process, address }
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).expect("the server");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let split = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        (String::from_utf8_lossy(&answer[..split]).into_owned(), answer[split + 4..].to_vec())
    }

    fn post(&self, query: &str) -> Value {
        let (head, body) = self.send("POST", "/graphql", json!({ "query": query }).to_string().as_bytes());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        serde_json::from_slice(&body).expect("JSON")
    }

    /// The value of the one root field that is asked for.
    fn ask(&self, query: &str) -> Value {
        let answer = self.post(query);
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].as_object().and_then(|data| data.values().next()).cloned().expect("a field")
    }

    fn error(&self, query: &str) -> String {
        let answer = self.post(query);
        answer["errors"][0]["errorType"].as_str().unwrap_or_else(|| panic!("{query}: {answer}")).to_owned()
    }
}

fn published(dir: &Dir, rows: &str) -> [String; 2] {
    let made = dir.lotline(&["generate", "properties", "--rows", rows, "--out", "data"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let inputs = ["assessor", "listings"].map(|name| input(name, &dir.path(&format!("data/{name}.csv"))));
    dir.run(&job("properties"), &inputs, &[]);
    inputs
}

#[test]
fn lists_and_look_ups_answer_what_sql_answers() {
    let dir = Dir::new("serve-lists");
    published(&dir, "400");
    let server = Server::start(&dir);
    let rows =
        dir.sql("SELECT id_l, id_r, match_weight, zip_l, beds_r, est_value_r FROM properties_linked ORDER BY id_l");
    let rows = rows.as_array().expect("rows");
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page = server
            .ask(&format!("{{ propertyIds(first: 150{after}) {{ nodes pageInfo {{ hasNextPage endCursor }} }} }}"));
        ids.extend(page["nodes"].as_array().expect("ids").iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(ids, rows.iter().map(|row| row["id_l"].clone()).collect::<Vec<_>>());

    let fields = "id listingId matchWeight parcel { zip } listing { beds estValue }";
    for row in rows.iter().step_by(50) {
        let found = server.ask(&format!("{{ property(id: {}) {{ {fields} }} }}", row["id_l"]));
        assert_eq!(found["listingId"], row["id_r"]);
        assert_eq!(found["matchWeight"], row["match_weight"]);
        assert_eq!(found["parcel"]["zip"], row["zip_l"]);
        assert_eq!(found["listing"], json!({ "beds": row["beds_r"], "estValue": row["est_value_r"] }));
    }
    assert_eq!(server.ask("{ property(id: \"none\") { id } }"), Value::Null);

    let zip = &rows[0]["zip_l"];
    let found = server.ask(&format!("{{ properties(filter: {{ zip: {zip} }}) {{ nodes {{ id }} }} }}"));
    let expected = dir.sql(&format!(
        "SELECT id_l AS id FROM properties_linked WHERE coalesce(zip_l, postal_code_r) = '{}' ORDER BY 1",
        zip.as_str().expect("a zip")
    ));
    assert_eq!(found["nodes"], expected);

    let lightest = server.ask("{ links(job: \"properties\", order: WEIGHT, first: 3) { nodes { idL matchWeight } } }");
    let expected =
        dir.sql("SELECT id_l AS idL, match_weight AS matchWeight FROM properties_links ORDER BY 2, 1, id_r LIMIT 3");
    assert_eq!(lightest["nodes"], expected);
    let bands = server.ask("{ weights(job: \"properties\") { weight links } }");
    let links: u64 = bands.as_array().expect("bands").iter().filter_map(|band| band["links"].as_u64()).sum();
    assert_eq!(links, rows.len() as u64);

    let quarantined = server.ask("{ quarantine(source: \"assessor\") { nodes { rule reason } rules { rule rows } } }");
    assert!(quarantined["nodes"].is_array(), "{quarantined}");
    let replayed = server.ask("{ replay(job: \"properties\", source: \"assessor\") { rows accepted rules { rule } } }");
    let set_aside = dir.sql("SELECT count(*) AS n FROM assessor_quarantine")[0]["n"].clone();
    assert_eq!((&replayed["rows"], &replayed["accepted"]), (&set_aside, &json!(0)));
    let table = server.ask("{ rows(table: \"listings\", first: 2) { nodes pageInfo { hasNextPage } } }");
    let first: Value = serde_json::from_str(table["nodes"][0].as_str().expect("text")).expect("JSON");
    assert_eq!(first, dir.sql("SELECT * FROM listings LIMIT 1")[0]);
}

#[test]
fn runs_summaries_and_explanations_are_those_of_the_job() {
    let dir = Dir::new("serve-runs");
    published(&dir, "400");
    let server = Server::start(&dir);
    let summary = server.ask("{ summary(job: \"properties\") { runId insights { name rows } tables { name rows } } }");
    let run = server.ask(
        "{ runs(job: \"properties\") { nodes { id status published receipt { links sources { source read } } } } }",
    );
    assert_eq!(run["nodes"][0]["id"], summary["runId"]);
    assert_eq!(run["nodes"][0]["published"], true);
    let insight = server.ask("{ insight(job: \"properties\", name: \"matched\") { rows } }");
    let listed = summary["insights"].as_array().expect("insights").iter().find(|insight| insight["name"] == "matched");
    assert_eq!(insight, listed.map_or(Value::Null, |listed| json!({ "rows": listed["rows"] })));

    let link = &dir.sql("SELECT id_l, id_r, match_weight FROM properties_links LIMIT 1")[0];
    let pair = format!("idL: {}, idR: {}", link["id_l"], link["id_r"]);
    let explained = server.ask(&format!(
        "{{ explain(job: \"properties\", {pair}) {{ linked matchWeight priorWeight steps {{ comparison weight }} }} }}"
    ));
    assert_eq!((&explained["linked"], &explained["matchWeight"]), (&json!(true), &link["match_weight"]));

    let said =
        format!("mutation {{ label(job: \"properties\", {pair}, verdict: NOT_LINK, by: \"ann\") {{ verdict at }} }}");
    assert_eq!(server.ask(&said)["verdict"], "NOT_LINK");
    let labels = server.ask("{ labels(job: \"properties\") { nodes { idL verdict by } } }");
    assert_eq!(labels["nodes"], json!([{ "idL": link["id_l"], "verdict": "NOT_LINK", "by": "ann" }]));
    let queue = server.ask("{ labelQueue(job: \"properties\", first: 5) { idL idR matchProbability } }");
    let queue = queue.as_array().expect("pairs");
    assert_eq!(queue.len(), 5);
    let judged =
        crate::harness::json(&dir.lotline(&["evaluate", job("properties").to_str().expect("UTF-8"), "--json"]));
    assert_eq!(
        (&judged["precision"], judged["false_links"].as_array().map(Vec::len)),
        (&json!(0.0), Some(1)),
        "{judged}"
    );
    assert!(queue.iter().all(|pair| pair["idL"] != link["id_l"] || pair["idR"] != link["id_r"]));
    let unknown = "mutation { label(job: \"nobody\", idL: \"a\", idR: \"b\", verdict: LINK) { at } }";
    assert_eq!(server.error(unknown), "NOT_FOUND");
}

#[test]
fn a_new_record_weighs_what_it_weighed_in_the_batch() {
    let dir = Dir::new("serve-match");
    published(&dir, "400");
    let server = Server::start(&dir);
    let links = dir.sql("SELECT id_l, id_r, match_weight FROM properties_links ORDER BY id_r");
    for link in links.as_array().expect("links").iter().step_by(40) {
        let id = link["id_r"].as_str().expect("an id");
        let record = dir.sql(&format!("SELECT * FROM listings WHERE listing_key = '{id}'"))[0].to_string();
        let query = format!(
            "{{ match(job: \"properties\", record: {}, first: 3) {{ id matchWeight record }} }}",
            json!(record)
        );
        let matches = server.ask(&query);
        let found = matches.as_array().expect("matches").iter().find(|found| found["id"] == link["id_l"]);
        let weight = found.and_then(|found| found["matchWeight"].as_f64()).unwrap_or_else(|| panic!("{matches}"));
        assert_eq!(weight.to_bits(), link["match_weight"].as_f64().expect("a weight").to_bits(), "{id}");
    }
    assert_eq!(server.error("{ match(job: \"properties\", record: \"{\\\"nothing\\\": 1}\") { id } }"), "BAD_REQUEST");
    assert_eq!(server.error("{ match(job: \"properties\", record: \"{}\", first: 101) { id } }"), "LIMIT");
}

#[test]
fn wrong_questions_have_types_and_new_versions_are_seen() {
    let dir = Dir::new("serve-versions");
    let inputs = published(&dir, "200");
    let server = Server::start(&dir);
    assert_eq!(server.error("{ links(job: \"nobody\") { nodes { idL } } }"), "NOT_FOUND");
    assert_eq!(server.error("{ propertyIds(first: 100000) { nodes } }"), "LIMIT");
    assert_eq!(server.error("{ propertyIds(after: \"x\") { nodes } }"), "BAD_REQUEST");
    assert_eq!(server.error("{ nothing }"), "BAD_REQUEST");
    let (head, _) = server.send("PUT", "/drop/properties/assessor/..%2F..%2Fx", b"x");
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");

    let start = "mutation { startRun(job: \"properties\") { execution } }";
    assert_eq!(server.error(start), "NOT_READY");
    for source in ["assessor", "listings"] {
        let path = format!("/drop/properties/{source}/broken.csv");
        assert!(server.send("PUT", &path, b"no,such,columns\n1,2,3\n").0.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(server.error(start), "BAD_REQUEST");
    std::fs::remove_dir_all(dir.path("lake/drop")).expect("removed");

    let before = server.ask("{ summary(job: \"properties\") { runId } }");
    for (source, argument) in ["assessor", "listings"].iter().zip(&inputs) {
        let upload =
            format!("mutation {{ uploadUrl(job: \"properties\", source: \"{source}\", file: \"a b.csv\") {{ url }} }}");
        let url = server.ask(&upload)["url"].as_str().expect("an address").to_owned();
        let path = &url[url.find("/drop/").expect("a path")..];
        let bytes = std::fs::read(argument.split_once('=').expect("a path").1).expect("a file");
        let shorter = &bytes[..bytes.iter().rposition(|byte| *byte == b'\n').expect("lines")];
        let last = shorter.iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
        assert!(server.send("PUT", path, &bytes[..last]).0.starts_with("HTTP/1.1 200"));
    }
    server.ask(start);
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.ask("{ summary(job: \"properties\") { runId } }") == before {
        assert!(Instant::now() < deadline, "the run was not published");
        thread::sleep(Duration::from_millis(100));
    }
    let ids = server.ask("{ rows(table: \"assessor\", first: 1000) { nodes } }");
    assert_eq!(ids["nodes"].as_array().map(Vec::len), Some(199));
}
