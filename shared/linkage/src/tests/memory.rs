//! Linking two tables that fit in memory: the oracle of what larger machinery answers.

use super::settle::{ScoredPair, settle};
use crate::block::blocks;
use crate::linker::{CompareCache, Linker};
use crate::model::Model;
use crate::settings::Side;
use crate::train::{TrainError, Training, Warning, train};
use crate::variant::{Variant, match_key};

/// A record with its readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Key of the record, unique in its table.
    pub(super) id: String,
    /// What `Linker::project` made of it.
    pub(super) variants: Vec<Variant>,
}

impl Record {
    /// Reads one row, its values in the order of `linker.columns(side)`.
    pub(super) fn new(linker: &Linker, side: Side, id: &str, row: &[Option<&str>]) -> Self {
        Self { id: id.to_owned(), variants: linker.project(side, row) }
    }
}

/// Trains from whole tables.
///
/// # Errors
/// As [`train`].
pub(super) fn train_in_memory(
    linker: &Linker,
    left: &[Record],
    right: &[Record],
) -> Result<(Model, Vec<Warning>), TrainError> {
    let variants = |records: &[Record]| -> Vec<Variant> {
        records.iter().flat_map(|record| record.variants.iter().cloned()).collect()
    };
    let (left_total, right_total) = (left.len() as u64, right.len() as u64);
    let (left, right) = (variants(left), variants(right));
    train(linker, Training { left: &left, right: &right, left_total, right_total, fraction: 1.0 })
}

/// Scores every candidate pair and settles those at or above the threshold; the links come in
/// [`super::settle::order`], whatever the order of the records.
pub(super) fn link_in_memory(linker: &Linker, model: &Model, left: &[Record], right: &[Record]) -> Vec<ScoredPair> {
    let (left, right) = (flat(left), flat(right));
    let (left_variants, right_variants) = (variants(&left), variants(&right));
    let mut cache = CompareCache::default();
    let mut pairs = Vec::new();
    for rule in 0..linker.rules() {
        for block in blocks(&left_variants, &right_variants, rule).values() {
            for (&l, &r) in block.left.iter().flat_map(|l| block.right.iter().map(move |r| (l, r))) {
                let (variant_l, variant_r) = (left_variants[l], right_variants[r]);
                if match_key(variant_l, variant_r) != Some(rule) {
                    continue;
                }
                let gammas = linker.gammas(variant_l, variant_r, &mut cache);
                let match_weight = model.match_weight(&gammas);
                if Model::match_probability(match_weight) >= linker.threshold() {
                    pairs.push(ScoredPair {
                        id_l: left[l].0.to_owned(),
                        id_r: right[r].0.to_owned(),
                        match_key: u16::try_from(rule).unwrap_or(u16::MAX),
                        match_weight,
                        gammas: gammas.to_vec(),
                    });
                }
            }
        }
    }
    settle(linker.cardinality(), pairs)
}

fn flat(records: &[Record]) -> Vec<(&str, &Variant)> {
    records.iter().flat_map(|record| record.variants.iter().map(|variant| (record.id.as_str(), variant))).collect()
}

fn variants<'a>(flat: &[(&'a str, &'a Variant)]) -> Vec<&'a Variant> {
    flat.iter().map(|(_, variant)| *variant).collect()
}
