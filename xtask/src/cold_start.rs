//! `cargo xtask bench cold-start`: what a function costs before it does anything.

use std::{
    fs,
    io::{BufRead, BufReader, Cursor, ErrorKind, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{command::Step, error::TaskError, test::target};

/// The functions, which are folders, packages' binaries and rows of the table.
const FUNCTIONS: [&str; 5] = ["ingest", "validate", "link", "summarize", "publish"];
/// The most that a zip may have,
const ZIP_LIMIT: usize = 9_000_000;
/// and what is aimed at.
const ZIP_GOAL: usize = 8_000_000;
/// The median start that is aimed at.
const START_GOAL: Duration = Duration::from_millis(20);
const RUNS: usize = 11;

/// Builds the functions as they are deployed, prints size, start and memory of each, and fails over the size limit.
///
/// # Errors
/// A build that fails, a function that does not ask for work, or a zip over the limit.
#[expect(clippy::print_stdout, reason = "the table is this task's data")]
pub(crate) fn run(root: &Path) -> Result<(), TaskError> {
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build =
        Step::cargo(root).args(["build", "--release", "--config", "infra/build.toml", "--target", &platform]);
    for function in FUNCTIONS {
        build = build.args(["--package", &format!("lotline-{function}")]);
    }
    build.run()?;
    println!("{:<12}{:>10}{:>10}{:>12}{:>12}{:>10}", "function", "MB", "zip MB", "start min", "median", "RSS MB");
    let mut over = Vec::new();
    for function in FUNCTIONS {
        let binary = target(root).join(&platform).join("release").join(function);
        let bytes = fs::read(&binary).map_err(TaskError::file(&binary))?;
        let zip = zipped(&bytes).map_err(TaskError::file(&binary))?;
        let mut starts = (0..RUNS).map(|_| start(&binary)).collect::<Result<Vec<_>, _>>()?;
        starts.sort();
        let (median, memory) = starts[RUNS / 2];
        #[expect(clippy::cast_precision_loss, reason = "shown in megabytes")]
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        println!(
            "{function:<12}{:>10.1}{:>10.2}{:>9.1} ms{:>9.1} ms{:>10.1}{}",
            megabytes(bytes.len()),
            megabytes(zip),
            starts[0].0.as_secs_f64() * 1e3,
            median.as_secs_f64() * 1e3,
            megabytes(memory),
            match (zip > ZIP_GOAL, median > START_GOAL) {
                (true, true) => "  over the goals of 8 MB and 20 ms",
                (true, false) => "  over the goal of 8 MB",
                (false, true) => "  over the goal of 20 ms",
                (false, false) => "",
            }
        );
        if zip > ZIP_LIMIT {
            over.push(format!("{function} ({:.2} MB)", megabytes(zip)));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(TaskError::TooLarge { zips: over.join(", "), limit: ZIP_LIMIT }) }
}

/// Length of the zip that is deployed; this level comes closest to the zlib of Python, with which SAM zips.
fn zipped(binary: &[u8]) -> std::io::Result<usize> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
    zip.start_file("bootstrap", deflated)?;
    zip.write_all(binary)?;
    Ok(zip.finish()?.into_inner().len())
}

/// Time from the spawn to the first request for work, and the memory held then.
fn start(binary: &Path) -> Result<(Duration, usize), TaskError> {
    let failed = |source| TaskError::Spawn { command: binary.display().to_string(), source };
    let runtime = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = runtime.local_addr().map_err(failed)?.to_string();
    let started = Instant::now();
    let function = Command::new(binary)
        .envs([("AWS_LAMBDA_RUNTIME_API", address.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "bench")])
        .envs([("AWS_LAMBDA_FUNCTION_VERSION", "1"), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")])
        .envs([("LOTLINE_LAKE", "s3://bench"), ("LOTLINE_TABLE", "bench"), ("LOTLINE_DATABASE", "bench")])
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "bench"), ("AWS_SECRET_ACCESS_KEY", "bench")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut function = Ended(function);
    runtime.set_nonblocking(true).map_err(failed)?;
    let stream = loop {
        match runtime.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(error)),
        }
        if let Some(status) = function.0.try_wait().map_err(failed)? {
            return Err(TaskError::Failed { command: binary.display().to_string(), status });
        }
    };
    stream.set_nonblocking(false).map_err(failed)?;
    // Held until the end: a function that loses its runtime ends, and holds no memory then.
    let mut stream = BufReader::new(stream);
    stream.read_line(&mut String::new()).map_err(failed)?;
    Ok((started.elapsed(), resident(function.0.id())))
}

/// A process that ends when it is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Bytes of memory that a process holds, as Linux counts them.
fn resident(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok()).unwrap_or(0) * 1024
}
