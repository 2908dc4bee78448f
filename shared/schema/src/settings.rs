//! Reading settings files so that a mistake names its file, its line and the valid choices.

use serde::de::DeserializeOwned;

/// A settings file that cannot be used as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The text is not the TOML that was expected: a syntax error, an unknown key or a wrong type.
    #[error("{place}:{line}: {message}")]
    Unreadable {
        /// The file's path.
        place: String,
        /// Line of the mistake, from 1.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// Every key is known, but what they say together is impossible.
    #[error("{place}: `{key}`: {message}")]
    Impossible {
        /// The file's path.
        place: String,
        /// The key that is at fault.
        key: String,
        /// What was found and what was expected.
        message: String,
    },
}

/// Parses TOML settings; `place` is the path that errors name.
///
/// # Errors
/// [`SettingsError::Unreadable`] with the line, for bad syntax, unknown keys and wrong types.
pub fn parse_settings<T: DeserializeOwned>(place: &str, text: &str) -> Result<T, SettingsError> {
    toml::from_str(text).map_err(|error| SettingsError::Unreadable {
        place: place.to_owned(),
        line: error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count()),
        message: error.message().replace('\n', " "),
    })
}
