//! Clusters of records from scored pairs, guarded against weak bridges.
//!
//! Plain connected components are wrong as soon as one false link joins two clusters, and the more pairs the blocking
//! rules meet the more such links there are: in the end one giant cluster. Here two clusters become one only while all
//! pairs between them together speak for it, the two that have the most for it first: agglomeration by the *mean of the
//! odds* that the pairs match.
//!
//! Two clusters are the same thing, or they are not; what their records tell about it is not many independent pieces of
//! evidence, as they are copies of each other. One pair of records stands for it, and it may be any of them: then the
//! odds that the clusters match are the mean of the odds of all pairs. The heaviest pair alone (single linkage) would
//! take the best of many chances for the only one. The mean of the match weights (average linkage) would take a pair
//! that lacks values, or that no rule met, for evidence against, and break up clusters of incomplete records.

mod agglomerate;
mod bridges;
mod components;
#[cfg(test)]
mod tests;

pub use components::Components;

/// A scored pair of two records, in either order. A pair may come more than once; the heaviest counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Number of one record.
    pub left: u32,
    /// Number of the other.
    pub right: u32,
    /// log2 odds that the records match. Pairs below the threshold matter too, those far below it little.
    pub match_weight: f64,
}

/// How pairs become clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterOptions {
    /// The least match weight of a link, and the least log2 of the mean odds between two clusters that become one.
    pub threshold: f64,
    /// Whether clusters are guarded against weak bridges; without, they are plain connected components.
    pub guarded: bool,
    /// The first number of the right table, where clusters are of records of two. Records of one table are then never
    /// compared with each other, so that no pair of them speaks for or against a cluster.
    pub first_right: Option<u32>,
}

/// Clusters of records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clusters {
    /// The cluster of every record up to the highest that a pair named: the smallest number among its records. A
    /// cluster so keeps its name as long as its oldest record stays in it.
    pub assignments: Vec<u32>,
    /// Weak bridges, those that hold and those that were cut, in the order of their records.
    pub bridges: Vec<Bridge>,
    /// Of two tables every left and right record of one cluster, and the match weight at which they came together;
    /// those that no rule met follow from others. None without the guard.
    pub across: Vec<Link>,
    /// Pairs of records of one cluster.
    pub pairs: u64,
    /// How many of these should be true by the odds at which clusters were merged; without the guard by those of the
    /// pairs handed over.
    pub expected_true: f64,
}

/// A weak bridge: the one link that holds two groups of at least two records together, or links that were too weak to
/// hold two clusters together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bridge {
    /// The heaviest link between the groups; its smaller record.
    pub left: u32,
    /// Its larger record.
    pub right: u32,
    /// Its match weight.
    pub match_weight: f64,
    /// Links between the groups.
    pub links: u32,
    /// Records in the group of `left` and of `right`.
    pub sizes: [u32; 2],
    /// Whether the groups were kept apart.
    pub cut: bool,
}

impl Clusters {
    /// The cluster of a record; a record without pairs is its own.
    pub fn of(&self, record: u32) -> u32 {
        self.assignments.get(record as usize).copied().unwrap_or(record)
    }

    /// The share of pairs of one cluster that should be true, without labels; 1 without any.
    pub fn expected_precision(&self) -> f64 {
        if self.pairs == 0 { 1.0 } else { self.expected_true / self.pairs as f64 }
    }
}

/// Clusters from all scored pairs, whatever order they come in.
///
/// Pairs that are not handed over, because no blocking rule met them or they were scored below a floor, count as
/// certain non-matches. With a floor of 10 below the threshold that changes the odds of what is decided by 0.1 % at most.
///
/// Memory: four bytes a record, the pairs whose records are linked directly or by way of others, and some ten times that
/// for the largest connected component. Where pairs do not fit in memory, join the links to [`Components`] first, sort
/// the pairs by component outside, and give this function the pairs of as many components at a time as fit.
pub fn cluster(pairs: impl Iterator<Item = Link>, options: &ClusterOptions) -> Clusters {
    let mut components = Components::default();
    let mut kept = Vec::new();
    for pair in pairs.filter(|pair| pair.left != pair.right) {
        let pair = Link { left: pair.left.min(pair.right), right: pair.left.max(pair.right), ..pair };
        components.reach(pair.right);
        if pair.match_weight >= options.threshold {
            components.join(pair.left, pair.right);
        }
        kept.push(pair);
    }
    let mut clusters = Clusters { assignments: components.assignments(), ..Clusters::default() };
    kept.retain(|pair| clusters.of(pair.left) == clusters.of(pair.right));
    kept.sort_unstable_by(|a, b| {
        let key = |pair: &Link| (clusters.of(pair.left), pair.left, pair.right);
        key(a).cmp(&key(b)).then(b.match_weight.total_cmp(&a.match_weight))
    });
    kept.dedup_by_key(|pair| (pair.left, pair.right));
    let mut rest = kept.as_slice();
    while let Some(first) = rest.first() {
        let component = clusters.of(first.left);
        // The component of a pair is asked before its records are assigned anew.
        let (pairs, others) = rest.split_at(rest.partition_point(|pair| clusters.of(pair.left) <= component));
        agglomerate::split(pairs, options, &mut clusters);
        bridges::find(pairs, options.threshold, &mut clusters);
        rest = others;
    }
    clusters.bridges.sort_by_key(|bridge| (bridge.left, bridge.right));
    clusters
}
