//! The promises of linking: order, sides and a written model change nothing.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::memory::{Record, link_in_memory, train_in_memory};
use super::settings;
use super::settle::{ScoredPair, many_to_many, many_to_one, one_to_one, order};
use crate::level::jaro_winkler_similarity;
use crate::{CompareCache, Level, Linker, Model, Side, evaluate, explain};

const PEOPLE: &str = r#"
[link]
left = "a"
right = "b"
cardinality = "one_to_one"
threshold = 0.5
blocking = [["who.last"], ["town"]]
[link.fields.who]
standardizer = "name"
left = ["who"]
right = ["who"]
[link.fields.town]
standardizer = "text"
left = ["town"]
right = ["town"]
[[link.comparisons]]
name = "who"
field = "who.sorted"
levels = ["exact", "jaro_winkler:0.9", "levenshtein:2", "token_set:0.4"]
[[link.comparisons]]
name = "town"
field = "town"
levels = ["exact"]
"#;

type Row = (String, Option<String>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let who = "(ANN|BOB|BOP|CARL) (SMITH|SMYTH|JONES|LEE)";
    let town = prop_oneof!["(ROME|BATH|BONN)".prop_map(Some), proptest::strategy::Just(None)];
    proptest::collection::vec((who, town), 1..25)
}

fn records(linker: &Linker, side: Side, prefix: &str, rows: &[Row]) -> Vec<Record> {
    let record = |(index, (who, town)): (usize, &Row)| {
        let row: Vec<Option<&str>> = linker
            .columns(side)
            .iter()
            .map(|column| if column == "who" { Some(who.as_str()) } else { town.as_deref() })
            .collect();
        Record::new(linker, side, &format!("{prefix}{index:03}"), &row)
    };
    rows.iter().enumerate().map(record).collect()
}

proptest! {
    #[test]
    fn order_and_sides_change_nothing(left in rows(), right in rows(), turn in any::<proptest::sample::Index>()) {
        let linker = Linker::new(&settings(PEOPLE)).unwrap();
        let (left, right) = (records(&linker, Side::Left, "x", &left), records(&linker, Side::Right, "x", &right));
        let Ok((model, _)) = train_in_memory(&linker, &left, &right) else { return Ok(()) };
        let links = link_in_memory(&linker, &model, &left, &right);

        let mut turned = left.clone();
        turned.rotate_left(turn.index(left.len()));
        let (again, _) = train_in_memory(&linker, &turned, &right).unwrap();
        prop_assert_eq!(&again, &model);
        prop_assert_eq!(link_in_memory(&linker, &model, &turned, &right), links.clone());

        let (mirrored, _) = train_in_memory(&linker, &right, &left).unwrap();
        prop_assert_eq!(&mirrored, &model);

        let read = Model::from_json(&model.to_json().unwrap()).unwrap();
        prop_assert_eq!(&read, &model);
        read.check(&linker).unwrap();
    }

    #[test]
    fn swapped_sides_give_swapped_candidates(left in rows(), right in rows()) {
        let mut job = settings(PEOPLE);
        job.cardinality = crate::Cardinality::ManyToMany;
        let linker = Linker::new(&job).unwrap();
        let (left, right) = (records(&linker, Side::Left, "l", &left), records(&linker, Side::Right, "r", &right));
        let Ok((model, _)) = train_in_memory(&linker, &left, &right) else { return Ok(()) };
        let pairs = |links: Vec<ScoredPair>, swap: bool| {
            let mut pairs: Vec<_> = links
                .into_iter()
                .map(|l| if swap { (l.id_r, l.id_l, l.match_weight) } else { (l.id_l, l.id_r, l.match_weight) })
                .collect();
            pairs.sort_by(|a, b| a.partial_cmp(b).unwrap());
            pairs
        };
        let straight = pairs(link_in_memory(&linker, &model, &left, &right), false);
        prop_assert_eq!(straight, pairs(link_in_memory(&linker, &model, &right, &left), true));
    }

    #[test]
    fn metrics_agree_with_strsim(a in "\\PC{0,12}", b in "[a-c]{0,12}", c in "[a-c]{0,12}") {
        for (left, right) in [(&a, &b), (&b, &c)] {
            let (first, second) = if left <= right { (left, right) } else { (right, left) };
            let expected = strsim::jaro_winkler(first, second);
            prop_assert!((jaro_winkler_similarity(left, right) - expected).abs() < 1e-9, "{left:?} {right:?}");
            let edits = strsim::levenshtein(left, right);
            for most in 1..5 {
                prop_assert_eq!(Level::Levenshtein(most).holds(left, right), edits <= most);
            }
        }
    }
}

#[test]
fn levels_read_house_ranges_and_numbers() {
    let holds = |level: &str, l: &str, r: &str| level.parse::<Level>().unwrap().holds(l, r);
    assert!(holds("range_overlap", "1670-1678", "1674"));
    assert!(!holds("range_overlap", "1670-1678", "1673"));
    assert!(holds("range_near:10", "1670", "1680-1690"));
    assert!(holds("percent:5", "100", "96"));
    assert!(!holds("within:1", "3", "x"));
    assert!(holds("prefix:5", "LORIL", "LORILLARD"));
    assert!(!holds("jaro_winkler:0.8", "E 161", "E 163"));
}

#[test]
fn pairs_settle_by_weight_then_key() {
    let pair = |id_l: &str, id_r: &str, match_weight| ScoredPair {
        id_l: id_l.to_owned(),
        id_r: id_r.to_owned(),
        match_key: 0,
        match_weight,
        gammas: Vec::new(),
    };
    let pairs =
        vec![pair("a", "y", 1.0), pair("b", "x", 2.0), pair("a", "x", 2.0), pair("b", "y", 0.5), pair("a", "x", 1.0)];
    let ids = |pairs: Vec<ScoredPair>| pairs.iter().map(|p| format!("{}{}", p.id_l, p.id_r)).collect::<Vec<_>>();
    assert_eq!(ids(one_to_one(pairs.clone())), ["ax", "by"]);
    assert_eq!(ids(many_to_one(pairs.clone())), ["ax", "bx"]);
    assert_eq!(ids(many_to_many(pairs.clone())), ["ax", "bx", "ay", "by"]);
    assert!(order(&pairs[2], &pairs[1]).is_lt());
}

#[test]
fn evaluation_counts_distinct_pairs() {
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(l, r)| ((*l).to_owned(), (*r).to_owned())).collect::<Vec<_>>().into_iter()
    };
    let found = evaluate(pairs(&[("a", "x"), ("a", "x"), ("b", "y")]), pairs(&[("a", "x"), ("c", "z")]));
    assert_eq!((found.true_positives, found.false_positives, found.false_negatives), (1, 1, 1));
    assert_eq!(found.f1, 0.5);
}

#[test]
fn an_explanation_adds_up_and_names_what_is_apart() {
    let linker = Linker::new(&settings(PEOPLE)).unwrap();
    let rows: Vec<Row> = [("ANN LEE", "ROME"), ("BOB SMITH", "BATH"), ("CARL JONES", "BONN")]
        .map(|(who, town)| (who.to_owned(), Some(town.to_owned())))
        .into();
    let left = records(&linker, Side::Left, "l", &rows);
    let right = records(&linker, Side::Right, "r", &rows);
    let (model, _) = train_in_memory(&linker, &left, &right).unwrap();
    let (ann, bob) = (&left[0].variants[0], &right[1].variants[0]);
    let told = explain(&linker, &model, ann, bob);
    let total = told.steps.iter().fold(told.prior_weight, |sum, step| sum + step.weight);
    assert_eq!(total, told.match_weight);
    assert_eq!(told.match_weight, model.match_weight(&linker.gammas(ann, bob, &mut CompareCache::default())));
    assert_eq!(told.match_key, None);
    assert_eq!(told.rules[1].apart, ["town"]);
    assert!(told.to_string().contains("blocking rule 1 (town) does not: town"));
}
