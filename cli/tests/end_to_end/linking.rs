//! `lotline link`: two files, or one with itself, without settings.

use serde_json::{Value, json};

use crate::harness::{self, Dir, input};

fn generated(dir: &Dir) {
    let made = dir.lotline(&["generate", "properties", "--rows", "1500", "--out", "data"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn link(dir: &Dir, more: &[&str]) -> Value {
    harness::json(&dir.lotline(&[&["link", "--json"], more].concat()))
}

#[test]
fn files_are_linked_without_settings_and_by_the_job_that_was_inferred() {
    let dir = Dir::new("link");
    generated(&dir);
    let files = ["data/assessor.csv", "data/listings.csv"];
    let inferred = link(&dir, &files);
    let links = inferred["links"].as_u64().expect("a count");
    assert!((1_100..1_300).contains(&links), "{inferred}");
    assert!(dir.path("linked/links.parquet").is_file() && dir.path("linked/model.json").is_file());
    assert!(!dir.path("linked/work").exists());
    for how in [&["--max-memory", "16MiB"], &["--threads", "1"]] {
        let again = link(&dir, &[&files[..], &["--job", "linked/job", "--out", "again"], &how[..]].concat());
        assert_eq!(again["links_digest"], inferred["links_digest"], "{how:?}");
    }
    let inputs = ["assessor", "listings"].map(|name| input(name, &dir.path(&format!("data/{name}.csv"))));
    assert_eq!(dir.run(&dir.path("linked/job"), &inputs, &[])["links"], links);
}

#[test]
fn a_plan_counts_pairs_and_linking_goes_on_from_it() {
    let dir = Dir::new("plan");
    generated(&dir);
    let files = ["data/assessor.csv", "data/listings.csv", "--max-memory", "16MiB"];
    let plan = harness::json(&dir.lotline(&[&["link", "plan", "--json"], &files[..]].concat()));
    let rules: u64 = plan["rules"].as_array().expect("rules").iter().map(|rule| rule["pairs"].as_u64().unwrap()).sum();
    let expected = plan["pairs"].as_f64().expect("a count");
    assert!(plan["largest"][0]["pairs"].as_u64() <= Some(rules) && plan["bill"]["usd"].as_f64() > Some(0.0), "{plan}");
    let linked = link(&dir, &files);
    let compared = linked["pairs_compared"].as_f64().expect("a count");
    assert!(compared <= rules as f64 && (compared / expected - 1.0).abs() < 0.2, "{compared} pairs, {plan}");

    let limit = plan["largest"][0]["pairs"].as_u64().unwrap() - 1;
    let job = dir.path("linked/job/job.toml");
    let settings = std::fs::read_to_string(&job).expect("a job");
    dir.write(
        "linked/job/job.toml",
        &settings.replace("\nblocking", &format!("\nmax_block_pairs = {limit}\nblocking")),
    );
    let fewer = link(&dir, &[&files[..], &["--job", "linked/job", "--out", "again"]].concat());
    assert!(
        fewer["blocks_left_out"].as_u64() > Some(0) && fewer["pairs_compared"].as_f64() < Some(compared),
        "{fewer}"
    );
    let refused = dir.lotline(&["link", "data/assessor.csv", "data/listings.csv"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && message.contains("`--job linked/job`"), "{message}");
    assert!(std::fs::read_to_string(&job).expect("a job").contains("max_block_pairs"), "the edit is gone");
}

#[test]
fn labels_teach_the_model_and_models_are_kept() {
    let dir = Dir::new("labels");
    generated(&dir);
    let files = ["data/assessor.csv", "data/listings.csv"];
    let taught = link(&dir, &[&files[..], &["--labels", "data/truth.csv"]].concat());
    let m = |model: &str| {
        let text = std::fs::read_to_string(dir.path(model)).expect("a model");
        let model: Value = serde_json::from_str(&text).expect("JSON");
        model["comparisons"].as_array().expect("comparisons")[0]["levels"][0]["m"].as_f64().expect("m")
    };
    let learned = m("linked/model.json");
    link(&dir, &[&files[..], &["--out", "alone"]].concat());
    assert_ne!(learned.to_bits(), m("alone/model.json").to_bits());

    let model = std::fs::read_to_string(dir.path("linked/model.json")).expect("a model");
    dir.write("linked/job/model.json", &model);
    let kept = link(&dir, &[&files[..], &["--job", "linked/job", "--out", "kept"]].concat());
    assert_eq!(kept["links_digest"], taught["links_digest"]);
    assert_eq!(std::fs::read_to_string(dir.path("kept/model.json")).expect("a model"), model);
    dir.write("linked/job/model.json", &model.replacen("\"m\":", "\"n\":", 1));
    let refused = dir.lotline(&["link", "data/assessor.csv", "data/listings.csv", "--job", "linked/job"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && message.contains("linked/job/model.json"), "{message}");
}

#[test]
fn a_model_of_splink_links_and_is_written_back() {
    let dir = Dir::new("splink");
    let people: String =
        (0..200).map(|n| format!("{n},Ann{},Lee{}\n{},Ann{},Lee{}\n", n % 7, n / 2, n + 500, n % 7, n / 2)).collect();
    dir.write("people.csv", &format!("unique_id,first,last\n{people}"));
    let level = |condition: &str, m: f64, u: f64| json!({"sql_condition": condition, "label_for_charts": condition, "m_probability": m, "u_probability": u});
    let comparison = |column: &str| {
        let null = json!({"sql_condition": format!("{column}_l IS NULL OR {column}_r IS NULL"), "label_for_charts": "null", "is_null_level": true});
        let levels = [null, level(&format!("{column}_l = {column}_r"), 0.95, 0.05), level("ELSE", 0.05, 0.95)];
        json!({"output_column_name": column, "comparison_levels": levels})
    };
    let rule = json!({"blocking_rule": "l.last = r.last", "sql_dialect": "duckdb"});
    let model = json!({
        "link_type": "dedupe_only", "sql_dialect": "duckdb", "probability_two_random_records_match": 0.01,
        "comparisons": [comparison("first"), comparison("last")], "blocking_rules_to_generate_predictions": [rule],
    });
    dir.write("splink.json", &model.to_string());
    let more = ["--dedupe", "people.csv", "--splink-model", "splink.json", "--save-splink", "saved.json"];
    let linked = link(&dir, &more);
    assert!(linked["links"].as_u64() > Some(0), "{linked}");
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(dir.path("saved.json")).unwrap()).unwrap();
    assert_eq!(saved["comparisons"][0]["comparison_levels"][1]["m_probability"], 0.95);
    let again = link(&dir, &["--dedupe", "people.csv", "--splink-model", "saved.json", "--out", "again"]);
    assert_eq!(again["links_digest"], linked["links_digest"]);
}

#[test]
fn one_file_gives_clusters() {
    let dir = Dir::new("dedupe");
    let people: Vec<String> = (0..300)
        .map(|n| {
            let (first, last) = (["Ann", "Bob", "Carla", "Dmitri"][n % 4], ["Lee", "Smith", "Jones"][n % 3]);
            let typing = if n % 7 == 0 { "x" } else { "" };
            let mail = |name: &str| format!("{},{name},{last}{n},{last}{n}@example.org", n % 90 + 1920);
            format!("{}\n{}\n", mail(first), mail(&format!("{first}{typing}")))
        })
        .collect();
    dir.write("people.csv", &format!("born,first_name,last_name,email\n{}", people.concat()));
    let found = link(&dir, &["--dedupe", "people.csv"]);
    assert_eq!(found["clusters"]["clusters"], 300, "{found}");
    assert_eq!(found["clusters"]["records"], 600);
    assert!(dir.path("linked/clusters.parquet").is_file());

    std::fs::remove_dir_all(dir.path("linked/job")).expect("removed");
    link(&dir, &["people.csv", "people.csv"]);
    assert!(!dir.path("linked/clusters.parquet").exists(), "clusters of an earlier run");
}
