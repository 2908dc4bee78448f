//! Clusters of records from scored pairs, guarded against weak bridges.
//!
//! Plain connected components are wrong as soon as one false link joins two clusters, and the more blocking rules meet
//! pairs the more such links there are: in the end one giant cluster. Here two clusters become one only when the pairs
//! between them speak for it *on average*: the mean of their match weights, which are log odds, is at least that of a
//! link (average linkage, a greedy form of correlation clustering on log odds). Pairs below the threshold count
//! against a merge, and so do pairs that were never handed over, see [`ClusterOptions::absent`].

mod agglomerate;
mod bridges;
mod components;

pub use components::Components;

/// A scored pair of two records, in either order. A pair may come more than once; the heaviest counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Number of one record.
    pub left: u32,
    /// Number of the other.
    pub right: u32,
    /// log2 odds that the records match; below the threshold it is evidence against a cluster.
    pub match_weight: f64,
}

/// How pairs become clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterOptions {
    /// The least match weight of a link.
    pub threshold: f64,
    /// The match weight that is assumed of pairs that are not handed over, because no blocking rule met them or they
    /// were scored below a floor. None turns the guard off: clusters are then plain connected components.
    pub absent: Option<f64>,
}

/// Clusters of records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clusters {
    /// The cluster of every record up to the highest that a pair named: the smallest number among its records.
    pub assignments: Vec<u32>,
    /// Links that hold or would have held two clusters together alone, in the order of their records.
    pub bridges: Vec<Bridge>,
}

/// A weak bridge: what alone holds two groups of records together, or was not enough to.
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
}

/// Clusters from all scored pairs, whatever order they come in.
///
/// Memory: four bytes a record, the pairs whose records are linked at all directly or by way of others, and a few
/// times that for the largest connected component. Where pairs do not fit in memory, join the links to [`Components`]
/// first, sort the pairs by component outside, and give each component's pairs to this function.
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
    let mut clusters = Clusters { assignments: components.assignments(), bridges: Vec::new() };
    kept.retain(|pair| clusters.of(pair.left) == clusters.of(pair.right));
    kept.sort_unstable_by(|a, b| {
        let key = |pair: &Link| (clusters.of(pair.left), pair.left, pair.right);
        key(a).cmp(&key(b)).then(b.match_weight.total_cmp(&a.match_weight))
    });
    kept.dedup_by_key(|pair| (pair.left, pair.right));
    let component = clusters.assignments.clone();
    for pairs in kept.chunk_by(|a, b| component[a.left as usize] == component[b.left as usize]) {
        if let Some(absent) = options.absent {
            agglomerate::split(pairs, options.threshold, absent, &mut clusters);
        }
        bridges::find(pairs, options.threshold, &mut clusters);
    }
    clusters.bridges.sort_by_key(|bridge| (bridge.left, bridge.right));
    clusters
}
