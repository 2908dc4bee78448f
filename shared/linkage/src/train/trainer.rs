//! The steps of training: random pairs, pairs within blocks, and what they say together.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::block::{Block, blocks, mix, thin};
use super::em::{FLOOR, Levels, MOST_ELSE, Patterns, Session, estimate, starting_m};
use super::lead::{self, Counted};
use super::limited;
use super::population::{Population, Refined};
use super::{TrainError, Training, Warning};
use crate::gammas::Gammas;
use crate::linker::Linker;
use crate::model::label;
use crate::rivals::Candidate;
use crate::settings::{Cardinality, Side};

const RANDOM_PAIRS: u64 = 1 << 19;
const PAIRS_PER_RULE: u64 = 1 << 18;

/// Candidates of a rule that the population takes; where several keys meet a pair, most of these are repeats.
const CANDIDATES_PER_RULE: u64 = 1 << 20;

/// Random pairs that are asked whether a rule meets them, which takes longer.
const OTHER_PAIRS: u64 = 1 << 18;

/// Pairs of a lower match weight neither match nor take anything from rivals that does.
const LEAST_TO_MATCH: f64 = -10.0;

/// A rule entails a comparison when at least this share of its non-matches agrees,
const ENTAILED_SHARE: f64 = 0.2;

/// and when that is this much likelier, in odds, than among random pairs.
const ENTAILED_ODDS: f64 = 10.0;

fn entailed(block_u: &[f64], u: &[f64]) -> bool {
    let odds = |levels: &[f64]| levels.last().map_or(0.0, |top| top / (1.0 - top));
    block_u.last().is_some_and(|top| *top >= ENTAILED_SHARE) && odds(block_u) > ENTAILED_ODDS * odds(u)
}

/// How many random pairs the trailing pairs of a rule are mixed with.
const TRAILING_PRIOR: f64 = 100.0;

/// Labelled pairs that outweigh what the rules expected.
const LABELS_THAT_OUTWEIGH: f64 = 20.0;

fn varies(patterns: &Patterns, comparison: usize) -> bool {
    let mut seen = patterns.keys().map(|gammas| gammas[comparison]).filter(|gamma| *gamma >= 0);
    let first = seen.next();
    first.is_some_and(|first| seen.any(|gamma| gamma != first))
}

/// The records of one training, in an order of their own, and what was noticed on the way.
pub(crate) struct Trainer<'a> {
    linker: &'a Linker,
    training: Training<'a>,
    /// Positions of the records to draw random pairs from, of each side in the order of their values; twice the same for
    /// one table.
    left: Vec<usize>,
    right: Vec<usize>,
    /// Place of a record in the order of its side.
    places: Vec<usize>,
    /// Which side goes first where one has to. It follows the records, so that swapping the sides changes nothing.
    right_first: bool,
    pub(crate) warnings: Vec<Warning>,
}

/// What a rule taught, and the comparisons it could teach about.
pub(crate) struct RuleSession {
    rule: usize,
    active: Vec<bool>,
    session: Session,
    /// Matches in the whole sample, when blocks had to be thinned.
    matches: f64,
}

impl<'a> Trainer<'a> {
    /// Puts the records in order.
    ///
    /// # Errors
    /// [`TrainError::NoRecords`].
    pub(crate) fn new(linker: &'a Linker, training: Training<'a>) -> Result<Self, TrainError> {
        let records = training.records;
        let by_values = |a: &usize, b: &usize| records.values(*a).cmp(records.values(*b));
        let side = |side: Side| {
            let mut sorted: Vec<usize> = (0..records.len()).filter(|record| training.rows[*record].0 == side).collect();
            sorted.sort_by(by_values);
            sorted
        };
        let drawn: HashSet<usize> = training.random.iter().map(|record| *record as usize).collect();
        let left = side(Side::Left);
        let right = if linker.settings().is_dedupe() { left.clone() } else { side(Side::Right) };
        for (side, records) in [("left", &left), ("right", &right)] {
            if records.is_empty() {
                return Err(TrainError::NoRecords { side });
            }
        }
        let values = |side: &[usize]| side.iter().flat_map(|record| records.values(*record)).collect::<Vec<_>>();
        let right_first = right.len() < left.len() || (right.len() == left.len() && values(&right) < values(&left));
        let mut places = vec![0; records.len()];
        for side in [&left, &right] {
            side.iter().enumerate().for_each(|(place, record)| places[*record] = place);
        }
        let random = |side: &[usize]| side.iter().copied().filter(|record| drawn.contains(record)).collect();
        let (left, right) = (random(&left), random(&right));
        Ok(Self { linker, training, left, right, places, right_first, warnings: Vec::new() })
    }

    /// Whether two records can be a pair: not two readings of one row.
    fn is_pair(&self, left: usize, right: usize) -> bool {
        self.training.rows[left] != self.training.rows[right]
    }

    /// Shares of levels among random pairs.
    pub(crate) fn random_levels(&mut self) -> Levels {
        let mut counts = self.empty_counts();
        self.random_pairs(RANDOM_PAIRS, |gammas, _, _| {
            for (count, &gamma) in counts.iter_mut().zip(gammas.iter()) {
                if let Ok(level) = usize::try_from(gamma) {
                    count[level] += 1;
                }
            }
        });
        self.shares(&counts)
    }

    /// Hands over about so many random pairs, chosen by hash: all of them where there are no more.
    fn random_pairs(&self, most: u64, mut each: impl FnMut(&Gammas, usize, usize)) {
        let (left_len, right_len) = (self.left.len() as u64, self.right.len() as u64);
        let all = left_len.saturating_mul(right_len);
        for draw in 0..most.min(all) {
            let (first, second) = (mix(2 * draw), mix(2 * draw + 1));
            let (first, second) = if self.right_first { (second, first) } else { (first, second) };
            let (left, right) =
                if all <= most { (draw / right_len, draw % right_len) } else { (first % left_len, second % right_len) };
            let (left, right) = (self.left[left as usize], self.right[right as usize]);
            if self.is_pair(left, right) {
                each(&self.linker.gammas(self.training.records, left, right), left, right);
            }
        }
    }

    fn empty_counts(&self) -> Vec<Vec<u64>> {
        let comparisons = &self.linker.settings().comparisons;
        comparisons.iter().map(|comparison| vec![0; comparison.levels.len() + 1]).collect()
    }

    fn shares(&mut self, counts: &[Vec<u64>]) -> Levels {
        let comparisons = &self.linker.settings().comparisons;
        let mut shares = Vec::with_capacity(counts.len());
        for (comparison, counts) in comparisons.iter().zip(counts) {
            let total = counts.iter().sum::<u64>().max(1) as f64;
            let floor = (0.5 / total).clamp(FLOOR, 0.5);
            for (gamma, _) in counts.iter().enumerate().filter(|(_, count)| **count == 0) {
                self.warnings.push(Warning::UnseenLevel {
                    comparison: comparison.name.clone(),
                    level: label(comparison, gamma),
                    floor,
                });
            }
            let share = |&count: &u64| (count as f64 / total).clamp(floor, 1.0 - FLOOR);
            shares.push(counts.iter().map(share).collect());
        }
        shares
    }

    /// One session per rule that met a pair.
    pub(crate) fn sessions(&mut self, u: &Levels) -> Vec<RuleSession> {
        let start = self.starting_weights(u);
        (0..self.linker.rules()).filter_map(|rule| self.session(rule, u, &start)).collect()
    }

    fn session(&mut self, rule: usize, u: &Levels, start: &Levels) -> Option<RuleSession> {
        let mut blocks = self.blocks(rule);
        let kept = thin(&mut blocks, PAIRS_PER_RULE, self.right_first);
        let counted = self.count(rule, &blocks, start);
        if counted.all.is_empty() {
            self.warnings.push(Warning::EmptyRule { rule });
            return None;
        }
        // In clusters of one table most pairs that do not lead may be matches all the same.
        let block_u =
            if self.linker.settings().is_dedupe() { u.clone() } else { self.block_levels(&counted.trailing, u) };
        let active: Vec<bool> = (0..u.len())
            .map(|index| {
                !self.names(rule, index) && varies(&counted.all, index) && !entailed(&block_u[index], &u[index])
            })
            .collect();
        let session = estimate(&counted.all, &block_u, &active, &self.most_else());
        let matches = session.matches / kept;
        Some(RuleSession { rule, active, session, matches })
    }

    fn count(&mut self, rule: usize, blocks: &BTreeMap<u64, Block>, start: &Levels) -> Counted {
        let named: Vec<bool> = (0..start.len()).map(|index| self.names(rule, index)).collect();
        let weigh = |gammas: &Gammas| {
            let free = gammas.iter().enumerate().filter(|(index, _)| !named[*index]);
            let level = |(index, &gamma): (usize, &i8)| Some(start[index][usize::try_from(gamma).ok()?]);
            free.filter_map(level).sum()
        };
        let mutual = self.linker.cardinality() == Cardinality::OneToOne;
        let gammas = |left: usize, right: usize| {
            let counts = self.is_pair(left, right) && !self.again(left, right);
            counts.then(|| self.linker.gammas(self.training.records, left, right))
        };
        lead::count(blocks, mutual, gammas, weigh)
    }

    /// Whether a pair of one table stands in its block the other way round too. Thinned blocks may have lost that one:
    /// what counts is decided by the records alone, or else thinned blocks would keep more pairs than they should.
    fn again(&self, left: usize, right: usize) -> bool {
        self.linker.settings().is_dedupe() && self.places[left] > self.places[right]
    }

    /// The blocks of a rule, their records in order.
    fn blocks(&self, rule: usize) -> BTreeMap<u64, Block> {
        let mut memberships: Vec<(u64, usize)> =
            self.training.memberships[rule].iter().map(|(key, record)| (*key, *record as usize)).collect();
        memberships.sort_unstable_by_key(|(key, record)| (*key, self.places[*record], *record));
        let is_right = |record: usize| self.training.rows[record].0 == Side::Right;
        blocks(memberships.into_iter(), self.linker.settings().is_dedupe(), is_right)
    }

    /// Whether a rule asks for equality of what a comparison compares.
    fn names(&self, rule: usize, comparison: usize) -> bool {
        let field = self.linker.comparisons()[comparison].field;
        self.linker.blocking()[rule].whole_fields().any(|named| named == field)
    }

    /// The largest share of matches that may disagree, per comparison.
    fn most_else(&self) -> Vec<f64> {
        let comparisons = &self.linker.settings().comparisons;
        comparisons.iter().map(|comparison| if comparison.decisive { FLOOR } else { MOST_ELSE }).collect()
    }

    /// Match weights of the levels before any training.
    fn starting_weights(&self, u: &Levels) -> Levels {
        let weights = |(u, most_else): (&Vec<f64>, f64)| {
            starting_m(u.len(), most_else).iter().zip(u).map(|(m, u)| (m / u).log2()).collect()
        };
        u.iter().zip(self.most_else()).map(weights).collect()
    }

    /// u probabilities inside the blocks of a rule. Sharing a street makes near house numbers and
    /// the same suffix common among non-matches too; with u of random pairs EM would take all of
    /// that for matches. The pairs that do not lead are non-matches nearly all, so their levels
    /// raise u where they occur more often than among random pairs.
    fn block_levels(&self, trailing: &Patterns, u: &Levels) -> Levels {
        let mut counts = self.empty_counts();
        for (gammas, pairs) in trailing {
            for (count, &gamma) in counts.iter_mut().zip(gammas.iter()) {
                if let Ok(level) = usize::try_from(gamma) {
                    count[level] += pairs;
                }
            }
        }
        let raise = |(counts, u): (&Vec<u64>, &Vec<f64>)| {
            let total = counts.iter().sum::<u64>() as f64 + TRAILING_PRIOR;
            let share = |(&count, &u): (&u64, &f64)| ((count as f64 + TRAILING_PRIOR * u) / total).max(u);
            let mut raised: Vec<f64> = counts.iter().zip(u).map(share).collect();
            let agree: f64 = raised.iter().skip(1).sum();
            raised[0] = (1.0 - agree).max(FLOOR);
            raised
        };
        counts.iter().zip(u).map(raise).collect()
    }

    /// All pairs of the two tables: the candidates of the sampled blocks, and of those that no rule meets a sample.
    pub(crate) fn population(&self, pairs: f64) -> Population {
        let mut population = Population::new(pairs);
        if self.linker.cardinality() == Cardinality::OneToOne {
            population.limit(self.training.left_total.min(self.training.right_total).max(1) as f64);
        }
        if self.linker.settings().is_dedupe() && self.training.labelled.is_empty() {
            // Matches never disagree on what is decisive, whatever the data say.
            population
                .learn(self.linker.settings().comparisons.iter().map(|comparison| !comparison.decisive).collect());
        }
        for rule in 0..self.linker.rules() {
            let mut blocks = self.blocks(rule);
            let kept = thin(&mut blocks, CANDIDATES_PER_RULE, self.right_first);
            let mut patterns = Patterns::new();
            self.made(rule, &blocks).into_values().for_each(|gammas| *patterns.entry(gammas).or_default() += 1);
            population.add_candidates(&patterns, 1.0 / (kept * self.training.fraction));
        }
        let mut others = Patterns::new();
        self.random_pairs(OTHER_PAIRS, |gammas, left, right| {
            if self.linker.match_key(self.training.records, left, right).is_none() {
                *others.entry(*gammas).or_default() += 1;
            }
        });
        population.add_others(&others);
        population
    }

    /// The pairs of rows that a rule makes, each by the reading that agrees most.
    fn made(&self, rule: usize, blocks: &BTreeMap<u64, Block>) -> HashMap<[(Side, u32); 2], Gammas> {
        let pairs = blocks.iter().flat_map(|(key, block)| {
            block.left.iter().flat_map(move |left| block.right.iter().map(move |right| (*key, *left, *right)))
        });
        let makes = |(key, left, right): &(u64, usize, usize)| {
            let counts = self.is_pair(*left, *right) && !self.again(*left, *right);
            counts && self.linker.makes(rule, *key, self.training.records, *left, *right)
        };
        self.by_rows(pairs.filter(makes).map(|(_, left, right)| [left, right]))
    }

    /// The comparison vectors of pairs of rows, each by the reading that agrees most.
    fn by_rows(&self, pairs: impl Iterator<Item = [usize; 2]>) -> HashMap<[(Side, u32); 2], Gammas> {
        let (records, rows) = (self.training.records, self.training.rows);
        let mut best: HashMap<[(Side, u32); 2], Gammas> = HashMap::new();
        for [left, right] in pairs {
            // Of one table either way round names the same pair.
            let pair = if rows[left] <= rows[right] { [rows[left], rows[right]] } else { [rows[right], rows[left]] };
            let gammas = self.linker.gammas(records, left, right);
            let agreement = |gammas: &Gammas| gammas.iter().map(|gamma| i32::from(*gamma)).sum::<i32>();
            let known = best.entry(pair).or_insert(gammas);
            if (agreement(&gammas), gammas) > (agreement(known), *known) {
                *known = gammas;
            }
        }
        best
    }

    /// The prior where a record has at most one match.
    pub(crate) fn limited_prior(&self, refined: &Refined) -> f64 {
        let mut sampled = Vec::new();
        for rule in 0..self.linker.rules() {
            let mut blocks = self.blocks(rule);
            let kept = thin(&mut blocks, CANDIDATES_PER_RULE, self.right_first);
            let each = 1.0 / (kept * self.training.fraction);
            for ([(_, left), (_, right)], gammas) in self.made(rule, &blocks) {
                let weight = refined.odds(&gammas).log2();
                if weight > LEAST_TO_MATCH {
                    sampled.push((Candidate { left, right, weight }, each));
                }
            }
        }
        let totals = [self.training.left_total, self.training.right_total];
        limited::prior(&sampled, refined.prior, totals, self.linker.cardinality().limits())
    }

    /// m probabilities of the labelled pairs, which start from what was expected of them; that when there are none.
    pub(crate) fn labelled(&mut self, mut expected: Levels) -> Levels {
        let labelled = self.by_rows(self.training.labelled.iter().map(|pair| pair.map(|record| record as usize)));
        let names: Vec<&str> =
            self.linker.settings().comparisons.iter().map(|comparison| comparison.name.as_str()).collect();
        for (index, levels) in expected.iter_mut().enumerate() {
            let at = |level: usize| labelled.values().filter(move |gammas| usize::try_from(gammas[index]) == Ok(level));
            let counts: Vec<usize> = (0..levels.len()).map(|level| at(level).count()).collect();
            let total: usize = counts.iter().sum();
            for (m, count) in levels.iter_mut().zip(counts) {
                let share = (count as f64 + LABELS_THAT_OUTWEIGH * *m) / (total as f64 + LABELS_THAT_OUTWEIGH);
                *m = share.clamp(FLOOR, 1.0 - FLOOR);
            }
            if total > 0 {
                let untaught = |warning: &Warning| matches!(warning, Warning::Untrained { comparison } if comparison == names[index]);
                self.warnings.retain(|warning| !untaught(warning));
            }
        }
        expected
    }

    /// Averages m over the sessions that left a comparison free, by their matches.
    pub(crate) fn average(&mut self, sessions: &[RuleSession], u: &Levels) -> Levels {
        let most_else = self.most_else();
        let mut averaged = Vec::with_capacity(u.len());
        for (index, levels) in u.iter().enumerate() {
            let mut m = vec![0.0; levels.len()];
            let mut total = 0.0;
            for taught in sessions.iter().filter(|taught| taught.active[index]) {
                let weight = taught.session.support[index];
                total += weight;
                for (m, taught) in m.iter_mut().zip(&taught.session.m[index]) {
                    *m += weight * taught;
                }
            }
            if total > 0.0 {
                averaged.push(m.iter().map(|m| (m / total).clamp(FLOOR, 1.0 - FLOOR)).collect());
            } else {
                let comparison = self.linker.settings().comparisons[index].name.clone();
                self.warnings.push(Warning::Untrained { comparison });
                averaged.push(starting_m(levels.len(), most_else[index]));
            }
        }
        averaged
    }

    /// Matches in the sample: the largest count of a rule over the recall its fields should have.
    pub(crate) fn total_matches(&self, sessions: &[RuleSession], m: &Levels) -> f64 {
        let matches = |taught: &RuleSession| {
            let recall: f64 = m
                .iter()
                .enumerate()
                .filter(|(index, _)| self.names(taught.rule, *index))
                .filter_map(|(_, levels)| levels.last())
                .product();
            taught.matches / recall.max(0.5)
        };
        sessions.iter().map(matches).fold(1.0, f64::max)
    }
}
