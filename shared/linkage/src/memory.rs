//! Linking tables that fit in memory: the plain form of what the stages do shard by shard, for tests, benchmarks and
//! small data.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::clusters::{ClusterOptions, Link, cluster};
use crate::gammas::Gammas;
use crate::linker::Linker;
use crate::model::Model;
use crate::projection::Scratch;
use crate::records::Records;
use crate::rivals::{self, Candidate};
use crate::scorer::Scorer;
use crate::settings::{Cardinality, Side};
use crate::term_frequency::TermFrequencies;
use crate::train::{TrainError, Training, Warning, train};

/// Both tables of a job, read and blocked.
#[derive(Debug)]
pub struct InMemory<'a> {
    linker: &'a Linker,
    records: Records,
    rows: Vec<(Side, u32)>,
    ids: Vec<String>,
    memberships: Vec<Vec<(u64, u32)>>,
    totals: [u64; 2],
    terms: TermFrequencies,
    scratch: Scratch,
}

/// A scored candidate pair.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredPair {
    /// Key of the left record; of two records of one table the smaller.
    pub id_l: String,
    /// Key of the right record.
    pub id_r: String,
    /// Index of the rule that made the pair; none when it follows from others.
    pub match_key: Option<usize>,
    /// log2 odds that the records match.
    pub match_weight: f64,
    /// The comparison vector.
    pub gammas: Vec<i8>,
}

impl<'a> InMemory<'a> {
    /// No rows yet.
    pub fn new(linker: &'a Linker) -> Self {
        Self {
            records: Records::new(linker),
            rows: Vec::new(),
            ids: Vec::new(),
            memberships: vec![Vec::new(); linker.rules()],
            totals: [0; 2],
            terms: TermFrequencies::new(linker.terms().len()),
            scratch: Scratch::default(),
            linker,
        }
    }

    /// Reads one row, its values in the order of `linker.columns(side)`.
    pub fn push(&mut self, side: Side, id: &str, row: &[Option<&str>]) {
        let Self { linker, records, rows, ids, memberships, terms, scratch, totals } = self;
        let number = totals[side as usize];
        totals[side as usize] += 1;
        let mut keys = Vec::new();
        linker.project(side, row, scratch, |values, key_text| {
            let record = records.len() as u32;
            records.push(linker, values.iter());
            rows.push((side, number as u32));
            ids.push(id.to_owned());
            for (term, field) in linker.terms().iter().enumerate() {
                if let Some(value) = values.get(*field) {
                    terms.count(term, value);
                }
            }
            for (rule, memberships) in memberships.iter_mut().enumerate() {
                keys.clear();
                linker.keys(rule, values, key_text, &mut keys);
                memberships.extend(keys.iter().map(|key| (*key, record)));
            }
        });
    }

    /// The records, in the order that their rows were pushed in.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Trains from all rows; also looks up how frequent values are, so call it before anything is scored.
    ///
    /// # Errors
    /// As [`train`].
    pub fn train(&mut self) -> Result<(Model, Vec<Warning>), TrainError> {
        self.train_with(&[])
    }

    /// Trains as [`InMemory::train`] does, with pairs of ids that are known to match; unknown ids teach nothing.
    ///
    /// # Errors
    /// As [`train`].
    pub fn train_with(&mut self, labels: &[(&str, &str)]) -> Result<(Model, Vec<Warning>), TrainError> {
        let right = if self.linker.settings().is_dedupe() { Side::Left } else { Side::Right };
        let readings = |side: Side, id: &str| -> Vec<u32> {
            let known = self.rows.iter().zip(&self.ids).zip(0..);
            known.filter(|((row, known), _)| row.0 == side && *known == id).map(|(_, record)| record).collect()
        };
        let mut labelled = Vec::new();
        for (id_l, id_r) in labels {
            let rights = readings(right, id_r);
            labelled.extend(readings(Side::Left, id_l).into_iter().flat_map(|l| rights.iter().map(move |r| [l, *r])));
        }
        self.records.count_terms(self.linker, &self.terms);
        let random: Vec<u32> = (0..self.records.len() as u32).collect();
        train(
            self.linker,
            Training {
                records: &self.records,
                rows: &self.rows,
                random: &random,
                memberships: &self.memberships,
                labelled: &labelled,
                left_total: self.totals[0],
                right_total: self.totals[1],
                fraction: 1.0,
            },
        )
    }

    /// Every candidate pair of at least this match weight, the heaviest reading of each, in [`order`].
    pub fn score(&self, model: &Model, floor: f64) -> Vec<ScoredPair> {
        let mut best: BTreeMap<(&str, &str), ScoredPair> = BTreeMap::new();
        self.each_scored(model, floor, |match_key, l, r, match_weight, gammas| {
            let swap = self.linker.settings().is_dedupe() && self.ids[l] > self.ids[r];
            let (l, r) = if swap { (r, l) } else { (l, r) };
            let (id_l, id_r) = (self.ids[l].clone(), self.ids[r].clone());
            let pair = ScoredPair { id_l, id_r, match_key: Some(match_key), match_weight, gammas: gammas.to_vec() };
            let known = best.entry((&self.ids[l], &self.ids[r])).or_insert_with(|| pair.clone());
            if pair.match_weight > known.match_weight {
                *known = pair;
            }
        });
        let mut pairs: Vec<ScoredPair> = best.into_values().collect();
        pairs.sort_by(order);
        pairs
    }

    /// Weighs every candidate pair of at least this match weight: its rows, by the order they were pushed in, and its
    /// match weight. A pair whose rows have several readings comes once for each that is met.
    pub fn weigh(&self, model: &Model, floor: f64, mut each: impl FnMut(u32, u32, f64)) {
        self.each_scored(model, floor, |_, l, r, weight, _| each(self.rows[l].1, self.rows[r].1, weight));
    }

    /// Hands over the rule, both records, the weight and the vector of every reading of a pair that reaches the floor.
    fn each_scored(&self, model: &Model, floor: f64, mut each: impl FnMut(usize, usize, usize, f64, &Gammas)) {
        let scorer = Scorer::new(self.linker, model, floor);
        for rule in 0..self.linker.rules() {
            for (key, left, right) in self.candidates(rule) {
                let (l, r) = (left as usize, right as usize);
                if self.rows[l] == self.rows[r] || !self.linker.makes(rule, key, &self.records, l, r) {
                    continue;
                }
                if let Some((weight, gammas)) = scorer.weigh(&self.records, l, r) {
                    each(rule, l, r, weight, &gammas);
                }
            }
        }
    }

    /// The pairs that share a key of a rule, each once a key.
    fn candidates(&self, rule: usize) -> impl Iterator<Item = (u64, u32, u32)> {
        let dedupe = self.linker.settings().is_dedupe();
        let mut blocks: BTreeMap<u64, (Vec<u32>, Vec<u32>)> = BTreeMap::new();
        for (key, record) in &self.memberships[rule] {
            let (left, right) = blocks.entry(*key).or_default();
            if self.rows[*record as usize].0 == Side::Left { left.push(*record) } else { right.push(*record) }
        }
        blocks.into_iter().flat_map(move |(key, (left, right))| {
            let rights = if dedupe { left.clone() } else { right };
            let mut pairs = Vec::new();
            for (place, l) in left.iter().enumerate() {
                let start = if dedupe { place + 1 } else { 0 };
                pairs.extend(rights[start..].iter().map(|r| (key, *l, *r)));
            }
            pairs
        })
    }
}

/// The order in which links are decided: heaviest first, then by left and right key. Total over pairs of distinct
/// records.
pub fn order(a: &ScoredPair, b: &ScoredPair) -> std::cmp::Ordering {
    b.match_weight.total_cmp(&a.match_weight).then_with(|| (&a.id_l, &a.id_r).cmp(&(&b.id_l, &b.id_r)))
}

/// Takes from the match weights of pairs what rivals for the same records have, where a record has at most one match;
/// the pairs come back in [`order`].
pub fn share(cardinality: Cardinality, mut pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    let ids = Ids::of(&pairs);
    let candidate = |pair: &ScoredPair| {
        let [left, right] = ids.numbers(pair);
        Candidate { left, right, weight: pair.match_weight }
    };
    let candidates: Vec<Candidate> = pairs.iter().map(candidate).collect();
    let weights = rivals::share(&candidates, cardinality.limits());
    pairs.iter_mut().zip(weights).for_each(|(pair, weight)| pair.match_weight = weight);
    pairs.sort_by(order);
    pairs
}

/// The links between two tables whose records are clusters together: every left and right record of one cluster, with
/// the match weight at which they came together if that is more than their own. Those that no rule met have no
/// comparison vector.
pub fn across(pairs: &[ScoredPair], threshold: f64) -> Vec<ScoredPair> {
    let ids = Ids::of(pairs);
    let first_right = ids.0[0].len() as u32;
    let numbers = |pair: &ScoredPair| {
        let [left, right] = ids.numbers(pair);
        [left, first_right + right]
    };
    let scored: BTreeMap<[u32; 2], &ScoredPair> = pairs.iter().map(|pair| (numbers(pair), pair)).collect();
    let link =
        |(&[left, right], pair): (&[u32; 2], &&ScoredPair)| Link { left, right, match_weight: pair.match_weight };
    let options = ClusterOptions { threshold, guarded: true, first_right: Some(first_right) };
    let found = cluster(scored.iter().map(link), &options).across;
    let pair = |link: &Link| match scored.get(&[link.left, link.right]) {
        Some(pair) => ScoredPair { match_weight: pair.match_weight.max(link.match_weight), ..(*pair).clone() },
        None => ScoredPair {
            id_l: ids.0[0][link.left as usize].clone(),
            id_r: ids.0[1][(link.right - first_right) as usize].clone(),
            match_key: None,
            match_weight: link.match_weight,
            gammas: Vec::new(),
        },
    };
    let mut links: Vec<ScoredPair> = found.iter().map(pair).collect();
    links.sort_by(order);
    links
}

/// The ids of either side of pairs, in order; the place of an id is its number.
struct Ids([Vec<String>; 2]);

impl Ids {
    fn of(pairs: &[ScoredPair]) -> Self {
        let side = |id: fn(&ScoredPair) -> &String| {
            let ids: BTreeSet<&String> = pairs.iter().map(id).collect();
            ids.into_iter().cloned().collect()
        };
        Self([side(|pair| &pair.id_l), side(|pair| &pair.id_r)])
    }

    fn numbers(&self, pair: &ScoredPair) -> [u32; 2] {
        let [left, right] = &self.0;
        [left.binary_search(&pair.id_l), right.binary_search(&pair.id_r)].map(|place| place.unwrap_or_default() as u32)
    }
}

/// The links among pairs in [`order`]: all of them, or those whose limited sides had none before.
pub fn settle(cardinality: Cardinality, mut pairs: Vec<ScoredPair>) -> Vec<ScoredPair> {
    let limited = cardinality.limits();
    let mut linked: [HashSet<String>; 2] = Default::default();
    pairs.retain(|pair| {
        let ids = [&pair.id_l, &pair.id_r];
        let free = (0..2).all(|side| !limited[side] || !linked[side].contains(ids[side]));
        if free {
            (0..2).filter(|side| limited[*side]).for_each(|side| _ = linked[side].insert(ids[side].clone()));
        }
        free
    });
    pairs
}
