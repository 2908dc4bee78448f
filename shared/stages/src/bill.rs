//! What a run would cost on AWS, from counted work and a dated price file.

use lotline_schema::parse_settings;
use serde::{Deserialize, Serialize};

use crate::StageError;

const PRICES: &str = include_str!("../prices.toml");
/// Memory of the functions that do a step, in GB; 1,769 MB is one full processor.
const FUNCTION_GB: f64 = 1.769;
/// Transitions of the state machine for a step: into it and out of it.
const TRANSITIONS_PER_STEP: f64 = 2.0;
/// Objects a step writes and reads, about: its data, its report, its manifest.
const PUTS_PER_STEP: f64 = 3.0;
const GETS_PER_STEP: f64 = 6.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    as_of: String,
    lambda_gb_second: f64,
    lambda_request: f64,
    step_functions_transition: f64,
    s3_put: f64,
    s3_get: f64,
}

/// Work that was done: steps and the seconds they took, added up over all workers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Work {
    /// Steps done; one that was killed before its end counts only when it was done again.
    pub steps: u64,
    /// Seconds of one worker each.
    pub seconds: f64,
}

/// An estimate in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// Gigabytes of function memory times seconds.
    pub gb_seconds: f64,
    /// Function requests.
    pub requests: u64,
    /// Dollars in all.
    pub usd: f64,
    /// Dollars for a million records read.
    pub usd_per_million_records: f64,
    /// Month of the prices.
    pub prices_as_of: String,
}

impl Bill {
    /// What `work` on `records` records would cost at list prices.
    ///
    /// # Errors
    /// `Settings` when the price file is damaged.
    #[expect(clippy::cast_precision_loss, reason = "an estimate needs no more than 53 bits")]
    pub fn estimate(work: Work, records: u64) -> Result<Self, StageError> {
        let prices: Prices = parse_settings("prices.toml", PRICES)?;
        let steps = work.steps as f64;
        let gb_seconds = work.seconds * FUNCTION_GB;
        let usd = gb_seconds * prices.lambda_gb_second
            + steps * prices.lambda_request
            + steps * TRANSITIONS_PER_STEP * prices.step_functions_transition
            + steps * (PUTS_PER_STEP * prices.s3_put + GETS_PER_STEP * prices.s3_get);
        let usd_per_million_records = if records == 0 { 0.0 } else { usd * 1e6 / records as f64 };
        Ok(Self { gb_seconds, requests: work.steps, usd, usd_per_million_records, prices_as_of: prices.as_of })
    }
}
