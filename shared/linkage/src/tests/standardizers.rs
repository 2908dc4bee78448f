//! What the standardizers make of real spellings.

use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::standardize::{Standardizer, digits, name, number, text, zip5};

/// A part of an address, empty for null.
fn part(raw: &str, name: &str) -> String {
    let names = Standardizer::UsAddress.derived("");
    let at = names.iter().position(|known| known[1..] == *name).unwrap();
    Standardizer::UsAddress.apply(raw).swap_remove(at).unwrap_or_default()
}

#[track_caller]
fn check(raw: &str, full: &str, unit: &str) {
    assert_eq!(part(raw, "full"), full, "{raw}");
    assert_eq!(part(raw, "unit"), unit, "{raw}");
}

#[test]
fn reads_addresses() {
    check("1020 GRAND CONCOURSE, 22P", "1020 GRAND CONCOURSE", "22P");
    check("679 WEST 239 STREET, 4H", "679 W 239 ST", "4H");
    check("679 W 239TH ST", "679 W 239 ST", "");
    check("E182ND ST", "E 182 ST", "");
    check("3 AVENUE", "3 AVE", "");
    check("2809 3 AVENUE", "2809 3 AVE", "");
    check("1803 TO 1809 BOGART AVE", "1803-1809 BOGART AVE", "");
    check("1706/1714 CROTONA PARK EAST", "1706-1714 E CROTONA PARK", "");
    check("1670-72 Clay Av", "1670-1672 CLAY AVE", "");
    check("61-44 Woodside Ave", "6144 WOODSIDE AVE", "");
    check("2438B BEAUMONT AVE", "2438B BEAUMONT AVE", "");
    check("12 Avenue A #4", "12 AVENUE A", "4");
    check("12 North Ave", "12 NORTH AVE", "");
    check("12 St. James Place Apt 4-B", "12 SAINT JAMES PL", "4B");
    check("2994 N Seventy Drive Unit 5B", "2994 N SEVENTY DR", "5B");
    check("2611 N Seventh Ln Apt 5B", "2611 N 7 LN", "5B");
    check("1620 GEORGIA RD 401", "1620 GEORGIA RD", "401");
    check("601 PELHAM PARKWAY NORTH, 510", "601 N PELHAM PKWY", "510");
    check("12 Main St, Springfield, IL 62704", "12 MAIN ST", "");
    check("1108 E Yale Unit 502", "1108 E YALE", "502");
    check("", "", "");
}

#[test]
fn reads_names_in_either_order() {
    for raw in ["SMITH, JOHN Q", "John Q. Smith", "John Smith Jr."] {
        let name = name(raw);
        assert_eq!(name.sorted.as_deref(), Some("JOHN SMITH"), "{raw}");
        assert_eq!(name.first.as_deref(), Some("JOHN"), "{raw}");
        assert_eq!(name.last.as_deref(), Some("SMITH"), "{raw}");
    }
    assert_eq!(name(" , "), super::super::standardize::Name::default());
}

#[test]
fn reads_plain_values() {
    assert_eq!(text("  O'Neil &  sons "), Some("ONEIL SONS".to_owned()));
    assert_eq!(digits("(555) 010-1234"), Some("5550101234".to_owned()));
    assert_eq!(number("$1,250.00"), Some("1250".to_owned()));
    assert_eq!(number("n/a"), None);
    assert_eq!(zip5("02139-1234"), Some("02139".to_owned()));
    assert_eq!(zip5("2139"), Some("02139".to_owned()));
    assert_eq!(zip5("ABC"), None);
}

const ALL: [Standardizer; 6] = [
    Standardizer::Text,
    Standardizer::Name,
    Standardizer::UsAddress,
    Standardizer::Zip5,
    Standardizer::Number,
    Standardizer::Digits,
];

proptest! {
    #[test]
    fn any_text_gives_every_part_and_no_empty_value(raw in any::<String>(), dense in "[0-9A-Z,#&/ '.-]{0,30}") {
        for standardizer in ALL {
            for raw in [&raw, &dense] {
                let parts = standardizer.apply(raw);
                prop_assert_eq!(parts.len(), standardizer.derived("field").len());
                assert!(parts.iter().flatten().all(|part| !part.is_empty()));
            }
        }
    }

    #[test]
    fn standard_values_stay_as_they_are(raw in any::<String>(), amount in any::<i32>()) {
        for once in [text(&raw), digits(&raw)].into_iter().flatten() {
            prop_assert_eq!(text(&once), Some(once.clone()));
        }
        let once = number(&amount.to_string());
        prop_assert_eq!(number(once.as_deref().unwrap()), once);
    }

    #[test]
    fn standard_addresses_stay_as_they_are(
        house in "[1-9][0-9]{0,3}",
        way in "(|N |EAST )",
        street in "(MAIN|ST JAMES|3RD|GRAND CONCOURSE|MT VERNON|FIFTH)",
        suffix in "(|STREET|Ave|Pkwy\\.)",
    ) {
        let once = part(&format!("{house} {way}{street} {suffix}"), "full");
        prop_assert_eq!(part(&once, "full"), once);
    }
}
