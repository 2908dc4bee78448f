//! Settings that were checked and completed: what the walk works by.

use std::time::Duration;

use lotline_schema::SettingsError;
use serde_json::value::RawValue;
use url::Url;

use super::{Auth, BodyFormat, HttpSettings, Paging, Watermark, providers};
use crate::{
    body::Path,
    budget::Budget,
    origin::Origin,
    template::{Slot, Template},
};

/// A source that is pulled over HTTP.
#[derive(Debug, Clone)]
pub struct HttpSource {
    pub(crate) url: Url,
    pub(crate) format: BodyFormat,
    pub(crate) records: Path,
    pub(crate) total: Option<Path>,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) page_size: u64,
    pub(crate) paging: Paging,
    pub(crate) key: Option<Path>,
    /// How changes are told from what was pulled before; none means that every pull takes all records anew.
    pub watermark: Option<Watermark>,
    pub(crate) auth: Auth,
    pub(crate) budget: Budget,
    pub(crate) timeout: Duration,
    pub(crate) attempts: u32,
    pub(crate) max_body: u64,
    pub(crate) max_pages: u64,
    first: Option<Box<HttpSource>>,
    keys: Option<Box<KeyList>>,
}

/// How all keys of a source are listed.
#[derive(Debug, Clone)]
struct KeyList {
    every: Duration,
    source: Origin,
}

/// The key at fault, and what was found and expected.
type Fault = (String, String);

impl HttpSource {
    /// Completes settings by the provider's and checks them; errors name `place` and keys under `section`.
    ///
    /// # Errors
    /// [`SettingsError`] naming the file, the key at fault and the valid choices.
    pub fn of(place: &str, section: &str, settings: HttpSettings) -> Result<Self, SettingsError> {
        let impossible = |(key, message): Fault| SettingsError::Impossible {
            place: place.to_owned(),
            key: format!("{section}.{key}"),
            message,
        };
        let settings = match settings.provider.as_deref() {
            None => settings,
            Some(name) => {
                let rules =
                    providers::rules(name).map_err(|message| impossible(("provider".to_owned(), message)))??;
                settings.over(rules)
            }
        };
        Self::whole(settings).map_err(impossible)
    }

    /// How the first pull asks.
    #[must_use]
    pub fn first(&self) -> &Self {
        self.first.as_deref().unwrap_or(self)
    }

    /// How all keys are listed, and how long after one list the next one is due; none where deletions are not looked for.
    #[must_use]
    pub fn keys(&self) -> Option<(&Origin, Duration)> {
        self.keys.as_ref().map(|keys| (&keys.source, keys.every))
    }

    /// Path of what identifies a record.
    #[must_use]
    pub fn key_path(&self) -> Option<&str> {
        self.key.as_ref().map(Path::as_str)
    }

    /// What identifies a record, as it is written there.
    #[must_use]
    pub fn key_of<'r>(&self, record: &'r RawValue) -> Option<&'r RawValue> {
        self.key.as_ref()?.of(record)
    }

    fn whole(mut settings: HttpSettings) -> Result<Self, Fault> {
        const USUAL_HOURS: u64 = 24;
        let (first, keys) = (settings.first.take(), settings.keys.take());
        let named = |section: &'static str| move |(key, message): Fault| (format!("{section}.{key}"), message);
        let first = first.map(|first| Self::part(first.of(&settings)).map(Box::new)).transpose();
        let every = keys.as_ref().map_or(0, |keys| keys.every_hours.unwrap_or(USUAL_HOURS));
        let keys = keys
            .map(|keys| Self::part(HttpSettings { watermark: None, ..keys.variation().of(&settings) }))
            .transpose()
            .map_err(named("keys"))?;
        if keys.is_some() && (settings.key.is_none() || settings.watermark.is_none()) {
            let expected = "expected `key` and `watermark` beside it: without a watermark every pull takes all records";
            return Err(("keys".to_owned(), format!("found a list of keys, {expected}")));
        }
        let every = Duration::from_secs(every.saturating_mul(3_600));
        let keys = keys.map(|source| Box::new(KeyList { every, source: Origin::Http(Box::new(source)) }));
        Ok(Self { first: first.map_err(named("first"))?, keys, ..Self::part(settings)? })
    }

    /// One kind of pull, without those that ask otherwise.
    fn part(settings: HttpSettings) -> Result<Self, Fault> {
        let url = url(settings.url.as_deref())?;
        let watermark = settings.watermark.as_ref().map(Watermark::of).transpose()?;
        let mut query = Vec::new();
        for (name, value) in &settings.query {
            let template = Template::parse(value).map_err(|message| (format!("query.{name}"), message))?;
            for (slot, missing, expected) in [
                (Slot::Watermark, watermark.is_none(), "[watermark]"),
                (Slot::Until, watermark.is_none(), "[watermark]"),
                (Slot::PageSize, settings.page_size.is_none(), "page_size"),
            ] {
                if template.uses(slot) && missing {
                    return Err((format!("query.{name}"), format!("found `{value}`, expected `{expected}` beside it")));
                }
            }
            query.push((name.clone(), template));
        }
        let page_size = between("page_size", settings.page_size, 1, 1..=1_000_000)?;
        let paging = settings.paging.unwrap_or(Paging::Single {});
        if let Paging::Offset { .. } = &paging
            && settings.page_size.is_none()
        {
            return Err(("paging".to_owned(), "found `offset`, expected `page_size` beside it".to_owned()));
        }
        Ok(Self {
            format: settings.format.unwrap_or_default(),
            records: Path::new(settings.records.as_deref().unwrap_or_default()),
            total: settings.total.as_deref().map(Path::new),
            query,
            headers: settings.headers.into_iter().collect(),
            page_size,
            paging,
            key: settings.key.as_deref().map(Path::new),
            watermark,
            auth: auth(settings.auth)?,
            budget: Budget::of(&settings.budget, settings.provider.as_deref(), &url)?,
            timeout: Duration::from_secs(between("timeout", settings.timeout, 60, 1..=900)?),
            attempts: between("attempts", settings.attempts, 6, 1..=100)?,
            max_body: between("max_body", settings.max_body, 64 << 20, 1..=1 << 30)?,
            max_pages: between("max_pages", settings.max_pages, 100_000, 1..=u64::MAX)?,
            url,
            first: None,
            keys: None,
        })
    }
}

fn url(found: Option<&str>) -> Result<Url, Fault> {
    let wrong = |found: &str| {
        let expected = "the address of the first page, such as `https://api.example.com/v1/listings`";
        ("url".to_owned(), format!("found {found}, expected {expected}"))
    };
    let text = found.ok_or_else(|| wrong("none"))?;
    let url = Url::parse(text).map_err(|error| wrong(&format!("`{text}` ({error})")))?;
    match (url.scheme(), url.host(), url.query()) {
        ("http" | "https", Some(_), None) => Ok(url),
        (_, _, Some(_)) => Err(("url".to_owned(), format!("found `{text}`, expected its parameters under `query`"))),
        _ => Err(wrong(&format!("`{text}`"))),
    }
}

fn auth(found: Option<Auth>) -> Result<Auth, Fault> {
    let auth = found.unwrap_or(Auth::None {});
    if let Auth::ClientCredentials { token_url, .. } = &auth {
        let wrong = |error: url::ParseError| {
            let expected = "the address where tokens are fetched";
            ("auth.token_url".to_owned(), format!("found `{token_url}` ({error}), expected {expected}"))
        };
        Url::parse(token_url).map_err(wrong)?;
    }
    Ok(auth)
}

/// The number that the settings say, or the usual one.
fn between<T>(key: &str, found: Option<T>, usual: T, range: std::ops::RangeInclusive<T>) -> Result<T, Fault>
where
    T: Copy + PartialOrd + std::fmt::Display,
{
    match found {
        Some(found) if !range.contains(&found) => {
            let message = format!("found {found}, expected {} to {}", range.start(), range.end());
            Err((key.to_owned(), message))
        }
        found => Ok(found.unwrap_or(usual)),
    }
}
