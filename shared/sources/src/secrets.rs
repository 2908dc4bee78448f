//! Secrets by name: settings name them, the environment (or a vault) holds them, and nothing prints them.

use std::{env, fmt};

/// A secret's value. It prints as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for a request and nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// What is shown in a secret's place.
pub(crate) const MASK: &str = "***";

/// Where secrets are kept.
pub trait Secrets: Send + Sync {
    /// The secret of that name.
    ///
    /// # Errors
    /// [`MissingSecret`], which says where it was looked for.
    fn secret(&self, name: &str) -> Result<Secret, MissingSecret>;
}

/// A secret that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found no secret `{name}`, expected it in {place}")]
pub struct MissingSecret {
    /// Its name in the settings.
    pub name: String,
    /// Where it was looked for.
    pub place: String,
}

/// Secrets in environment variables of their names.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnvironmentSecrets;

impl Secrets for EnvironmentSecrets {
    fn secret(&self, name: &str) -> Result<Secret, MissingSecret> {
        let missing = || MissingSecret { name: name.to_owned(), place: format!("environment variable `{name}`") };
        env::var(name).ok().filter(|value| !value.is_empty()).map(Secret).ok_or_else(missing)
    }
}
