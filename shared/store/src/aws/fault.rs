//! What the SDK reports, in the words of the operating system.

use std::{error::Error, io};

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};

/// Codes of requests that may succeed when made again, beside the status codes that say so.
const THROTTLED: [&str; 10] = [
    "OperationTimeoutException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// An SDK error as one of the system: `TimedOut` where the same request may succeed when made again.
pub fn io_error<E>(error: SdkError<E, HttpResponse>) -> io::Error
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let kind = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            io::ErrorKind::TimedOut
        }
        SdkError::ServiceError(service) => match (service.raw().status().as_u16(), error.code()) {
            (_, Some(code)) if THROTTLED.contains(&code) => io::ErrorKind::TimedOut,
            (_, Some("AccessDenied" | "AccessDeniedException")) | (401 | 403, _) => io::ErrorKind::PermissionDenied,
            (404, _) => io::ErrorKind::NotFound,
            (429 | 500..=599, _) => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        },
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, DisplayErrorContext(error).to_string())
}

/// The status code of the response, 0 when there was none.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}
