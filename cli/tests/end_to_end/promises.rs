//! The promises: same result however it is cut, run twice is run once, killed is resumed, nothing lost.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use lotline_testkit::generate::{
    OpenHousesConfig, PropertiesConfig, PropertiesFiles, write_open_houses, write_properties,
};
use serde_json::Value;

use crate::harness::{Dir, input, job, json, text};

fn properties(dir: &Dir, rows: u64) -> PropertiesFiles {
    let config = PropertiesConfig { parcels: rows, listings: rows, ..PropertiesConfig::default() };
    write_properties(&dir.path("data"), &config).expect("generated files")
}

fn inputs(files: &PropertiesFiles) -> Vec<String> {
    vec![input("assessor", &files.assessor), input("listings", &files.listings)]
}

/// The digest of the job `properties` over these inputs in a lake of its own.
fn digest(inputs: &[String], more: &[&str]) -> String {
    let dir = Dir::new("digest");
    text(&dir.run(&job("properties"), inputs, more)["result_digest"]).to_owned()
}

/// The data lines of a CSV file in another order, spread over `count` files.
fn respread(csv: &Path, folder: &Path, count: usize) -> Vec<PathBuf> {
    let text = fs::read_to_string(csv).expect("a file");
    let (header, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    fs::create_dir_all(folder).expect("a folder");
    (0..count)
        .map(|file| {
            let part: Vec<&str> = rows.iter().rev().skip(file).step_by(count).copied().collect();
            let path = folder.join(format!("part-{file}.csv"));
            fs::write(&path, format!("{header}\n{}\n", part.join("\n"))).expect("a file");
            path
        })
        .collect()
}

#[test]
fn threads_memory_order_and_split_change_nothing() {
    let dir = Dir::new("cut");
    let files = properties(&dir, 900);
    let whole = inputs(&files);
    let expected = digest(&whole, &["--threads", "1"]);
    assert_eq!(digest(&whole, &["--threads", "2"]), expected, "two threads");
    assert_eq!(digest(&whole, &["--max-memory", "16MiB", "--threads", "16"]), expected, "little memory");
    for count in [1, 5] {
        let spread: Vec<String> = [("assessor", &files.assessor), ("listings", &files.listings)]
            .into_iter()
            .flat_map(|(source, file)| {
                let parts = respread(file, &dir.path(&format!("{source}-{count}")), count);
                parts.into_iter().map(|part| input(source, &part)).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(digest(&spread, &[]), expected, "shuffled, in {count} files");
    }
}

#[test]
fn events_in_any_order_give_the_same_table_and_the_generated_counts() {
    let dir = Dir::new("events");
    let files = write_open_houses(&dir.path("data"), &OpenHousesConfig { events: 2_000, seed: 3 }).expect("files");
    let receipt = dir.run(&job("open-houses"), &[input("open_houses", &files.events)], &[]);
    let ledger = &receipt["sources"]["open_houses"];
    let truth = files.counts;
    for (name, expected) in [
        ("read", truth.read),
        ("accepted", truth.accepted),
        ("superseded", truth.superseded),
        ("duplicate", truth.duplicate),
        ("quarantined", truth.quarantined),
    ] {
        assert_eq!(ledger[name], expected, "{name}");
    }
    let mut events: Vec<Value> = serde_json::from_slice(&fs::read(&files.events).expect("events")).expect("JSON");
    events.reverse();
    let reversed = dir.write("reversed.json", &serde_json::to_string(&events).expect("JSON"));
    let again = dir.run(&job("open-houses"), &[input("open_houses", &reversed)], &[]);
    assert_ne!(again["run_id"], receipt["run_id"]);
    assert_eq!(again["result_digest"], receipt["result_digest"]);
}

#[test]
fn running_twice_changes_nothing_and_says_so() {
    let dir = Dir::new("twice");
    let files = properties(&dir, 300);
    let first = dir.run(&job("properties"), &inputs(&files), &[]);
    let second = dir.run(&job("properties"), &inputs(&files), &[]);
    assert_eq!((&first["unchanged"], &second["unchanged"]), (&false.into(), &true.into()));
    assert_eq!(first["result_digest"], second["result_digest"]);
    assert_eq!(first["run_id"], second["run_id"]);
}

/// Files under a folder, those being written included.
fn files_under(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files_under(&entry.path()) } else { 1 }).sum()
}

#[test]
fn a_run_ended_at_any_point_goes_on_and_shows_nothing_half_done() {
    let dir = Dir::new("killed");
    let files = properties(&dir, 3_000);
    let inputs = inputs(&files);
    let expected = digest(&inputs, &[]);
    let job = job("properties");
    let mut arguments = vec!["run", job.to_str().expect("UTF-8"), "--json", "--max-memory", "16MiB", "--threads", "1"];
    inputs.iter().for_each(|input| arguments.extend(["--input", input]));
    let lake = dir.path("lake");
    let mut ended = 0;
    for (attempt, written) in (4..).step_by(3).enumerate() {
        let mut child =
            dir.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
        while files_under(&lake) < written && child.try_wait().expect("a child of ours").is_none() {
            thread::yield_now();
        }
        let signal = if attempt % 2 == 0 { "-KILL" } else { "-INT" };
        Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status().expect("kill");
        if child.wait().expect("a child of ours").success() {
            break;
        }
        ended += 1;
        let tables = json(&dir.lotline(&["tables", "--json"]));
        let count = tables.as_array().expect("a list").len();
        assert!(count == 0 || count == 6, "half a publication: {tables}");
    }
    assert!(ended > 5, "the run was ended only {ended} times");
    let receipt = json(&dir.lotline(&arguments));
    assert_eq!(text(&receipt["result_digest"]), expected);
}

#[test]
fn every_kind_of_bad_row_is_kept_with_its_place() {
    let dir = Dir::new("bad_rows");
    dir.write("job/job.toml", "name = \"bad\"\n[sources.rows]\n");
    dir.write(
        "job/tables/rows.toml",
        "key = [\"id\"]\nmax_reject_ratio = 0.5\n[format]\nkind = \"csv\"\nmax_record_bytes = 4096\n\
         [[columns]]\nname = \"id\"\ntype = \"text\"\n[[columns]]\nname = \"n\"\ntype = \"integer\"\n",
    );
    let path = dir.path("rows.csv");
    fs::write(&path, b"\xEF\xBB\xBFid,n\r\na,1\r\nb,x\r\nc\r\nd,\xFF\r\ne\x00,2\r\n,3\r\nf,4\r\n\"open,5\r\ng,6")
        .expect("a file");
    let receipt = dir.run(&dir.path("job"), &[input("rows", &path)], &[]);
    assert_eq!(receipt["sources"]["rows"]["read"], 9);
    assert_eq!(receipt["sources"]["rows"]["accepted"], 3);
    let rows = dir.sql("SELECT row_number, rule FROM rows_quarantine ORDER BY row_number");
    let found: Vec<String> = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| format!("{} {}", row["row_number"], text(&row["rule"])))
        .collect();
    let expected = ["2 type", "3 field_count", "4 invalid_utf8", "5 nul_byte", "6 required", "8 unclosed_quote"];
    assert_eq!(found, expected);
}

#[test]
fn a_source_without_one_good_row_is_published_empty_with_its_quarantine() {
    let dir = Dir::new("all_bad");
    dir.write("job/job.toml", "name = \"bad\"\n[sources.rows]\n");
    dir.write("job/tables/rows.toml", "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n");
    let path = dir.write("rows.csv", "id\nx\ny\n");
    let receipt = dir.run(&dir.path("job"), &[input("rows", &path)], &[]);
    assert_eq!(receipt["sources"]["rows"]["quarantined"], 2);
    assert_eq!(dir.sql("SELECT count(*) AS n FROM rows")[0]["n"], 0);
    assert_eq!(dir.sql("SELECT count(*) AS n FROM rows_quarantine")[0]["n"], 2);
}

#[test]
fn tables_with_nothing_to_link_give_no_links_and_a_warning() {
    let dir = Dir::new("nothing");
    let files = properties(&dir, 5);
    let header = |path: &Path| fs::read_to_string(path).expect("a file").lines().next().expect("a header").to_owned();
    fs::write(&files.listings, header(&files.listings) + "\n").expect("a file");
    let receipt = dir.run(&job("properties"), &inputs(&files), &[]);
    assert_eq!(receipt["links"], 0);
    assert!(text(&receipt["warnings"][0]).starts_with("nothing was linked"));
}

#[test]
fn links_of_generated_properties_reach_f1_of_099() {
    let dir = Dir::new("quality");
    let files = properties(&dir, 4_000);
    dir.run(&job("properties"), &inputs(&files), &[]);
    let (job, truth) = (job("properties").display().to_string(), files.truth.display().to_string());
    let evaluation = json(&dir.lotline(&["evaluate", &job, "--truth", &truth, "--json"]));
    assert!(evaluation["f1"].as_f64().expect("a number") >= 0.99, "{evaluation}");
}
