//! The settings of a source that is pulled over HTTP: `[sources.<name>.http]` in `job.toml`, and a provider's file.

mod checked;
mod marks;
mod providers;
#[cfg(test)]
mod tests;
mod variation;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use checked::HttpSource;
pub use marks::{MarkKind, Watermark, WatermarkSettings};
pub use variation::{KeySettings, Variation};

/// What `[sources.<name>.http]` says; what is absent the provider's file may say, then the default holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Rules that ship with Lotline, which the other keys override one by one.
    pub provider: Option<String>,
    /// Address of the first page, without its query.
    pub url: Option<String>,
    /// How bodies are written; absent means JSON.
    pub format: Option<BodyFormat>,
    /// Path of the records in a body; absent or empty means that the body is the array.
    pub records: Option<String>,
    /// Path of the declared number of records, which the walk must reach.
    pub total: Option<String>,
    /// Query parameters by name, with places such as `{watermark}`.
    pub query: BTreeMap<String, String>,
    /// Headers by name; secrets belong in `auth`.
    pub headers: BTreeMap<String, String>,
    /// Records a page, for `{page_size}`.
    pub page_size: Option<u64>,
    /// How one page leads to the next; absent means that there is one page.
    pub paging: Option<Paging>,
    /// Path of what identifies a record.
    pub key: Option<String>,
    /// How changes are told from what was pulled before; absent means that every pull takes all records anew.
    pub watermark: Option<WatermarkSettings>,
    /// How requests show who sends them; absent means not at all.
    pub auth: Option<Auth>,
    /// What the provider allows.
    pub budget: BudgetSettings,
    /// Seconds for one exchange, 1 to 900; absent means 60.
    pub timeout: Option<u64>,
    /// How often a page is asked for, 1 to 100; absent means 6.
    pub attempts: Option<u32>,
    /// Bytes of a body, decompressed, at most; absent means 64 MiB.
    pub max_body: Option<u64>,
    /// Pages of one pull, after which the feed counts as one that never ends; absent means 100,000.
    pub max_pages: Option<u64>,
    /// How the first pull asks where it asks otherwise.
    pub first: Option<Variation>,
    /// How all keys are listed to find what was deleted; absent means that deletions are not looked for.
    pub keys: Option<KeySettings>,
}

/// How bodies are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// JSON.
    #[default]
    Json,
    /// XML, read as JSON: attributes as `@name`, text beside them as `#text`.
    Xml,
}

/// How one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "style", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// There is one page.
    Single {},
    /// Pages have numbers.
    Page {
        /// The query parameter of the number.
        parameter: String,
        /// The first page's number; absent means 1.
        #[serde(default = "one")]
        first: u64,
        /// Path of how many pages there are.
        total_pages: Option<String>,
    },
    /// Pages begin at a number of records to pass over.
    Offset {
        /// The query parameter of that number.
        parameter: String,
        /// The greatest that the provider takes.
        max: Option<u64>,
    },
    /// A body has the next page's address.
    NextLink {
        /// Path of the address.
        member: String,
    },
    /// The header `Link` has the next page's address, as `rel="next"`.
    LinkHeader {},
    /// A body has a cursor that the next request hands back.
    Cursor {
        /// The query parameter of the cursor.
        parameter: String,
        /// Path of the cursor.
        member: String,
    },
}

fn one() -> u64 {
    1
}

/// How requests show who sends them; a `secret` is a name, never a value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// Not at all.
    None {},
    /// A key in a header.
    Header {
        /// The header.
        name: String,
        /// The key's name.
        secret: String,
    },
    /// A key in the query.
    Query {
        /// The parameter.
        parameter: String,
        /// The key's name.
        secret: String,
    },
    /// `Authorization: Bearer`.
    Bearer {
        /// The token's name.
        secret: String,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The user.
        user: String,
        /// The password's name.
        secret: String,
    },
    /// OAuth 2 client credentials (RFC 6749, 4.4): a token is fetched and used until it ends.
    ClientCredentials {
        /// Where tokens are fetched.
        token_url: String,
        /// The client.
        client_id: String,
        /// The name of the client's secret.
        secret: String,
        /// What is asked for.
        scope: Option<String>,
    },
}

/// What a provider allows, counted over any period of that length; absent limits are none.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetSettings {
    /// Sources with one name here share one budget; absent means the provider's name, else the host.
    pub name: Option<String>,
    /// Requests in any second.
    pub requests_per_second: Option<u64>,
    /// Requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Requests in any hour.
    pub requests_per_hour: Option<u64>,
    /// Requests in any day.
    pub requests_per_day: Option<u64>,
    /// Bytes of bodies in any hour.
    pub bytes_per_hour: Option<u64>,
    /// Headers of the provider that say what is left.
    pub quota_headers: Vec<QuotaHeaders>,
    /// Seconds without any request after the provider refused the credentials (401, 403): a suspended token is not
    /// restored by asking on; absent means 3,600.
    pub denied_pause: Option<u64>,
}

/// A pair of headers: what is left, and when it is full again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaHeaders {
    /// The header with the number of requests left.
    pub left: String,
    /// The header with the end of the period: seconds from now, or seconds or milliseconds since 1970, or a date.
    pub reset: String,
}
