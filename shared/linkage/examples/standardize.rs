//! Rows per CPU second that each standardizer reads, on made-up but usual values.

use std::hint::black_box;
use std::io::Write;
use std::sync::LazyLock;
use std::time::Instant;

use lotline_linkage::Values;
use lotline_linkage::standardize::Standardizer;

const ROWS: usize = 100_000;
const ROUNDS: usize = 20;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, standardizer, make) in CASES.iter().filter(|(name, ..)| name.contains(&wanted)) {
        let rows: Vec<String> = (0..ROWS).map(|row| make(row, &mut Draw(row as u64 + 1))).collect();
        let mut values = Values::default();
        let start = cpu_seconds();
        for _ in 0..ROUNDS {
            for row in &rows {
                values.clear();
                standardizer.read(black_box(row), &mut values);
                black_box(&values);
            }
        }
        let spent = cpu_seconds() - start;
        let bytes: usize = rows.iter().map(String::len).sum();
        let (rate, width) = ((ROUNDS * ROWS) as f64 / spent / 1e6, bytes / ROWS);
        writeln!(out, "{name:<24} {rate:>7.2} million rows per CPU second, {width} bytes a row, like `{}`", rows[7])?;
    }
    Ok(())
}

/// Seconds this thread was on a processor, as Linux counts them; elsewhere those that passed.
fn cpu_seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

type Case = (&'static str, Standardizer, fn(usize, &mut Draw) -> String);

const CASES: &[Case] = &[
    ("us_address, street", Standardizer::UsAddress, |row, draw| street(row, draw)),
    ("us_address, whole", Standardizer::UsAddress, |row, draw| {
        let zip = draw.below(90_000) + 10_000;
        format!("{}, {}, {} {zip}", street(row, draw), draw.pick(&CITIES), draw.pick(&STATES))
    }),
    ("text", Standardizer::Text, |row, draw| street(row, draw)),
    ("name", Standardizer::Name, |_, draw| format!("{}, {} {}", draw.pick(&LAST), draw.pick(&FIRST), draw.pick(&WAYS))),
    ("parcel", Standardizer::Parcel, |_, draw| {
        format!("{:04}-{:03}-0{}", draw.below(9_000), draw.below(900), draw.below(90))
    }),
    ("phone", Standardizer::Phone, |_, draw| format!("({}) 555-{}", draw.below(700) + 210, draw.below(9_000) + 1_000)),
    ("date", Standardizer::Date, |_, draw| {
        format!("{}/{}/{}", draw.below(12) + 1, draw.below(28) + 1, draw.below(70) + 1950)
    }),
    ("postcode_gb", Standardizer::PostcodeGb, |_, draw| format!("ta{} {}qz", draw.below(30) + 1, draw.below(10))),
    ("email", Standardizer::Email, |_, draw| format!("{}.{}@Example.com", draw.pick(&WAYS), draw.below(900))),
    ("zip5", Standardizer::Zip5, |_, draw| format!("{}-1234", draw.below(90_000) + 10_000)),
    ("number", Standardizer::Number, |_, draw| format!("${},{}00.50", draw.below(900), draw.below(9))),
    ("digits", Standardizer::Digits, |_, draw| format!("(555) 010-{}", draw.below(9_000) + 1_000)),
];

fn street(row: usize, draw: &mut Draw) -> String {
    let number = draw.below(9_900) + 1;
    let way = if row.is_multiple_of(3) { draw.pick(&WAYS) } else { "" };
    let unit =
        if row.is_multiple_of(4) { format!(" {} {}", draw.pick(&UNITS), draw.below(300)) } else { String::new() };
    format!("{number} {way} {} {}{unit}", draw.pick(&STREETS), draw.pick(&SUFFIXES)).replace("  ", " ")
}

const WAYS: [&str; 6] = ["N", "South", "E", "WEST", "NW", "SE"];
const STREETS: [&str; 12] = [
    "Main",
    "OAK HILL",
    "Martin Luther King",
    "182nd",
    "Fifth",
    "GRAND CONCOURSE",
    "Saint James",
    "MT VERNON",
    "Willow Creek",
    "Washington",
    "E 45TH",
    "Avenida Del Norte",
];
const SUFFIXES: [&str; 8] = ["St", "AVENUE", "Rd", "Blvd.", "DRIVE", "Ln", "Court", "Pkwy"];
const UNITS: [&str; 5] = ["Apt", "UNIT", "#", "STE", "FL"];
const CITIES: [&str; 6] = ["Springfield", "NEW YORK", "San Francisco", "Saint Louis", "Chicago", "Palm Beach"];
const STATES: [&str; 5] = ["IL", "ny", "CA", "MO", "FL"];
const LAST: [&str; 6] = ["SMITH", "O'Neil", "de la Cruz", "Müller", "WASHINGTON", "Nguyen"];
const FIRST: [&str; 5] = ["JOHN", "Mary Ann", "José", "ELIZABETH", "Wei"];

/// The numbers of a linear congruential generator (Knuth, MMIX), so that every run is the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len() as u64) as usize]
    }
}
