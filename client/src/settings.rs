//! What the client is told: flags, and environment variables where no flag is given.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Parser, ValueEnum};
use http::Uri;

use crate::{
    aws,
    endpoint::{Auth, Endpoint},
    error::ClientError,
    signature::Signer,
};

/// Reads the merged properties through GraphQL, computes their summary and compares it with the published one.
#[derive(Debug, Parser)]
#[command(
    name = "lotline-client",
    version,
    after_help = "Exit codes: 0 the published summary is right, 1 it is not, 2 failed.\n\
                  Region and credentials are found as the AWS SDKs do; in ECS they are those of the task."
)]
pub(crate) struct Settings {
    /// The GraphQL endpoint's address
    #[arg(long, env = "LOTLINE_ENDPOINT", value_name = "URL")]
    endpoint: Uri,
    /// The job whose published summary is checked
    #[arg(long, env = "LOTLINE_JOB", default_value = "properties")]
    pub(crate) job: String,
    /// Where the summary goes as JSON: s3://BUCKET/KEY or a file; standard output if not given
    #[arg(long, env = "LOTLINE_OUT", value_name = "PLACE")]
    pub(crate) out: Option<Place>,
    /// How to sign in; if not given: api-key where there is a key, none at a loopback address, else iam
    #[arg(long, env = "LOTLINE_AUTH")]
    auth: Option<SignIn>,
    /// The API key
    #[arg(long, env = "LOTLINE_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: Option<String>,
    /// Properties asked for at once
    #[arg(long, env = "LOTLINE_PAGE_SIZE", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) page_size: u32,
    /// Seconds that one attempt of a request may take
    #[arg(long, env = "LOTLINE_TIMEOUT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600), value_name = "SECONDS")]
    timeout: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SignIn {
    /// Requests are signed with AWS credentials
    Iam,
    /// Requests carry an API key
    ApiKey,
    /// Nothing, for a server on this machine
    None,
}

/// Where a summary goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    S3 { bucket: String, key: String },
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(address) = text.strip_prefix("s3://") else { return Ok(Self::File(text.into())) };
        match address.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            _ => Err(format!("found `{text}`, expected s3://BUCKET/KEY")),
        }
    }
}

impl Settings {
    /// The endpoint with what it takes to sign in there.
    ///
    /// # Errors
    /// An address that is none, secrets that would travel in clear text, a missing key or region.
    pub(crate) async fn endpoint(&self) -> Result<Endpoint, ClientError> {
        let fault = |fault| ClientError::Endpoint { url: self.endpoint.to_string(), fault };
        let scheme = self.endpoint.scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") || self.endpoint.host().is_none() {
            return Err(fault("expected an address that begins with https:// or http://"));
        }
        let sign_in = self.sign_in();
        if scheme == "http" && !self.is_loopback() && !matches!(sign_in, SignIn::None) {
            return Err(fault("keys and signatures are sent by https:// only"));
        }
        let auth = match sign_in {
            SignIn::None => Auth::None,
            SignIn::ApiKey => Auth::ApiKey(self.api_key.clone().ok_or_else(|| fault("no API key was given"))?),
            SignIn::Iam => {
                let config = aws::sdk_config().await;
                let region = config.region().ok_or_else(|| fault("no region to sign for; set AWS_REGION"))?;
                let provider = config.credentials_provider().ok_or_else(|| fault("no AWS credentials"))?;
                Auth::Iam(Signer::new(region.as_ref(), provider))
            }
        };
        Ok(Endpoint::new(self.endpoint.clone(), auth, Duration::from_secs(self.timeout)))
    }

    fn sign_in(&self) -> SignIn {
        match (self.auth, &self.api_key) {
            (Some(auth), _) => auth,
            (None, Some(_)) => SignIn::ApiKey,
            (None, None) if self.is_loopback() => SignIn::None,
            (None, None) => SignIn::Iam,
        }
    }

    fn is_loopback(&self) -> bool {
        matches!(self.endpoint.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
    }
}
