//! What a user sees when something is wrong: exit code 2 and one message with place, found and expected.

use std::{fs, path::Path, process::Command};

use lotline_testkit::generate::{OpenHousesConfig, write_open_houses};

use crate::harness::{Dir, input, job, json};

/// The message of a command that must fail.
fn message(dir: &Dir, arguments: &[&str]) -> String {
    let output = dir.lotline(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8").trim_end().to_owned()
}

fn small_job(dir: &Dir, job: &str, table: &str) -> String {
    dir.write("job/job.toml", job);
    dir.write("job/tables/rows.toml", table);
    dir.path("job").display().to_string()
}

const TABLE: &str = "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n";

#[test]
fn messages_name_place_found_and_choices() {
    let dir = Dir::new("errors");
    let jobs = job("");
    let unknown = jobs.join("open-house").display().to_string();
    let found = message(&dir, &["run", &unknown]);
    assert!(found.contains("no such folder") && found.contains("open-houses`"), "{found}");

    let open_houses = job("open-houses").display().to_string();
    let found = message(&dir, &["run", &open_houses, "--input", "events=x.json"]);
    assert_eq!(found, "error: --input: found unknown source `events`, expected one of `open_houses`");
    let found = message(&dir, &["run", &open_houses, "--input", "open_houses=absent.json"]);
    assert!(found.starts_with("error: --input open_houses=absent.json: No such file"), "{found}");
    let found = message(&dir, &["run", &open_houses]);
    assert!(found.ends_with("expected --input open_houses=PATH"), "{found}");

    let object = dir.write("object.json", "{\"a\": 1}");
    let arguments = ["run", &open_houses, "--input", &format!("open_houses={}", object.display())];
    let found = message(&dir, &arguments);
    assert!(found.contains("object.json") && found.contains("expected"), "{found}");
}

#[test]
fn an_absent_column_is_named_with_the_columns_of_the_file() {
    let dir = Dir::new("column");
    let job = small_job(&dir, "name = \"j\"\n[sources.rows]\n", TABLE);
    dir.write("rows.csv", "key,n\na,1\n");
    let found = message(&dir, &["run", &job, "--input", "rows=rows.csv"]);
    assert!(found.contains("rows.csv") && found.contains("`id`") && found.contains("key"), "{found}");
}

#[test]
fn settings_errors_name_file_line_and_choices() {
    let dir = Dir::new("settings");
    let job = small_job(&dir, "name = \"j\"\nsource = 1\n", TABLE);
    let found = message(&dir, &["run", &job]);
    assert!(found.contains("job.toml:2: unknown field `source`, expected one of"), "{found}");

    let job = small_job(
        &dir,
        "name = \"j\"\n[sources.rows]\n",
        "key = [\"ident\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n",
    );
    let found = message(&dir, &["run", &job]);
    assert!(found.contains("rows.toml: `key`: found unknown column `ident`, expected one of `id`"), "{found}");

    let cases = [
        ("name = \"2024-x\"\n[sources.rows]\n", "`name`: found the name `2024-x`, expected a lower-case letter"),
        ("name = \"j\"\n[sources.\"a b\"]\ntable = \"rows\"\n", "`sources.a b`: found the name `a b`"),
        (
            "name = \"j\"\n[sources.rows]\n[sources.rows_quarantine]\ntable = \"rows\"\n",
            "makes a table `rows_quarantine`, which `sources.rows` makes too",
        ),
    ];
    for (settings, expected) in cases {
        let found = message(&dir, &["run", &small_job(&dir, settings, TABLE)]);
        assert!(found.contains("job.toml: ") && found.contains(expected), "{found}");
    }
}

#[test]
fn a_folder_that_is_no_lake_is_left_as_it_is() {
    let dir = Dir::new("no_lake");
    std::fs::create_dir(dir.path("other")).expect("a folder");
    let found = message(&dir, &["tables", "--lake", "other"]);
    assert!(found.starts_with("error: --lake other: found a folder that is no lake"), "{found}");
    assert_eq!(std::fs::read_dir(dir.path("other")).expect("a folder").count(), 0);
}

#[test]
fn sql_errors_name_the_tables_that_exist() {
    let dir = Dir::new("sql");
    let job = small_job(&dir, "name = \"j\"\n[sources.rows]\n", TABLE);
    dir.write("rows.csv", "id\na\n");
    assert!(dir.lotline(&["run", &job, "--input", "rows=rows.csv"]).status.success());
    let found = message(&dir, &["sql", "SELECT * FROM row"]);
    assert_eq!(found, "error: no such table: row; there are tables `rows`, `rows_quarantine`");
    dir.write("job/insights/wrong.sql", "SELECT absent FROM rows");
    let found = message(&dir, &["run", &job, "--input", "rows=rows.csv"]);
    let choices = "no such column: absent; there are tables `rows` (`id`)";
    assert!(found.contains("insights/wrong.sql: ") && found.contains(choices), "{found}");
}

#[test]
fn too_many_bad_rows_end_with_exit_code_one() {
    let dir = Dir::new("limit");
    let job = small_job(&dir, "name = \"j\"\n[sources.rows]\n", TABLE);
    dir.write("rows.csv", "id\na\nb,c\n");
    let output = dir.lotline(&["run", &job, "--input", "rows=rows.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("over its limit"));
}

#[test]
fn a_lake_that_cannot_be_written_is_named_and_the_run_goes_on_later() {
    // A lake that is a plain file stands for any place that cannot be written.
    let dir = Dir::new("disk");
    let job = small_job(&dir, "name = \"j\"\n[sources.rows]\n", TABLE);
    dir.write("rows.csv", "id\na\n");
    let lake = dir.write("lake-file", "");
    let found = message(&dir, &["run", &job, "--lake", &lake.display().to_string(), "--input", "rows=rows.csv"]);
    assert!(found.contains("lake-file"), "{found}");
    fs::remove_file(lake).expect("a file");
    assert!(dir.lotline(&["run", &job, "--lake", "lake-file", "--input", "rows=rows.csv"]).status.success());
}

/// A small file system in memory, gone when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// None, and a word, where mounting is not allowed.
    fn mounted(folder: &'a Path, size: &str) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder");
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: no right to mount a small disk");
        None
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0).status().ok();
    }
}

#[test]
fn a_full_disk_is_named_and_the_run_goes_on_with_room() {
    let dir = Dir::new("full");
    let files = write_open_houses(&dir.path("data"), &OpenHousesConfig { events: 20_000, seed: 1 }).expect("files");
    let (job, input) = (job("open-houses").display().to_string(), input("open_houses", &files.events));
    let small = dir.path("small");
    let Some(disk) = SmallDisk::mounted(&small, "3m") else { return };
    let arguments = ["run", &job, "--lake", "small", "--input", &input, "--json"];
    let found = message(&dir, &arguments);
    assert!(found.contains("no space left at `"), "{found}");
    let more_room = Command::new("mount").args(["-o", "remount,size=200m"]).arg(disk.0).status();
    assert!(more_room.expect("mount").success());
    let receipt = json(&dir.lotline(&arguments));
    assert_eq!(receipt["sources"]["open_houses"]["accepted"], files.counts.accepted);
}
