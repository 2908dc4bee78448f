//! `lotline replay`: quarantined rows judged by corrected settings, and taken back.

use serde_json::Value;

use crate::harness::{self, Dir, input};

const TABLE: &str = "key = [\"id\"]\nmax_reject_ratio = 1.0\n\
    [[columns]]\nname = \"id\"\ntype = \"text\"\nrequired = true\n\
    [[columns]]\nname = \"n\"\ntype = \"integer\"\nmax = 10\n";
const CORRECTED: &str = "key = [\"id\"]\nmax_reject_ratio = 1.0\n\
    [[columns]]\nname = \"id\"\ntype = \"text\"\nrequired = true\n\
    [[columns]]\nname = \"n\"\ntype = \"integer\"\nmax = 100\n";

#[test]
fn rows_that_pass_corrected_rules_come_back_whatever_their_format() {
    let files = [
        ("rows.csv", "note,id,n\n\"a,\nb\",a,50\n,b,5\nx,c,50000\n,,3\n".to_owned()),
        (
            "rows.json",
            "[{\"id\": \"a\",\n \"n\": 50}, {\"id\": \"b\", \"n\": 5}, {\"id\": \"c\", \"n\": 50000}, {\"n\": 3}]"
                .to_owned(),
        ),
        (
            "rows.ndjson",
            "{\"id\": \"a\", \"n\": 50}\n{\"id\": \"b\", \"n\": 5}\n{\"id\": \"c\", \"n\": 50000}\n{\"n\": 3}\n"
                .to_owned(),
        ),
    ];
    for (name, text) in files {
        let dir = Dir::new("replay");
        dir.write("job/job.toml", "name = \"j\"\n[sources.rows]\n");
        dir.write("job/tables/rows.toml", TABLE);
        let file = dir.write(name, &text);
        let job = dir.path("job");
        let first = dir.run(&job, &[input("rows", &file)], &[]);
        assert_eq!(first["sources"]["rows"]["quarantined"], 3, "{name}: {first}");
        let replay = |more: &[&str]| {
            let output = dir.lotline(&[&["replay", "job", "--lake", "lake", "--json"], more].concat());
            (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).expect("JSON"))
        };
        let (status, same) = replay(&[]);
        assert_eq!(
            (status, &same["rows"]["rows"], &same["rows"]["accepted"]),
            (Some(1), &3.into(), &0.into()),
            "{name}"
        );

        dir.write("job/tables/rows.toml", CORRECTED);
        let (status, better) = replay(&[]);
        assert_eq!((status, &better["rows"]["accepted"]), (Some(1), &1.into()), "{name}: {better}");
        let rules = better["rows"]["rules"].as_array().expect("rules");
        let of_n = rules.iter().find(|rule| rule["column"] == "n").expect("a rule of `n`");
        assert_eq!((&of_n["rows"], &of_n["accepted"]), (&2.into(), &1.into()), "{name}: {better}");
        assert!(of_n["still"].as_str().expect("a reason").contains("50000"), "{better}");

        // The lake keeps what the run read, also when the file is gone.
        std::fs::remove_file(&file).expect("removed");
        let applied = harness::json(&dir.lotline(&["replay", "job", "--lake", "lake", "--json", "--apply"]));
        assert_eq!(applied["sources"]["rows"]["quarantined"], 2, "{name}: {applied}");
        assert_eq!(dir.sql("SELECT id FROM rows ORDER BY 1"), serde_json::json!([{ "id": "a" }, { "id": "b" }]));
        assert_eq!(replay(&[]).1["rows"]["rows"], 2, "{name}");
    }
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let dir = Dir::new("replay-errors");
    dir.write("job/job.toml", "name = \"j\"\n[sources.rows]\n");
    dir.write("job/tables/rows.toml", TABLE);
    let file = dir.write("rows.csv", "id,n\na,1\n");
    dir.run(&dir.path("job"), &[input("rows", &file)], &[]);
    let said = |arguments: &[&str]| {
        let output = dir.lotline(&[&["replay", "job", "--lake", "lake"], arguments].concat());
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    assert_eq!(said(&[]), (Some(0), "no row was set aside\n".to_owned()));
    let (status, message) = said(&["--source", "events"]);
    assert!(status == Some(2) && message.contains("`events`") && message.contains("`rows`"), "{message}");
    dir.write("job/job.toml", "name = \"other\"\n[sources.rows]\n");
    assert!(said(&[]).1.contains("a job without a published run"));
}
