//! `cargo xtask bench link`: generated tables from CSV to links in Parquet, by Lotline and by Splink on DuckDB, in turns.

use std::path::Path;

use crate::{command::Step, error::TaskError, python, test::target};

/// Each side runs as often; the least CPU time counts, as other work on a machine only adds.
const TURNS: usize = 2;

/// Generates both tables, then links them by `tests/bench/link` and by `tests/bench/splink_link.py`, which have the same
/// rules, comparisons and levels. Needs `time` of GNU for CPU seconds and memory.
///
/// # Errors
/// A build or an installation that fails, or a side that does.
pub(crate) fn run(root: &Path, rows: u64) -> Result<(), TaskError> {
    let python = python::environment(root, "tests/bench", true)?;
    Step::cargo(root).args(["build", "--release", "--package", "lotline-cli"]).run()?;
    let lotline = target(root).join("release/lotline");
    let data = target(root).join(format!("bench/{rows}"));
    let file = |name: &str| data.join(name).display().to_string();
    let generate = Step::new(&lotline, "", root).args(["generate", "properties", "--rows", &rows.to_string(), "--out"]);
    generate.args([&data]).run()?;
    for _ in 0..TURNS {
        timed(root)
            .args([&lotline])
            .args(["link", &file("assessor.csv"), &file("listings.csv"), "--job", "tests/bench/link", "--json"])
            .args(["--out", &file("linked")])
            .run()?;
        timed(root)
            .args([&python])
            .args(["tests/bench/splink_link.py", &file("assessor.csv"), &file("listings.csv"), &file("splink.parquet")])
            .args(["--truth", &file("truth.csv")])
            .run()?;
    }
    Ok(())
}

/// A command that prints what it took.
fn timed(root: &Path) -> Step {
    let time = Step::new("/usr/bin/time", "install GNU time (`apt install time`)", root);
    time.args(["-f", "%U s user, %S s system, %e s by the clock, %M KB at most"])
}
