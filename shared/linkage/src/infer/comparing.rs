//! The comparisons a field may have: levels that suit what it holds.

use super::kind::Kind;
use super::pairing::Pairing;
use super::reading::Reading;
use crate::level::Level;

/// The least share of records with a value on a side.
const PRESENT: f64 = 0.02;

/// How much more often than the mean the most frequent value has to occur.
const SKEWED: f64 = 5.0;

/// A comparison under consideration.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The comparison's name.
    pub(super) name: String,
    /// The derived value compared.
    pub(super) field: String,
    /// Its place in the reading.
    pub(super) place: usize,
    /// What the column holds.
    pub(super) kind: Kind,
    /// Place of the field among the pairings.
    pub(super) pairing: usize,
    /// From closest to loosest.
    pub(super) levels: Vec<Level>,
    /// Whether the value's frequency may count.
    pub(super) terms: bool,
}

/// Part of an address, what it is compared as, and its levels.
const ADDRESS: [(&str, &str, Kind, &[&str]); 5] = [
    ("house", "house", Kind::House, &["exact", "range_overlap", "range_near:10"]),
    ("street", "name", Kind::Street, &["exact", "prefix:4 & same_digits", "jaro_winkler:0.9 & same_digits"]),
    ("direction", "direction", Kind::Direction, &["exact"]),
    ("suffix", "suffix", Kind::StreetSuffix, &["exact"]),
    ("unit", "unit", Kind::Unit, &["exact"]),
];

/// Parts of an address that says where it is.
const PLACE: [(&str, &str, Kind, &[&str]); 2] =
    [("city", "city", Kind::City, &["exact", "jaro_winkler:0.9"]), ("zip", "zip", Kind::Zip, &["exact"])];

/// The comparisons of all fields that have values on both sides.
pub(super) fn plans(pairings: &[Pairing], reading: &Reading) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for (index, pairing) in pairings.iter().enumerate() {
        for (name, field, kind, levels) in offers(pairing, reading) {
            let Some(place) = reading.place(&field) else { continue };
            let least = (0..=reading.right()).map(|side| reading.present(place, side)).fold(1.0, f64::min);
            let levels: Vec<Level> = levels.iter().filter_map(|level| level.parse().ok()).collect();
            if least >= PRESENT {
                let terms = matches!(kind, Kind::FirstName | Kind::LastName | Kind::Person | Kind::City | Kind::Name)
                    || matches!(kind, Kind::Title | Kind::List | Kind::Category);
                plans.push(Plan { name, field, place, kind, pairing: index, levels, terms });
            }
        }
    }
    plans
}

type Offer = (String, String, Kind, &'static [&'static str]);

fn offers(pairing: &Pairing, reading: &Reading) -> Vec<Offer> {
    match pairing.kind {
        Kind::Address => {
            let place = if pairing.common.place { &PLACE[..] } else { &[] };
            let part = |&(name, part, kind, levels): &(&str, &str, Kind, &'static [&'static str])| {
                let name = if pairing.name == "address" { name.to_owned() } else { format!("{}_{name}", pairing.name) };
                (name, format!("{}.{part}", pairing.name), kind, levels)
            };
            let units = |offer: &&(&str, &str, Kind, &[&str])| offer.2 != Kind::Unit || pairing.common.units;
            ADDRESS.iter().filter(units).chain(place).map(part).collect()
        }
        Kind::Person => {
            vec![(pairing.name.clone(), format!("{}.sorted", pairing.name), Kind::Person, levels(Kind::Person, 2.0))]
        }
        kind => {
            let words = reading.place(&pairing.name).map_or(1.0, |place| mean_words(reading, place));
            vec![(pairing.name.clone(), pairing.name.clone(), kind, levels(kind, words))]
        }
    }
}

/// Levels for a kind of content of so many words.
fn levels(kind: Kind, words: f64) -> &'static [&'static str] {
    match kind {
        Kind::Person => &["exact", "jaro_winkler:0.9 & same_digits", "token_set:0.3"],
        Kind::FirstName | Kind::LastName => &["exact", "jaro_winkler:0.9", "jaro_winkler:0.8"],
        Kind::Email => &["exact", "jaro_winkler:0.9", "jaro_winkler:0.8"],
        Kind::Phone => &["exact", "osa:2", "same_prefix:3"],
        Kind::Date => &["exact", "osa:1", "osa:2", "same_prefix:4"],
        Kind::Postcode => &["exact", "osa:1", "same_prefix:5", "same_prefix:2"],
        Kind::Code => &["exact", "osa:1", "osa:2"],
        Kind::House => &["exact", "osa:1"],
        Kind::Year => &["exact", "within:1"],
        Kind::Number => &["exact", "percent:5", "percent:20"],
        Kind::Latitude | Kind::Longitude => &["exact", "within:0.0005", "within:0.005"],
        Kind::City => &["exact", "token_subset:1", "jaro_winkler:0.85"],
        Kind::Title if words < 7.0 => &["exact", "token_set:0.7", "token_set:0.5", "token_subset:0.7", "token_set:0.3"],
        Kind::Title => {
            &["exact", "jaro_winkler:0.95", "token_set:0.7", "token_subset:0.8 & intersection:2", "token_set:0.4"]
        }
        Kind::List => &["exact", "token_set:0.7", "token_set:0.4", "intersection:1"],
        Kind::Name | Kind::Street if words >= 1.5 => {
            &["exact", "token_subset:1", "jaro_winkler:0.9", "token_subset:0.5"]
        }
        Kind::Name | Kind::Street => &["exact", "jaro_winkler:0.9", "jaro_winkler:0.8"],
        Kind::Category if words >= 1.5 => &["exact", "token_subset:1", "intersection:1"],
        _ => &["exact"],
    }
}

/// Mean number of words of a derived value.
pub(super) fn mean_words(reading: &Reading, place: usize) -> f64 {
    let values = reading.sides.iter().flatten().filter_map(|values| values.get(place));
    let (count, words) = values.fold((0, 0), |(count, words), value| (count + 1, words + value.split(' ').count()));
    words as f64 / f64::max(f64::from(count), 1.0)
}

/// Whether some values are so frequent that agreeing on a rare one says more.
pub(super) fn is_skewed(plan: &Plan, reading: &Reading) -> bool {
    plan.terms && reading.most_frequent(plan.place) > SKEWED
}
