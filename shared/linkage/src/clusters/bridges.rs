//! Weak bridges: links that alone hold two groups of records together, and links that were cut.

use std::collections::BTreeMap;

use super::{Bridge, Clusters, Link};

/// Adds the bridges of a connected component, whose records are assigned to clusters. `pairs` are all its pairs, each
/// once, the smaller record on the left.
pub(super) fn find(pairs: &[Link], threshold: f64, clusters: &mut Clusters) {
    let links = pairs.iter().filter(|pair| pair.match_weight >= threshold);
    let (within, across): (Vec<&Link>, Vec<&Link>) =
        links.partition(|link| clusters.of(link.left) == clusters.of(link.right));
    let mut records: Vec<u32> = pairs.iter().flat_map(|pair| [pair.left, pair.right]).collect();
    records.sort_unstable();
    records.dedup();
    let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
    for record in &records {
        *sizes.entry(clusters.of(*record)).or_default() += 1;
    }
    let found = [cut(&across, &sizes, clusters), holding(&within, &records, &sizes, clusters)];
    clusters.bridges.extend(found.into_iter().flatten());
}

/// For any two clusters with links between them the heaviest.
fn cut(across: &[&Link], sizes: &BTreeMap<u32, u32>, clusters: &Clusters) -> Vec<Bridge> {
    let mut found: BTreeMap<[u32; 2], Bridge> = BTreeMap::new();
    for link in across {
        let ends = [clusters.of(link.left), clusters.of(link.right)];
        let bridge = bridge(link, ends.map(|end| sizes.get(&end).copied().unwrap_or(1)), true);
        let key = [ends[0].min(ends[1]), ends[0].max(ends[1])];
        found
            .entry(key)
            .and_modify(|known| {
                let links = known.links + 1;
                // Links come in the order of their records, so the first of equal weight stays.
                *known = Bridge { links, ..if bridge.match_weight > known.match_weight { bridge } else { *known } };
            })
            .or_insert(bridge);
    }
    found.into_values().collect()
}

fn bridge(link: &Link, sizes: [u32; 2], cut: bool) -> Bridge {
    Bridge { left: link.left, right: link.right, match_weight: link.match_weight, links: 1, sizes, cut }
}

/// Links without which their cluster falls apart into two groups of at least two records: the bridges of a graph
/// (Tarjan 1974), found on a walk that keeps its own stack.
fn holding(links: &[&Link], records: &[u32], sizes: &BTreeMap<u32, u32>, clusters: &Clusters) -> Vec<Bridge> {
    let mut neighbors: Vec<Vec<(usize, usize)>> = vec![Vec::new(); records.len()];
    for (number, link) in links.iter().enumerate() {
        let [left, right] = [link.left, link.right].map(|record| records.binary_search(&record).unwrap_or_default());
        neighbors[left].push((right, number));
        neighbors[right].push((left, number));
    }
    let mut walk = Walk { entered: vec![0; records.len()], low: vec![0; records.len()], below: vec![1; records.len()] };
    let mut found = Vec::new();
    let mut clock = 0;
    for start in 0..records.len() {
        if walk.entered[start] > 0 {
            continue;
        }
        // The place, the link it was reached by, and the next neighbor to look at.
        let mut stack = vec![(start, usize::MAX, 0)];
        while let Some((place, reached_by, next)) = stack.last_mut() {
            if *next == 0 {
                clock += 1;
                walk.entered[*place] = clock;
                walk.low[*place] = clock;
            }
            if let Some(&(other, link)) = neighbors[*place].get(*next) {
                *next += 1;
                if walk.entered[other] == 0 {
                    stack.push((other, link, 0));
                } else if link != *reached_by {
                    walk.low[*place] = walk.low[*place].min(walk.entered[other]);
                }
                continue;
            }
            let (place, link) = (*place, *reached_by);
            stack.pop();
            let Some((above, ..)) = stack.last() else { continue };
            walk.low[*above] = walk.low[*above].min(walk.low[place]);
            walk.below[*above] += walk.below[place];
            let size = sizes.get(&clusters.of(records[place])).copied().unwrap_or(1);
            let (below, rest) = (walk.below[place], size - walk.below[place]);
            if walk.low[place] > walk.entered[*above] && below > 1 && rest > 1 {
                let ends = if links[link].left == records[place] { [below, rest] } else { [rest, below] };
                found.push(bridge(links[link], ends, false));
            }
        }
    }
    found
}

/// What a walk through links in depth knows of each place.
struct Walk {
    /// When it was entered, from 1.
    entered: Vec<u32>,
    /// The earliest place that it or those below reach by another link than the one they were reached by.
    low: Vec<u32>,
    /// How many places are below, itself among them.
    below: Vec<u32>,
}
