//! What a word may mean in an address, for all meanings at once with one look-up.

use std::sync::LazyLock;

use super::suffixes::{NATURAL, PLAIN};
use super::tables::{
    CITY_POINTED, CITY_SAINTS, CITY_STARTS, DIRECTIONS, LONG_STATES, NAME_WORDS, NUMBERS, ROADS, Road, STATES, UNITS,
    Unit,
};
use crate::standardize::lexicon::Lexicon;

/// All meanings of a word; most words have none. Indexes count from 1, 0 is no meaning.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meaning {
    /// Index of a suffix.
    pub(super) suffix: u8,
    /// Whether the suffix ends a street wherever it stands.
    pub(super) plain_suffix: bool,
    /// Index of a direction.
    pub(super) direction: u8,
    /// What a number word stands for.
    pub(super) number: u8,
    /// Whether the number word is an ordinal.
    pub(super) ordinal: bool,
    /// Use as a unit designator.
    pub(super) unit: Unit,
    /// Index of the unit designator.
    pub(super) unit_index: u8,
    /// Use as a word of a numbered road.
    pub(super) road: Road,
    /// Index of the road word.
    pub(super) road_index: u8,
    /// Index of a state.
    pub(super) state: u8,
    /// Whether a state of several words ends with it.
    pub(super) state_end: bool,
    /// Index of a full form in a street name.
    pub(super) name: u8,
    /// Whether a city of several words begins with it.
    pub(super) city_start: bool,
    /// Whether it belongs to a city's name behind a compass point.
    pub(super) city_pointed: bool,
    /// Whether it belongs to a city's name behind `ST`.
    pub(super) city_saint: bool,
}

impl Meaning {
    /// The meaning of a word without any.
    pub(super) const NONE: Self = Self {
        suffix: 0,
        plain_suffix: false,
        direction: 0,
        number: 0,
        ordinal: false,
        unit: Unit::None,
        unit_index: 0,
        road: Road::None,
        road_index: 0,
        state: 0,
        state_end: false,
        name: 0,
        city_start: false,
        city_pointed: false,
        city_saint: false,
    };
}

/// A street suffix.
#[derive(Debug)]
pub(super) struct Suffix {
    /// The standard abbreviation: `AVE`.
    pub(super) short: &'static str,
    /// The full word: `AVENUE`.
    pub(super) long: &'static str,
}

/// All tables of the parser, built once.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) lexicon: Lexicon<Meaning>,
    pub(super) suffixes: Vec<Suffix>,
    /// The full words of the directions.
    pub(super) directions: Vec<&'static str>,
    /// The codes of the states.
    pub(super) states: Vec<&'static str>,
    /// The abbreviations of the unit designators.
    pub(super) designators: Vec<&'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::build);

/// More words than the tables have.
const ROOM: usize = 1024;

impl Tables {
    /// The tables, built at the first call.
    pub(super) fn get() -> &'static Self {
        &TABLES
    }

    fn build() -> Self {
        let mut lexicon = Lexicon::with_room(ROOM);
        let mut suffixes = Vec::new();
        for (lines, plain) in [(NATURAL, false), (PLAIN, true)] {
            for line in lines {
                let mut forms = line.split_whitespace();
                let short = forms.next().unwrap_or_default();
                suffixes.push(Suffix { short, long: forms.next().unwrap_or(short) });
                for form in line.split_whitespace() {
                    let meaning: &mut Meaning = lexicon.entry(form);
                    (meaning.suffix, meaning.plain_suffix) = (index(suffixes.len() - 1), plain);
                }
            }
        }
        add_words(&mut lexicon);
        add_units_and_roads(&mut lexicon);
        let form = |line: &'static str, at: usize| line.split_whitespace().nth(at).unwrap_or_default();
        Self {
            lexicon,
            suffixes,
            directions: DIRECTIONS.iter().map(|line| form(line, 1)).collect(),
            states: STATES.iter().map(|line| form(line, 0)).collect(),
            designators: UNITS.iter().map(|(_, line)| form(line, 0)).collect(),
        }
    }

    /// The word of an index; empty for 0.
    pub(super) fn word(&self, words: &[&'static str], index: u8) -> &'static str {
        usize::from(index).checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default()
    }
}

fn add_words(lexicon: &mut Lexicon<Meaning>) {
    for (at, line) in DIRECTIONS.iter().enumerate() {
        line.split_whitespace().for_each(|form| lexicon.entry(form).direction = index(at));
    }
    for (at, line) in STATES.iter().enumerate() {
        line.split_whitespace().for_each(|form| lexicon.entry(form).state = index(at));
    }
    let ends = LONG_STATES.iter().map(|(_, end, _)| end).chain(&["COLUMBIA"]);
    ends.for_each(|word| lexicon.entry(word).state_end = true);
    for (value, cardinal, ordinal) in NUMBERS {
        lexicon.entry(cardinal).number = *value;
        let meaning = lexicon.entry(ordinal);
        (meaning.number, meaning.ordinal) = (*value, true);
    }
    for (at, (short, _)) in NAME_WORDS.iter().enumerate() {
        lexicon.entry(short).name = index(at);
    }
    CITY_STARTS.split_whitespace().for_each(|word| lexicon.entry(word).city_start = true);
    CITY_SAINTS.split_whitespace().for_each(|word| lexicon.entry(word).city_saint = true);
    CITY_POINTED.split_whitespace().for_each(|word| lexicon.entry(word).city_pointed = true);
}

fn add_units_and_roads(lexicon: &mut Lexicon<Meaning>) {
    for (at, (unit, line)) in UNITS.iter().enumerate() {
        for form in line.split_whitespace() {
            let meaning = lexicon.entry(form);
            (meaning.unit, meaning.unit_index) = (*unit, index(at));
        }
    }
    for (at, (road, line, _)) in ROADS.iter().enumerate() {
        for form in line.split_whitespace() {
            let meaning = lexicon.entry(form);
            (meaning.road, meaning.road_index) = (*road, index(at));
        }
    }
}

/// A table index counted from 1; no table is longer than 255.
fn index(at: usize) -> u8 {
    u8::try_from(at + 1).unwrap_or_default()
}
