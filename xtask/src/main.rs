//! Developer tasks: `cargo xtask test`, `lint`, `dashboard`, `bench` and `loc`.

mod bench_link;
mod bench_quality;
mod bench_serve;
mod bench_users;
mod cold_start;
mod command;
mod debian;
mod emulator;
mod error;
mod lint;
mod loc;
mod node;
mod python;
mod server;
mod test;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use error::TaskError;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer tasks of Lotline")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what the tests need, builds the binaries and runs every test
    Test {
        /// Use what is installed already and touch no network
        #[arg(long)]
        no_install: bool,
    },
    /// Checks formatting, clippy and the documentation, with warnings as errors
    Lint,
    /// Makes the dashboard; tests it in Chromium where a server that runs already shows it
    Dashboard {
        /// Address of the server, such as http://127.0.0.1:8080/
        address: Option<String>,
        /// Folder for pictures of every view
        #[arg(long, value_name = "DIR")]
        pictures: Option<PathBuf>,
    },
    /// Measures what tests must not: speed, memory and size
    #[command(subcommand)]
    Bench(Bench),
    /// Prints lines of code by crate
    Loc,
}

#[derive(Subcommand)]
enum Bench {
    /// Size, start and memory of the deployed functions; fails when a zip is over 9 MB; 8 MB is aimed at
    ColdStart,
    /// Quality of linking on every set of tests/bench/quality whose data is in ../shared/data
    Quality,
    /// CPU time and memory of linking generated tables, side by side with Splink on DuckDB
    Link {
        /// Rows of each table
        #[arg(long, default_value_t = 100_000)]
        rows: u64,
    },
    /// Time, memory and quality of matching the users of two platforms, from MariaDB and a paged API
    Users {
        /// Users of the vendor
        #[arg(long, default_value_t = 150_000)]
        vendor: u64,
        /// Users of our platform
        #[arg(long, default_value_t = 200_000)]
        platform: u64,
    },
    /// Time, reads and memory of look-ups and pages of lists on a published table
    Serve {
        /// Rows of the table
        #[arg(long, default_value_t = 1_000_000)]
        rows: u64,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<(), TaskError> {
    let root = root()?;
    match task {
        Task::Test { no_install } => test::run(root, !no_install),
        Task::Lint => lint::run(root),
        Task::Dashboard { address, pictures } => {
            node::dashboard(root, true)?;
            address.iter().try_for_each(|address| node::browser(root, address, pictures.as_deref(), true))
        }
        Task::Bench(Bench::ColdStart) => cold_start::run(root),
        Task::Bench(Bench::Quality) => bench_quality::run(root),
        Task::Bench(Bench::Link { rows }) => bench_link::run(root, *rows),
        Task::Bench(Bench::Serve { rows }) => bench_serve::run(root, *rows),
        Task::Bench(Bench::Users { vendor, platform }) => bench_users::run(root, *vendor, *platform),
        Task::Loc => loc::run(root),
    }
}

/// The workspace folder, wherever the task was called from.
fn root() -> Result<&'static Path, TaskError> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().ok_or_else(|| TaskError::NoWorkspace(here.to_owned()))
}
