//! How requests show who sends them, and how what they show stays out of every message.

use std::{sync::Mutex, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use crate::{
    address::{encoded, with_parameters, without_parameter},
    clock::after,
    secrets::{MASK, MissingSecret, Secret, Secrets},
    settings::Auth,
    transport::{Request, Response},
};

/// A fetched token.
struct Token {
    secret: Secret,
    ends: DateTime<Utc>,
}

/// The credentials of a source, with their secrets.
pub(crate) struct Credentials {
    auth: Auth,
    secret: Option<Secret>,
    token: Mutex<Option<Token>>,
}

/// The part of a token endpoint's answer that counts (RFC 6749, 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<f64>,
}

impl Credentials {
    pub(crate) fn of(auth: &Auth, secrets: &dyn Secrets) -> Result<Self, MissingSecret> {
        let name = match auth {
            Auth::None {} => None,
            Auth::Header { secret, .. }
            | Auth::Query { secret, .. }
            | Auth::Bearer { secret }
            | Auth::Basic { secret, .. }
            | Auth::ClientCredentials { secret, .. } => Some(secret),
        };
        let secret = name.map(|name| secrets.secret(name)).transpose()?;
        Ok(Self { auth: auth.clone(), secret, token: Mutex::new(None) })
    }

    /// The request for a token, where one is needed and none is at hand.
    pub(crate) fn token_request(&self, now: DateTime<Utc>, timeout: Duration) -> Option<Request> {
        const MAX_BODY: u64 = 1 << 20;
        let Auth::ClientCredentials { token_url, client_id, scope, .. } = &self.auth else { return None };
        if self.held().as_ref().is_some_and(|token| token.ends > now) {
            return None;
        }
        let scope = scope.iter().map(|scope| format!("&scope={}", encoded(scope)));
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}{}",
            encoded(client_id),
            encoded(self.exposed()),
            scope.collect::<String>()
        );
        Some(Request {
            url: token_url.clone(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            form: Some(form),
            timeout,
            max_body: MAX_BODY,
        })
    }

    /// Keeps the token of an answer; one without a token is answered with what was found and expected.
    pub(crate) fn keep_token(&self, response: &Response, now: DateTime<Utc>) -> Result<(), String> {
        const USUAL_SECONDS: f64 = 3_600.0;
        /// A token is renewed that long before its end.
        const EARLY: f64 = 60.0;
        // Serde's message may quote the body, and the body is a secret.
        let granted: Granted = serde_json::from_slice(&response.body)
            .map_err(|_| "found an answer without `access_token`, expected a token".to_owned())?;
        let seconds = granted.expires_in.unwrap_or(USUAL_SECONDS);
        let valid = Duration::try_from_secs_f64((seconds - EARLY).max(seconds / 2.0)).unwrap_or_default();
        *self.held() = Some(Token { secret: Secret::new(granted.access_token), ends: after(now, valid) });
        Ok(())
    }

    /// Drops a token that was refused; whether there was one.
    pub(crate) fn drop_token(&self) -> bool {
        self.held().take().is_some()
    }

    /// An address and headers that show who sends.
    pub(crate) fn sign(&self, url: Url) -> (Url, Option<(String, String)>) {
        let authorization = |value: String| Some(("authorization".to_owned(), value));
        match &self.auth {
            Auth::None {} => (url, None),
            Auth::Header { name, .. } => (url, Some((name.clone(), self.exposed().to_owned()))),
            Auth::Query { parameter, .. } => {
                (with_parameters(url, &[(parameter.clone(), self.exposed().to_owned())]), None)
            }
            Auth::Bearer { .. } => (url, authorization(format!("Bearer {}", self.exposed()))),
            Auth::Basic { user, .. } => {
                (url, authorization(format!("Basic {}", STANDARD.encode(format!("{user}:{}", self.exposed())))))
            }
            Auth::ClientCredentials { .. } => {
                let token = self.held().as_ref().map(|token| token.secret.expose().to_owned()).unwrap_or_default();
                (url, authorization(format!("Bearer {token}")))
            }
        }
    }

    /// An address without what shows who sends: what cursors keep.
    pub(crate) fn unsigned(&self, url: Url) -> Url {
        match &self.auth {
            Auth::Query { parameter, .. } => without_parameter(url, parameter),
            _ => url,
        }
    }

    /// A text without secrets.
    pub(crate) fn masked(&self, text: &str) -> String {
        let token = self.held().as_ref().map(|token| token.secret.clone());
        let secrets = self.secret.iter().cloned().chain(token);
        secrets.fold(text.to_owned(), |text, secret| {
            text.replace(&encoded(secret.expose()), MASK).replace(secret.expose(), MASK)
        })
    }

    fn exposed(&self) -> &str {
        self.secret.as_ref().map_or("", Secret::expose)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
