//! Average linkage inside one connected component.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Clusters, Link};

/// Assigns the records of a connected component to clusters. `pairs` are all its pairs, each once, the smaller record
/// on the left.
pub(super) fn split(pairs: &[Link], threshold: f64, absent: f64, clusters: &mut Clusters) {
    let mut records: Vec<u32> = pairs.iter().flat_map(|pair| [pair.left, pair.right]).collect();
    records.sort_unstable();
    records.dedup();
    let mut groups = Groups::new(&records, pairs, absent);
    groups.agglomerate(threshold);
    for (place, record) in records.iter().enumerate() {
        // The smallest record of a group stands first, as records and places have the same order.
        clusters.assignments[*record as usize] = records[groups.smallest_of(place)];
    }
}

/// What is known between two groups.
#[derive(Debug, Clone, Copy, Default)]
struct Between {
    /// Sum of the match weights of the pairs that were handed over.
    sum: f64,
    /// How many those are.
    pairs: u32,
}

/// Groups of records on the way to clusters. A group is named by one of its records.
struct Groups {
    absent: f64,
    /// Per record the record it was merged into, itself while its group goes by its name.
    merged: Vec<usize>,
    sizes: Vec<u32>,
    /// The smallest record of each group.
    smallest: Vec<usize>,
    /// How often a group has changed, so that proposals of before are known to be stale.
    versions: Vec<u32>,
    neighbors: Vec<BTreeMap<usize, Between>>,
}

impl Groups {
    fn new(records: &[u32], pairs: &[Link], absent: f64) -> Self {
        let count = records.len();
        let mut neighbors = vec![BTreeMap::new(); count];
        for pair in pairs {
            let place = |record: u32| records.binary_search(&record).unwrap_or_default();
            let (left, right) = (place(pair.left), place(pair.right));
            let between = Between { sum: pair.match_weight, pairs: 1 };
            neighbors[left].insert(right, between);
            neighbors[right].insert(left, between);
        }
        Self {
            absent,
            merged: (0..count).collect(),
            sizes: vec![1; count],
            smallest: (0..count).collect(),
            versions: vec![0; count],
            neighbors,
        }
    }

    /// Merges the two groups with the heaviest mean, again and again, as long as it is at least `threshold`.
    fn agglomerate(&mut self, threshold: f64) {
        let mut proposals = BinaryHeap::new();
        for group in 0..self.sizes.len() {
            let later = self.neighbors[group].range(group + 1..).map(|(other, between)| (*other, *between));
            proposals.extend(later.map(|(other, between)| self.proposal(group, other, between)).filter(|p| p.mean >= threshold));
        }
        while let Some(proposal) = proposals.pop() {
            let [a, b] = proposal.groups;
            if [self.versions[a], self.versions[b]] != proposal.versions {
                continue;
            }
            let group = self.merge(a, b);
            let near = self.neighbors[group].iter();
            proposals.extend(
                near.map(|(other, between)| self.proposal(group, *other, *between)).filter(|p| p.mean >= threshold),
            );
        }
    }

    fn proposal(&self, a: usize, b: usize, between: Between) -> Proposal {
        let all = f64::from(self.sizes[a]) * f64::from(self.sizes[b]);
        let mean = (between.sum + (all - f64::from(between.pairs)) * self.absent) / all;
        let [low, high] = [self.smallest[a].min(self.smallest[b]), self.smallest[a].max(self.smallest[b])];
        Proposal { mean, smallest: [low, high], groups: [a, b], versions: [self.versions[a], self.versions[b]] }
    }

    /// Makes one group of two and answers its name.
    fn merge(&mut self, a: usize, b: usize) -> usize {
        // The group with more neighbors keeps them.
        let (kept, gone) = if self.neighbors[a].len() >= self.neighbors[b].len() { (a, b) } else { (b, a) };
        for (other, between) in std::mem::take(&mut self.neighbors[gone]) {
            self.neighbors[other].remove(&gone);
            if other != kept {
                let known = self.neighbors[kept].entry(other).or_default();
                known.sum += between.sum;
                known.pairs += between.pairs;
                let known = *known;
                self.neighbors[other].insert(kept, known);
            }
        }
        self.merged[gone] = kept;
        self.sizes[kept] += self.sizes[gone];
        self.smallest[kept] = self.smallest[kept].min(self.smallest[gone]);
        self.versions[gone] += 1;
        self.versions[kept] += 1;
        kept
    }

    /// The smallest record of a record's group.
    fn smallest_of(&self, record: usize) -> usize {
        let mut group = record;
        while self.merged[group] != group {
            group = self.merged[group];
        }
        self.smallest[group]
    }
}

/// Two groups that may become one.
#[derive(Debug, PartialEq)]
struct Proposal {
    /// Mean match weight between them.
    mean: f64,
    /// Their smallest records, in order: decides between equal means.
    smallest: [usize; 2],
    groups: [usize; 2],
    versions: [u32; 2],
}

impl Eq for Proposal {}

impl Ord for Proposal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.mean
            .total_cmp(&other.mean)
            .then_with(|| other.smallest.cmp(&self.smallest))
            .then_with(|| (self.groups, self.versions).cmp(&(other.groups, other.versions)))
    }
}

impl PartialOrd for Proposal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
