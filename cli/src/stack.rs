//! A deployed lake, found by the outputs of its CloudFormation stack.

use std::{collections::HashMap, sync::LazyLock};

use aws_config::SdkConfig;
use lotline_store::{
    Stores,
    aws::{AwsLake, io_error, s3_client, sdk_config},
};
use tokio::runtime::Runtime;

use crate::error::CliError;

/// The one runtime that all calls of AWS are waited for on.
static RUNTIME: LazyLock<std::io::Result<Runtime>> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build());

/// A deployed lake.
pub(crate) struct Stack {
    pub(crate) stores: Stores,
    pub(crate) lake: AwsLake,
    pub(crate) config: SdkConfig,
    /// ARN of the state machine that runs jobs.
    pub(crate) state_machine: String,
    /// The template's parameters as they were deployed.
    pub(crate) parameters: HashMap<String, String>,
    runtime: &'static Runtime,
}

impl Stack {
    /// Reads the outputs and the parameters of a stack.
    pub(crate) fn open(name: &str) -> Result<Self, CliError> {
        let runtime = RUNTIME
            .as_ref()
            .map_err(|error| CliError::Io { place: "runtime".to_owned(), source: std::io::Error::other(error) })?;
        let place = format!("--stack {name}");
        runtime.block_on(async {
            let config = sdk_config().await;
            let client = aws_sdk_cloudformation::Client::new(&config);
            let described = client.describe_stacks().stack_name(name).send().await;
            let described =
                described.map_err(|error| CliError::Io { place: place.clone(), source: io_error(error) })?;
            let stack = described.stacks.into_iter().flatten().next();
            let (outputs, parameters) = stack.map(|stack| (stack.outputs, stack.parameters)).unwrap_or_default();
            let outputs = outputs.into_iter().flatten();
            let outputs: HashMap<String, String> =
                outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect();
            let parameters = parameters.into_iter().flatten();
            let parameters =
                parameters.filter_map(|given| Some((given.parameter_key?, given.parameter_value?))).collect();
            let output = |key: &str| {
                let missing = || {
                    let expected = format!("a stack of this project's template, which has an output `{key}`");
                    CliError::argument(&place, "a stack without it", expected)
                };
                outputs.get(key).cloned().ok_or_else(missing)
            };
            let lake = AwsLake {
                bucket: output("LakeBucketName")?,
                table: output("SettingsTableName")?,
                database: output("DatabaseName")?,
            };
            let stores = Stores::aws(&config, &lake);
            Ok(Self { stores, state_machine: output("StateMachineArn")?, parameters, lake, config, runtime })
        })
    }

    /// A client for S3, as the stores have theirs.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        s3_client(&self.config)
    }

    /// Waits for an answer of AWS.
    pub(crate) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}
