//! Parameters, derived tables and their DDL.

use serde_json::{Value, json};

use crate::harness::{Dir, json as answer};

const JOB: &str = "name = \"j\"\n[parameters]\nas_of = 2017-02-02\n[sources.visits]\n";
const VISITS: &str = "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n\
                      [[columns]]\nname = \"day\"\ntype = \"date\"\n";
const RECENT: &str = "description = \"Who's here.\"\nkey = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n\
                      [[columns]]\nname = \"is_recent\"\ntype = \"boolean\"\nrequired = true\ndescription = \"It's recent\"\n";
const SQL: &str = "-- :nobody asks\nSELECT id, day >= date_add('day', -30, :as_of) AS is_recent FROM visits";

fn visits(dir: &Dir, sql: &str) -> String {
    dir.write("job/job.toml", JOB);
    dir.write("job/tables/visits.toml", VISITS);
    dir.write("job/tables/recent.toml", RECENT);
    dir.write("job/derived/recent.sql", sql);
    dir.write("job/insights/count.sql", "SELECT count_if(is_recent) AS recent FROM recent");
    dir.write("visits.csv", "id,day\nb,2017-01-03\na,2017-01-02\nc,2016-12-01\n");
    dir.path("job").display().to_string()
}

fn run(dir: &Dir, job: &str, more: &[&str]) -> Value {
    answer(&dir.lotline(&[&["run", job, "--input", "visits=visits.csv", "--json"], more].concat()))
}

#[test]
fn a_parameter_decides_the_run_and_its_derived_table() {
    let dir = Dir::new("deriving");
    let job = visits(&dir, SQL);
    let first = run(&dir, &job, &[]);
    let recent = "SELECT * FROM recent";
    let rows = |flags: [u8; 3]| json!([{"id": "a", "is_recent": flags[0]}, {"id": "b", "is_recent": flags[1]}, {"id": "c", "is_recent": flags[2]}]);
    assert_eq!(dir.sql(recent), rows([0, 1, 0]));
    assert_eq!(dir.summary(&first)["insights"]["count"], json!([{"recent": 1}]));
    assert!(first["tables"].as_array().expect("a list").contains(&json!("recent")));

    let again = run(&dir, &job, &["--set", "as_of=2017-02-02"]);
    assert_eq!((&again["run_id"], &again["unchanged"]), (&first["run_id"], &json!(true)));
    let earlier = run(&dir, &job, &["--set", "as_of=2016-12-31"]);
    assert_ne!((&earlier["run_id"], &earlier["result_digest"]), (&first["run_id"], &first["result_digest"]));
    assert_eq!(dir.sql(recent), rows([1, 1, 1]));

    // Set in the folder, it is the same run.
    dir.write("job/parameters.toml", "as_of = 2016-12-31\n");
    assert_eq!(run(&dir, &job, &[])["run_id"], earlier["run_id"]);
}

#[test]
fn ddl_says_types_nulls_keys_and_comments() {
    let dir = Dir::new("ddl");
    let job = visits(&dir, SQL);
    let ddl = |dialect: &str| {
        let output = dir.lotline(&["ddl", &job, "recent", "--dialect", dialect]);
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert_eq!(
        ddl("redshift"),
        "CREATE TABLE \"recent\" (\n  \"id\" VARCHAR(65535) NOT NULL,\n  \"is_recent\" BOOLEAN NOT NULL,\n  PRIMARY KEY (\"id\")\n)\n\
         SORTKEY (\"id\");\nCOMMENT ON TABLE \"recent\" IS 'Who''s here.';\n\
         COMMENT ON COLUMN \"recent\".\"is_recent\" IS 'It''s recent';\n"
    );
    assert_eq!(
        ddl("mysql"),
        "CREATE TABLE `recent` (\n  `id` VARCHAR(255) NOT NULL,\n  `is_recent` BOOLEAN NOT NULL COMMENT 'It''s recent',\n  \
         PRIMARY KEY (`id`)\n) COMMENT = 'Who''s here.';\n"
    );
    let all = dir.lotline(&["ddl", &job, "--dialect", "postgres"]).stdout;
    assert_eq!(String::from_utf8_lossy(&all).matches("CREATE TABLE").count(), 2);
}

#[test]
fn what_cannot_be_derived_is_said_before_or_while_it_runs() {
    let cases = [
        (
            "SELECT id FROM visits",
            "derived/recent.sql: `columns`: found `id`, expected `id`, `is_recent` as in tables/recent.toml",
        ),
        ("SELECT id, day > :today AS is_recent FROM visits", "found no parameter `today`, expected one of `as_of`"),
        ("SELECT id, dat AS is_recent FROM visits", "derived/recent.sql: no such column: dat"),
        ("SELECT 'x' AS id, true AS is_recent FROM visits", "found two rows of one key (`id`)"),
        ("SELECT id, NULL AS is_recent FROM visits", "row 1: `is_recent`: found null, expected a value"),
        ("SELECT id, 'maybe' AS is_recent FROM visits", "row 1: `is_recent`: found `maybe`"),
    ];
    for (sql, expected) in cases {
        let dir = Dir::new("underivable");
        let job = visits(&dir, sql);
        let output = dir.lotline(&["run", &job, "--input", "visits=visits.csv"]);
        let found = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{found}");
        assert!(found.contains(expected), "{found}");
    }
    let dir = Dir::new("unset");
    let job = visits(&dir, SQL);
    let output = dir.lotline(&["run", &job, "--input", "visits=visits.csv", "--set", "as_of=soon"]);
    let found = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(found.trim_end(), "error: parameter: found `as_of=soon`, expected a date such as `2017-02-02`");
}
