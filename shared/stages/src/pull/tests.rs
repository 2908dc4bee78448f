//! Pulls into a lake: nothing lost and nothing doubled, whoever dies or works beside.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use lotline_sources::{Clock, MissingSecret, Request, Response, Secret, Secrets, Transport, TransportError};
use lotline_store::{SettingsFiles, State, States, StoreError, Stores};
use serde_json::Value;

use super::*;
use crate::{ingest, validate};

/// A day begins; waits pass in no time.
#[derive(Default)]
struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) {
        self.0.fetch_add(duration.as_secs().max(1), Ordering::Relaxed);
    }
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn secret(&self, name: &str) -> Result<Secret, MissingSecret> {
        Err(MissingSecret { name: name.to_owned(), place: "the test".to_owned() })
    }
}

/// Key and mark of every record, in order of mark; two a page by `offset`, from `since` on. Something may happen before
/// a request is answered.
#[derive(Default)]
struct Feed<'a> {
    rows: Mutex<Vec<(u64, i64)>>,
    happens: Option<Box<dyn Fn(u64) + Sync + Send + 'a>>,
    requests: AtomicU64,
}

impl Transport for Feed<'_> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some(happens) = &self.happens {
            happens(count);
        }
        let number = |name: &str| {
            let said = request.url.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            said.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0)
        };
        let rows = self.rows.lock().unwrap().clone();
        let rows = rows.into_iter().filter(|(_, mark)| *mark >= number("since"));
        let page = rows.skip(usize::try_from(number("offset")).unwrap()).take(2);
        let page: Vec<Value> = page.map(|(id, at)| serde_json::json!({"id": id, "at": at, "name": "n"})).collect();
        Ok(Response { status: 200, headers: Vec::new(), body: Value::Array(page).to_string().into_bytes() })
    }
}

/// Forgets to move a pull's cursor once: the worker dies between writing a part and that.
struct Dying {
    states: Arc<dyn States>,
    lives: AtomicU64,
}

impl States for Dying {
    fn state(&self, name: &str) -> Result<Option<State>, StoreError> {
        self.states.state(name)
    }

    fn save(&self, name: &str, seen: Option<u64>, value: &Value) -> Result<bool, StoreError> {
        if name.starts_with("pull/") && self.lives.fetch_sub(1, Ordering::Relaxed) == 0 {
            return Err(StoreError::Absent);
        }
        self.states.save(name, seen, value)
    }
}

const TABLE: &str = "key = ['id']\nversion = 'at'\ndeleted = 'deleted_at'\n\
    columns = [{ name = 'id', source = 'record.id', type = 'integer' }, { name = 'at', source = 'record.at', type = 'integer' },\
    { name = 'name', source = 'record.name', type = 'text', required = true }, { name = 'deleted_at', type = 'timestamp' }]\n";
const WATERMARK: &str =
    "query = { since = '{watermark}' }\nwatermark = { field = 'at', kind = 'integer', overlap = 2 }\n";
const KEYS: &str = "keys = { query = {}, every_hours = 24 }\n";

fn job(more: &str) -> Job {
    Job::parse("j", &files(more)).unwrap()
}

fn files(more: &str) -> SettingsFiles {
    let http = "[sources.rows.http]\nurl = 'https://vendor.test/rows'\npage_size = 2\nkey = 'id'\n\
                paging = { style = 'offset', parameter = 'offset' }\n";
    [("job.toml", format!("name = 'j'\n{http}{more}")), ("tables/rows.toml", TABLE.to_owned())]
        .map(|(name, text)| (name.to_owned(), text))
        .into()
}

struct Lake {
    _folder: tempfile::TempDir,
    stores: Stores,
    clock: TestClock,
}

impl Lake {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::local(folder.path()).unwrap();
        Self { _folder: folder, stores, clock: TestClock::default() }
    }

    fn pull_with(&self, stores: &Stores, job: &Job, feed: &Feed<'_>, scope: &Scope) -> Result<PullReport, StageError> {
        let outside = Outside { transport: feed, clock: &self.clock, secrets: &NoSecrets, deadline: None };
        run(stores, outside, job, "rows", scope, &mut |_| ())
    }

    fn pull(&self, job: &Job, feed: &Feed<'_>) -> PullReport {
        self.pull_with(&self.stores, job, feed, &Scope::News).unwrap()
    }

    /// The lines that a run reads.
    fn lines(&self, job: &Job) -> Vec<Value> {
        let read = |input: crate::Input| self.stores.objects.get(&input.path).unwrap().unwrap();
        let bytes: Vec<u8> = ingest::pulled(&self.stores, job, "rows").unwrap().into_iter().flat_map(read).collect();
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    fn ids(&self, job: &Job) -> Vec<u64> {
        let mut ids: Vec<u64> = self.lines(job).iter().map(|line| line["record"]["id"].as_u64().unwrap()).collect();
        ids.sort_unstable();
        ids
    }
}

fn feed(rows: impl IntoIterator<Item = (u64, i64)>) -> Feed<'static> {
    Feed { rows: Mutex::new(rows.into_iter().collect()), ..Feed::default() }
}

fn ten() -> impl Iterator<Item = (u64, i64)> {
    (0..10).map(|id| (id, 1 + i64::try_from(id).unwrap() / 3))
}

#[test]
fn a_pull_writes_what_is_new_and_nothing_twice() {
    let (lake, job, feed) = (Lake::new(), job(WATERMARK), feed(ten()));
    let first = lake.pull(&job, &feed);
    assert_eq!((first.done, first.records, first.parts), (true, 10, 1));
    assert_eq!(lake.ids(&job), (0..10).collect::<Vec<_>>());
    let quiet = lake.pull(&job, &feed);
    assert_eq!((quiet.records, quiet.parts), (0, 0), "no new file, so the run is the same");
    feed.rows.lock().unwrap().push((10, 4));
    assert_eq!(lake.pull(&job, &feed).records, 1);
    assert_eq!(lake.ids(&job), (0..11).collect::<Vec<_>>());
    let line = &lake.lines(&job)[0];
    assert!(line["pulled_at"].is_string() && line["page"].is_u64() && line["record"]["name"] == "n", "{line}");
}

#[test]
fn a_worker_that_dies_before_the_cursor_moves_loses_and_doubles_nothing() {
    for (more, copies) in [(WATERMARK, false), ("", true)] {
        let (lake, job, feed) = (Lake::new(), job(more), feed(ten()));
        let dying = Dying { states: Arc::clone(&lake.stores.states), lives: AtomicU64::new(0) };
        let stores = Stores { states: Arc::new(dying), ..lake.stores.clone() };
        lake.pull_with(&stores, &job, &feed, &Scope::News).unwrap_err();
        feed.rows.lock().unwrap().push((10, 5));
        let next = lake.pull(&job, &feed);
        assert_eq!(lake.ids(&job), (0..11).collect::<Vec<_>>(), "{next:?}");
        assert_eq!(next.records, if copies { 11 } else { 1 }, "{next:?}");
    }
}

#[test]
fn two_workers_at_once_write_every_record_once() {
    let (lake, job) = (Lake::new(), job(WATERMARK));
    let inner = feed(ten());
    let (lake_beside, job_beside) = (&lake, &job);
    let beside = move |request| {
        if request == 2 {
            assert_eq!(lake_beside.pull(job_beside, &inner).records, 10);
        }
    };
    let outer = Feed { happens: Some(Box::new(beside)), ..feed(ten().chain([(10, 5)])) };
    let report = lake.pull(&job, &outer);
    assert_eq!((report.done, report.records), (true, 1));
    assert_eq!(lake.ids(&job), (0..11).collect::<Vec<_>>());
}

#[test]
fn without_a_watermark_the_last_whole_copy_is_read() {
    let (lake, job, feed) = (Lake::new(), job(""), feed(ten()));
    let read = || ingest::pulled(&lake.stores, &job, "rows").unwrap();
    lake.pull(&job, &feed);
    let first = read();
    assert_eq!(lake.ids(&job).len(), 10);
    lake.pull(&job, &feed);
    assert_eq!(read(), first, "an equal copy is the same run");
    feed.rows.lock().unwrap().retain(|(id, _)| *id != 3);
    lake.pull(&job, &feed);
    assert_eq!(lake.ids(&job), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    let folders: BTreeSet<String> = (lake.stores.objects.list("pulled/").unwrap().into_iter())
        .map(|object| object.key.rsplit_once('/').unwrap().0.to_owned())
        .collect();
    assert_eq!(folders.len(), 2, "the one before may still be read: {folders:?}");
}

#[test]
fn keys_that_are_no_longer_listed_are_deletions() {
    let (lake, job, feed) = (Lake::new(), job(&format!("{WATERMARK}{KEYS}")), feed(ten()));
    assert_eq!(lake.pull(&job, &feed).deleted, 0);
    feed.rows.lock().unwrap().retain(|(id, _)| *id != 3 && *id != 7);
    assert_eq!(lake.pull(&job, &feed).deleted, 0, "it is not time");
    lake.clock.sleep(Duration::from_secs(25 * 3_600));
    let found = lake.pull(&job, &feed);
    assert_eq!((found.deleted, found.records), (2, 0));
    let deleted = lake.lines(&job).into_iter().filter(|line| line["deleted_at"].is_string());
    let deleted: Vec<Value> = deleted.map(|line| line["record"].clone()).collect();
    assert_eq!(deleted, [serde_json::json!({"id": 3, "at": 5}), serde_json::json!({"id": 7, "at": 5})]);
    let again = lake.pull_with(&lake.stores, &job, &feed, &Scope::Deletions).unwrap();
    assert_eq!(again.deleted, 0, "a deletion is found once");
    feed.rows.lock().unwrap().clear();
    let outage = lake.pull_with(&lake.stores, &job, &feed, &Scope::Deletions).unwrap_err();
    assert!(matches!(outage, StageError::Source { .. }), "an empty list deletes nothing: {outage}");
}

#[test]
fn a_deletion_takes_its_row_out_of_the_table_and_the_ledger_balances() {
    let (lake, feed) = (Lake::new(), feed(ten()));
    let files = files(&format!("{WATERMARK}{KEYS}"));
    let job = Job::parse("j", &files).unwrap();
    lake.pull(&job, &feed);
    feed.rows.lock().unwrap().retain(|(id, _)| *id != 3 && *id != 7);
    lake.clock.sleep(Duration::from_secs(25 * 3_600));
    lake.pull(&job, &feed);
    let table = || {
        let inputs = [("rows".to_owned(), ingest::pulled(&lake.stores, &job, "rows").unwrap())].into();
        let manifest = crate::Manifest::new("j", &job, files.clone(), inputs, 1 << 26).plan(&lake.stores).unwrap();
        for file in 0..manifest.inputs["rows"].len() {
            ingest::file(&lake.stores, &manifest, "rows", file).unwrap();
        }
        for (file, chunk) in validate::chunks(&lake.stores, &manifest, "rows").unwrap() {
            validate::chunk(&lake.stores, &manifest, "rows", file, chunk).unwrap();
        }
        for bucket in 0..validate::buckets(&manifest, "rows") {
            validate::bucket(&lake.stores, &manifest, "rows", bucket).unwrap();
        }
        let report = validate::table(&lake.stores, &manifest, "rows").unwrap();
        (report.read, report.accepted, report.superseded, report.duplicate, report.quarantined)
    };
    assert_eq!(table(), (12, 8, 4, 0, 0), "two records and their two deletions are superseded");
    // One comes back, later than its deletion.
    feed.rows.lock().unwrap().push((3, 6));
    lake.pull(&job, &feed);
    assert_eq!(table(), (13, 9, 4, 0, 0));
}

#[test]
fn a_window_is_pulled_beside_the_news() {
    let (lake, job, feed) = (Lake::new(), job(WATERMARK), feed(ten()));
    lake.pull(&job, &feed);
    let window = |from: &str, until: &str| Scope::Window { from: from.to_owned(), until: until.to_owned() };
    let backfill = lake.pull_with(&lake.stores, &job, &feed, &window("1", "2")).unwrap();
    assert_eq!((backfill.done, backfill.records), (true, 6));
    assert_eq!(lake.ids(&job).len(), 16, "the table keeps the latest of each key");
    for (from, until) in [("2", "1"), ("x", "2")] {
        let refused = lake.pull_with(&lake.stores, &job, &feed, &window(from, until)).unwrap_err();
        assert!(matches!(refused, StageError::BadRequest { .. }), "{refused}");
    }
}
