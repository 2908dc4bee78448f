//! Links explained and judged: a link, a pair that is none, a pair that lost to another, keys that no table has.

use std::fs;

use lotline_testkit::generate::{PropertiesConfig, PropertiesFiles, write_properties};
use serde_json::Value;

use crate::harness::{Dir, input, job, json, text};

/// A lake with the links of generated properties.
fn linked(dir: &Dir) -> PropertiesFiles {
    let config = PropertiesConfig { parcels: 2_000, listings: 2_000, ..PropertiesConfig::default() };
    let files = write_properties(&dir.path("data"), &config).expect("generated files");
    dir.run(&job("properties"), &[input("assessor", &files.assessor), input("listings", &files.listings)], &[]);
    files
}

fn explained(dir: &Dir, id_l: &str, id_r: &str) -> Value {
    json(&dir.lotline(&["explain", &job("properties").display().to_string(), id_l, id_r, "--json"]))
}

/// The message of a command that must fail.
fn message(dir: &Dir, job: &str, id_l: &str, id_r: &str) -> String {
    let output = dir.lotline(&["explain", job, id_l, id_r]);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("UTF-8").trim_end().to_owned()
}

#[test]
fn a_link_is_explained_by_the_weight_it_has_and_a_pair_that_is_none_by_what_it_lacks() {
    let dir = Dir::new("explained");
    linked(&dir);
    let links = dir.sql("SELECT id_l, id_r, match_key, match_weight FROM properties_links LIMIT 5");
    let links = links.as_array().expect("rows");
    for link in links {
        let told = explained(&dir, text(&link["id_l"]), text(&link["id_r"]));
        assert_eq!(told["decision"]["outcome"], "linked");
        assert_eq!(told["decision"]["link"], *link);
        assert_eq!(told["explanation"]["match_weight"], link["match_weight"]);
        assert_eq!(told["explanation"]["match_key"], link["match_key"]);
        assert_eq!(told["explanation"]["verdict"]["reaches_threshold"], true);
    }

    let (left, right) = (text(&links[0]["id_l"]), text(&links[1]["id_r"]));
    let told = explained(&dir, left, right);
    assert_eq!(told["decision"]["outcome"], "not_met");
    let verdict = &told["explanation"]["verdict"];
    assert!(verdict["margin"].as_f64().expect("a number") < 0.0);
    let change = &verdict["smallest_change"];
    assert!(change["match_weight"].as_f64() >= told["explanation"]["threshold_weight"].as_f64(), "{told}");
    let rules = told["explanation"]["rules"].as_array().expect("a list");
    assert!(rules.iter().all(|rule| rule["met"] == false && !rule["apart"].as_array().expect("a list").is_empty()));
}

#[test]
fn a_pair_is_drawn_for_a_terminal_and_for_a_page() {
    let dir = Dir::new("drawn");
    linked(&dir);
    let link = &dir.sql("SELECT id_l, id_r FROM properties_links LIMIT 1")[0];
    let job = job("properties").display().to_string();
    let arguments = ["explain", &job, text(&link["id_l"]), text(&link["id_r"])];
    let chart = String::from_utf8(dir.lotline(&arguments).stdout).expect("UTF-8");
    let words: Vec<&str> = chart.lines().take(2).collect();
    assert!(words[0].starts_with(&format!("assessor {} and listings {}", arguments[2], arguments[3])), "{chart}");
    assert_eq!(words[1], "linked");
    assert!(chart.lines().skip(2).all(|line| line.chars().count() <= 100), "{chart}");

    let output = dir.lotline(&[&arguments[..], &["--svg", "pair.svg"]].concat());
    assert!(String::from_utf8(output.stdout).expect("UTF-8").ends_with("pair.svg\n"));
    let svg = fs::read_to_string(dir.path("pair.svg")).expect("a file");
    assert!(svg.starts_with("<svg ") && svg.contains("<title ") && svg.ends_with("</svg>\n"), "{svg}");
}

#[test]
fn keys_that_no_table_has_are_named_with_one_that_it_has() {
    let dir = Dir::new("unknown");
    linked(&dir);
    let link = &dir.sql("SELECT id_l, id_r FROM properties_links LIMIT 1")[0];
    let (left, right) = (text(&link["id_l"]), text(&link["id_r"]));
    let first = |query: &str| dir.sql(query)[0]["id"].clone();
    let (parcel, listing) = (
        first("SELECT parcel_id AS id FROM assessor LIMIT 1"),
        first("SELECT listing_key AS id FROM listings LIMIT 1"),
    );
    let job = job("properties").display().to_string();

    let expected = format!(
        "error: ID_L: found `x`, expected a value of `parcel_id` in table `assessor`, such as `{}`",
        text(&parcel)
    );
    assert_eq!(message(&dir, &job, "x", right), expected);
    let expected = format!(
        "error: ID_R: found `-1`, expected a value of `listing_key` in table `listings`, such as `{}`",
        text(&listing)
    );
    assert_eq!(message(&dir, &job, left, "-1"), expected);
    let found = message(&dir, &job, right, left);
    assert!(found.ends_with("(table `listings` has it: the left record's key comes first)"), "{found}");
}

#[test]
fn a_pair_that_lost_to_another_names_the_link_that_took_its_record() {
    let dir = Dir::new("lost");
    let table =
        "key = [\"pid\"]\n[[columns]]\nname = \"pid\"\ntype = \"text\"\n[[columns]]\nname = \"zip\"\ntype = \"text\"\n";
    let settings = "name = \"pair\"\n[sources.a]\n[sources.b]\n[link]\nleft = \"a\"\nright = \"b\"\n\
        cardinality = \"one_to_one\"\nthreshold = 0.000001\nblocking = [[\"zip\"]]\n\
        [link.fields.zip]\nstandardizer = \"zip5\"\nleft = [\"zip\"]\nright = [\"zip\"]\n\
        [[link.comparisons]]\nname = \"zip\"\nfield = \"zip\"\nlevels = [\"exact\"]\n";
    dir.write("job/job.toml", settings);
    let inputs = ["a", "b"].map(|side| {
        dir.write(&format!("job/tables/{side}.toml"), table);
        let rows: String = (0..40).map(|n| format!("{side}{n},{}\n", 10_000 + n)).collect();
        let twin = if side == "b" { "twin,10007\n" } else { "" };
        input(side, &dir.write(&format!("{side}.csv"), &format!("pid,zip\n{rows}{twin}")))
    });
    dir.run(&dir.path("job"), &inputs, &[]);
    let told = json(&dir.lotline(&["explain", "job", "a7", "twin", "--json"]));
    assert_eq!(told["decision"]["outcome"], "left_out", "{told}");
    let taken_by = told["decision"]["taken_by"].as_array().expect("a list");
    assert_eq!((taken_by.len(), &taken_by[0]["id_l"], &taken_by[0]["id_r"]), (1, &"a7".into(), &"b7".into()));
    let chart = String::from_utf8(dir.lotline(&["explain", "job", "a7", "twin"]).stdout).expect("UTF-8");
    assert!(chart.contains("\nnot linked: lost to a7 | b7 (match weight "), "{chart}");
}

#[test]
fn an_evaluation_has_a_threshold_table_and_mistakes_with_commands_that_run() {
    let dir = Dir::new("evaluated");
    let files = linked(&dir);
    // Truth with a pair too many and a link that it does not have, so that both kinds of mistake are there.
    let truth = fs::read_to_string(&files.truth).expect("a file");
    let link = &dir.sql("SELECT id_l, id_r FROM properties_links ORDER BY match_weight DESC LIMIT 1")[0];
    let other = &dir.sql("SELECT id_l, id_r FROM properties_links ORDER BY match_weight LIMIT 1")[0];
    let kept: String = truth
        .lines()
        .filter(|line| !(line.contains(text(&link["id_l"])) && line.contains(text(&link["id_r"]))))
        .map(|line| format!("{line}\n"))
        .collect();
    let header = kept.lines().next().expect("a header");
    let [left, right] = [&link["id_l"], &other["id_r"]].map(text);
    let row = if header.starts_with("parcel_id") { format!("{left},{right}\n") } else { format!("{right},{left}\n") };
    dir.write("truth.csv", &(kept + &row));

    let job = job("properties").display().to_string();
    let arguments = ["evaluate", &job, "--truth", "truth.csv", "--show", "3"];
    let evaluation = json(&dir.lotline(&[&arguments[..], &["--json"]].concat()));
    let cuts = evaluation["cuts"].as_array().expect("a list");
    assert_eq!(cuts[0]["f1"], evaluation["f1"]);
    assert_eq!(cuts[0]["links"], dir.sql("SELECT count(*) AS n FROM properties_links")[0]["n"]);
    let links: Vec<u64> = cuts.iter().map(|cut| cut["links"].as_u64().expect("a number")).collect();
    assert!(links.len() > 3 && links.is_sorted_by(|a, b| a >= b), "{links:?}");
    assert!(evaluation["best_cut"]["f1"].as_f64() >= evaluation["f1"].as_f64());
    assert_eq!(
        (&evaluation["false_links"][0]["id_l"], &evaluation["false_links"][0]["id_r"]),
        (&link["id_l"], &link["id_r"])
    );
    for (mistakes, outcome) in [("false_links", true), ("misses", false)] {
        let mistakes = evaluation[mistakes].as_array().expect("a list");
        assert!((1..=3).contains(&mistakes.len()));
        let command: Vec<&str> = text(&mistakes[0]["explain"]).split(' ').skip(1).collect();
        let told = json(&dir.lotline(&[&command[..], &["--json"]].concat()));
        assert_eq!(told["decision"]["outcome"] == "linked", outcome);
    }
    let printed = String::from_utf8(dir.lotline(&arguments).stdout).expect("UTF-8");
    for expected in
        ["precision ", "pairs below the run's threshold 0.9 are not kept", "heaviest false links, ", "misses, "]
    {
        assert!(printed.contains(expected), "{printed}");
    }
}
