//! `lotline generate`: input files with known truth.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lotline_testkit::generate::{OpenHousesConfig, PropertiesConfig, write_open_houses, write_properties};

use crate::{
    error::CliError,
    output::{Outcome, print},
};

/// Generate input files with known truth; the same seed gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline generate properties --out data --rows 100000")]
pub(crate) struct Generate {
    /// What to generate.
    kind: Kind,
    /// Folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rows of each table, or events.
    #[arg(long, default_value_t = 20_000)]
    rows: u64,
    /// Other seeds give other data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What can be generated.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// assessor.csv, listings.csv and truth.csv for the job `properties`.
    Properties,
    /// openhouses.json and openhouses_truth.csv for the job `open-houses`.
    OpenHouses,
}

impl Generate {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let failed = |error| CliError::io(&self.out, error);
        let files = match self.kind {
            Kind::Properties => {
                let config = PropertiesConfig {
                    parcels: self.rows,
                    listings: self.rows,
                    seed: self.seed,
                    ..PropertiesConfig::default()
                };
                let files = write_properties(&self.out, &config).map_err(failed)?;
                vec![files.assessor, files.listings, files.truth]
            }
            Kind::OpenHouses => {
                let config = OpenHousesConfig { events: self.rows, seed: self.seed };
                let files = write_open_houses(&self.out, &config).map_err(failed)?;
                vec![files.events, files.truth]
            }
        };
        let listed: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
        print(&listed)?;
        Ok(Outcome::Done)
    }
}
