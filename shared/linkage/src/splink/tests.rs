//! A model that Splink saved, its weights, and what neither side can say.

use proptest::prelude::proptest;
use serde_json::{Value, json};

use super::{SplinkError, read, sql, write};
use crate::{LinkSettings, Linker, Model, Records, Scorer, Scratch, Side};

/// Trained and saved by Splink 5.0.0 on fake_1000, with made-up words and places.
const PEOPLE: &str = include_str!("people.json");

type Person = [&'static str; 5];

/// City, date of birth, words, latitude and longitude of two records, and Splink's weight of the pair.
const WEIGHTS: [(Person, Person, f64); 6] = [
    (
        ["London", "1991-05-06", "London", "45.999828332126114", ""],
        ["London", "1991-05-06", "smith com isaac james London", "-39.05760723400687", "-115.62306113357589"],
        1.7864559909785613,
    ),
    (
        ["London", "1971-06-24", "roberta25 smith net London", "-31.67444219385216", "-142.86022767694232"],
        ["London", "1971-02-30", "gabriel t54 info London nlchois", "-18.528138360905995", "173.36209173363775"],
        -6.400443728656868,
    ),
    (
        ["London", "2009-12-21", "moran-smith oliver com atkinson London", "-27.18395095769131", "89.69923386000585"],
        ["Loondon", "2009-12-22", "Loondon moran-smith atkinson oliver com", "-27.184115361628642", ""],
        8.906250288762717,
    ),
    (
        ["London", "1971-06-24", "roberta25 smith net London", "-31.67444219385216", "-142.86022767694232"],
        ["Huddersfield", "1971-08-10", "Huddersfield", "3.9735230062096414", "-38.56084796676771"],
        -15.840351160766854,
    ),
    (
        ["", "1971-05-24", "smith roberta25 net", "-31.673872004965233", ""],
        ["Liverpool", "2023-11-01", "net Liverpool candrews15 thompson", "28.777387731558996", "-73.41056114409322"],
        -10.819004690323887,
    ),
    (
        ["London", "1971-06-24", "roberta25 smith net London", "-31.67444219385216", "-142.86022767694232"],
        ["nLonon", "1971-06-13", "benjamin nLonon com johnson newman", "36.909521974999855", "121.87113702042117"],
        -3.589639730075902,
    ),
];

/// Of 813 people with a city 173 live in London, the only one that two records of [`WEIGHTS`] share.
fn share(_: usize, city: &str) -> f64 {
    if city == "London" { 173.0 / 813.0 } else { 1.0 / 813.0 }
}

fn weight(settings: &LinkSettings, model: &Model, pair: [&Person; 2]) -> f64 {
    let linker = Linker::new(settings).unwrap();
    let (mut records, mut scratch) = (Records::new(&linker), Scratch::default());
    for person in pair {
        let columns = linker.columns(Side::Left).iter();
        let value = |column: &String| {
            let place = ["city", "dob", "words", "latitude", "longitude"].iter().position(|name| name == column)?;
            Some(person[place]).filter(|value| !value.is_empty())
        };
        let row: Vec<Option<&str>> = columns.map(value).collect();
        linker.project(Side::Left, &row, &mut scratch, |values, _| records.push(&linker, values.iter()));
    }
    records.give_terms(&linker, share);
    Scorer::new(&linker, model, f64::NEG_INFINITY).weigh(&records, 0, 1).unwrap().0
}

#[test]
fn pairs_weigh_what_they_weigh_in_splink() {
    let (settings, model) = read(PEOPLE).unwrap();
    for (left, right, expected) in &WEIGHTS {
        for pair in [[left, right], [right, left]] {
            let found = weight(&settings, &model, pair);
            assert!((found - expected).abs() < 1e-9, "{pair:?}: {found}, in Splink {expected}");
        }
    }
}

#[test]
fn no_floor_cuts_a_pair_whose_value_is_rare() {
    let (settings, model) = read(PEOPLE).unwrap();
    let linker = Linker::new(&settings).unwrap();
    let mut records = Records::new(&linker);
    let value = |name: &String| (name == "city").then_some("Nowhere");
    (0..2).for_each(|_| records.push(&linker, linker.derived().iter().map(value)));
    records.give_terms(&linker, |_, _| 1e-30);
    let weighed = Scorer::new(&linker, &model, 60.0).weigh(&records, 0, 1);
    assert!(weighed.is_some_and(|(weight, _)| weight > 60.0));
}

#[test]
fn columns_become_fields_and_functions_levels() {
    let (settings, model) = read(PEOPLE).unwrap();
    let found: Vec<String> = settings
        .comparisons
        .iter()
        .map(|comparison| {
            let levels: Vec<String> = comparison.levels.iter().map(ToString::to_string).collect();
            let frequency = if comparison.term_frequency { ", by term frequency" } else { "" };
            format!("{} of {}: {}{frequency}", comparison.name, comparison.field, levels.join(", "))
        })
        .collect();
    let expected = [
        "city of city: exact, byte_jaro_winkler:0.92, byte_jaro_winkler:0.88, byte_jaro_winkler:0.7, by term frequency",
        "dob of dob_date: exact, byte_levenshtein:1, days:30.4375, days:365.25, days:3652.5",
        "words of words: intersection:3, intersection:1",
        "latitude_longitude of latitude_longitude: kilometers:1",
    ];
    assert_eq!(found, expected);
    assert_eq!(settings.blocking, [vec!["cluster"], vec!["dob|start:4"], vec!["surname|start:1"]]);
    assert_eq!(model.comparisons[0].term_frequency_minimum, Some(0.0));
}

#[test]
fn a_model_reads_back_as_it_was_written() {
    let (mut settings, model) = read(PEOPLE).unwrap();
    settings.blocking.push(vec!["city|prefix:3".to_owned(), "dob".to_owned()]);
    let (settings_again, model_again) = read(&write(&settings, &model).unwrap()).unwrap();
    assert_eq!(settings_again, settings);
    assert_eq!(model_again, model);
}

#[test]
fn short_values_meet_by_their_start_but_not_by_a_prefix() {
    let (mut settings, _) = read(PEOPLE).unwrap();
    settings.blocking = vec![vec!["surname|prefix:3".to_owned()], vec!["surname|start:3".to_owned()]];
    let linker = Linker::new(&settings).unwrap();
    for (left, right, expected) in [("Li", "Li", Some(1)), ("Lind", "Lin", Some(0)), ("Li", "Lin", None)] {
        let mut records = Records::new(&linker);
        for surname in [left, right] {
            let value = |name: &String| (name == "surname").then_some(surname);
            records.push(&linker, linker.derived().iter().map(value));
        }
        assert_eq!(linker.match_key(&records, 0, 1), expected, "{left} {right}");
    }
}

/// The sample with one value put in another's place.
fn changed(pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(PEOPLE).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(entries) => entries[key.parse::<usize>().unwrap()] = value,
        other => other[key] = value,
    }
    document.to_string()
}

#[test]
fn what_cannot_be_read_is_refused_by_its_place() {
    let level = "/comparisons/0/comparison_levels/1/sql_condition";
    let rule = "/blocking_rules_to_generate_predictions/0/blocking_rule";
    let cases = [
        ("/link_type", json!("link_and_dedupe"), "link_type"),
        ("/sql_dialect", json!("spark"), "sql_dialect"),
        ("/seventh_sense", json!(true), "seventh_sense"),
        ("/comparisons/0/weight", json!(1), "comparisons[0].weight"),
        ("/blocking_rules_to_generate_predictions", json!([]), "blocking_rules_to_generate_predictions"),
        (rule, json!("l.city = r.dob"), "blocking_rules_to_generate_predictions[0].blocking_rule"),
        (rule, json!("LOWER(l.city) = LOWER(r.city)"), "blocking_rules_to_generate_predictions[0].blocking_rule"),
        (rule, json!("l.city = r.city OR l.dob = r.dob"), "blocking_rules_to_generate_predictions[0].blocking_rule"),
        (level, json!("jaccard(city_l, city_r) >= 0.9"), "comparisons[0].comparison_levels[1].sql_condition"),
        (level, json!("dob_l = dob_r"), "comparisons[0].comparison_levels[1].sql_condition"),
        (level, json!("city_l = city_r OR 1 = 1"), "comparisons[0].comparison_levels[1].sql_condition"),
        (level, json!("levenshtein(city_l, city_r) <= 1.5"), "comparisons[0].comparison_levels[1].sql_condition"),
        (level, json!("city_l = \"city_r"), "comparisons[0].comparison_levels[1].sql_condition"),
        (
            "/comparisons/0/comparison_levels/0/sql_condition",
            json!("city_l IS NULL"),
            "comparisons[0].comparison_levels[0].sql_condition",
        ),
        ("/comparisons/0/comparison_levels/0/is_null_level", json!(false), "comparisons[0].comparison_levels"),
        (
            "/comparisons/0/comparison_levels/5/sql_condition",
            json!("city_l <> city_r"),
            "comparisons[0].comparison_levels",
        ),
        (
            "/comparisons/0/comparison_levels/1/u_probability",
            json!(0),
            "comparisons[0].comparison_levels[1].u_probability",
        ),
        (
            "/comparisons/0/comparison_levels/1/tf_adjustment_column",
            json!("dob"),
            "comparisons[0].comparison_levels[1].tf_adjustment_column",
        ),
        (
            "/comparisons/0/comparison_levels/1/tf_adjustment_weight",
            json!(2),
            "comparisons[0].comparison_levels[1].tf_adjustment_weight",
        ),
        (
            "/comparisons/1/comparison_levels/1/tf_adjustment_column",
            json!("dob"),
            "comparisons[1].comparison_levels[1].tf_adjustment_column",
        ),
    ];
    for (pointer, value, expected) in cases {
        match read(&changed(pointer, value.clone())) {
            Err(SplinkError::Unsupported { place, .. }) => assert_eq!(place, expected, "{value}"),
            other => panic!("{pointer} as {value}: {other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_written_is_refused_by_its_place() {
    type Change = fn(&mut LinkSettings, &mut Model);
    let relabel = |settings: &mut LinkSettings, model: &mut Model, level: &str| {
        settings.comparisons[0].levels[1] = level.parse().unwrap();
        model.comparisons[0].levels[1].label = settings.comparisons[0].levels[1].to_string();
    };
    for level in ["same_digits", "range_overlap", "token_set:0.5", "osa:1", "prefix:3", "exact & same_prefix:2"] {
        let (mut settings, mut model) = read(PEOPLE).unwrap();
        relabel(&mut settings, &mut model, level);
        match write(&settings, &model) {
            Err(SplinkError::Inexpressible { place, .. }) => {
                assert_eq!(place, "link.comparisons[0].levels[1]", "{level}")
            }
            other => panic!("{level}: {other:?}"),
        }
    }
    let cases: [(Change, &str); 4] = [
        (|settings, _| settings.blocking[0] = vec!["city|soundex".to_owned()], "link.blocking[0]"),
        (|settings, _| settings.blocking[0] = vec!["dob_date".to_owned()], "link.blocking[0]"),
        (|_, model| model.comparisons[1].levels[0].weight += 1.0, "dob.exact.weight"),
        (
            |settings, _| {
                let city = settings.fields.get_mut("city").unwrap();
                city.left_alternatives = vec![std::mem::take(&mut city.left)];
            },
            "link.fields.city",
        ),
    ];
    for (change, expected) in cases {
        let (mut settings, mut model) = read(PEOPLE).unwrap();
        change(&mut settings, &mut model);
        match write(&settings, &model) {
            Err(SplinkError::Inexpressible { place, .. }) => assert_eq!(place, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn standardized_values_are_columns_in_splink() {
    let (settings, mut model) = read(PEOPLE).unwrap();
    let text = serde_json::to_string(&settings)
        .unwrap()
        .replace("\"city\":{\"standardizer\":\"verbatim\"", "\"city\":{\"standardizer\":\"postcode_gb\"");
    let mut settings: LinkSettings = serde_json::from_str(&text).unwrap();
    settings.comparisons[0].field = "city.outward".to_owned();
    settings.comparisons[0].name = "outward code".to_owned();
    model.comparisons[0].name = "outward code".to_owned();
    let written: Value = serde_json::from_str(&write(&settings, &model).unwrap()).unwrap();
    let comparison = &written["comparisons"][0];
    assert_eq!(comparison["output_column_name"], "outward_code");
    assert_eq!(comparison["comparison_levels"][1]["sql_condition"], "\"city_outward_l\" = \"city_outward_r\"");
    assert_eq!(comparison["comparison_levels"][1]["tf_adjustment_column"], "city_outward");
}

#[test]
fn sql_is_read_whatever_its_quotes_case_and_parentheses() {
    let same = [
        "\"city_l\" = \"city_r\" AND levenshtein(\"city_l\", \"city_r\") <= 2",
        "((city_L = CITY_r)) and (LEVENSHTEIN(city_l,city_r)<=2.0)",
    ];
    assert_eq!(sql::parse(same[0]), sql::parse(same[1]));
    assert_ne!(sql::parse("a - (b - c)"), sql::parse("a - b - c"));
    assert_eq!(sql::parse("a - b - c"), sql::parse("(a - b) - c"));
    assert!(sql::parse(&sql::quoted("a \"quoted\" name")).is_ok());
    for broken in ["", "a =", "a b", "f(a", "'a", "CASE WHEN a THEN", "a IS 1", "a ; b", "1.2.3", "CAST(a)"] {
        assert!(sql::parse(broken).is_err(), "{broken}");
    }
    assert!(sql::parse(&"(".repeat(100_000)).is_err());
    assert!(sql::parse(&"- ".repeat(100_000)).is_err());
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(
        text in "([a-z_]{0,3}|[0-9.eE+-]{0,4}|[\"'(),=<>*/ é-]|AND|OR|NOT|CASE|WHEN|IS|NULL| ){0,20}",
    ) {
        let _ = sql::parse(&text);
    }
}
