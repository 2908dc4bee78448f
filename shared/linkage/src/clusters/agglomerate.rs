//! Agglomeration inside one connected component.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::{ClusterOptions, Clusters, Link};
use crate::model::Model;

/// Sums of odds above 2 to this power might overflow.
const MOST_WEIGHT: f64 = 500.0;

/// Assigns the records of a connected component to clusters. `pairs` are all its pairs, each once, the smaller record
/// on the left.
pub(super) fn split(pairs: &[Link], options: &ClusterOptions, clusters: &mut Clusters) {
    let mut records: Vec<u32> = pairs.iter().flat_map(|pair| [pair.left, pair.right]).collect();
    records.sort_unstable();
    records.dedup();
    if !options.guarded {
        let true_ = pairs.iter().map(|pair| Model::match_probability(pair.match_weight));
        clusters.expected_true += true_.sum::<f64>();
        clusters.pairs += records.len() as u64 * (records.len() as u64 - 1) / 2;
        return;
    }
    let mut groups = Groups::new(&records, pairs, options);
    groups.agglomerate();
    clusters.pairs += groups.pairs;
    clusters.expected_true += groups.expected_true;
    let link = |&([left, right], match_weight): &([usize; 2], f64)| Link {
        left: records[left],
        right: records[right],
        match_weight,
    };
    clusters.across.extend(groups.across.iter().map(link));
    for (place, record) in records.iter().enumerate() {
        // Records and places have the same order.
        clusters.assignments[*record as usize] = records[groups.smallest_of(place)];
    }
}

/// Groups of records on the way to clusters. A group goes by the name of one of its records.
struct Groups {
    threshold: f64,
    /// Per record the record whose group took its own in; itself while its group goes by its name.
    merged: Vec<usize>,
    /// The records of each group.
    members: Vec<Vec<usize>>,
    /// The first record of the right table, and of how many of its records each group is; none where there is one table.
    first_right: Option<usize>,
    rights: Vec<usize>,
    /// Records of two tables that came together, and at what weight.
    across: Vec<([usize; 2], f64)>,
    /// The smallest record of each group.
    smallest: Vec<usize>,
    /// How often a group has changed, so that proposals of before are known to be stale.
    versions: Vec<u32>,
    /// Per group its neighbors, and the sum of the odds of all pairs between.
    neighbors: Vec<BTreeMap<usize, f64>>,
    proposals: BinaryHeap<Proposal>,
    /// Pairs of records that were merged, and how many of those should be true.
    pairs: u64,
    expected_true: f64,
}

impl Groups {
    fn new(records: &[u32], pairs: &[Link], options: &ClusterOptions) -> Self {
        let count = records.len();
        let mut neighbors = vec![BTreeMap::new(); count];
        for pair in pairs {
            let place = |record: u32| records.binary_search(&record).unwrap_or_default();
            let (left, right) = (place(pair.left), place(pair.right));
            let odds = pair.match_weight.min(MOST_WEIGHT).exp2();
            neighbors[left].insert(right, odds);
            neighbors[right].insert(left, odds);
        }
        let first_right = options.first_right.map(|first| records.partition_point(|record| *record < first));
        Self {
            threshold: options.threshold,
            merged: (0..count).collect(),
            members: (0..count).map(|place| vec![place]).collect(),
            rights: (0..count).map(|place| usize::from(first_right.is_some_and(|first| place >= first))).collect(),
            first_right,
            across: Vec::new(),
            smallest: (0..count).collect(),
            versions: vec![0; count],
            neighbors,
            proposals: BinaryHeap::new(),
            pairs: 0,
            expected_true: 0.0,
        }
    }

    /// Merges the two groups that have the most for it, again and again, as long as that is enough.
    fn agglomerate(&mut self) {
        for group in 0..self.members.len() {
            self.propose(group, group + 1);
        }
        while let Some(Proposal { weight, groups: [a, b], versions, .. }) = self.proposals.pop() {
            if [self.versions[a], self.versions[b]] == versions {
                let pairs = self.compared(a, b);
                self.pairs += pairs;
                self.expected_true += pairs as f64 * Model::match_probability(weight);
                self.link_across(a, b, weight);
                let group = self.merge(a, b);
                self.propose(group, 0);
            }
        }
    }

    /// Proposes to merge a group with each neighbor from a place on that all pairs between together speak for.
    fn propose(&mut self, group: usize, from: usize) {
        for (&other, odds) in self.neighbors[group].range(from..) {
            let weight = (odds / self.compared(group, other) as f64).log2();
            if weight >= self.threshold {
                let smallest = [self.smallest[group], self.smallest[other]];
                self.proposals.push(Proposal {
                    weight,
                    smallest: [smallest[0].min(smallest[1]), smallest[0].max(smallest[1])],
                    groups: [group, other],
                    versions: [self.versions[group], self.versions[other]],
                });
            }
        }
    }

    /// Pairs between two groups that could have been compared.
    fn compared(&self, a: usize, b: usize) -> u64 {
        let [(left_a, right_a), (left_b, right_b)] =
            [a, b].map(|group| (self.members[group].len() - self.rights[group], self.rights[group]));
        match self.first_right {
            Some(_) => (left_a * right_b + right_a * left_b) as u64,
            None => (left_a * left_b) as u64,
        }
    }

    /// Notes the pairs of a left and a right record that two groups make when they become one.
    fn link_across(&mut self, a: usize, b: usize, weight: f64) {
        let Some(first_right) = self.first_right else { return };
        for &one in &self.members[a] {
            for &other in &self.members[b] {
                // Left records stand before right ones.
                let pair = [one.min(other), one.max(other)];
                if pair[0] < first_right && pair[1] >= first_right {
                    self.across.push((pair, weight));
                }
            }
        }
    }

    /// Makes one group of two and answers its name.
    fn merge(&mut self, a: usize, b: usize) -> usize {
        // The group with more neighbors keeps them, so that a record moves at most log n times.
        let (kept, gone) = if self.neighbors[a].len() >= self.neighbors[b].len() { (a, b) } else { (b, a) };
        for (other, odds) in std::mem::take(&mut self.neighbors[gone]) {
            self.neighbors[other].remove(&gone);
            if other != kept {
                let known = self.neighbors[kept].entry(other).or_default();
                *known += odds;
                let known = *known;
                self.neighbors[other].insert(kept, known);
            }
        }
        self.merged[gone] = kept;
        let (mut more, mut fewer) = (std::mem::take(&mut self.members[kept]), std::mem::take(&mut self.members[gone]));
        if more.len() < fewer.len() {
            std::mem::swap(&mut more, &mut fewer);
        }
        more.append(&mut fewer);
        self.members[kept] = more;
        self.rights[kept] += self.rights[gone];
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
    /// log2 of the mean odds between them.
    weight: f64,
    /// Their smallest records, in order: decides between equal weights.
    smallest: [usize; 2],
    groups: [usize; 2],
    versions: [u32; 2],
}

impl Eq for Proposal {}

impl Ord for Proposal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight
            .total_cmp(&other.weight)
            .then_with(|| other.smallest.cmp(&self.smallest))
            .then_with(|| (self.groups, self.versions).cmp(&(other.groups, other.versions)))
    }
}

impl PartialOrd for Proposal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
