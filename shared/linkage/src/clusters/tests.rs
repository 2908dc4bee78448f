//! Clusters against an oracle, and what a weak bridge is.

use proptest::prelude::*;

use super::{Bridge, ClusterOptions, Clusters, Link, cluster};

const GUARDED: ClusterOptions = ClusterOptions { threshold: 0.0, guarded: true, first_right: None };
const PLAIN: ClusterOptions = ClusterOptions { threshold: 0.0, guarded: false, first_right: None };

fn links(links: &[(u32, u32, f64)]) -> Vec<Link> {
    links.iter().map(|&(left, right, match_weight)| Link { left, right, match_weight }).collect()
}

fn check(pairs: &[(u32, u32, f64)], options: &ClusterOptions, expected: &[u32]) -> Clusters {
    let clusters = cluster(links(pairs).into_iter(), options);
    assert_eq!(clusters.assignments, expected);
    clusters
}

/// Two clusters of three records, all pairs of which are links, and one link between.
const TWO_TRIANGLES: [(u32, u32, f64); 7] =
    [(0, 1, 9.0), (0, 2, 9.0), (1, 2, 9.0), (3, 4, 9.0), (3, 5, 9.0), (4, 5, 9.0), (2, 3, 3.0)];

#[test]
fn one_weak_link_does_not_join_two_clusters() {
    let clusters = check(&TWO_TRIANGLES, &GUARDED, &[0, 0, 0, 3, 3, 3]);
    let bridge = Bridge { left: 2, right: 3, match_weight: 3.0, links: 1, sizes: [3, 3], cut: true };
    assert_eq!(clusters.bridges, [bridge]);
    assert_eq!(clusters.pairs, 6);
}

#[test]
fn without_the_guard_it_does_and_is_reported() {
    let clusters = check(&TWO_TRIANGLES, &PLAIN, &[0; 6]);
    let bridge = Bridge { left: 2, right: 3, match_weight: 3.0, links: 1, sizes: [3, 3], cut: false };
    assert_eq!(clusters.bridges, [bridge]);
    assert_eq!(clusters.pairs, 15);
}

#[test]
fn one_strong_link_joins_a_record_that_lacks_values() {
    // Two of its pairs were not even met.
    check(&[(0, 1, 20.0), (0, 2, 20.0), (1, 2, 20.0), (0, 3, 2.0)], &GUARDED, &[0; 4]);
}

#[test]
fn of_two_tables_links_follow_from_others() {
    // 0 and 1 are left records, 2 and 3 right ones. Nothing met 0 and 3, and nothing could meet 0 and 1.
    let options = ClusterOptions { first_right: Some(2), ..GUARDED };
    let clusters = check(&[(0, 2, 8.0), (1, 2, 9.0), (1, 3, 10.0)], &options, &[0; 4]);
    let mut across: Vec<_> = clusters.across.iter().map(|link| (link.left, link.right, link.match_weight)).collect();
    across.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let together = (256.0_f64 / 2.0).log2();
    assert_eq!(across, [(0, 2, together), (0, 3, together), (1, 2, 9.0), (1, 3, 10.0)]);
    assert_eq!(clusters.pairs, 4);
}

#[test]
fn the_heavier_links_decide_first() {
    check(&[(0, 1, 0.5), (1, 2, 2.0)], &GUARDED, &[0, 1, 1]);
}

#[test]
fn of_equal_links_those_of_smaller_records_decide_first() {
    check(&[(1, 2, 0.5), (0, 1, 0.5)], &GUARDED, &[0, 0, 2]);
}

#[test]
fn records_without_links_stay_alone() {
    let clusters = check(&[(0, 3, -1.0), (2, 2, 9.0)], &GUARDED, &[0, 1, 2, 3]);
    assert_eq!(clusters.of(7), 7);
}

fn pairs() -> impl Strategy<Value = Vec<(u32, u32, f64)>> {
    prop::collection::vec((0..RECORDS, 0..RECORDS, (-8_i32..12).prop_map(f64::from)), 0..60)
}

const RECORDS: u32 = 24;

fn labels(clusters: &Clusters) -> Vec<u32> {
    (0..RECORDS).map(|record| clusters.of(record)).collect()
}

/// Connected components by relabeling until nothing changes.
fn components(pairs: &[(u32, u32, f64)]) -> Vec<u32> {
    let mut labels: Vec<u32> = (0..RECORDS).collect();
    for _ in 0..RECORDS {
        for (left, right, _) in pairs.iter().filter(|pair| pair.2 >= 0.0) {
            let least = labels[*left as usize].min(labels[*right as usize]);
            labels[*left as usize] = least;
            labels[*right as usize] = least;
        }
    }
    labels
}

proptest! {
    #[test]
    fn without_the_guard_clusters_are_connected_components(pairs in pairs()) {
        let clusters = cluster(links(&pairs).into_iter(), &PLAIN);
        prop_assert_eq!(labels(&clusters), components(&pairs));
    }

    #[test]
    fn the_order_of_pairs_and_sides_changes_nothing(
        (pairs, shuffled) in pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
    ) {
        let turned: Vec<(u32, u32, f64)> = shuffled.iter().map(|&(left, right, weight)| (right, left, weight)).collect();
        let once = cluster(links(&pairs).into_iter(), &GUARDED);
        prop_assert_eq!(once, cluster(links(&turned).into_iter(), &GUARDED));
    }

    #[test]
    fn guarded_clusters_stay_inside_components_and_are_connected(pairs in pairs()) {
        let clusters = cluster(links(&pairs).into_iter(), &GUARDED);
        let outer = components(&pairs);
        let inside = pairs.iter().copied().filter(|pair| clusters.of(pair.0) == clusters.of(pair.1)).collect::<Vec<_>>();
        let inner = components(&inside);
        for (record, cluster) in labels(&clusters).into_iter().enumerate() {
            prop_assert_eq!(cluster, inner[record]);
            prop_assert_eq!(outer[record], outer[cluster as usize]);
        }
    }

    #[test]
    fn a_held_bridge_is_a_link_whose_loss_splits_its_cluster(pairs in pairs()) {
        let clusters = cluster(links(&pairs).into_iter(), &PLAIN);
        for bridge in clusters.bridges {
            let ends = [(bridge.left, bridge.right), (bridge.right, bridge.left)];
            let others: Vec<_> = pairs.iter().copied().filter(|pair| !ends.contains(&(pair.0, pair.1))).collect();
            let left = components(&others);
            for (end, size) in [bridge.left, bridge.right].into_iter().zip(bridge.sizes) {
                let group = left.iter().filter(|label| **label == left[end as usize]).count();
                prop_assert_eq!(group, size as usize);
            }
            prop_assert!(left[bridge.left as usize] != left[bridge.right as usize]);
        }
    }
}
