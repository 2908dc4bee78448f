//! Requests over the network: HTTP/1.1, TLS by rustls, gzip.

use std::{io, time::Duration};

use ureq::{Agent, Body, Error, http};

use crate::transport::{Request, Response, Transport, TransportError};

const USER_AGENT: &str = concat!("lotline/", env!("CARGO_PKG_VERSION"));
/// How long an idle connection is kept for the next page.
const IDLE: Duration = Duration::from_secs(60);

/// The network; connections are kept from page to page.
#[derive(Debug, Clone)]
pub struct Internet {
    agent: Agent,
}

impl Default for Internet {
    fn default() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_age(IDLE)
            .user_agent(USER_AGENT)
            .build();
        Self { agent: Agent::new_with_config(config) }
    }
}

impl Transport for Internet {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let fault = |error| fault(error, request);
        let answer = self.ask(request).map_err(fault)?;
        let (head, mut body) = answer.into_parts();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = body.with_config().limit(request.max_body).read_to_vec().map_err(fault)?;
        Ok(Response { status: head.status.as_u16(), headers, body })
    }
}

impl Internet {
    fn ask(&self, request: &Request) -> Result<http::Response<Body>, Error> {
        let mut head = http::Request::builder().uri(&request.url);
        for (name, value) in &request.headers {
            head = head.header(name, value);
        }
        let timeout = Some(request.timeout);
        match &request.form {
            Some(form) => {
                let head = head.method("POST").header("content-type", "application/x-www-form-urlencoded");
                let post = head.body(form.as_str())?;
                self.agent.run(self.agent.configure_request(post).timeout_global(timeout).build())
            }
            None => {
                let get = head.body(())?;
                self.agent.run(self.agent.configure_request(get).timeout_global(timeout).build())
            }
        }
    }
}

fn fault(error: Error, request: &Request) -> TransportError {
    match error {
        Error::Timeout(_) => TransportError::TimedOut(request.timeout),
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => TransportError::TimedOut(request.timeout),
        Error::BodyExceedsLimit(_) => TransportError::TooLarge(request.max_body),
        Error::BadUri(_) | Error::Http(_) | Error::Rustls(_) | Error::Tls(_) => {
            TransportError::Refused(error.to_string())
        }
        error => TransportError::Broken(error.to_string()),
    }
}
