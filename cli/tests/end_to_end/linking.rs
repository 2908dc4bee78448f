//! `lotline link`: two files, or one with itself, without settings.

use serde_json::Value;

use crate::harness::{Dir, input, json};

fn generated(dir: &Dir) {
    let made = dir.lotline(&["generate", "properties", "--rows", "1500", "--out", "data"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn link(dir: &Dir, more: &[&str]) -> Value {
    json(&dir.lotline(&[&["link", "--json"], more].concat()))
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
}
