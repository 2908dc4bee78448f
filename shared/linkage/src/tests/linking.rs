//! The promises of linking: order, sides and a written model change nothing.

use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};

use super::settings;
use crate::memory::{InMemory, ScoredPair, order, settle};
use crate::{Cardinality, Level, Linker, Model, Scratch, Side};

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

fn in_memory<'a>(linker: &'a Linker, left: &[Row], right: &[Row]) -> InMemory<'a> {
    let mut memory = InMemory::new(linker);
    for (side, prefix, rows) in [(Side::Left, "l", left), (Side::Right, "r", right)] {
        for (index, (who, town)) in rows.iter().enumerate() {
            let row: Vec<Option<&str>> = linker
                .columns(side)
                .iter()
                .map(|column| if column == "who" { Some(who.as_str()) } else { town.as_deref() })
                .collect();
            memory.push(side, &format!("{prefix}{index:03}"), &row);
        }
    }
    memory
}

/// The values of the linked records and their weights, in order.
fn links(memory: &InMemory<'_>, model: &Model, left: &[Row], right: &[Row]) -> Vec<(Row, Row, u64)> {
    let row = |id: &str, rows: &[Row]| rows[id[1..].parse::<usize>().unwrap()].clone();
    let pairs = memory.score(model, -20.0).into_iter();
    let mut links: Vec<_> =
        pairs.map(|p| (row(&p.id_l, left), row(&p.id_r, right), p.match_weight.to_bits())).collect();
    links.sort();
    links
}

proptest! {
    #[test]
    fn order_and_sides_change_nothing(left in rows(), right in rows(), turn in any::<proptest::sample::Index>()) {
        let linker = Linker::new(&settings(PEOPLE)).unwrap();
        let mut memory = in_memory(&linker, &left, &right);
        let Ok((model, _)) = memory.train() else { return Ok(()) };
        let straight = links(&memory, &model, &left, &right);

        let mut turned = left.clone();
        turned.rotate_left(turn.index(left.len()));
        let mut memory = in_memory(&linker, &turned, &right);
        prop_assert_eq!(&memory.train().unwrap().0, &model);
        prop_assert_eq!(&links(&memory, &model, &turned, &right), &straight);

        let mut memory = in_memory(&linker, &right, &left);
        prop_assert_eq!(&memory.train().unwrap().0, &model);
        let mut swapped: Vec<_> =
            links(&memory, &model, &right, &left).into_iter().map(|(l, r, weight)| (r, l, weight)).collect();
        swapped.sort();
        prop_assert_eq!(swapped, straight);

        let read = Model::from_json(&model.to_json().unwrap()).unwrap();
        prop_assert_eq!(&read, &model);
        read.check(&linker).unwrap();
    }

    #[test]
    fn giving_up_early_loses_no_pair(left in rows(), right in rows(), floor in -10.0..10.0) {
        let linker = Linker::new(&settings(PEOPLE)).unwrap();
        let mut memory = in_memory(&linker, &left, &right);
        let Ok((model, _)) = memory.train() else { return Ok(()) };
        let all = memory.score(&model, f64::NEG_INFINITY);
        let above: Vec<ScoredPair> = all.into_iter().filter(|pair| pair.match_weight >= floor).collect();
        prop_assert_eq!(memory.score(&model, floor), above);
    }

    #[test]
    fn metrics_agree_with_strsim(a in "\\PC{0,12}", b in "[a-c]{0,12}", c in "[a-c]{0,12}") {
        for (left, right) in [(&a, &b), (&b, &c)] {
            let (first, second) = if left <= right { (left, right) } else { (right, left) };
            let expected = strsim::jaro_winkler(first, second);
            for least in [0.7, 0.8, 0.85, 0.9, 0.95].into_iter().filter(|least| f64::abs(least - expected) > 1e-9) {
                prop_assert_eq!(level(&format!("jaro_winkler:{least}")).holds(left, right), expected >= least);
            }
            let edits = strsim::levenshtein(left, right);
            for most in 1..5 {
                prop_assert_eq!(level(&format!("levenshtein:{most}")).holds(left, right), edits <= most);
            }
        }
    }
}

fn level(text: &str) -> Level {
    text.parse().unwrap()
}

#[test]
fn levels_read_ranges_numbers_dates_and_places() {
    let holds = |text: &str, l: &str, r: &str| level(text).holds(l, r);
    assert!(holds("range_overlap", "1670-1678", "1674"));
    assert!(!holds("range_overlap", "1670-1678", "1673"));
    assert!(holds("range_near:10", "1670", "1680-1690"));
    assert!(holds("percent:5", "100", "96"));
    assert!(!holds("within:1", "3", "x"));
    assert!(holds("prefix:5", "LORIL", "LORILLARD"));
    assert!(!holds("jaro_winkler:0.8 & same_digits", "E 161", "E 163"));
    assert!(holds("days:31", "2024-02-28", "2024-03-30"));
    assert!(!holds("days:1", "2024-02-28", "2024-03-01"));
    assert!(holds("kilometers:5571", "40.6413 -73.7781", "51.4700 -0.4543"));
    assert!(!holds("kilometers:5500", "40.6413 -73.7781", "51.4700 -0.4543"));
    assert!(holds("token_set:0.5", "A B C", "C B D") && !holds("token_set:0.6", "A B C", "C B D"));
    assert!(holds("osa:1", "MARTHA", "MARHTA") && !holds("levenshtein:1", "MARTHA", "MARHTA"));
    assert!(holds("seconds:90", "2024-02-29T23:59:00Z", "2024-03-01 00:00:30"));
    assert!(!holds("seconds:90", "2024-02-29T23:58:00Z", "2024-03-01") && !holds("seconds:90", "2024-02-29", "x"));
    assert!(holds("below_share:0.1", "100", "91") && !holds("below_share:0.1", "100", "90"));
    assert!(holds("levenshtein:1", "RENE", "RENÉ") && !holds("byte_levenshtein:1", "RENE", "RENÉ"));
    assert!(holds("byte_damerau_levenshtein:1", "MARTHA", "MARHTA") && holds("byte_jaro:0.9", "MARTHA", "MARHTA"));
    assert!(holds("byte_jaro_winkler:0.96", "MARTHA", "MARHTA") && !holds("byte_jaro:0.96", "MARTHA", "MARHTA"));
    // Equal, and yet not of two words.
    assert!(holds("intersection:1", "A", "A") && !holds("intersection:2", "A", "A"));
    assert!(holds("intersection:2", "A B C", "C B D") && holds("token_subset:1", "A B", "C B A"));
}

#[test]
fn term_frequency_counts_at_looser_levels_as_far_as_the_settings_say() {
    let mut settings = super::settings(include_str!("data/link_properties.toml"));
    let comparison = &mut settings.comparisons[0];
    comparison.levels =
        vec!["exact".parse().unwrap(), "jaro_winkler:0.9".parse().unwrap(), "prefix:2".parse().unwrap()];
    comparison.term_frequency = true;
    comparison.term_frequency_weights = vec![1.0, 0.5];
    let (m, u) = (vec![0.1, 0.2, 0.2, 0.5], vec![0.9, 0.05, 0.04, 0.01]);
    let model = crate::ComparisonModel::new(comparison, &m, &u);
    // A value a quarter as frequent as the average one adds two bits where all of it counts.
    let added = |gamma: i8| model.weight(gamma, 0.0025) - model.level(gamma).unwrap().weight;
    assert_eq!([added(3), added(2), added(1), added(0)], [2.0, 1.0, 0.0, 0.0]);
}

#[test]
fn pairs_are_learned_from_labels() {
    let linker = Linker::new(&super::settings(TWINS)).unwrap();
    let mut memory = InMemory::new(&linker);
    for number in 0..400 {
        let (name, town) = (format!("name {}", number % 200), format!("town {}", number % 20));
        // One in four of those who are known to match has moved.
        let moved = if number % 4 == 0 { "elsewhere".to_owned() } else { town.clone() };
        memory.push(Side::Left, &number.to_string(), &[Some(&name), Some(&town)]);
        memory.push(Side::Right, &number.to_string(), &[Some(&name), Some(&moved)]);
    }
    let ids: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    let labels: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), id.as_str())).collect();
    let (model, _) = memory.train_with(&labels).unwrap();
    let town = model.comparisons.iter().find(|comparison| comparison.name == "town").unwrap();
    let (exact, other) = (town.levels[0].m, town.levels[1].m);
    assert!((exact - 0.75).abs() < 0.03 && (other - 0.25).abs() < 0.03, "{exact} {other}");
    let alone = memory.train().unwrap().0;
    assert_ne!(model, alone);
}

const TWINS: &str = r#"
[link]
left = "a"
right = "b"
cardinality = "one_to_one"
blocking = [["name"]]
[link.fields.name]
standardizer = "text"
left = ["name"]
right = ["name"]
[link.fields.town]
standardizer = "text"
left = ["town"]
right = ["town"]
[[link.comparisons]]
name = "name"
field = "name"
levels = ["exact"]
[[link.comparisons]]
name = "town"
field = "town"
levels = ["exact"]
"#;

#[test]
fn pairs_settle_by_weight_then_key() {
    let pair = |id_l: &str, id_r: &str, match_weight| ScoredPair {
        id_l: id_l.to_owned(),
        id_r: id_r.to_owned(),
        match_key: Some(0),
        match_weight,
        gammas: Vec::new(),
    };
    let pairs = vec![pair("a", "y", 1.0), pair("b", "x", 2.0), pair("a", "x", 2.0), pair("b", "y", 0.5)];
    let mut sorted = pairs.clone();
    sorted.sort_by(order);
    let ids = |cardinality| {
        settle(cardinality, sorted.clone()).iter().map(|p| format!("{}{}", p.id_l, p.id_r)).collect::<Vec<_>>()
    };
    assert_eq!(ids(Cardinality::OneToOne), ["ax", "by"]);
    assert_eq!(ids(Cardinality::ManyToOne), ["ax", "bx"]);
    assert_eq!(ids(Cardinality::ManyToMany), ["ax", "bx", "ay", "by"]);
    assert!(order(&pairs[2], &pairs[1]).is_lt());
}

#[test]
fn one_table_is_linked_with_itself() {
    let mut job = settings(PEOPLE);
    job.right = None;
    job.cardinality = Cardinality::Clusters;
    job.fields.values_mut().for_each(|field| field.right.clear());
    let linker = Linker::new(&job).unwrap();
    let people = ["ANN LEE", "BOB SMITH", "ANN LEE", "CARL JONES", "DAN BROWN", "BOB SMYTH"];
    let rows: Vec<Row> = people.map(|who| (who.to_owned(), Some("ROME".to_owned()))).into();
    let mut memory = in_memory(&linker, &rows, &[]);
    let (model, _) = memory.train().unwrap();
    let pairs = memory.score(&model, f64::NEG_INFINITY);
    assert_eq!(pairs.len(), 15, "every two of six share the town, once");
    assert!(pairs.iter().all(|pair| pair.id_l < pair.id_r));
    assert_eq!((pairs[0].id_l.as_str(), pairs[0].id_r.as_str()), ("l000", "l002"));
}

#[test]
fn a_range_blocks_by_each_of_its_houses() {
    let linker = Linker::new(&settings(
        &PEOPLE.replace(r#"[["who.last"], ["town"]]"#, r#"[["town|prefix:2", "who.first|soundex"], ["town|words"]]"#),
    ))
    .unwrap();
    let mut scratch = Scratch::default();
    let mut keys = Vec::new();
    linker.project(Side::Left, &[Some("bath on avon"), Some("Ann Lee")], &mut scratch, |values, text| {
        linker.keys(1, values, text, &mut keys);
    });
    assert_eq!(keys.len(), 2, "`on` is too short a word to block by");
    assert!(keys.is_sorted());
}
