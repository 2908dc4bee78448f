//! `lotline-client`: reads the merged properties through GraphQL, computes their summary by itself and compares it with
//! the published one.

mod aws;
mod check;
mod endpoint;
mod error;
mod output;
mod queries;
mod settings;
mod signature;
mod summary;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;

use crate::{check::Report, error::ClientError, settings::Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Settings::parse()).await {
        Ok(report) => {
            report.lines().iter().for_each(|line| eprintln!("{line}"));
            ExitCode::from(u8::from(!report.equal))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(settings: Settings) -> Result<Report, ClientError> {
    let mut endpoint = settings.endpoint().await?;
    let report = check::check(&mut endpoint, &settings.job, settings.page_size).await?;
    output::write(settings.out.as_ref(), &report).await?;
    Ok(report)
}
