//! Writes a report as JSON: to a file, to S3, or to standard output.

use std::{
    fs::Permissions,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use aws_sdk_s3::{Client, config::Builder, primitives::ByteStream};
use serde::Serialize;

use crate::{
    aws,
    error::{ClientError, causes},
    settings::Place,
};

/// Writes what a place will have whole or not at all.
///
/// # Errors
/// The place cannot be written to.
pub(crate) async fn write(place: Option<&Place>, report: &impl Serialize) -> Result<(), ClientError> {
    let bytes = serde_json::to_vec_pretty(report).map(|mut bytes| {
        bytes.push(b'\n');
        bytes
    });
    let file = |path: &Path, source| ClientError::File { path: path.to_owned(), source };
    match place {
        None => {
            let written = bytes.map_err(io::Error::from).and_then(|bytes| io::stdout().write_all(&bytes));
            written.map_err(|source| file(Path::new("standard output"), source))
        }
        Some(Place::File(path)) => {
            let written = bytes.map_err(io::Error::from).and_then(|bytes| replace(path, &bytes));
            written.map_err(|source| file(path, source))
        }
        Some(Place::S3 { bucket, key }) => {
            let fault = |cause| ClientError::S3 { bucket: bucket.clone(), key: key.clone(), cause };
            let bytes = bytes.map_err(|error| fault(error.to_string()))?;
            put(bucket, key, bytes).await.map_err(fault)
        }
    }
}

/// A temporary file beside the wanted one takes its name when it is written and on disk.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let readable = Permissions::from_mode(0o644);
    let mut file = tempfile::Builder::new().prefix(".summary-").permissions(readable).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

async fn put(bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), String> {
    let config = aws::sdk_config().await;
    // Look-alikes on this machine have no host name for every bucket.
    let path_style = config.endpoint_url().is_some();
    let client = Client::from_conf(Builder::from(&config).force_path_style(path_style).build());
    let request = client.put_object().bucket(bucket).key(key).content_type("application/json");
    request.body(ByteStream::from(bytes)).send().await.map(drop).map_err(|error| causes(&error))
}
