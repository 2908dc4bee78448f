//! Medical people and how each of two platforms wrote them down.
//!
//! The probabilities in the code are shares of the vendor's users, or of the platform's where it says so.

use serde_json::{Value, json};

use super::{
    corrupt::typo,
    names,
    random::{Random, scatter},
    towns::{CLASSIFICATIONS, ENDINGS, SPECIALTIES, STEMS, TOWNS},
};

/// First names that the vendor's users go by, and those on their diplomas.
const SHORT: &[(&str, &str)] = &[
    ("Robert", "Bob"),
    ("Michael", "Mike"),
    ("William", "Bill"),
    ("Elizabeth", "Liz"),
    ("James", "Jim"),
    ("Jennifer", "Jen"),
    ("Richard", "Rick"),
    ("Joseph", "Joe"),
    ("Thomas", "Tom"),
    ("Christopher", "Chris"),
    ("Patricia", "Pat"),
    ("Daniel", "Dan"),
];

/// Somebody who may use both platforms.
pub(crate) struct Doctor {
    first: &'static str,
    last: String,
    /// Position in [`TOWNS`].
    town: usize,
    specialty: usize,
    classification: usize,
    /// Days before [`super::users::TODAY`] since the platform last saw them, and since the vendor did.
    away: [u64; 2],
}

impl Doctor {
    /// Names, towns and specialties are common or rare, as in life; who uses the vendor a lot uses the platform less.
    pub(crate) fn any(random: &mut Random) -> Self {
        let last = if random.chance(0.4) { (*common(random, names::LAST)).to_owned() } else { rare(random) };
        let vendor = away(random, 0.75);
        let platform = away(random, if vendor <= 30 { 0.55 } else { 0.8 });
        Self {
            first: *common(random, names::FIRST),
            last,
            town: random.below(TOWNS.len() as u64) as usize,
            specialty: common_place(random, SPECIALTIES.len()),
            classification: common_place(random, CLASSIFICATIONS.len()),
            away: [platform, vendor],
        }
    }

    /// The platform's row: id, practice, first and last name, classification, specialty, registered on, last active.
    /// A share of 0.03 has no practice.
    pub(crate) fn platform(&self, random: &mut Random, index: u64) -> [Option<String>; 8] {
        let practice = (!random.chance(0.03)).then(|| (self.town + 1).to_string());
        [
            Some(platform_id(index).to_string()),
            practice,
            Some(self.first.to_owned()),
            Some(self.last.clone()),
            Some(CLASSIFICATIONS[self.classification].to_owned()),
            Some(SPECIALTIES[self.specialty].to_owned()),
            Some((*random.pick(&["mobile", "mobile", "website"])).to_owned()),
            Some(day(self.away[0])),
        ]
    }

    /// The vendor's record: towns with underscores, classifications with a capital, slips, short names and moves.
    pub(crate) fn vendor(&self, random: &mut Random, index: u64) -> Value {
        let first = match random.below(100) {
            0..3 => typo(random, self.first),
            3..6 => short(self.first).to_owned(),
            6 => self.first.to_uppercase(),
            _ => self.first.to_owned(),
        };
        let last = match random.below(100) {
            0..4 => typo(random, &self.last),
            4 => (*common(random, names::LAST)).to_owned(),
            5 => format!("{}-{}", self.last, rare(random)),
            6 => self.last.to_uppercase(),
            _ => self.last.clone(),
        };
        let town = if random.chance(0.03) { random.below(TOWNS.len() as u64) as usize } else { self.town };
        let specialty = if random.chance(0.03) { common_place(random, SPECIALTIES.len()) } else { self.specialty };
        let classification =
            if random.chance(0.4) { common_place(random, CLASSIFICATIONS.len()) } else { self.classification };
        let said = |random: &mut Random, text: String| if random.chance(0.02) { Value::Null } else { text.into() };
        json!({
            "firstname": first,
            "id": vendor_id(index),
            "last_active_date": day(self.away[1]),
            "lastname": last,
            "practice_location": said(random, TOWNS[town].replace(' ', "_")),
            "specialty": said(random, SPECIALTIES[specialty].to_owned()),
            "user_type_classification": capital(CLASSIFICATIONS[classification]),
        })
    }
}

/// The platform's key: ascending, with gaps.
pub(crate) fn platform_id(index: u64) -> u64 {
    5 * index + 5
}

/// The vendor's key: of nine digits, in no order.
pub(crate) fn vendor_id(index: u64) -> u64 {
    scatter(index + 1, 618_033_989)
}

/// The least of three draws, so that the first items are common.
fn common_place(random: &mut Random, count: usize) -> usize {
    let mut draw = || random.below(count as u64);
    draw().min(draw()).min(draw()) as usize
}

fn common<'a, T>(random: &mut Random, items: &'a [T]) -> &'a T {
    &items[common_place(random, items.len())]
}

/// One of several thousand surnames.
fn rare(random: &mut Random) -> String {
    format!("{}{}", random.pick(STEMS), random.pick(ENDINGS))
}

fn short(first: &'static str) -> &'static str {
    SHORT.iter().find(|(long, _)| *long == first).map_or(first, |(_, short)| short)
}

/// Days since somebody was seen: up to 30 with the given probability, else up to 39.
fn away(random: &mut Random, active: f64) -> u64 {
    if random.chance(active) { random.below(31) } else { random.between(31, 39) }
}

/// The day so many days before 2017-02-02, at most 39.
fn day(away: u64) -> String {
    match 39 - away {
        since @ 0..7 => format!("2016-12-{:02}", since + 25),
        since @ 7..38 => format!("2017-01-{:02}", since - 6),
        since => format!("2017-02-{:02}", since - 37),
    }
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
