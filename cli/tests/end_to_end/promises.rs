//! The promises: same result however it is cut, run twice is run once, killed is resumed, nothing lost.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use lotline_store::{RunStatus, Stores};
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
    result(inputs, more).0
}

/// The digest and the bytes of every curated file, by table.
fn result(inputs: &[String], more: &[&str]) -> (String, BTreeMap<String, Vec<u8>>) {
    let dir = Dir::new("digest");
    let receipt = dir.run(&job("properties"), inputs, more);
    let tables = json(&dir.lotline(&["tables", "--json"]));
    let curated =
        tables.as_array().expect("a list").iter().filter(|table| !text(&table["name"]).ends_with("_quarantine"));
    let bytes = |table: &Value| fs::read(text(&table["location"]).replace('*', "part-00000")).expect("a file");
    let files = curated.map(|table| (text(&table["name"]).to_owned(), bytes(table))).collect();
    (text(&receipt["result_digest"]).to_owned(), files)
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
    let expected = result(&whole, &["--threads", "1"]);
    assert_eq!(expected.1.len(), 5);
    assert!(result(&whole, &["--threads", "2"]) == expected, "two threads");
    assert!(result(&whole, &["--max-memory", "16MiB", "--threads", "16"]) == expected, "little memory");
    for count in [1, 5] {
        let spread: Vec<String> = [("assessor", &files.assessor), ("listings", &files.listings)]
            .into_iter()
            .flat_map(|(source, file)| {
                let parts = respread(file, &dir.path(&format!("{source}-{count}")), count);
                parts.into_iter().map(|part| input(source, &part)).collect::<Vec<_>>()
            })
            .collect();
        assert!(result(&spread, &[]) == expected, "shuffled, in {count} files");
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
    // The last attempt has less memory for each worker: what was cut for more is cut again.
    let threads = arguments.iter().position(|argument| *argument == "--threads").expect("an argument");
    arguments[threads + 1] = "2";
    let receipt = json(&dir.lotline(&arguments));
    assert_eq!(text(&receipt["result_digest"]), expected);
    let runs = Stores::local(&lake).expect("a lake").ledger.runs(None).expect("runs");
    assert!(runs.iter().all(|run| run.status == RunStatus::Succeeded && run.receipt.is_some()), "{runs:?}");
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
fn a_row_that_breaks_every_rule_lists_the_first_of_them() {
    let dir = Dir::new("many_rules");
    dir.write("job/job.toml", "name = \"wide\"\n[sources.rows]\n");
    let columns: String =
        (0..100).map(|n| format!("[[columns]]\nname = \"c{n}\"\ntype = \"text\"\nrequired = true\n")).collect();
    dir.write("job/tables/rows.toml", &format!("key = [\"c0\"]\nmax_reject_ratio = 1.0\n{columns}"));
    let path = dir.write("rows.ndjson", &"{}\n".repeat(3_000));
    let receipt = dir.run(&dir.path("job"), &[input("rows", &path)], &["--max-memory", "16MiB"]);
    assert_eq!(receipt["sources"]["rows"]["quarantined"], 3_000);
    let rows = dir.sql("SELECT violations, count(*) AS n FROM rows_quarantine GROUP BY 1");
    let listed: Vec<Value> = serde_json::from_str(text(&rows[0]["violations"])).expect("JSON");
    assert_eq!((&rows[0]["n"], listed.len()), (&3_000.into(), 20));
}

#[test]
fn readers_see_what_was_asked_for_last() {
    let dir = Dir::new("order");
    let [old, new] =
        ["old", "new"].map(|name| input("rows", &dir.write(&format!("{name}.csv"), &format!("id\n{name}\n"))));
    dir.write("job/job.toml", "name = \"small\"\n[sources.rows]\n");
    dir.write("job/tables/rows.toml", "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n");
    for (file, seen) in [(&old, "old"), (&new, "new"), (&old, "old")] {
        let receipt = dir.run(&dir.path("job"), std::slice::from_ref(file), &[]);
        assert_eq!(receipt["unchanged"], false);
        assert_eq!(dir.sql("SELECT id FROM rows")[0]["id"], seen);
    }
    assert_eq!(dir.run(&dir.path("job"), &[old], &[])["unchanged"], true);
}

#[test]
fn a_job_may_stop_at_its_quality_limit() {
    let dir = Dir::new("gate");
    dir.write("job/job.toml", "name = \"strict\"\nover_limit = \"stop\"\n[sources.rows]\n");
    dir.write("job/tables/rows.toml", "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n");
    let path = dir.write("rows.csv", "id\n1\nx\n");
    let output = dir.lotline(&["run", "job", "--input", &input("rows", &path)]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("source `rows`: found 1 of 2 rows set aside, expected at most a share of"), "{stderr}");
    assert_eq!(json(&dir.lotline(&["tables", "--json"])), serde_json::json!([]));
}

#[test]
fn long_answers_are_printed_whole_in_both_shapes() {
    let dir = Dir::new("long");
    let files = write_open_houses(&dir.path("data"), &OpenHousesConfig { events: 3_000, seed: 1 }).expect("files");
    dir.run(&job("open-houses"), &[input("open_houses", &files.events)], &[]);
    let query = "SELECT open_house_key, zipcode FROM open_houses";
    let rows = dir.sql(query);
    assert_eq!(rows.as_array().map(Vec::len), usize::try_from(files.counts.accepted).ok());
    let table = dir.lotline(&["sql", query]);
    let lines = String::from_utf8(table.stdout).expect("text").lines().count();
    assert_eq!(Some(lines), usize::try_from(files.counts.accepted + 2).ok());
    assert_eq!(dir.sql("SELECT 1 AS one WHERE 1 = 0"), serde_json::json!([]));
}

#[test]
fn tables_whose_keys_have_one_name_are_evaluated_by_side() {
    let dir = Dir::new("one_name");
    let table =
        "key = [\"pid\"]\n[[columns]]\nname = \"pid\"\ntype = \"text\"\n[[columns]]\nname = \"zip\"\ntype = \"text\"\n";
    let job = "name = \"pair\"\n[sources.a]\n[sources.b]\n[link]\nleft = \"a\"\nright = \"b\"\n\
        cardinality = \"one_to_one\"\nthreshold = 0.000001\nblocking = [[\"zip\"]]\n\
        [link.fields.zip]\nstandardizer = \"zip5\"\nleft = [\"zip\"]\nright = [\"zip\"]\n\
        [[link.comparisons]]\nname = \"zip\"\nfield = \"zip\"\nlevels = [\"exact\"]\n";
    dir.write("job/job.toml", job);
    let rows = |side: &str| (0..40).map(|n| format!("{side}{n},{}\n", 10_000 + n)).collect::<String>();
    let inputs = ["a", "b"].map(|side| {
        dir.write(&format!("job/tables/{side}.toml"), table);
        input(side, &dir.write(&format!("{side}.csv"), &format!("pid,zip\n{}", rows(side))))
    });
    dir.run(&dir.path("job"), &inputs, &[]);
    dir.write("truth.csv", &format!("id_l,id_r\n{}", (0..40).map(|n| format!("a{n}, b{n}\n")).collect::<String>()));
    let evaluation = json(&dir.lotline(&["evaluate", "job", "--truth", "truth.csv", "--json"]));
    assert_eq!(evaluation["f1"], 1.0, "{evaluation}");
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
