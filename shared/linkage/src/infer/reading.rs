//! The rows of the samples as records of derived values.

use std::collections::{BTreeMap, HashMap};

use super::TableSample;
use super::pairing::Pairing;
use super::profile::cell;
use crate::projection::{Projection, Scratch};
use crate::settings::{Cardinality, Field, LinkSettings, Side};
use crate::values::Values;

/// The records of both samples; of one table the first side alone.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Names of the derived values.
    pub(super) derived: Vec<String>,
    /// Per side the records, in the order of the rows.
    pub(super) sides: [Vec<Values>; 2],
    /// Per side and record the row it was read from.
    pub(super) rows: [Vec<u32>; 2],
    /// Rows of the whole tables.
    pub(super) totals: [u64; 2],
    /// Per derived value, side and record a number that equal values share; 0 is null.
    pub(super) numbers: Vec<[Vec<u32>; 2]>,
}

/// The settings of the fields, without rules and comparisons.
pub(super) fn settings(left: &str, right: Option<&str>, pairings: &[Pairing]) -> LinkSettings {
    let field = |pairing: &Pairing| {
        let [left, right] = pairing.columns.clone();
        let plain = |readings: &[Vec<String>]| if readings.len() == 1 { readings[0].clone() } else { Vec::new() };
        let several = |readings: Vec<Vec<String>>| if readings.len() > 1 { readings } else { Vec::new() };
        Field {
            standardizer: pairing.standardizer,
            left: plain(&left),
            right: plain(&right),
            left_alternatives: several(left),
            right_alternatives: several(right),
        }
    };
    let dedupe = right.is_none();
    LinkSettings {
        left: left.to_owned(),
        right: right.map(str::to_owned),
        cardinality: if dedupe { Cardinality::Clusters } else { Cardinality::ManyToMany },
        threshold: super::THRESHOLD,
        expected_precision: None,
        blocking: Vec::new(),
        max_block_pairs: None,
        index: false,
        fields: pairings.iter().map(|pairing| (pairing.name.clone(), field(pairing))).collect::<BTreeMap<_, _>>(),
        comparisons: Vec::new(),
    }
}

impl Reading {
    /// Reads the samples by the fields of the settings.
    pub(super) fn of(settings: &LinkSettings, left: &TableSample, right: Option<&TableSample>) -> Self {
        let mut reading = Self { derived: settings.derivable(), ..Self::default() };
        for (side, table) in [(Side::Left, Some(left)), (Side::Right, right)] {
            if let Some(table) = table {
                reading.add(settings, side, table);
            }
        }
        reading.number();
        reading
    }

    fn add(&mut self, settings: &LinkSettings, side: Side, table: &TableSample) {
        let projection = Projection::new(settings, side, &self.derived);
        let place = |column: &String| table.columns.iter().position(|known| known == column);
        let places: Vec<Option<usize>> = projection.columns().iter().map(place).collect();
        let mut scratch = Scratch::default();
        self.totals[side as usize] = table.total_rows.max(table.rows.len() as u64);
        for (row, cells) in (0..).zip(&table.rows) {
            let cells: Vec<Option<&str>> = places.iter().map(|place| cell(cells, (*place)?)).collect();
            projection.read(&cells, &mut scratch, |values, _| {
                self.sides[side as usize].push(values.clone());
                self.rows[side as usize].push(row);
            });
        }
    }

    fn number(&mut self) {
        self.numbers = (0..self.derived.len())
            .map(|derived| {
                let mut known: HashMap<&str, u32> = HashMap::new();
                [0, 1].map(|side: usize| {
                    let mut numbers = Vec::with_capacity(self.sides[side].len());
                    for values in &self.sides[side] {
                        let next = known.len() as u32 + 1;
                        numbers.push(values.get(derived).map_or(0, |value| *known.entry(value).or_insert(next)));
                    }
                    numbers
                })
            })
            .collect();
    }

    /// Whether one table is linked with itself.
    pub(super) fn is_dedupe(&self) -> bool {
        self.sides[1].is_empty()
    }

    /// Whether the tables have more rows than were given.
    pub(super) fn is_sampled(&self) -> bool {
        let given = |side: usize| self.rows[side].last().map_or(0, |row| u64::from(*row) + 1);
        (0..=self.right()).any(|side| given(side) < self.totals[side])
    }

    /// Which side stands right: the second, or the one there is.
    pub(super) fn right(&self) -> usize {
        usize::from(!self.is_dedupe())
    }

    /// The place of a derived value.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.derived.iter().position(|known| known == name)
    }

    /// The share of records of a side with a value, 0 to 1.
    pub(super) fn present(&self, derived: usize, side: usize) -> f64 {
        let numbers = &self.numbers[derived][side];
        numbers.iter().filter(|number| **number > 0).count() as f64 / numbers.len().max(1) as f64
    }

    /// The share of pairs of random records with values that have the same one.
    pub(super) fn agreement(&self, derived: usize) -> f64 {
        let numbers = &self.numbers[derived];
        let most = numbers.iter().flatten().max().map_or(0, |most| *most as usize);
        let mut counts = vec![[0.0_f64; 2]; most + 1];
        for (side, numbers) in numbers.iter().enumerate() {
            numbers.iter().for_each(|number| counts[*number as usize][side] += 1.0);
        }
        let with = |side: usize| counts.iter().skip(1).map(|count| count[side]).sum::<f64>();
        let dedupe = self.is_dedupe();
        let equal: f64 =
            counts.iter().skip(1).map(|[left, right]| if dedupe { left * (left - 1.0) } else { left * right }).sum();
        let pairs = if dedupe { with(0) * (with(0) - 1.0) } else { with(0) * with(1) };
        equal / f64::max(pairs, 1.0)
    }

    /// How often the most frequent value occurs for each time that a value occurs in the mean.
    pub(super) fn most_frequent(&self, derived: usize) -> f64 {
        let numbers = self.numbers[derived].iter().flatten();
        let mut counts: HashMap<u32, u32> = HashMap::new();
        numbers.filter(|number| **number > 0).for_each(|number| *counts.entry(*number).or_default() += 1);
        let (most, sum) = counts.values().fold((0, 0), |(most, sum), count| (most.max(*count), sum + count));
        f64::from(most) * counts.len() as f64 / f64::from(sum.max(1))
    }
}
