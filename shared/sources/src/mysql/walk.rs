//! One pull of a query: ranges of its key in ascending order, each streamed, from one snapshot of the database.

use std::{fmt::Write, str::FromStr};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode},
};
use tokio::runtime::{Builder, Runtime};

use super::{MysqlSource, Server, Tls, record::record};
use crate::{
    client::{Ports, Traffic},
    error::{Place, SourceError},
    origin::Pages,
    walk::{Course, Next, Page, Position, Record, Seen, Step},
};

/// Bytes of one range's records, at most.
const MAX_RANGE_BYTES: usize = 64 << 20;

/// The walk's transaction sees one state of the database from its first range to its last.
const SNAPSHOT: [&str; 2] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

/// One pull of a source in MySQL. Memory: one range.
///
/// All ranges are of one snapshot; a walk that goes on where an earlier one stopped has a snapshot of its own, so rows
/// behind that place are of a later time.
pub struct MysqlWalk<'a> {
    source: &'a MysqlSource,
    options: MySqlConnectOptions,
    ports: Ports<'a>,
    deadline: Option<DateTime<Utc>>,
    position: Position,
    seen: Seen,
    traffic: Traffic,
    runtime: Runtime,
    connection: Option<MySqlConnection>,
    /// Whether there is no row behind the last range.
    ended: bool,
}

impl<'a> MysqlWalk<'a> {
    /// A walk from a position, which is where an earlier one stopped, or the default at first; it stops at the deadline.
    ///
    /// # Errors
    /// `Secret` for a secret that is not there, `Page` for one that is no address.
    pub fn new(
        source: &'a MysqlSource,
        ports: Ports<'a>,
        position: Position,
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Self, SourceError> {
        let options = options(source, ports)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| fault(&options, 1, &error.to_string()))?;
        let (seen, traffic) = (Seen::default(), Traffic::default());
        Ok(Self { source, options, ports, deadline, position, seen, traffic, runtime, connection: None, ended: false })
    }

    /// Asks for the next range.
    fn range(&mut self, course: Course) -> Result<Step, SourceError> {
        let number = course.pages + 1;
        let after = match &course.next {
            Next::Cursor(key) => Some(key.as_str()),
            _ => None,
        };
        let statement = statement(self.source, after);
        let rows = self.runtime.block_on(rows(&mut self.connection, &self.options, self.source, statement));
        self.traffic.requests += 1;
        let rows = rows.map_err(|stop| match stop {
            Stop::Failed(error) => failure(&self.options, number, &error),
            Stop::Wrong(message) => fault(&self.options, number, &message),
        })?;
        self.traffic.bytes += rows.bytes as u64;
        self.ended = !rows.more;
        // The place behind the last row too: who goes on there finds the end, and not the beginning.
        let (pages, records) = (number, course.records + rows.records.len() as u64);
        let next = rows.last.map_or(course.next, Next::Cursor);
        self.position.course = Some(Course { pages, records, next, ..course });
        Ok(Step::Page(Page { number, records: rows.records, ..Page::default() }))
    }
}

impl Pages for MysqlWalk<'_> {
    fn step(&mut self) -> Result<Step, SourceError> {
        let now = self.ports.clock.now();
        if self.ended {
            self.position.course = None;
            return Ok(Step::Done);
        }
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return Ok(Step::Paused(now));
        }
        let course = self.position.course.clone().unwrap_or_else(|| Course::begun(now));
        self.range(course)
    }

    fn position(&self) -> &Position {
        &self.position
    }

    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn traffic(&self) -> Traffic {
        self.traffic
    }
}

/// Records of one range.
#[derive(Default)]
struct Rows {
    records: Vec<Record>,
    bytes: usize,
    /// The last row's key as JSON.
    last: Option<String>,
    /// Whether there is a row behind it.
    more: bool,
}

/// Why a range did not come.
enum Stop {
    Failed(Error),
    Wrong(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn rows(
    connection: &mut Option<MySqlConnection>,
    options: &MySqlConnectOptions,
    source: &MysqlSource,
    statement: String,
) -> Result<Rows, Stop> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(connect(options).await?),
    };
    let mut stream = sqlx::raw_sql(AssertSqlSafe(statement)).fetch(connection);
    let mut rows = Rows::default();
    while let Some(row) = stream.try_next().await? {
        let members = record(&row)?;
        let key = members.get(&source.key).filter(|key| key.is_i64() || key.is_u64() || key.is_string());
        let Some(key) = key.map(Value::to_string) else {
            let found = members.get(&source.key).map_or_else(|| "no such column".to_owned(), |key| format!("`{key}`"));
            return Err(Stop::Wrong(format!(
                "found {found} as key `{}`, expected a whole number or a text",
                source.key
            )));
        };
        if rows.last.as_ref() == Some(&key) {
            return Err(Stop::Wrong(format!("found the key `{}` = {key} twice, expected one row a key", source.key)));
        }
        rows.more = rows.records.len() == source.rows_a_range as usize;
        if rows.more {
            // One row more than the range has was asked for, for what its key says.
            continue;
        }
        let text = Value::Object(members).to_string();
        rows.bytes += text.len();
        if rows.bytes > MAX_RANGE_BYTES {
            let limit = format!("found a range over {MAX_RANGE_BYTES} bytes, expected fewer `rows_a_range`");
            return Err(Stop::Wrong(limit));
        }
        rows.records.push(Record { text, mark: None });
        rows.last = Some(key);
    }
    Ok(rows)
}

async fn connect(options: &MySqlConnectOptions) -> Result<MySqlConnection, Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
    for statement in SNAPSHOT {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    Ok(connection)
}

/// The query for the range behind a key, which is a JSON number or text, and for one row more.
pub(super) fn statement(source: &MysqlSource, after: Option<&str>) -> String {
    let MysqlSource { query, key, rows_a_range, .. } = source;
    let behind = after.map_or_else(String::new, |after| format!(" WHERE `{key}` > {}", literal(after)));
    format!(
        "SELECT * FROM (\n{query}\n) AS lotline_rows{behind} ORDER BY `{key}` LIMIT {}",
        u64::from(*rows_a_range) + 1
    )
}

/// A key as SQL: a text by its bytes, so that nothing in it is read as SQL.
fn literal(key: &str) -> String {
    match serde_json::from_str(key) {
        Ok(Value::String(text)) => {
            let mut hexadecimal = String::new();
            for byte in text.bytes() {
                _ = write!(hexadecimal, "{byte:02x}");
            }
            format!("CONVERT(X'{hexadecimal}' USING utf8mb4)")
        }
        Ok(Value::Number(number)) => number.to_string(),
        _ => "NULL".to_owned(),
    }
}

/// How to connect; nothing of it is printed but host, port and database.
fn options(source: &MysqlSource, ports: Ports<'_>) -> Result<MySqlConnectOptions, SourceError> {
    let options = match &source.server {
        Server::Url(url, password) => {
            let options = MySqlConnectOptions::from_url(url);
            match (options, password) {
                (Ok(options), Some(name)) => Ok(options.password(ports.secrets.secret(name)?.expose())),
                (options, _) => options,
            }
        }
        Server::Secret(name) => MySqlConnectOptions::from_str(ports.secrets.secret(name)?.expose()),
    };
    let options = options.map_err(|_| SourceError::Page {
        place: Place { url: "mysql".to_owned(), page: 1 },
        message: "found another address, expected `mysql://user:password@host:port/database`".to_owned(),
    })?;
    let options = match source.tls {
        Tls::Disabled => options.ssl_mode(MySqlSslMode::Disabled),
        // The address itself may ask for more.
        Tls::Preferred => options,
        Tls::Required => options.ssl_mode(MySqlSslMode::Required),
        Tls::VerifyCa => options.ssl_mode(MySqlSslMode::VerifyCa),
        Tls::VerifyIdentity => options.ssl_mode(MySqlSslMode::VerifyIdentity),
    };
    let options = source.tls_ca.iter().fold(options, MySqlConnectOptions::ssl_ca);
    Ok(options.disable_statement_logging())
}

fn place(options: &MySqlConnectOptions, page: u64) -> Place {
    let (host, port) = (options.get_host(), options.get_port());
    Place { url: format!("mysql://{host}:{port}/{}", options.get_database().unwrap_or_default()), page }
}

fn fault(options: &MySqlConnectOptions, page: u64, message: &str) -> SourceError {
    SourceError::Page { place: place(options, page), message: message.to_owned() }
}

/// A lost connection may come back; what the server refuses stays refused.
fn failure(options: &MySqlConnectOptions, page: u64, error: &Error) -> SourceError {
    match error {
        Error::Io(_) | Error::Protocol(_) | Error::WorkerCrashed => {
            SourceError::Unanswered { place: place(options, page), attempts: 1, cause: error.to_string() }
        }
        Error::Database(error) => fault(options, page, error.message()),
        error => fault(options, page, &error.to_string()),
    }
}
