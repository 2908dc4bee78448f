//! The environment variables of the functions, read once at start.

use std::{env, path::Path};

use lambda_runtime::Error;
use lotline_store::{
    Stores,
    aws::{AwsLake, sdk_config},
};

/// The lake: `s3://<bucket>`, or a folder where the function runs beside a local lake.
pub const LAKE_VARIABLE: &str = "LOTLINE_LAKE";
/// The DynamoDB table of runs, settings and published versions; read for a lake on S3.
pub const TABLE_VARIABLE: &str = "LOTLINE_TABLE";
/// The Glue database whose tables readers see; read for a lake on S3.
pub const DATABASE_VARIABLE: &str = "LOTLINE_DATABASE";

/// All stores that the environment names.
///
/// # Errors
/// A variable that is missing, and the lake's own.
pub async fn stores() -> Result<Stores, Error> {
    let lake = variable(LAKE_VARIABLE)?;
    let Some(bucket) = bucket(&lake) else { return Ok(Stores::local(Path::new(&lake))?) };
    let lake = AwsLake { bucket, table: variable(TABLE_VARIABLE)?, database: variable(DATABASE_VARIABLE)? };
    Ok(Stores::aws(&sdk_config().await, &lake))
}

/// The objects that the environment names, and nothing beside them where the lake is on S3.
pub(crate) async fn objects() -> Result<Stores, Error> {
    let lake = variable(LAKE_VARIABLE)?;
    match bucket(&lake) {
        Some(bucket) => Ok(Stores::aws_objects(&sdk_config().await, &bucket)),
        None => Ok(Stores::local(Path::new(&lake))?),
    }
}

/// The bucket of a lake on S3; `None` for a folder.
pub fn bucket(lake: &str) -> Option<String> {
    Some(lake.strip_prefix("s3://")?.trim_end_matches('/').to_owned())
}

/// The value of an environment variable.
///
/// # Errors
/// Its name, where it is missing.
pub fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|_| format!("environment variable `{name}` is missing").into())
}
