//! Links against truth: counts, cuts, mistakes.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::{WeighedLink, evaluate, judge};

fn pairs(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(l, r)| ((*l).to_owned(), (*r).to_owned())).collect::<Vec<_>>().into_iter()
}

fn link(id_l: &str, id_r: &str, match_weight: f64) -> WeighedLink {
    WeighedLink { id_l: id_l.to_owned(), id_r: id_r.to_owned(), match_weight }
}

#[test]
fn evaluation_counts_distinct_pairs() {
    let found = evaluate(pairs(&[("a", "x"), ("a", "x"), ("b", "y")]), pairs(&[("a", "x"), ("c", "z")]));
    assert_eq!((found.true_positives, found.false_positives, found.false_negatives), (1, 1, 1));
    assert_eq!(found.f1, 0.5);
}

#[test]
fn a_judgment_has_cuts_and_names_what_is_wrong() {
    let links = [link("b", "y", 4.5), link("a", "x", 9.0), link("d", "w", 9.0), link("c", "v", 3.5)];
    let judgment = judge(links.into_iter(), pairs(&[("a", "x"), ("b", "y"), ("e", "u")]), 3.17);
    let cuts: Vec<(f64, u64, u64)> =
        (judgment.cuts.iter()).map(|cut| (cut.match_weight, cut.links, cut.evaluation.true_positives)).collect();
    let expected = [(3.17, 4, 2), (4.0, 3, 2), (5.0, 2, 1), (6.0, 2, 1), (7.0, 2, 1), (8.0, 2, 1), (9.0, 2, 1)];
    assert_eq!(cuts, expected);
    assert_eq!((judgment.best_cut.match_weight, judgment.best_cut.evaluation.f1), (4.5, 2.0 / 3.0));
    assert_eq!(judgment.false_links, [link("d", "w", 9.0), link("c", "v", 3.5)]);
    assert_eq!(judgment.misses, [("e".to_owned(), "u".to_owned())]);
}

#[test]
fn a_judgment_of_no_links_has_the_threshold_alone() {
    let judgment = judge(std::iter::empty(), pairs(&[("a", "x")]), 3.0);
    assert_eq!((judgment.cuts.len(), judgment.cuts[0].links), (1, 0));
    assert_eq!((judgment.best_cut.match_weight, judgment.misses.len()), (3.0, 1));
}

proptest! {
    #[test]
    fn every_cut_is_an_evaluation_of_the_links_above_it(weights in proptest::collection::vec(0.0..60.0, 0..40), threshold in -5.0..0.0) {
        let links: Vec<WeighedLink> =
            weights.iter().enumerate().map(|(n, weight)| link(&n.to_string(), "x", *weight)).collect();
        let truth: Vec<(String, String)> = (0..60).step_by(3).map(|n| (n.to_string(), "x".to_owned())).collect();
        let above = |cut: f64| {
            let above = links.iter().filter(|link| link.match_weight >= cut).cloned();
            evaluate(above.map(|link| (link.id_l, link.id_r)), truth.iter().cloned())
        };
        let judgment = judge(links.iter().cloned(), truth.iter().cloned(), threshold);
        for cut in judgment.cuts.iter().chain([&judgment.best_cut]) {
            prop_assert_eq!(cut.evaluation, above(cut.match_weight));
        }
        prop_assert!(judgment.cuts.is_sorted_by(|a, b| a.match_weight < b.match_weight) && judgment.cuts.len() <= 12);
        prop_assert!(weights.iter().all(|weight| above(*weight).f1 <= judgment.best_cut.evaluation.f1));
        prop_assert_eq!(judgment.evaluation, above(f64::NEG_INFINITY));
    }
}
