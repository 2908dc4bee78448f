//! The generators keep the promises their answers rest on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{OpenHousesConfig, OpenHousesCounts, PropertiesConfig, open_houses, places::STREETS, properties};

struct Tables {
    bytes: [Vec<u8>; 3],
}

impl Tables {
    fn generate(config: &PropertiesConfig) -> Self {
        let [mut assessor, mut listings, mut truth] = [const { Vec::new() }; 3];
        properties(config, &mut assessor, &mut listings, &mut truth).unwrap();
        Self { bytes: [assessor, listings, truth] }
    }

    /// Rows without the header; cells hold no line ends or escaped quotes.
    fn rows(&self, table: usize) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(&self.bytes[table]).unwrap();
        text.lines().skip(1).map(cells).collect()
    }
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

fn small(seed: u64) -> PropertiesConfig {
    PropertiesConfig { parcels: 3000, listings: 2500, overlap: 0.8, seed }
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let first = Tables::generate(&small(7)).bytes;
    assert!(first == Tables::generate(&small(7)).bytes);
    for (one, other) in first.iter().zip(&Tables::generate(&small(8)).bytes) {
        assert!(one != other);
    }
}

#[test]
fn tables_have_the_rows_that_were_asked_for() {
    for (parcels, listings, overlap, pairs) in [
        (3000, 2500, 0.8, 2000),
        (100, 500, 0.9, 100),
        (50, 50, 1.0, 50),
        (50, 50, 0.0, 0),
        (0, 10, 0.5, 0),
        (0, 0, 0.5, 0),
    ] {
        let tables = Tables::generate(&PropertiesConfig { parcels, listings, overlap, seed: 3 });
        let counts = [0, 1, 2].map(|table| tables.rows(table).len() as u64);
        assert_eq!(counts, [parcels, listings, pairs]);
    }
}

#[test]
fn every_row_has_the_width_of_its_header() {
    let tables = Tables::generate(&small(5));
    for (table, width) in [(0, 14), (1, 11), (2, 2)] {
        assert!(tables.rows(table).iter().all(|row| row.len() == width));
    }
}

#[test]
fn truth_is_one_to_one_and_its_ids_exist() {
    // More than one window, so that ids are seen to differ across windows too.
    let config = PropertiesConfig { parcels: 60_000, listings: 50_000, overlap: 0.7, seed: 2 };
    let tables = Tables::generate(&config);
    let [parcels, listings] = [0, 1].map(|table| first_cells(&tables.rows(table)));
    assert_eq!((parcels.len(), listings.len()), (60_000, 50_000));
    let truth = tables.rows(2);
    let left: BTreeSet<_> = truth.iter().map(|row| &row[0]).collect();
    let right: BTreeSet<_> = truth.iter().map(|row| &row[1]).collect();
    assert_eq!((left.len(), right.len()), (truth.len(), truth.len()));
    assert!(left.into_iter().all(|id| parcels.contains(id)));
    assert!(right.into_iter().all(|id| listings.contains(id)));
}

fn first_cells(rows: &[Vec<String>]) -> BTreeSet<String> {
    rows.iter().map(|row| row[0].clone()).collect()
}

#[test]
fn an_address_is_listed_once() {
    let config = PropertiesConfig { parcels: 100_000, listings: 0, overlap: 0.0, seed: 9 };
    let rows = Tables::generate(&config).rows(0);
    let addresses: BTreeSet<_> = rows.iter().map(|row| &row[2..6]).collect();
    assert_eq!(addresses.len(), rows.len());
}

#[test]
fn street_names_come_round_evenly() {
    // `world::street_of` steps through the names by 37.
    assert_ne!(STREETS.len() % 37, 0);
    assert_eq!(STREETS.iter().collect::<BTreeSet<_>>().len(), STREETS.len());
}

/// F1 of joining on the address, letter case aside, and the five-digit postal code.
fn exact_join_f1(tables: &Tables) -> f64 {
    let truth: BTreeSet<(String, String)> = tables.rows(2).iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let mut parcels: HashMap<(String, String), Vec<String>> = HashMap::new();
    for row in tables.rows(0) {
        let unit = if row[3].is_empty() { String::new() } else { format!(" APT {}", row[3]) };
        let key = (format!("{}{unit}", row[2]), row[6].clone());
        parcels.entry(key).or_default().push(row[0].clone());
    }
    let mut joined = BTreeSet::new();
    for row in tables.rows(1) {
        let zip = row[4].chars().take(5).collect();
        for parcel in parcels.get(&(row[1].to_uppercase(), zip)).into_iter().flatten() {
            joined.insert((parcel.clone(), row[0].clone()));
        }
    }
    let right = joined.intersection(&truth).count() as f64;
    2.0 * right / (joined.len() + truth.len()) as f64
}

#[test]
fn an_exact_join_falls_far_short() {
    let f1 = exact_join_f1(&Tables::generate(&small(1)));
    assert!((0.1..0.6).contains(&f1), "{f1}");
}

#[test]
fn listings_without_a_parcel_have_neighbors_with_one() {
    let tables = Tables::generate(&small(1));
    let matched: BTreeSet<String> = tables.rows(2).into_iter().map(|row| row[1].clone()).collect();
    let zips: BTreeSet<String> = tables.rows(0).into_iter().map(|row| row[6].clone()).collect();
    let alone: Vec<_> = tables.rows(1).into_iter().filter(|row| !matched.contains(&row[0])).collect();
    assert_eq!(alone.len(), 500);
    let near = alone.iter().filter(|row| row[4].get(..5).is_none_or(|zip| zips.contains(zip)));
    assert!(near.count() > 450);
}

/// The events, the counts, and the lines of the truth file.
fn events(config: &OpenHousesConfig) -> (Vec<u8>, OpenHousesCounts, BTreeSet<String>) {
    let (mut events, mut truth) = (Vec::new(), Vec::new());
    let counts = open_houses(config, &mut events, &mut truth).unwrap();
    let kept = String::from_utf8(truth).unwrap().lines().skip(1).map(str::to_owned).collect();
    (events, counts, kept)
}

#[test]
fn open_houses_repeat_for_a_seed() {
    let config = OpenHousesConfig { events: 500, seed: 4 };
    assert!(events(&config).0 == events(&config).0);
    assert!(events(&config).0 != events(&OpenHousesConfig { seed: 5, ..config }).0);
}

#[test]
fn open_houses_truth_is_what_a_plain_count_finds() {
    for total in [0, 1, 2, 3, 1117, 70_000] {
        let (bytes, counts, kept) = events(&OpenHousesConfig { events: total, seed: total });
        let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&bytes).unwrap();
        let (mut latest, mut seen) = (BTreeMap::<String, String>::new(), BTreeSet::new());
        let (mut duplicate, mut quarantined) = (0u64, 0u64);
        for row in &rows {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            if row["OpenHouseKey"].is_null() || !text("OpenHouseStartTime").ends_with('Z') {
                quarantined += 1;
            } else if !seen.insert(serde_json::to_string(row).unwrap()) {
                duplicate += 1;
            } else {
                let newest = latest.entry(text("OpenHouseKey")).or_default();
                *newest = text("DateModified").max(newest.clone());
            }
        }
        let accepted = latest.len();
        let expected = OpenHousesCounts {
            read: total,
            accepted: accepted as u64,
            superseded: (seen.len() - accepted) as u64,
            duplicate,
            quarantined,
        };
        assert_eq!((rows.len() as u64, counts), (total, expected));
        assert_eq!(latest.iter().map(|(key, modified)| format!("{key},{modified}")).collect::<BTreeSet<_>>(), kept);
    }
}

#[test]
fn open_houses_have_the_members_of_the_real_file_in_its_order() {
    let (bytes, ..) = events(&OpenHousesConfig { events: 1, seed: 1 });
    let text = String::from_utf8(bytes).unwrap();
    let members: Vec<&str> = text
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| word.starts_with(char::is_uppercase))
        .filter(|word| *word != "In Person" && *word != "CA")
        .collect();
    assert_eq!(
        members.join(" "),
        "OpenHouseMethod OpenHouseEndTime ListingKey OpenHouseKey \
        OpenHouseStartTime OpenHouseDate State Zipcode DateModified"
    );
}
