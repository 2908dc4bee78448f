//! The `lotline` command: the stages of a job over a lake on this machine.

mod commands;
mod error;
mod inferred_job;
mod inputs;
mod job_folder;
mod output;
mod progress;
mod sample;
#[cfg(feature = "aws")]
mod stack;
mod walk;

use std::process::ExitCode;

use clap::Parser;

use crate::{commands::Command, output::Outcome};

/// Turns files about the same real-world things into one linked, queryable lake.
#[derive(Debug, Parser)]
#[command(
    name = "lotline",
    version,
    after_help = "Data goes to standard output, progress and messages to standard error.\n\
                  Exit codes: 0 done, 1 finished but over a quality limit, 2 failed.\n\n\
                  Start with:  lotline demo"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::OverLimit) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {}", lotline_stages::message(&error));
            ExitCode::from(error.exit_code())
        }
    }
}
