//! What the API does besides reading: start executions, presign uploads.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use chrono::{SecondsFormat, TimeDelta, Utc};
use lotline_api::{Actions, ApiError, ErrorKind, check_source};
use lotline_lambda::{Error, LAKE_VARIABLE, bucket, variable};
use lotline_stages::Job;
use lotline_store::{
    SettingsFiles, Stores,
    aws::{s3_client, sdk_config},
};
use serde_json::{Value, json};
use tokio::runtime::Handle;

/// The state machine that runs jobs.
const STATE_MACHINE_VARIABLE: &str = "LOTLINE_STATE_MACHINE";
/// How long an upload address is good for.
const UPLOAD_SECONDS: u64 = 900;

/// Actions of a deployed lake.
pub(crate) struct AwsActions {
    runtime: Handle,
    stores: Stores,
    s3: aws_sdk_s3::Client,
    sfn: aws_sdk_sfn::Client,
    bucket: String,
    state_machine: String,
}

impl AwsActions {
    /// Clients of the bucket and the state machine that the environment names.
    ///
    /// # Errors
    /// A variable that is missing, or a lake that is no bucket.
    pub(crate) async fn from_environment(stores: &Stores) -> Result<Self, Error> {
        let state_machine = variable(STATE_MACHINE_VARIABLE)?;
        let lake = variable(LAKE_VARIABLE)?;
        let expected = || format!("environment variable `{LAKE_VARIABLE}`: found `{lake}`, expected `s3://<bucket>`");
        let bucket = bucket(&lake).ok_or_else(expected)?;
        let config = sdk_config().await;
        Ok(Self {
            runtime: Handle::current(),
            stores: stores.clone(),
            s3: s3_client(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            bucket,
            state_machine,
        })
    }

    /// The sources of a job that has settings.
    fn sources(&self, job: &str) -> Result<Vec<String>, ApiError> {
        Ok(Job::parse(job, &self.settings(job)?)?.sources.into_keys().collect())
    }
}

impl Actions for AwsActions {
    fn settings(&self, job: &str) -> Result<SettingsFiles, ApiError> {
        let unknown = || ApiError {
            kind: ErrorKind::NotFound,
            message: format!("job: found `{job}`, expected one whose settings were pushed"),
        };
        Ok(self.stores.settings.current(job)?.ok_or_else(unknown)?.files)
    }

    fn start_run(&self, job: &str) -> Result<Value, ApiError> {
        self.sources(job)?;
        let input = json!({ "job": job }).to_string();
        let request = self.sfn.start_execution().state_machine_arn(&self.state_machine).input(input).send();
        let started = self.runtime.block_on(request).map_err(|error| ApiError::internal(&error))?;
        Ok(json!({ "execution": started.execution_arn }))
    }

    fn upload_url(&self, job: &str, source: &str, file: &str) -> Result<Value, ApiError> {
        check_source(source, self.sources(job)?.iter().map(String::as_str))?;
        let key = lotline_api::drop_key(job, source, file)?;
        let config = PresigningConfig::expires_in(Duration::from_secs(UPLOAD_SECONDS))
            .map_err(|error| ApiError::internal(&error))?;
        let request = self.s3.put_object().bucket(&self.bucket).key(&key).presigned(config);
        let presigned = self.runtime.block_on(request).map_err(|error| ApiError::internal(&error))?;
        let expires = Utc::now() + TimeDelta::seconds(UPLOAD_SECONDS.cast_signed());
        Ok(json!({
            "url": presigned.uri(),
            "key": key,
            "expiresAt": expires.to_rfc3339_opts(SecondsFormat::Secs, true),
        }))
    }
}
