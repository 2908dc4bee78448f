//! Two property tables to link, the assessor's and the listings', and the pairs that are the same.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    WINDOW_ROWS,
    corrupt::listing,
    places::{DIRECTIONS, SUFFIXES},
    random::{Random, scatter},
    render::{bathrooms, csv_header, csv_row, join, shorten},
    roles::{Role, Roles},
    world::{Property, World},
};

/// How large the two tables are and how much of them is the same.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertiesConfig {
    /// Rows of the assessor's table; at most 1,000,000,000 in both tables together.
    pub parcels: u64,
    /// Rows of the listings table.
    pub listings: u64,
    /// Share of listings that have a parcel, 0 to 1; the rest are neighbors or other units.
    pub overlap: f64,
    /// Other seeds give other worlds.
    pub seed: u64,
}

impl Default for PropertiesConfig {
    fn default() -> Self {
        Self { parcels: 20_000, listings: 20_000, overlap: 0.8, seed: 1 }
    }
}

/// Where [`write_properties`] put its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertiesFiles {
    /// CSV, one row per parcel.
    pub assessor: PathBuf,
    /// CSV, one row per listing.
    pub listings: PathBuf,
    /// CSV `parcel_id,listing_key`, one row per listing that has a parcel; one-to-one.
    pub truth: PathBuf,
}

const ASSESSOR: &[&str] = &[
    "parcel_id",
    "owner",
    "situs_address",
    "unit",
    "city",
    "state",
    "zip",
    "bedrooms",
    "bathrooms",
    "living_sqft",
    "year_built",
    "assessed_value",
    "latitude",
    "longitude",
];
const LISTINGS: &[&str] = &[
    "listing_key",
    "address",
    "city",
    "state",
    "postal_code",
    "beds",
    "baths",
    "sqft",
    "built",
    "est_value",
    "owner_name",
];
const TRUTH: &[&str] = &["parcel_id", "listing_key"];

/// Writes `assessor.csv`, `listings.csv` and `truth.csv` into `dir`, which is made if needed.
///
/// # Errors
/// Those of the file system.
pub fn write_properties(dir: &Path, config: &PropertiesConfig) -> io::Result<PropertiesFiles> {
    std::fs::create_dir_all(dir)?;
    let files = PropertiesFiles {
        assessor: dir.join("assessor.csv"),
        listings: dir.join("listings.csv"),
        truth: dir.join("truth.csv"),
    };
    let mut assessor = BufWriter::new(File::create(&files.assessor)?);
    let mut listings = BufWriter::new(File::create(&files.listings)?);
    let mut truth = BufWriter::new(File::create(&files.truth)?);
    properties(config, &mut assessor, &mut listings, &mut truth)?;
    assessor.flush()?;
    listings.flush()?;
    truth.flush()?;
    Ok(files)
}

/// Writes the two tables and the true pairs as CSV with a header, rows shuffled.
///
/// The assessor writes capitals and USPS abbreviations; listings are typed by hand, with other
/// spellings, slips, gaps and new owners. A listing without a parcel is a true neighbor or another
/// unit of a building that the assessor does list. Memory holds at most 65,536 properties, and
/// rows are shuffled within such a window.
///
/// # Errors
/// Those of the three writers.
pub fn properties(
    config: &PropertiesConfig,
    assessor: &mut dyn Write,
    listings: &mut dyn Write,
    truth: &mut dyn Write,
) -> io::Result<()> {
    let mut roles =
        Roles::new(config.parcels, config.listings, (config.listings as f64 * config.overlap).round() as u64);
    let mut world = World::new(config.seed).enumerate();
    let mut random = Random::part(config.seed, u64::MAX);
    let mut window = Window::default();
    csv_header(assessor, ASSESSOR)?;
    csv_header(listings, LISTINGS)?;
    csv_header(truth, TRUTH)?;
    while let Some(role) = roles.next(&mut random) {
        let Some((index, property)) = world.next() else { break };
        window.add(&mut random, role, index as u64, &property);
        if window.rows == WINDOW_ROWS {
            window.write(&mut random, assessor, listings, truth)?;
        }
    }
    window.write(&mut random, assessor, listings, truth)
}

/// Rows that wait to be shuffled.
#[derive(Default)]
struct Window {
    rows: usize,
    assessor: Vec<Vec<String>>,
    listings: Vec<Vec<String>>,
    truth: Vec<Vec<String>>,
}

impl Window {
    fn add(&mut self, random: &mut Random, role: Role, index: u64, property: &Property) {
        self.rows += 1;
        let (parcel_id, listing_key) = (parcel_id(index), listing_key(index));
        if role == Role::Both {
            self.truth.push(vec![parcel_id.clone(), listing_key.clone()]);
        }
        if role != Role::RightOnly {
            self.assessor.push(parcel(random, parcel_id, property));
        }
        if role != Role::LeftOnly {
            let mut row = vec![listing_key];
            row.extend(listing(random, property));
            self.listings.push(row);
        }
    }

    fn write(
        &mut self,
        random: &mut Random,
        assessor: &mut dyn Write,
        listings: &mut dyn Write,
        truth: &mut dyn Write,
    ) -> io::Result<()> {
        self.rows = 0;
        drain(random, &mut self.assessor, assessor)?;
        drain(random, &mut self.listings, listings)?;
        drain(random, &mut self.truth, truth)
    }
}

fn drain(random: &mut Random, rows: &mut Vec<Vec<String>>, out: &mut dyn Write) -> io::Result<()> {
    random.shuffle(rows);
    rows.drain(..).try_for_each(|row| csv_row(out, &row))
}

/// One row of the assessor's table, in [`ASSESSOR`]'s order.
fn parcel(random: &mut Random, parcel_id: String, property: &Property) -> Vec<String> {
    let address = &property.address;
    let owner = &property.owner;
    let middle = owner.middle.map_or(String::new(), |letter| format!(" {letter}"));
    let situs = join(&[
        &address.number.to_string(),
        address.direction.map_or("", |index| DIRECTIONS[index].1),
        &shorten(address.street),
        SUFFIXES[address.suffix].1,
    ]);
    let optional = |random: &mut Random, cell: String, missing| match random.chance(missing) {
        true => String::new(),
        false => cell,
    };
    vec![
        parcel_id,
        format!("{}, {}{middle}", owner.last, owner.first).to_uppercase(),
        situs.to_uppercase(),
        address.unit.clone().unwrap_or_default(),
        property.city.name.to_uppercase(),
        property.city.state.to_owned(),
        optional(random, format!("{:05}", property.zip), 0.01),
        optional(random, property.bedrooms.to_string(), 0.02),
        optional(random, bathrooms(property.half_baths), 0.02),
        optional(random, property.sqft.to_string(), 0.02),
        optional(random, property.year_built.to_string(), 0.03),
        property.value.to_string(),
        format!("{:.6}", property.latitude),
        format!("{:.6}", property.longitude),
    ]
}

fn parcel_id(index: u64) -> String {
    let digits = scatter(index + 1, 387_420_489);
    format!("{:03}-{:03}-{:03}", digits / 1_000_000, digits / 1000 % 1000, digits % 1000)
}

fn listing_key(index: u64) -> String {
    format!("ML{:09}", scatter(index + 1, 618_033_989))
}
