//! Rows of MySQL and MariaDB: `[sources.<name>.mysql]` in `job.toml`, read by ranges of a key.

#[cfg(feature = "mysql")]
mod record;
#[cfg(all(test, feature = "mysql"))]
mod tests;
#[cfg(feature = "mysql")]
mod walk;

use std::num::NonZeroU32;

use lotline_schema::SettingsError;
use serde::Deserialize;
use url::Url;

#[cfg(feature = "mysql")]
pub use walk::MysqlWalk;

/// What `[sources.<name>.mysql]` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MysqlSettings {
    /// The server, such as `mysql://reader@db.example.com:3306/shop`; its password belongs in `password`.
    pub url: Option<String>,
    /// Name of the secret with the server's whole address, in place of `url` and `password`.
    pub url_secret: Option<String>,
    /// Name of the secret with the password; absent means that there is none.
    pub password: Option<String>,
    /// How the connection is encrypted; absent means what the server can.
    #[serde(default)]
    pub tls: Tls,
    /// File with the certificates of the authorities to trust, in PEM; absent means the usual ones.
    pub tls_ca: Option<String>,
    /// The rows: one query, such as `SELECT * FROM user`.
    pub query: String,
    /// The column of the query's answer that identifies a row and that ranges are cut by; an index should lead to it.
    pub key: String,
    /// Rows of one range, which are held in memory; absent means 10,000.
    pub rows_a_range: Option<NonZeroU32>,
}

/// How a connection is encrypted, from not at all to with proof that the server is who it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Never.
    Disabled,
    /// Where the server can.
    #[default]
    Preferred,
    /// Always; the server's certificate is not looked at.
    Required,
    /// Always, with a certificate of an authority that is trusted.
    VerifyCa,
    /// Always, with a certificate of an authority that is trusted and of the host's name.
    VerifyIdentity,
}

/// A source that is read from MySQL.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "mysql"),
    expect(dead_code, reason = "checked by every binary, read by those with the client")
)]
pub struct MysqlSource {
    pub(crate) server: Server,
    pub(crate) tls: Tls,
    pub(crate) tls_ca: Option<String>,
    pub(crate) query: String,
    pub(crate) key: String,
    pub(crate) rows_a_range: u32,
}

/// Where the server is; the strings are names of secrets.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "mysql"),
    expect(dead_code, reason = "checked by every binary, read by those with the client")
)]
pub(crate) enum Server {
    Url(Url, Option<String>),
    Secret(String),
}

impl MysqlSource {
    /// Checks settings; errors name `place` and keys under `section`.
    ///
    /// # Errors
    /// [`SettingsError`] naming the file, the key at fault and the valid choices.
    pub fn of(place: &str, section: &str, settings: MysqlSettings) -> Result<Self, SettingsError> {
        const USUAL_ROWS: u32 = 10_000;
        let impossible = |(key, message): (&str, String)| SettingsError::Impossible {
            place: place.to_owned(),
            key: format!("{section}.{key}"),
            message,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if settings.key.is_empty() || !settings.key.bytes().all(plain) {
            let message = format!("found `{}`, expected the name of a column of the query's answer", settings.key);
            return Err(impossible(("key", message)));
        }
        Ok(Self {
            server: Server::of(&settings).map_err(impossible)?,
            tls: settings.tls,
            tls_ca: settings.tls_ca,
            query: settings.query.trim().trim_end_matches(';').to_owned(),
            key: settings.key,
            rows_a_range: settings.rows_a_range.map_or(USUAL_ROWS, NonZeroU32::get),
        })
    }
}

impl Server {
    fn of(settings: &MysqlSettings) -> Result<Self, (&'static str, String)> {
        match (&settings.url, &settings.url_secret) {
            (Some(text), None) => {
                let url = Url::parse(text).ok().filter(|url| ["mysql", "mariadb"].contains(&url.scheme()));
                let expected = "`mysql://user@host:port/database`";
                let url = url.ok_or_else(|| ("url", format!("found another address, expected {expected}")))?;
                if url.password().is_some() {
                    return Err(("url", "found a password, expected it in a secret that `password` names".to_owned()));
                }
                Ok(Self::Url(url, settings.password.clone()))
            }
            (None, Some(_)) if settings.password.is_some() => {
                Err(("password", "found beside `url_secret`, whose address has it, expected one of them".to_owned()))
            }
            (None, Some(secret)) => Ok(Self::Secret(secret.clone())),
            (Some(_), Some(_)) => Err(("url", "found beside `url_secret`, expected one of them".to_owned())),
            (None, None) => Err(("url", "found neither it nor `url_secret`, expected one of them".to_owned())),
        }
    }
}
