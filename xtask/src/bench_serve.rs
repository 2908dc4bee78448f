//! `cargo xtask bench serve`: what look-ups and pages of lists cost on a wide published table.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use crate::{command::Step, error::TaskError, test::target};

/// Publishes the generated parcels and listings side by side by the job `tests/bench/serve`, then measures answers from
/// them by the example `lookups` of `lotline-api`.
///
/// # Errors
/// A build that fails, a file that cannot be written, or a step that fails.
pub(crate) fn run(root: &Path, rows: u64) -> Result<(), TaskError> {
    Step::cargo(root).args(["build", "--release", "--package", "lotline-cli"]).run()?;
    let lotline = target(root).join("release/lotline");
    let data = target(root).join(format!("bench/{rows}"));
    let (lake, input) = (data.join("lake"), data.join("linked.csv"));
    let generate = Step::new(&lotline, "", root).args(["generate", "properties", "--rows", &rows.to_string(), "--out"]);
    generate.args([&data]).run()?;
    paste(&data, &input).map_err(TaskError::file(&input))?;
    // A lake that is there would answer that the job ran on this input already.
    fs::remove_dir_all(&lake).or_else(absent).map_err(TaskError::file(&lake))?;
    let input = format!("properties_linked={}", input.display());
    let publish = Step::new(&lotline, "", root).args(["run", "tests/bench/serve", "--input", &input, "--lake"]);
    publish.args([&lake]).run()?;
    let measure = ["run", "--release", "--package", "lotline-api", "--example", "lookups", "--"];
    Step::cargo(root).args(measure).args([&lake]).run()
}

/// Writes each parcel with the listing of the same line in the columns of the table `properties_linked`; no cell of either
/// has a line break.
fn paste(data: &Path, to: &Path) -> io::Result<()> {
    let lines = |name: &str| Ok::<_, io::Error>(BufReader::new(File::open(data.join(name))?).lines());
    let mut out = BufWriter::new(File::create(to)?);
    for (number, (left, right)) in lines("assessor.csv")?.zip(lines("listings.csv")?).enumerate() {
        let (left, right) = (left?, right?);
        if number == 0 {
            let header = |line: &str, suffix: &str| line.replace(',', &format!("{suffix},")) + suffix;
            let (left, right) = (header(&left, "_l"), header(&right, "_r"));
            writeln!(out, "id_l,id_r,match_key,match_weight,match_probability,{left},{right}")?;
            continue;
        }
        let id = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
        let (rule, bits, thousandths) = (number % 7, number % 40, number % 1000);
        writeln!(out, "{},{},{rule},{bits}.{thousandths:03},0.99,{left},{right}", id(&left), id(&right))?;
    }
    out.into_inner()?.sync_all()
}

fn absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
