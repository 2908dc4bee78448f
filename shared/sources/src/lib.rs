//! What a source is pulled from: vendor APIs over paged HTTP and databases, declared in settings, walked page by page.
//!
//! [`HttpSource`] and [`MysqlSource`] are what the settings say, checked; [`Walk`] and its like are one
//! pull of it. The engine knows neither files nor runs:
//! whoever drives it keeps records and position. Every request goes through a [`Transport`], every wait through a
//! [`Clock`], every limit of a provider through the lake's states, so that a day of hundreds of providers can be simulated
//! in one process.

mod address;
mod body;
mod budget;
mod client;
mod clock;
mod credentials;
mod error;
mod internet;
mod mysql;
mod origin;
mod retry;
mod secrets;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod transport;
mod walk;

pub use client::{Ports, Traffic};
pub use clock::{Clock, SystemClock};
pub use error::{Place, SourceError};
pub use internet::Internet;
#[cfg(feature = "mysql")]
pub use mysql::MysqlWalk;
pub use mysql::{MysqlSettings, MysqlSource, Tls};
pub use origin::{Origin, Pages};
pub use secrets::{EnvironmentSecrets, MissingSecret, Secret, Secrets};
pub use settings::{
    Auth, BodyFormat, BudgetSettings, HttpSettings, HttpSource, KeySettings, MarkKind, Paging, QuotaHeaders, Variation,
    Watermark, WatermarkSettings,
};
pub use transport::{Request, Response, Transport, TransportError};
pub use walk::{Course, Page, Position, Record, Seen, Span, Step, Walk};
