//! The adapters for AWS: objects on S3, ledger, settings and states in one DynamoDB table, catalog in the same table and Glue.
//!
//! The ports block and the SDK does not: every call is handed to a runtime and waited for. The thread that calls must
//! therefore not be one that drives the runtime; a stage runs on a thread of its own.

mod absent;
mod catalog;
mod fault;
mod glue;
mod item;
mod ledger;
mod multipart;
mod objects;
mod settings;
mod states;

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use tokio::runtime::Handle;

use self::{
    absent::Absent, catalog::AwsCatalog, glue::GlueTables, item::Table, ledger::DynamoLedger, objects::S3Objects,
};
use crate::Stores;

pub use self::{fault::io_error, ledger::is_alive};

/// Where a deployed lake is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AwsLake {
    /// The lake's bucket.
    pub bucket: String,
    /// The DynamoDB table of runs, settings and published versions.
    pub table: String,
    /// The Glue database whose tables readers see.
    pub database: String,
}

impl AwsLake {
    /// The address of a location's files.
    #[must_use]
    pub fn url(&self, location: &str) -> String {
        format!("s3://{}/{location}/", self.bucket)
    }
}

/// Region, credentials, retries and timeouts as the environment and the profile say.
pub async fn sdk_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(6))
        .timeout_config(timeouts)
        .load()
        .await
}

/// A client for S3. Where an endpoint is set, buckets are named in paths: look-alikes on this machine have no host name
/// for every bucket.
pub fn s3_client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let path_style = config.endpoint_url().is_some();
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(path_style).build())
}

impl Stores {
    /// The objects of a deployed lake alone, for functions that need no more: their binaries leave the other clients out.
    ///
    /// # Panics
    /// As for [`Stores::aws`].
    #[must_use]
    pub fn aws_objects(config: &SdkConfig, bucket: &str) -> Self {
        Self {
            objects: Arc::new(S3Objects::new(s3_client(config), bucket, Handle::current())),
            ledger: Arc::new(Absent),
            catalog: Arc::new(Absent),
            settings: Arc::new(Absent),
            states: Arc::new(Absent),
        }
    }

    /// The stores of a deployed lake. Nothing is asked of AWS yet.
    ///
    /// # Panics
    /// Outside a tokio runtime; the stores use the one that they were made in.
    #[must_use]
    pub fn aws(config: &SdkConfig, lake: &AwsLake) -> Self {
        let runtime = Handle::current();
        let table = Table::new(aws_sdk_dynamodb::Client::new(config), &lake.table, runtime.clone());
        let glue =
            GlueTables { client: aws_sdk_glue::Client::new(config), lake: lake.clone(), runtime: runtime.clone() };
        let ledger = DynamoLedger { table: table.clone(), executions: aws_sdk_sfn::Client::new(config) };
        Self {
            objects: Arc::new(S3Objects::new(s3_client(config), &lake.bucket, runtime)),
            ledger: Arc::new(ledger),
            catalog: Arc::new(AwsCatalog { table: table.clone(), glue }),
            settings: Arc::new(table.clone()),
            states: Arc::new(table),
        }
    }
}
