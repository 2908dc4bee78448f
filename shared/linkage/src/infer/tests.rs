//! Tests of inference on small tables.

use super::headings::Heading;
use super::kind::Kind;
use super::{InferError, TableSample, infer, profile};
use crate::settings::{Cardinality, LinkSettings};

/// A table from lines of values parted by `|`; an empty value is null.
fn table(name: &str, columns: &str, lines: &[String]) -> TableSample {
    let cells = |line: &String| line.split('|').map(|value| (!value.is_empty()).then(|| value.to_owned())).collect();
    TableSample {
        name: name.to_owned(),
        columns: columns.split('|').map(str::to_owned).collect(),
        rows: lines.iter().map(cells).collect(),
        total_rows: lines.len() as u64,
    }
}

const FIRST: [&str; 8] = ["Mary", "James", "Linda", "Robert", "Susan", "David", "Karen", "Thomas"];
const LAST: [&str; 11] =
    ["Abbot", "Barnes", "Castillo", "Dunn", "Ellis", "Fisher", "Gomez", "Hughes", "Irwin", "Jensen", "Klein"];
const STREETS: [&str; 7] = ["Oak St", "Maple Ave", "Pine Rd", "Cedar Ln", "Elm St", "Lake Dr", "Hill Ct"];

fn person(n: usize) -> (&'static str, &'static str) {
    (FIRST[n * 5 % FIRST.len()], LAST[n * 7 % LAST.len()])
}

fn owners(rows: usize) -> TableSample {
    let line = |n: usize| {
        let (first, last) = person(n);
        format!(
            "{}|{last}, {first}|{} {}|1000{}|{}|RESIDENTIAL",
            n * 37 + 5,
            n * 13 % 900 + 1,
            STREETS[n % 7],
            n % 9,
            900 + n * 31 % 1800
        )
    };
    table("owners", "parcel_id|owner|situs_address|zip|living_sqft|class", &(0..rows).map(line).collect::<Vec<_>>())
}

fn sellers(rows: usize) -> TableSample {
    let line = |n: usize| {
        let (first, last) = person(n);
        let street = STREETS[n % 7].to_uppercase();
        let (house, (street, suffix)) = (n * 13 % 900 + 1, street.split_once(' ').unwrap_or_default());
        format!("K{}X|{first} {last}|{house}|{street}|{suffix}|1000{}|{}", n * 91, n % 9, 900 + n * 31 % 1800)
    };
    let columns = "listing_key|seller|house_no|street_name|street_type|postal_code|sqft";
    table("sellers", columns, &(0..rows).map(line).collect::<Vec<_>>())
}

fn kinds(columns: &str, lines: &[&str]) -> Vec<Kind> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    profile::profiles(&table("some", columns, &lines)).into_iter().map(|profile| profile.kind).collect()
}

#[test]
fn names_are_cut_into_words() {
    let check = |name: &str, words: &[&str], number: Option<u32>| {
        let heading = Heading::of(name);
        assert_eq!(
            (heading.words, heading.number),
            (words.iter().map(|word| (*word).to_owned()).collect(), number),
            "{name}"
        );
    };
    check("bldgno2", &["bldgno"], Some(2));
    check("yearBuilt", &["year", "built"], None);
    check("ZIP_CODE", &["zip", "code"], None);
    check("http://www.okkam.org/ontology_restaurant1.owl#phone_number", &["phone", "number"], None);
}

#[test]
fn names_announce_kinds() {
    let check = |name: &str, kind: Option<Kind>| assert_eq!(Heading::of(name).kind(), kind, "{name}");
    check("postcode_fake", Some(Kind::Zip));
    check("date_of_birth", Some(Kind::Date));
    check("soc_sec_id", Some(Kind::Code));
    check("id09", Some(Kind::Identifier));
    check("assessed_value", Some(Kind::Number));
    check("willow", None);
}

#[test]
fn content_decides_where_names_do_not() {
    assert_eq!(
        kinds(
            "a|b|c|d|e",
            &[
                "jo@example.com|1974-02-14|212-555-0101|12 Oak St|Mary Abbot",
                "al@example.org|1980-11-30|212-555-0199|7 W 9th Ave|Barnes, Joe",
                "mo@example.net|1969-07-20|718-555-0142|61-44 Main St|Linda Dunn",
            ]
        ),
        [Kind::Email, Kind::Date, Kind::Phone, Kind::Address, Kind::Person]
    );
}

#[test]
fn a_phone_number_with_a_slash_is_no_date() {
    assert_eq!(kinds("x", &["310/246-1501", "818/762-1221", "213/848-6677"]), [Kind::Phone]);
}

#[test]
fn keys_are_found_and_left_out() {
    let found = infer(&owners(200), Some(&sellers(200))).unwrap();
    assert_eq!((found.left_id.as_deref(), found.right_id.as_deref()), (Some("parcel_id"), Some("listing_key")));
    assert!(found.settings.fields.values().all(|field| !field.left.contains(&"parcel_id".to_owned())));
}

#[test]
fn an_identifier_that_both_tables_have_is_compared() {
    let line = |n: usize, name: &str| format!("{}|{name}{}", 1_000_003 + n * 7919, n % 50);
    let left = table("l", "parcel|label", &(0..100).map(|n| line(n, "a")).collect::<Vec<_>>());
    let right = table("r", "parcel_number|label", &(20..120).map(|n| line(n, "a")).collect::<Vec<_>>());
    let found = infer(&left, Some(&right)).unwrap();
    assert!(found.settings.comparisons.iter().any(|comparison| comparison.field == "parcel"), "{:?}", found.notes);
}

#[test]
fn an_address_in_one_column_meets_one_in_three() {
    let found = infer(&owners(200), Some(&sellers(200))).unwrap();
    let address = &found.settings.fields["address"];
    assert_eq!(address.left, ["situs_address"]);
    assert_eq!(address.right, ["house_no", "street_name", "street_type"]);
    let zip = &found.settings.fields["zip"];
    assert_eq!((&zip.left[..], &zip.right[..]), (&["zip".to_owned()][..], &["postal_code".to_owned()][..]));
}

#[test]
fn numbered_columns_are_readings_of_one_address() {
    // Every second row is the one before it with its two addresses swapped.
    let line = |n: usize| {
        let [first, second] = [(n / 2 + 1, STREETS[n / 2 % 7]), (n / 2 + 300, STREETS[(n / 2 + 3) % 7])];
        let [(house, street), (house_2, street_2)] =
            if n.is_multiple_of(2) { [first, second] } else { [second, first] };
        format!("{house}|{street}|{house_2}|{street_2}")
    };
    let lines: Vec<String> = (0..150).map(line).collect();
    let found = infer(&table("t", "bldgno1|street1|bldgno2|street2", &lines), None).unwrap();
    assert_eq!(found.settings.fields["address"].left_alternatives.len(), 2);
}

#[test]
fn a_constant_column_is_left_out_and_said_so() {
    let found = infer(&owners(200), Some(&sellers(200))).unwrap();
    assert!(found.notes.iter().any(|note| note.starts_with("Column `class` of `owners` is left out")));
}

#[test]
fn a_whole_name_is_not_compared_beside_its_parts() {
    let line = |n: usize| {
        let (first, last) = person(n);
        format!("{first}|{last}|{first} {last}|{}-{:02}-{:02}", 1950 + n % 50, n % 12 + 1, n % 28 + 1)
    };
    let found =
        infer(&table("people", "first_name|surname|full_name|dob", &(0..300).map(line).collect::<Vec<_>>()), None)
            .unwrap();
    let names: Vec<&str> = found.settings.comparisons.iter().map(|comparison| comparison.name.as_str()).collect();
    assert_eq!(names, ["first_name", "surname", "dob"]);
    assert_eq!(found.settings.cardinality, Cardinality::Clusters);
}

#[test]
fn repeated_rows_on_the_left_ask_for_many_to_one() {
    let mut left = owners(100);
    left.rows.extend(left.rows.clone());
    left.total_rows = 200;
    let found = infer(&left, Some(&sellers(100))).unwrap();
    assert_eq!(found.settings.cardinality, Cardinality::ManyToOne);
    assert_eq!(infer(&owners(100), Some(&sellers(100))).unwrap().settings.cardinality, Cardinality::OneToOne);
}

#[test]
fn no_comparison_is_in_every_rule() {
    let settings = infer(&owners(300), Some(&sellers(300))).unwrap().settings;
    assert!(settings.blocking.len() >= 2);
    let field = |part: &String| part.split('|').next().unwrap_or_default().to_owned();
    for comparison in &settings.comparisons {
        let needed = |rule: &Vec<String>| rule.iter().any(|part| field(part) == comparison.field);
        assert!(!settings.blocking.iter().all(needed), "{}", comparison.name);
    }
}

#[test]
fn settings_read_back_from_toml_and_fit_the_tables() {
    let (left, right) = (owners(200), sellers(200));
    let found = infer(&left, Some(&right)).unwrap();
    let text = toml::to_string(&found.settings).unwrap();
    assert_eq!(toml::from_str::<LinkSettings>(&text).unwrap(), found.settings);
    assert_eq!(found.settings.validate(&left.columns, &right.columns), Ok(()));
}

#[test]
fn the_same_samples_give_the_same_settings() {
    let infer = || infer(&owners(200), Some(&sellers(200))).unwrap();
    assert_eq!(infer().settings, infer().settings);
    assert_eq!(infer().notes, infer().notes);
}

#[test]
fn tables_with_nothing_in_common_are_refused() {
    let colors = table("colors", "shade", &["red", "green", "blue"].map(str::to_owned));
    let error = infer(&owners(50), Some(&colors)).unwrap_err();
    assert_eq!(error, InferError::NoFields { tables: "`owners` and `colors`".to_owned() });
    let empty = TableSample { name: "nothing".to_owned(), ..TableSample::default() };
    assert_eq!(infer(&empty, None).unwrap_err(), InferError::Empty { table: "nothing".to_owned() });
}
