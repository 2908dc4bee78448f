//! Quality of clusters of one table: pairs of records in one cluster against pairs of one true cluster.

use std::collections::HashMap;

use lotline_linkage::Model;
use lotline_linkage::clusters::{ClusterOptions, Link, cluster};
use lotline_linkage::memory::InMemory;

/// Prints the measures at the threshold and at the best cut; `labels` names the true cluster of every row.
pub(crate) fn measure(
    memory: &InMemory<'_>,
    model: &Model,
    labels: &[String],
    threshold: f64,
    started: std::time::Instant,
) {
    let names: HashMap<&String, u32> = labels.iter().rev().zip(0..).collect();
    let truth: Vec<u32> = labels.iter().map(|label| names[label]).collect();
    let (mut pairs, mut candidates, mut met) = (Vec::new(), 0_u64, 0_u64);
    let floor = Model::weight_of(threshold).min(0.0) - 10.0;
    memory.weigh(model, f64::NEG_INFINITY, |left, right, match_weight| {
        candidates += 1;
        met += u64::from(truth[left as usize] == truth[right as usize]);
        if match_weight >= floor {
            pairs.push(Link { left, right, match_weight });
        }
    });
    let weight = Model::weight_of(threshold);
    let true_pairs = pairs_in(truth.iter().copied());
    let seconds = started.elapsed().as_secs_f64();
    let recall = met as f64 / true_pairs as f64;
    println!(
        "candidates {candidates} recall {recall:.4}; kept {}; {seconds:.1} s, {:.1} CPU-s",
        pairs.len(),
        cpu_seconds()
    );
    for (name, guarded) in [("components", false), ("guarded", true)] {
        let clock = std::time::Instant::now();
        let at = |threshold: f64| {
            let found = cluster(pairs.iter().copied(), &ClusterOptions { threshold, guarded, first_right: None });
            let rows: Vec<u32> = (0..truth.len() as u32).map(|row| found.of(row)).collect();
            (score(&rows, &truth, true_pairs), found)
        };
        let ((f1, p, r, links), found) = at(weight);
        let seconds = clock.elapsed().as_secs_f64();
        let cuts = (-16..=32).map(|cut| f64::from(cut) / 2.0);
        let best = cuts.map(|cut| (at(cut).0.0, cut)).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let cut = found.bridges.iter().filter(|bridge| bridge.cut).count();
        println!(
            "{name}: F1 {f1:.4} (P {p:.4} R {r:.4}, {links} links) at {weight:.2}; best {:.4} at {:.1}; expected P {:.4}; {} bridges, {cut} cut; {seconds:.2} s",
            best.0,
            best.1,
            found.expected_precision(),
            found.bridges.len()
        );
    }
}

/// What the main thread has used; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn pairs_in<T: std::hash::Hash + Eq>(labels: impl Iterator<Item = T>) -> u64 {
    let mut sizes: HashMap<T, u64> = HashMap::new();
    labels.for_each(|label| *sizes.entry(label).or_default() += 1);
    sizes.values().map(|size| size * (size - 1) / 2).sum()
}

fn score(found: &[u32], truth: &[u32], true_pairs: u64) -> (f64, f64, f64, u64) {
    let links = pairs_in(found.iter());
    let hits = pairs_in(found.iter().zip(truth)) as f64;
    (2.0 * hits / (links + true_pairs) as f64, hits / links.max(1) as f64, hits / true_pairs as f64, links)
}
