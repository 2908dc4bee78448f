//! Which columns of the two tables hold the same thing.

use std::collections::BTreeSet;

use super::TableSample;
use super::addresses::{self, Common, Slot};
use super::forms;
use super::identifiers::{overlap, plain_values};
use super::kind::Kind;
use super::profile::{Profile, cell};
use crate::standardize::Standardizer;

/// The least likeness of two names that makes values of little overlap one field.
const NAMED: f64 = 0.6;
/// The least overlap of values that makes columns of any name one field.
const SHARED: f64 = 0.5;

/// One table with what is known of its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'t> {
    pub(super) table: &'t TableSample,
    pub(super) profiles: &'t [Profile],
    /// Per column whether it may be compared.
    pub(super) usable: &'t [bool],
}

/// A field both sides have, or the one table.
#[derive(Debug, Clone)]
pub(super) struct Pairing {
    /// The field's name, unique.
    pub(super) name: String,
    /// What it holds.
    pub(super) kind: Kind,
    /// Per side the columns of each reading; the second side is empty where there is one table.
    pub(super) columns: [Vec<Vec<String>>; 2],
    /// Of an address, what else it tells.
    pub(super) common: Common,
    /// How the columns are read.
    pub(super) standardizer: Standardizer,
}

/// Pairs the columns of two tables up, or each usable column of one table with itself.
pub(super) fn pair(left: Side<'_>, right: Option<Side<'_>>) -> Vec<Pairing> {
    let mut fields = Fields { left, right, taken: [BTreeSet::new(), BTreeSet::new()], found: Vec::new() };
    fields.add_addresses();
    fields.add_names();
    fields.add_columns();
    fields.found
}

struct Fields<'t> {
    left: Side<'t>,
    right: Option<Side<'t>>,
    taken: [BTreeSet<usize>; 2],
    found: Vec<Pairing>,
}

impl Fields<'_> {
    fn add_addresses(&mut self) {
        let mut lefts = addresses::slots(&usable(self.left));
        match self.right {
            None => {
                for slot in &mut lefts {
                    let common = addresses::complete(&mut [(&mut *slot, self.left.table, self.left.profiles)]);
                    self.add_slot(slot, None, common);
                }
            }
            Some(right) => {
                let mut rights = addresses::slots(&usable(right));
                while let Some((l, r)) = likeliest(&lefts, &rights) {
                    let (mut left_slot, mut right_slot) = (lefts.remove(l), rights.remove(r));
                    let common = addresses::complete(&mut [
                        (&mut left_slot, self.left.table, self.left.profiles),
                        (&mut right_slot, right.table, right.profiles),
                    ]);
                    self.add_slot(&left_slot, Some(&right_slot), common);
                }
            }
        }
    }

    fn add_slot(&mut self, left: &Slot, right: Option<&Slot>, common: Common) {
        let readings = |slot: &Slot, side: Side<'_>| {
            let names = |columns: &Vec<usize>| columns.iter().map(|place| side.table.columns[*place].clone()).collect();
            slot.readings.iter().map(names).collect::<Vec<Vec<String>>>()
        };
        let mut columns = [readings(left, self.left), Vec::new()];
        self.taken[0].extend(left.readings.iter().flatten());
        if let (Some(slot), Some(side)) = (right, self.right) {
            columns[1] = readings(slot, side);
            self.taken[1].extend(slot.readings.iter().flatten());
        }
        self.add("address".to_owned(), Kind::Address, columns, common);
    }

    /// A whole name on one side, given and family name on the other.
    fn add_names(&mut self) {
        let Some(right) = self.right else { return };
        for (split, whole, swapped) in [(self.left, right, false), (right, self.left, true)] {
            let place = |side: Side<'_>, kind: Kind| usable(side).iter().position(|profile| profile.kind == kind);
            let (Some(first), Some(last)) = (place(split, Kind::FirstName), place(split, Kind::LastName)) else {
                continue;
            };
            let parted = place(whole, Kind::FirstName).is_some() && place(whole, Kind::LastName).is_some();
            let Some(person) = place(whole, Kind::Person).filter(|_| !parted) else { continue };
            let mut columns = [
                vec![vec![split.table.columns[first].clone(), split.table.columns[last].clone()]],
                vec![vec![whole.table.columns[person].clone()]],
            ];
            self.taken[usize::from(swapped)].extend([first, last]);
            self.taken[usize::from(!swapped)].insert(person);
            if swapped {
                columns.swap(0, 1);
            }
            self.add("name".to_owned(), Kind::Person, columns, Common::default());
        }
    }

    fn add_columns(&mut self) {
        let lefts = self.free(self.left, 0);
        let Some(right) = self.right else {
            for place in lefts {
                let profile = &self.left.profiles[place];
                let columns = [vec![vec![profile.column.clone()]], Vec::new()];
                self.add(profile.heading.field(), profile.kind, columns, Common::default());
            }
            return;
        };
        let mut offers: Vec<(f64, usize, usize)> = Vec::new();
        for l in lefts {
            for r in self.free(right, 1) {
                offers.extend(likeness((self.left, l), (right, r)).map(|likeness| (likeness, l, r)));
            }
        }
        // The likeliest first; of equals in the order of the columns.
        offers.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        for (_, l, r) in offers {
            if self.taken[0].contains(&l) || self.taken[1].contains(&r) {
                continue;
            }
            self.taken[0].insert(l);
            self.taken[1].insert(r);
            let (profile_l, profile_r) = (&self.left.profiles[l], &right.profiles[r]);
            let columns = [vec![vec![profile_l.column.clone()]], vec![vec![profile_r.column.clone()]]];
            self.add(
                profile_l.heading.field(),
                common_kind(profile_l.kind, profile_r.kind),
                columns,
                Common::default(),
            );
        }
    }

    /// Places of the columns that are usable and in no field yet.
    fn free(&self, side: Side<'_>, which: usize) -> Vec<usize> {
        (0..side.profiles.len()).filter(|place| side.usable[*place] && !self.taken[which].contains(place)).collect()
    }

    fn add(&mut self, name: String, kind: Kind, columns: [Vec<Vec<String>>; 2], common: Common) {
        let known = |name: &String| self.found.iter().any(|field| field.name == *name);
        let again = (2..).map(|number| format!("{name}_{number}"));
        let name = std::iter::once(name.clone()).chain(again).find(|name| !known(name)).unwrap_or(name);
        let tables = [Some(self.left.table), self.right.map(|right| right.table)];
        let sides = columns
            .iter()
            .zip(tables)
            .filter_map(|(readings, table)| Some((table?, readings.first()?.first()?.as_str())));
        let standardizer = forms::standardizer(kind, &sides.collect::<Vec<_>>());
        self.found.push(Pairing { name, kind, columns, common, standardizer });
    }
}

/// The profiles of a side, those of unusable columns as nothing to compare.
fn usable(side: Side<'_>) -> Vec<Profile> {
    let mut profiles = side.profiles.to_vec();
    for (profile, _) in profiles.iter_mut().zip(side.usable).filter(|(_, usable)| !**usable) {
        profile.kind = Kind::FreeText;
    }
    profiles
}

/// The addresses that are called most alike; the first of equals.
fn likeliest(lefts: &[Slot], rights: &[Slot]) -> Option<(usize, usize)> {
    let mut best: Option<(f64, usize, usize)> = None;
    for (l, left) in lefts.iter().enumerate() {
        for (r, right) in rights.iter().enumerate() {
            let likeness = left.heading.likeness(&right.heading);
            if best.is_none_or(|(known, ..)| likeness > known) {
                best = Some((likeness, l, r));
            }
        }
    }
    best.map(|(_, l, r)| (l, r))
}

/// How much two columns are alike in name and values; none when they cannot be one field.
fn likeness(left: (Side<'_>, usize), right: (Side<'_>, usize)) -> Option<f64> {
    let (profile_l, profile_r) = (&left.0.profiles[left.1], &right.0.profiles[right.1]);
    if !profile_l.kind.fits(profile_r.kind) {
        return None;
    }
    let same_hint = profile_l.heading.kind().is_some_and(|kind| profile_r.heading.kind() == Some(kind));
    let telling = same_hint && is_telling(profile_l.kind) && profile_l.kind == profile_r.kind;
    let plain = profile_l.heading.likeness(&profile_r.heading);
    let named = if telling { plain.max(0.9) } else { plain };
    let amounts = profile_l.kind.is_amount() && profile_r.kind.is_amount();
    let shared = if amounts { range_overlap(left, right) } else { value_overlap(left, right) };
    let enough = if amounts { 0.3 } else { 0.02 };
    let fits = (named >= NAMED && (shared >= enough || telling)) || (shared >= SHARED && !amounts);
    fits.then_some(named + shared)
}

/// Kinds of which a row seldom has two.
fn is_telling(kind: Kind) -> bool {
    use Kind::{
        City, Date, Email, FirstName, LastName, Latitude, Longitude, Person, Phone, Postcode, State, Year, Zip,
    };
    matches!(
        kind,
        City | Date
            | Email
            | FirstName
            | LastName
            | Latitude
            | Longitude
            | Person
            | Phone
            | Postcode
            | State
            | Year
            | Zip
    )
}

/// Overlap of values, or of the words of long ones.
fn value_overlap((left, l): (Side<'_>, usize), (right, r): (Side<'_>, usize)) -> f64 {
    let (values_l, values_r) = (plain_values(left.table, l), plain_values(right.table, r));
    if left.profiles[l].words < 1.5 && right.profiles[r].words < 1.5 {
        return overlap(&values_l, &values_r);
    }
    let words = |values: &BTreeSet<String>| -> BTreeSet<String> {
        values.iter().flat_map(|value| value.split(' ')).filter(|word| word.len() > 2).map(str::to_owned).collect()
    };
    overlap(&values_l, &values_r).max(overlap(&words(&values_l), &words(&values_r)))
}

/// The share of the range between the tenth and the ninetieth percentile that both columns have.
fn range_overlap(left: (Side<'_>, usize), right: (Side<'_>, usize)) -> f64 {
    let range = |(side, column): (Side<'_>, usize)| {
        let read =
            |value: &str| Kind::Number.standardizer().apply(value).first().cloned().flatten()?.parse::<f64>().ok();
        let mut numbers: Vec<f64> = side.table.rows.iter().filter_map(|row| read(cell(row, column)?)).collect();
        numbers.sort_by(f64::total_cmp);
        let at = |tenths: usize| numbers.get(numbers.len() * tenths / 10).copied();
        Some((at(1)?, at(9)?))
    };
    let (Some((low_l, high_l)), Some((low_r, high_r))) = (range(left), range(right)) else { return 0.0 };
    let shared = high_l.min(high_r) - low_l.max(low_r);
    let whole = high_l.max(high_r) - low_l.min(low_r);
    if whole <= 0.0 { f64::from(u8::from(shared >= 0.0)) } else { shared.max(0.0) / whole }
}

/// What a field holds whose columns were taken for two kinds.
fn common_kind(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        _ if left == right => left,
        (Kind::Year | Kind::Number, _) => Kind::Number,
        (Kind::Zip | Kind::Postcode, _) => Kind::Postcode,
        (Kind::Code | Kind::Identifier, _) => Kind::Code,
        (Kind::Title, _) | (_, Kind::Title) => Kind::Title,
        (Kind::List, _) | (_, Kind::List) => Kind::List,
        (Kind::City, _) | (_, Kind::City) => Kind::City,
        _ => Kind::Name,
    }
}
