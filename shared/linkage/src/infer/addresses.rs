//! Addresses put together from the columns that hold their parts.

use std::collections::BTreeMap;

use super::TableSample;
use super::headings::Heading;
use super::kind::Kind;
use super::profile::{Profile, cell};
use crate::standardize::Standardizer;

/// The least share of addresses with a unit for units to be compared.
const UNITS: f64 = 0.01;

/// The rows that are read to see what addresses contain.
const ROWS: usize = 1_000;

/// An address of every row, in one or several readings.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// What tells it apart from another address of the same row.
    pub(super) heading: Heading,
    /// Places of the columns of each reading, in the order in which they are joined.
    pub(super) readings: Vec<Vec<usize>>,
}

/// What the addresses of a slot tell besides house and street.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Told {
    /// Share with a unit.
    pub(super) unit: f64,
    /// Share with a city, state or ZIP code.
    pub(super) place: f64,
}

/// The addresses a table has: columns that hold one, and houses with their streets.
pub(super) fn slots(profiles: &[Profile]) -> Vec<Slot> {
    let mut slots = whole(profiles);
    slots.extend(parts(profiles));
    slots
}

/// Columns with the same words in their names are readings of one address.
fn whole(profiles: &[Profile]) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for (place, profile) in profiles.iter().enumerate().filter(|(_, profile)| profile.kind == Kind::Address) {
        match slots.iter_mut().find(|slot| slot.heading.words == profile.heading.words) {
            Some(slot) => slot.readings.push(vec![place]),
            None => slots.push(Slot { heading: profile.heading.clone(), readings: vec![vec![place]] }),
        }
    }
    slots
}

/// House numbers with the streets of the same number: `bldgno2` and `street2`.
fn parts(profiles: &[Profile]) -> Option<Slot> {
    let of = |kind: Kind| profiles.iter().enumerate().filter(move |(_, profile)| profile.kind == kind);
    let alone = of(Kind::House).count() == 1 && of(Kind::Street).count() == 1;
    let mut readings: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (house, profile) in of(Kind::House) {
        let group = profile.heading.group();
        let same = |(_, other): &(usize, &Profile)| alone || other.heading.group() == group;
        let Some((street, _)) = of(Kind::Street).find(same) else { continue };
        let behind = |place: &usize| profiles[*place].heading.words.iter().any(|word| word.starts_with("post"));
        let (post, pre): (Vec<usize>, Vec<usize>) =
            of(Kind::Direction).filter(same).map(|(place, _)| place).partition(behind);
        let suffix = of(Kind::StreetSuffix).find(same).map(|(place, _)| place);
        let line = [house].into_iter().chain(pre).chain([street]).chain(suffix).chain(post).collect();
        readings.entry(group).or_insert(line);
    }
    let heading = Heading { words: vec!["address".to_owned()], number: None };
    (!readings.is_empty()).then(|| Slot { heading, readings: readings.into_values().collect() })
}

impl Slot {
    /// What the first reading tells of house and street, and besides.
    pub(super) fn told(&self, table: &TableSample) -> Told {
        let names = Standardizer::UsAddress.derived("");
        let step = table.rows.len().div_ceil(ROWS).max(1);
        let (mut told, mut count) = (Told::default(), 0.0);
        for row in table.rows.iter().step_by(step) {
            let cells: Vec<&str> = self.readings[0].iter().filter_map(|place| cell(row, *place)).collect();
            if cells.is_empty() {
                continue;
            }
            let parts = Standardizer::UsAddress.apply(&cells.join(" "));
            let has = |part: &str| names.iter().zip(&parts).any(|(name, value)| name == part && value.is_some());
            count += 1.0;
            told.unit += f64::from(u8::from(has(".unit")));
            told.place += f64::from(u8::from(has(".zip") || has(".city") && has(".state")));
        }
        Told { unit: told.unit / f64::max(count, 1.0), place: told.place / f64::max(count, 1.0) }
    }

    /// Adds columns to every reading.
    fn append(&mut self, columns: &[usize]) {
        self.readings.iter_mut().for_each(|reading| reading.extend(columns));
    }
}

/// What two addresses have in common once their columns are complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Common {
    /// Units can be compared.
    pub(super) units: bool,
    /// City and ZIP code are read from the address itself.
    pub(super) place: bool,
}

/// Completes the addresses of both sides with units and places from columns of their own, where the other side tells
/// them too. The second side is the first again where there is one table.
pub(super) fn complete(slots: &mut [(&mut Slot, &TableSample, &[Profile])]) -> Common {
    let told: Vec<Told> = slots.iter().map(|(slot, table, _)| slot.told(table)).collect();
    let unit_columns: Vec<Vec<usize>> = slots.iter().map(|(_, _, profiles)| columns(profiles, &[Kind::Unit])).collect();
    let place_columns: Vec<Vec<usize>> =
        slots.iter().map(|(_, _, profiles)| columns(profiles, &[Kind::City, Kind::State, Kind::Zip])).collect();
    let has_unit = |side: usize| told[side].unit >= UNITS || !unit_columns[side].is_empty();
    let units = (0..slots.len()).all(has_unit);
    let has_place = |side: usize| told[side].place > 0.5 || !place_columns[side].is_empty();
    let place = (0..slots.len()).any(|side| told[side].place > 0.5) && (0..slots.len()).all(has_place);
    for (side, (slot, ..)) in slots.iter_mut().enumerate() {
        if units && !unit_columns[side].is_empty() {
            slot.append(&unit_columns[side][..1]);
        }
        if place && told[side].place <= 0.5 {
            slot.append(&place_columns[side]);
        }
    }
    Common { units, place }
}

/// The first column of each kind that has values.
fn columns(profiles: &[Profile], kinds: &[Kind]) -> Vec<usize> {
    let first = |kind: &Kind| profiles.iter().position(|profile| profile.kind == *kind && profile.present >= UNITS);
    kinds.iter().filter_map(first).collect()
}
