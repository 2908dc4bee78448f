//! Measures what the fields of the contract cost on a lake, as `cargo xtask bench serve` does: time, reads and bytes an
//! answer, with footers at hand (warm) and not (cold), as storage is and with so many milliseconds added to each read.
//!
//! `cargo run --release --package lotline-api --example lookups LAKE [MILLISECONDS]`

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use lotline_api::{Actions, Api, ApiError, ErrorKind, Field};
use lotline_formats::ranged::RangedRead;
use lotline_store::{ObjectMeta, ObjectWriter, Objects, SettingsFiles, StoreError, Stores};
use serde_json::{Value, json};

/// Answers of each case.
const ANSWERS: usize = 400;
/// Fields of a property.
const OWN: [&str; 4] = ["id", "listingId", "matchWeight", "matchProbability"];
const PARCEL: [&str; 13] = [
    "owner",
    "situsAddress",
    "unit",
    "city",
    "state",
    "zip",
    "bedrooms",
    "bathrooms",
    "livingSqft",
    "yearBuilt",
    "assessedValue",
    "latitude",
    "longitude",
];
const LISTING: [&str; 11] =
    ["address", "city", "state", "postalCode", "beds", "baths", "sqft", "built", "estValue", "ownerName", "listingKey"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let lake = arguments.first().ok_or("expected the folder of a lake")?;
    let milliseconds = arguments.get(1).map_or(Ok(20), |number| number.parse())?;
    let bench = Bench::new(Path::new(lake))?;
    let ids = bench.ids()?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<30} {:>5} {:>5} {:>13} {:>9} {:>8} {:>8} {:>8}",
        "field", "state", "+ ms", "reads (most)", "KiB", "p50 ms", "p99 ms", "/s core"
    )?;
    for (name, fields) in questions(&ids) {
        for (delay, cold) in [(0, false), (0, true), (milliseconds, false), (milliseconds, true)] {
            let measured = bench.measure(&fields, delay, cold)?;
            let state = if cold { "cold" } else { "warm" };
            writeln!(out, "{name:<30} {state:>5} {delay:>5} {measured}")?;
        }
    }
    writeln!(out, "{} MB at most in memory", status("VmHWM")? / 1000)?;
    Ok(())
}

/// Fields to ask for, by what they show.
fn questions(ids: &[String]) -> Vec<(&'static str, Vec<Field>)> {
    let records =
        |prefix: &str, names: &[&str]| -> Vec<String> { names.iter().map(|name| format!("{prefix}{name}")).collect() };
    let whole = [records("", &OWN), records("parcel/", &PARCEL), records("listing/", &LISTING)].concat();
    let some = records("", &["id", "matchWeight", "parcel/situsAddress", "parcel/city", "listing/estValue"]);
    let nodes = records("nodes/", &some.iter().map(String::as_str).collect::<Vec<_>>());
    let field = |name: &str, arguments: Value, selection: &[String]| Field {
        name: name.to_owned(),
        arguments,
        selection: selection.to_vec(),
        caller: None,
    };
    let each = |of: &dyn Fn(&String) -> Field| ids.iter().map(of).collect();
    vec![
        ("property, all columns", each(&|id| field("property", json!({ "id": id }), &whole))),
        ("property, 5 columns", each(&|id| field("property", json!({ "id": id }), &some))),
        ("property, unknown id", each(&|id| field("property", json!({ "id": format!("{id}x") }), &whole))),
        (
            "properties, 100 after an id",
            each(&|id| field("properties", json!({ "after": cursor(&json!([id])) }), &nodes)),
        ),
        (
            "rows, 100 after a row",
            each(&|id| {
                let place = id.bytes().fold(0_i64, |place, byte| (place * 31 + i64::from(byte)) % 900_000);
                field("rows", json!({ "table": "properties_linked", "after": cursor(&json!([place])) }), &[])
            }),
        ),
    ]
}

/// A cursor behind these values of the order.
fn cursor(values: &Value) -> String {
    values.to_string().bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A lake whose reads are counted and can be slowed down.
struct Bench {
    objects: Arc<Metered>,
    stores: Stores,
}

impl Bench {
    fn new(lake: &Path) -> Result<Self, StoreError> {
        let stores = Stores::local(lake)?;
        let objects = Metered { objects: Arc::clone(&stores.objects), meter: Arc::default() };
        Ok(Self { objects: Arc::new(objects), stores })
    }

    /// An API that has opened nothing yet.
    fn api(&self) -> Api {
        let stores = Stores {
            objects: Arc::<Metered>::clone(&self.objects),
            ledger: Arc::clone(&self.stores.ledger),
            catalog: Arc::clone(&self.stores.catalog),
            settings: Arc::clone(&self.stores.settings),
            states: Arc::clone(&self.stores.states),
        };
        Api::new(stores, Arc::new(NoActions))
    }

    /// Ids from all over the table, in no order.
    fn ids(&self) -> Result<Vec<String>, ApiError> {
        let api = self.api();
        let id = |number: usize| {
            let before = format!("{:03}-{:03}", number * 617 % 1000, number * 331 % 1000);
            let arguments = json!({ "first": 1, "after": cursor(&json!([before])) });
            let page = api.resolve(&Field { name: "propertyIds".to_owned(), arguments, ..Field::default() })?;
            Ok(page["nodes"][0].as_str().unwrap_or_default().to_owned())
        };
        (0..ANSWERS).map(id).filter(|id| id.as_ref().map_or(true, |id| !id.is_empty())).collect()
    }

    fn measure(&self, fields: &[Field], delay: u64, cold: bool) -> Result<Measured, Box<dyn Error>> {
        let meter = &self.objects.meter;
        let mut api = self.api();
        if let Some(first) = fields.first() {
            api.resolve(first)?;
        }
        meter.delay.store(delay, Relaxed);
        meter.take();
        let mut measured = Measured::default();
        for field in fields {
            if cold {
                api = self.api();
            }
            let (started, cpu) = (Instant::now(), cpu_time()?);
            api.resolve(field)?;
            measured.add(started.elapsed(), cpu_time()?.saturating_sub(cpu), meter.take());
        }
        meter.delay.store(0, Relaxed);
        Ok(measured)
    }
}

/// What some answers took.
#[derive(Default)]
struct Measured {
    elapsed: Vec<Duration>,
    cpu: Duration,
    reads: u64,
    most_reads: u64,
    bytes: u64,
}

impl Measured {
    fn add(&mut self, elapsed: Duration, cpu: Duration, (reads, bytes): (u64, u64)) {
        self.elapsed.push(elapsed);
        self.cpu += cpu;
        self.reads += reads;
        self.most_reads = self.most_reads.max(reads);
        self.bytes += bytes;
    }
}

impl std::fmt::Display for Measured {
    #[expect(clippy::cast_precision_loss, reason = "rounded to a few digits")]
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut elapsed = self.elapsed.clone();
        elapsed.sort_unstable();
        let at =
            |percent: usize| elapsed.get(elapsed.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        let count = elapsed.len() as f64;
        let reads = format!("{:.2} ({})", self.reads as f64 / count, self.most_reads);
        let kib = self.bytes as f64 / 1024.0 / count;
        let rate = count / self.cpu.as_secs_f64();
        write!(formatter, "{reads:>13} {kib:>9.0} {:>8.2} {:>8.2} {rate:>8.0}", at(50), at(99))
    }
}

/// Time this thread was computing.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let line = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(line.split(' ').next().unwrap_or_default().parse()?))
}

/// A number of kB from what the kernel says of this process.
fn status(name: &str) -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim_matches(|letter: char| !letter.is_ascii_digit()).parse()?)
}

/// Counts reads and bytes, and makes reads slower.
#[derive(Default)]
struct Meter {
    reads: AtomicU64,
    bytes: AtomicU64,
    /// Milliseconds.
    delay: AtomicU64,
}

impl Meter {
    fn take(&self) -> (u64, u64) {
        (self.reads.swap(0, Relaxed), self.bytes.swap(0, Relaxed))
    }
}

struct MeteredFile {
    file: Arc<dyn RangedRead>,
    meter: Arc<Meter>,
}

impl RangedRead for MeteredFile {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(self.meter.delay.load(Relaxed)));
        let count = self.file.read_at(offset, buffer)?;
        self.meter.reads.fetch_add(1, Relaxed);
        self.meter.bytes.fetch_add(count as u64, Relaxed);
        Ok(count)
    }
}

struct Metered {
    objects: Arc<dyn Objects>,
    meter: Arc<Meter>,
}

impl Objects for Metered {
    fn open(&self, key: &str) -> Result<Arc<dyn RangedRead>, StoreError> {
        Ok(Arc::new(MeteredFile { file: self.objects.open(key)?, meter: Arc::clone(&self.meter) }))
    }

    fn create(&self, key: &str) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.objects.create(key)
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.objects.put(key, bytes)
    }

    fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.objects.put_if_absent(key, bytes)
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.objects.get(key)
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        self.objects.exists(key)
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, StoreError> {
        self.objects.list(prefix)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.objects.delete(key)
    }
}

/// A server that only reads.
struct NoActions;

impl Actions for NoActions {
    fn settings(&self, _: &str) -> Result<SettingsFiles, ApiError> {
        Err(refused())
    }

    fn start_run(&self, _: &str) -> Result<Value, ApiError> {
        Err(refused())
    }

    fn upload_url(&self, _: &str, _: &str, _: &str) -> Result<Value, ApiError> {
        Err(refused())
    }
}

fn refused() -> ApiError {
    ApiError { kind: ErrorKind::BadRequest, message: "a benchmark only reads".to_owned() }
}
