//! Open-house events as a listing service sends them: repeated, corrected late, sometimes broken.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{WINDOW_ROWS, random::Random};

/// How many events to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHousesConfig {
    /// Elements of the JSON array, broken and repeated ones included.
    pub events: u64,
    /// Other seeds give other events.
    pub seed: u64,
}

impl Default for OpenHousesConfig {
    fn default() -> Self {
        Self { events: 10_000, seed: 1 }
    }
}

/// What cleaning must find: `read = accepted + superseded + duplicate + quarantined`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OpenHousesCounts {
    /// All events.
    pub read: u64,
    /// The latest valid event of each `OpenHouseKey`.
    pub accepted: u64,
    /// Valid events with an older `DateModified` than the accepted one of their key.
    pub superseded: u64,
    /// Events equal in every member to one already counted as accepted or superseded.
    pub duplicate: u64,
    /// Events with a null key, or with clock times where UTC timestamps belong.
    pub quarantined: u64,
}

/// Where [`write_open_houses`] put its files, and what is true of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHousesFiles {
    /// A JSON array of events.
    pub events: PathBuf,
    /// CSV `open_house_key,date_modified`, one row per event that cleaning must keep.
    pub truth: PathBuf,
    /// How many events cleaning must keep and set aside.
    pub counts: OpenHousesCounts,
}

/// Writes `openhouses.json` and `openhouses_truth.csv` into `dir`, which is made if needed.
///
/// # Errors
/// Those of the file system.
pub fn write_open_houses(dir: &Path, config: &OpenHousesConfig) -> io::Result<OpenHousesFiles> {
    std::fs::create_dir_all(dir)?;
    let events = dir.join("openhouses.json");
    let truth = dir.join("openhouses_truth.csv");
    let mut events_out = BufWriter::new(File::create(&events)?);
    let mut truth_out = BufWriter::new(File::create(&truth)?);
    let counts = open_houses(config, &mut events_out, &mut truth_out)?;
    events_out.flush()?;
    truth_out.flush()?;
    Ok(OpenHousesFiles { events, truth, counts })
}

/// Writes the events as a JSON array and, as CSV, the key and `DateModified` of each one to keep; answers the counts.
///
/// Memory holds at most about 65,536 events, and events are shuffled within such a window.
///
/// # Errors
/// Those of the two writers.
pub fn open_houses(
    config: &OpenHousesConfig,
    events: &mut dyn Write,
    truth: &mut dyn Write,
) -> io::Result<OpenHousesCounts> {
    let mut random = Random::part(config.seed, 0);
    let mut counts = OpenHousesCounts::default();
    let mut window = Vec::new();
    let mut array = Array { out: events, written: 0 };
    array.out.write_all(b"[")?;
    writeln!(truth, "open_house_key,date_modified")?;
    while counts.read < config.events {
        let room = config.events - counts.read;
        let group = Group::new(&mut random, room);
        writeln!(truth, "{},{}", group.kept.0, group.kept.1)?;
        counts.add(&group.counts);
        window.extend(group.events);
        if window.len() >= WINDOW_ROWS {
            array.write_shuffled(&mut random, &mut window)?;
        }
    }
    array.write_shuffled(&mut random, &mut window)?;
    array.out.write_all(b"\n]\n")?;
    Ok(counts)
}

impl OpenHousesCounts {
    fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.superseded += other.superseded;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
    }
}

/// One event; members stand in the order of the real files.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    open_house_method: &'static str,
    open_house_end_time: String,
    listing_key: String,
    open_house_key: Option<String>,
    open_house_start_time: String,
    open_house_date: String,
    state: &'static str,
    zipcode: String,
    date_modified: String,
}

/// Everything that is sent about one open house.
struct Group {
    events: Vec<Event>,
    /// Key and `DateModified` of the event to keep.
    kept: (String, String),
    counts: OpenHousesCounts,
}

impl Group {
    /// At most `room` events and at least one.
    fn new(random: &mut Random, room: u64) -> Self {
        let mut counts = OpenHousesCounts { accepted: 1, ..OpenHousesCounts::default() };
        let mut plan = Plan::new(random);
        let mut events = vec![plan.event()];
        let has_room = |events: &Vec<Event>| (events.len() as u64) < room;
        while has_room(&events) && random.chance(0.06) {
            plan.correct(random);
            events.push(plan.event());
            counts.superseded += 1;
        }
        let kept = (plan.open_house_key.clone(), utc(plan.modified_ms));
        for index in 0..events.len() {
            while has_room(&events) && random.chance(0.13) {
                events.push(events[index].clone());
                counts.duplicate += 1;
            }
        }
        if has_room(&events) && random.chance(0.01) {
            // A broken event must not replace a good one, even when it is the newest.
            plan.correct(random);
            events.push(plan.broken_event(random));
            counts.quarantined += 1;
        }
        counts.read = events.len() as u64;
        Self { events, kept, counts }
    }
}

/// An open house as its agent plans it, in minutes since 2023-03-10T00:00Z.
struct Plan {
    open_house_key: String,
    listing_key: String,
    zipcode: String,
    start: u64,
    minutes: u64,
    modified_ms: u64,
}

const MS_PER_MINUTE: u64 = 60_000;
const MINUTES_PER_DAY: u64 = 1440;

impl Plan {
    fn new(random: &mut Random) -> Self {
        let day = random.between(14, 35);
        let start = day * MINUTES_PER_DAY + random.between(32, 52) * 30;
        // The smaller of two draws makes some zips busier than others.
        let zip = 94_002 + random.below(160).min(random.below(160));
        let zipcode = match random.chance(0.012) {
            true => format!("{zip}-{:04}", random.below(10_000)),
            false => zip.to_string(),
        };
        Self {
            open_house_key: key(random),
            listing_key: key(random),
            zipcode,
            start,
            minutes: random.between(2, 8) * 30,
            modified_ms: random.below((day - 7) * MINUTES_PER_DAY * MS_PER_MINUTE),
        }
    }

    /// A later version: another time, a newer `DateModified`.
    fn correct(&mut self, random: &mut Random) {
        self.start += 30 * random.below(3);
        self.modified_ms += random.between(1, MINUTES_PER_DAY * MS_PER_MINUTE);
    }

    fn event(&self) -> Event {
        Event {
            open_house_method: "In Person",
            open_house_end_time: utc((self.start + self.minutes) * MS_PER_MINUTE),
            listing_key: self.listing_key.clone(),
            open_house_key: Some(self.open_house_key.clone()),
            open_house_start_time: utc(self.start * MS_PER_MINUTE),
            // California, which the events are in, is some hours behind UTC.
            open_house_date: date((self.start - 7 * 60) / MINUTES_PER_DAY),
            state: "CA",
            zipcode: self.zipcode.clone(),
            date_modified: utc(self.modified_ms),
        }
    }

    fn broken_event(&self, random: &mut Random) -> Event {
        let mut event = self.event();
        match random.chance(0.5) {
            true => event.open_house_key = None,
            false => {
                event.open_house_start_time = clock(self.start);
                event.open_house_end_time = clock(self.start + self.minutes);
            }
        }
        event
    }
}

/// A JSON array under way.
struct Array<'a> {
    out: &'a mut dyn Write,
    written: u64,
}

impl Array<'_> {
    fn write_shuffled(&mut self, random: &mut Random, events: &mut Vec<Event>) -> io::Result<()> {
        random.shuffle(events);
        for event in events.drain(..) {
            self.out.write_all(if self.written == 0 { b"\n  " } else { b",\n  " })?;
            serde_json::to_writer(&mut *self.out, &event)?;
            self.written += 1;
        }
        Ok(())
    }
}

fn key(random: &mut Random) -> String {
    format!("{:016x}{:016x}", random.next(), random.next())
}

/// Milliseconds since 2023-03-10T00:00Z as a timestamp.
fn utc(ms: u64) -> String {
    let (minutes, rest) = (ms / MS_PER_MINUTE, ms % MS_PER_MINUTE);
    let day = date(minutes / MINUTES_PER_DAY);
    format!("{day}T{}:{:02}.{:03}Z", clock(minutes), rest / 1000, rest % 1000)
}

fn clock(minutes: u64) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Days since 2023-03-10 as a date, good until the end of April.
fn date(day: u64) -> String {
    match day + 10 {
        day @ ..=31 => format!("2023-03-{day:02}"),
        day => format!("2023-04-{:02}", day - 31),
    }
}
