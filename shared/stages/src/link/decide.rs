//! Deciding: which scored pairs of one component of records become links.

use std::collections::{BTreeMap, HashSet};

use lotline_linkage::{
    Cardinality, Model,
    clusters::{ClusterOptions, Clusters, Link, cluster},
    rivals::{Candidate, share},
};

use super::pairs::{self, Pair};

/// How pairs become links.
pub(super) struct Decision {
    pub(super) cardinality: Cardinality,
    /// The least match weight of a link.
    pub(super) threshold: f64,
    /// The first number of a right row; none where one table is linked with itself.
    pub(super) first_right: Option<u32>,
}

/// What was decided of one component.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) links: Vec<Pair>,
    /// Of clusters: the id that names each, and the ids of its records.
    pub(super) clusters: Vec<(String, Vec<String>)>,
    /// Groups of records that were kept apart though a link joins them.
    pub(super) bridges_cut: u64,
}

/// What is worth keeping of pairs below the threshold, in log2 odds: of rivals and of evidence against a cluster.
pub(super) fn evidence(cardinality: Cardinality) -> f64 {
    match cardinality {
        Cardinality::ManyToMany => 0.0,
        Cardinality::OneToOne | Cardinality::ManyToOne => 4.0,
        Cardinality::Clusters => 10.0,
    }
}

impl Decision {
    /// Whether a pair joins the components of its records.
    pub(super) fn joins(&self, weight: f64) -> bool {
        self.cardinality != Cardinality::Clusters || weight >= self.threshold
    }

    /// Decides a component; every pair of records stands there once, in the order of their numbers.
    pub(super) fn decide(&self, pairs: Vec<Pair>) -> Decided {
        if self.cardinality == Cardinality::Clusters {
            return self.clusters(&pairs);
        }
        self.limited(pairs, self.cardinality.limits())
    }

    /// Rivals take their share; then pairs are taken from the highest weight down, and one is a link unless one of its
    /// limited sides has a link already.
    fn limited(&self, mut pairs: Vec<Pair>, limited: [bool; 2]) -> Decided {
        let candidate = |pair: &Pair| Candidate { left: pair.numbers[0], right: pair.numbers[1], weight: pair.weight };
        let candidates: Vec<Candidate> = pairs.iter().map(candidate).collect();
        if candidates.len() > 1 {
            for (pair, shared) in pairs.iter_mut().zip(share(&candidates, limited)) {
                pair.shared = shared;
            }
        }
        pairs.retain(|pair| pair.shared >= self.threshold);
        pairs.sort_by(|a, b| b.shared.total_cmp(&a.shared).then_with(|| a.ids.cmp(&b.ids)));
        let mut linked: [HashSet<u32>; 2] = Default::default();
        pairs.retain(|pair| {
            let free = (0..2).all(|side| !limited[side] || !linked[side].contains(&pair.numbers[side]));
            if free {
                (0..2).for_each(|side| _ = linked[side].insert(pair.numbers[side]));
            }
            free
        });
        Decided { links: pairs, ..Decided::default() }
    }

    fn clusters(&self, pairs: &[Pair]) -> Decided {
        let mut ids: BTreeMap<u32, &str> = BTreeMap::new();
        for pair in pairs {
            (0..2).for_each(|side| _ = ids.insert(pair.numbers[side], &pair.ids[side]));
        }
        // Numbers of a component of its own keep the order of those of the tables.
        let numbers: Vec<u32> = ids.keys().copied().collect();
        let place = |number: u32| numbers.binary_search(&number).unwrap_or_default() as u32;
        let link = |pair: &Pair| Link {
            left: place(pair.numbers[0]),
            right: place(pair.numbers[1]),
            match_weight: pair.weight,
        };
        let first_right = self.first_right.map(|first| numbers.partition_point(|number| *number < first) as u32);
        let options = ClusterOptions { threshold: self.threshold, guarded: true, first_right };
        let clusters = cluster(pairs.iter().map(link), &options);
        let bridges_cut = clusters.bridges.iter().filter(|bridge| bridge.cut).count() as u64;
        if self.first_right.is_some() {
            let number = |place: u32| numbers[place as usize];
            let across = clusters.across.iter();
            let links =
                across.map(|link| across_link(pairs, &ids, [number(link.left), number(link.right)], link)).collect();
            return Decided { links, clusters: Vec::new(), bridges_cut };
        }
        let together = |pair: &&Pair| clusters.of(place(pair.numbers[0])) == clusters.of(place(pair.numbers[1]));
        let links = pairs.iter().filter(|pair| pair.weight >= self.threshold).filter(together).cloned().collect();
        Decided { links, clusters: members(&clusters, &ids), bridges_cut }
    }
}

/// A link of two records of one cluster: the pair that was scored, or one that follows from others.
fn across_link(pairs: &[Pair], ids: &BTreeMap<u32, &str>, numbers: [u32; 2], link: &Link) -> Pair {
    match pairs.binary_search_by_key(&numbers, |pair| pair.numbers) {
        Ok(place) => Pair { shared: pairs[place].weight.max(link.match_weight), ..pairs[place].clone() },
        Err(_) => Pair {
            numbers,
            ids: numbers.map(|number| ids.get(&number).copied().unwrap_or_default().to_owned()),
            match_key: pairs::FOLLOWS,
            weight: link.match_weight,
            shared: link.match_weight,
        },
    }
}

/// The clusters of two records and more, each named by its first record.
fn members(clusters: &Clusters, ids: &BTreeMap<u32, &str>) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (place, id) in (0..).zip(ids.values()) {
        found.entry(clusters.of(place)).or_default().push((*id).to_owned());
    }
    found.into_values().filter(|ids| ids.len() > 1).map(|ids| (ids[0].clone(), ids)).collect()
}

/// The least weight of a pair that can matter.
pub(super) fn floor(cardinality: Cardinality, threshold: f64) -> f64 {
    Model::weight_of(threshold) - evidence(cardinality)
}
