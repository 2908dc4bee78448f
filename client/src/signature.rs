//! AWS's signature version 4 for requests to AppSync.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use http::Request;

use crate::error::{ClientError, causes};

const SERVICE: &str = "appsync";
/// How long before their end credentials are replaced.
const MARGIN: Duration = Duration::from_secs(300);

/// Signs requests, with credentials that are asked for again when they end.
#[derive(Debug)]
pub(crate) struct Signer {
    region: String,
    provider: SharedCredentialsProvider,
    held: Option<Credentials>,
}

impl Signer {
    pub(crate) fn new(region: &str, provider: SharedCredentialsProvider) -> Self {
        Self { region: region.to_owned(), provider, held: None }
    }

    /// Adds the signature's headers; `body` is what will be sent, and the request's other headers are signed too.
    ///
    /// # Errors
    /// No credentials, or a request that cannot be signed.
    pub(crate) async fn sign<B>(&mut self, request: &mut Request<B>, body: &[u8]) -> Result<(), ClientError> {
        self.sign_at(request, body, SystemTime::now()).await
    }

    pub(crate) async fn sign_at<B>(
        &mut self,
        request: &mut Request<B>,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), ClientError> {
        let identity: Identity = self.credentials(now).await?.into();
        let fault = |error: &dyn std::error::Error| ClientError::Signature(causes(error));
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| fault(&error))?
            .into();
        let uri = request.uri().to_string();
        let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(request.method().as_str(), uri, headers, SignableBody::Bytes(body))
            .map_err(|error| fault(&error))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|error| fault(&error))?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    async fn credentials(&mut self, now: SystemTime) -> Result<Credentials, ClientError> {
        match &self.held {
            Some(held) if held.expiry().is_none_or(|end| end > now + MARGIN) => Ok(held.clone()),
            _ => {
                let found = self.provider.provide_credentials().await;
                let found = found.map_err(|error| ClientError::Signature(causes(&error)))?;
                Ok(self.held.insert(found).clone())
            }
        }
    }
}
