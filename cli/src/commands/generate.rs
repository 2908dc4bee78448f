//! `lotline generate`: input files with known truth.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lotline_testkit::generate::{
    OpenHousesConfig, PropertiesConfig, UsersConfig, write_open_houses, write_properties, write_users,
};

use crate::{
    error::CliError,
    output::{Outcome, print},
};

/// Generate input files with known truth; the same seed gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline generate properties --out data --rows 100000")]
pub(crate) struct Generate {
    #[command(subcommand)]
    kind: Kind,
}

/// What can be generated.
#[derive(Debug, Subcommand)]
enum Kind {
    /// assessor.csv, listings.csv and truth.csv for the job `properties`.
    Properties(Rows),
    /// openhouses.json and openhouses_truth.csv for the job `open-houses`.
    OpenHouses(Rows),
    /// mysql.sql, users.csv, vendor/ and truth.csv for the job `users`.
    Users(Users),
}

#[derive(Debug, Args)]
struct Rows {
    #[command(flatten)]
    place: Place,
    /// Rows of each table, or events.
    #[arg(long, default_value_t = 20_000)]
    rows: u64,
}

#[derive(Debug, Args)]
struct Users {
    #[command(flatten)]
    place: Place,
    /// Users of the vendor, a thousand a page.
    #[arg(long, default_value_t = 150_000)]
    vendor: u64,
    /// Users of our platform.
    #[arg(long, default_value_t = 200_000)]
    platform: u64,
    /// Share of the vendor's users that are on our platform, 0 to 1.
    #[arg(long, default_value_t = 0.8, value_parser = share)]
    overlap: f64,
}

#[derive(Debug, Args)]
struct Place {
    /// Folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Other seeds give other data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Generate {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (Kind::Properties(Rows { place, .. })
        | Kind::OpenHouses(Rows { place, .. })
        | Kind::Users(Users { place, .. })) = &self.kind;
        let Place { out, seed } = place;
        let failed = |error| CliError::io(out, error);
        let files = match &self.kind {
            Kind::Properties(Rows { rows, .. }) => {
                let config =
                    PropertiesConfig { parcels: *rows, listings: *rows, seed: *seed, ..PropertiesConfig::default() };
                let files = write_properties(out, &config).map_err(failed)?;
                vec![files.assessor, files.listings, files.truth]
            }
            Kind::OpenHouses(Rows { rows, .. }) => {
                let files = write_open_houses(out, &OpenHousesConfig { events: *rows, seed: *seed }).map_err(failed)?;
                vec![files.events, files.truth]
            }
            Kind::Users(Users { vendor, platform, overlap, .. }) => {
                let config = UsersConfig { vendor: *vendor, platform: *platform, overlap: *overlap, seed: *seed };
                let files = write_users(out, &config).map_err(failed)?;
                vec![files.mysql, files.users, files.vendor, files.truth]
            }
        };
        let listed: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
        print(&listed)?;
        Ok(Outcome::Done)
    }
}

fn share(text: &str) -> Result<f64, String> {
    let wrong = || format!("found `{text}`, expected a number from 0 to 1");
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
}
