//! What the standardizers make of real spellings.

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};
use proptest::sample::select;

use crate::Values;
use crate::standardize::Standardizer;

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

/// Checks the values under the given names, without the field's own: `""` is null.
#[track_caller]
pub(super) fn check_parts(standardizer: Standardizer, raw: &str, expected: &[(&str, &str)]) {
    let (names, found) = (standardizer.derived(""), standardizer.apply(raw));
    for (name, value) in expected {
        let at = names.iter().position(|known| known.trim_start_matches('.') == *name).unwrap();
        assert_eq!(found[at].as_deref().unwrap_or_default(), *value, "{name} of {raw}");
    }
}

/// The value under the field's own name.
fn plain(standardizer: Standardizer, raw: &str) -> Option<String> {
    standardizer.apply(raw).swap_remove(0)
}

#[test]
fn reads_names_in_either_order() {
    for raw in ["SMITH, JOHN Q", "John Q. Smith", "John Smith Jr.", "Smith, John (MD)", "John Smith et al"] {
        check_parts(Standardizer::Name, raw, &[("sorted", "JOHN SMITH"), ("first", "JOHN"), ("last", "SMITH")]);
    }
    assert_eq!(Standardizer::Name.apply(" , "), vec![None; 6]);
}

#[test]
fn reads_all_parts_of_names() {
    let check = |raw, expected| check_parts(Standardizer::Name, raw, expected);
    check("SMITH, JOHN Q", &[("middle", "Q"), ("initials", "JQS"), ("phonetic", "SNAT")]);
    check(
        "José María Muñoz",
        &[("first", "JOSE"), ("middle", "MARIA"), ("last", "MUNOZ"), ("sorted", "JOSE MARIA MUNOZ")],
    );
    check("O'Neil, Ann", &[("last", "ONEIL"), ("phonetic", "ONAL")]);
    check("SMITH, JOHN & MARY", &[("first", "JOHN"), ("last", "SMITH"), ("middle", ""), ("sorted", "JOHN MARY SMITH")]);
    check("John & Mary Smith", &[("first", "JOHN"), ("last", "SMITH"), ("middle", "")]);
    check("John Smith and Mary Jones", &[("first", "JOHN"), ("last", "SMITH"), ("sorted", "JOHN JONES MARY SMITH")]);
    check("Acme Holdings, L.L.C.", &[("first", ""), ("last", "ACME HOLDINGS"), ("sorted", "ACME HOLDINGS LLC")]);
    check("ACME HOLDINGS LLC", &[("last", "ACME HOLDINGS"), ("sorted", "ACME HOLDINGS LLC")]);
    check("Baker Incorporated", &[("last", "BAKER"), ("sorted", "BAKER INC")]);
    check("Smith Family Trst", &[("last", "SMITH FAMILY TRUST")]);
    check("Cher", &[("first", ""), ("last", "CHER"), ("initials", "C")]);
}

/// Pairs that sound alike, and codes from Taft's rules worked by hand.
#[test]
fn hears_names() {
    for (raw, code) in [
        ("Knight", "NAGT"),
        ("Night", "NAGT"),
        ("Macdonald", "MCDANALD"),
        ("Phillips", "FALAP"),
        ("Schmidt", "SNAD"),
        ("Lee", "LY"),
    ] {
        check_parts(Standardizer::Name, raw, &[("phonetic", code)]);
    }
}

#[test]
fn reads_plain_values() {
    let check =
        |standardizer, raw, value: &str| assert_eq!(plain(standardizer, raw).unwrap_or_default(), value, "{raw}");
    check(Standardizer::Text, "  O'Neil &  sons ", "ONEIL SONS");
    check(Standardizer::Text, "Crème Brûlée, Straße 5", "CREME BRULEE STRASSE 5");
    check(Standardizer::Text, "Москва", "МОСКВА");
    check(Standardizer::Digits, "(555) 010-1234", "5550101234");
    check(Standardizer::Number, "$1,250.00", "1250");
    check(Standardizer::Number, "-0.50", "-0.5");
    check(Standardizer::Number, "n/a", "");
    check(Standardizer::Zip5, "02139-1234", "02139");
    check(Standardizer::Zip5, "2139", "02139");
    check(Standardizer::Zip5, "ABC", "");
}

#[test]
fn reads_all_parts_of_addresses() {
    let check = |raw, expected| check_parts(Standardizer::UsAddress, raw, expected);
    check(
        "123 N Main St NW Apt 4B, St. Paul, MN 55101-1234",
        &[
            ("house", "123"),
            ("predirection", "N"),
            ("name", "MAIN"),
            ("suffix", "ST"),
            ("postdirection", "NW"),
            ("unit", "4B"),
            ("city", "SAINT PAUL"),
            ("state", "MN"),
            ("zip", "55101"),
            ("zip4", "1234"),
            ("full", "123 N MAIN ST NW"),
        ],
    );
    check(
        "12 1/2 Oak Ave",
        &[("house", "12 1/2"), ("house_low", "12"), ("house_suffix", "1/2"), ("full", "12 1/2 OAK AVE")],
    );
    check("N6W23001 Bluemound Rd", &[("house", "N6W23001"), ("house_low", "23001"), ("name", "BLUEMOUND")]);
    check("PO Box 12, Reno NV 89501", &[("name", "PO BOX 12"), ("city", "RENO"), ("state", "NV"), ("house", "")]);
    check("RR 2 Box 103-A", &[("name", "RR 2 BOX 103A"), ("full", "RR 2 BOX 103A")]);
    check("500 US-12 E", &[("name", "US HIGHWAY 12"), ("postdirection", "E"), ("unit", "")]);
    check("500 State Rte 9", &[("name", "STATE ROUTE 9"), ("unit", "")]);
    check("500 CR14", &[("name", "COUNTY ROAD 14")]);
    check("5 St Marks Pl", &[("name", "SAINT MARKS"), ("suffix", "PL")]);
    check("One Hundred Eighty Second St", &[("name", "182"), ("suffix", "ST")]);
    check("14 E Eighty-Second Street", &[("name", "82"), ("predirection", "E")]);
    check("9 Avenue B", &[("name", "AVENUE B"), ("unit", "")]);
    check("9 Mt Vernon Hts Rd Bldg 4 Apt 2", &[("name", "MOUNT VERNON HEIGHTS"), ("unit", "4 2")]);
    check("9 Elm St Fl 2", &[("unit", "2")]);
    check("9 Elm St, 2nd Floor", &[("unit", "2")]);
    check("9 Elm St Rear", &[("unit", "REAR"), ("name", "ELM")]);
    check("9 Elm St PH", &[("unit", "PH")]);
    check("9 Elm St PH2", &[("unit", "PH2")]);
    check(
        "9 Elm St Springfield IL 62704",
        &[("name", "ELM"), ("suffix", "ST"), ("city", "SPRINGFIELD"), ("state", "IL")],
    );
    check("9 Elm Ct, New Haven, Connecticut", &[("suffix", "CT"), ("city", "NEW HAVEN"), ("state", "CT")]);
    check("9 Elm Ct", &[("suffix", "CT"), ("state", "")]);
}

#[test]
fn one_buffer_serves_many_records() {
    let mut values = Values::default();
    for raw in ["12 Main St #4", "no address", ""] {
        values.clear();
        Standardizer::UsAddress.read(raw, &mut values);
        Standardizer::Zip5.read("02139", &mut values);
        assert_eq!(values.len(), 17);
        assert_eq!(values.get(16), Some("02139"));
        let apart: Vec<Option<String>> = values.iter().take(16).map(|value| value.map(str::to_owned)).collect();
        assert_eq!(apart, Standardizer::UsAddress.apply(raw));
    }
    assert_eq!(values.get(17), None);
}

const ALL: [Standardizer; 11] = [
    Standardizer::Text,
    Standardizer::Name,
    Standardizer::UsAddress,
    Standardizer::Zip5,
    Standardizer::Number,
    Standardizer::Digits,
    Standardizer::Parcel,
    Standardizer::Phone,
    Standardizer::Date,
    Standardizer::PostcodeGb,
    Standardizer::Email,
];

/// Words and signs that rules of addresses look for.
const WORDS: &[&str] = &[
    "N",
    "W",
    "SOUTH",
    "NE",
    "ST",
    "AVE",
    "ROAD",
    "DR",
    "PARK",
    "HTS",
    "OF",
    "THE",
    "BROADWAY",
    "MAIN",
    "OAK",
    "LOUIS",
    "APT",
    "#",
    "#4B",
    "FL",
    "FLOOR",
    "2ND",
    "SECOND",
    "ONE",
    "HUNDRED",
    "AND",
    "REAR",
    "PH",
    "BLDG",
    "NO",
    "STE200",
    "PO",
    "BOX",
    "RR",
    "HC",
    "DRAWER",
    "12",
    "61-44",
    "1670-72",
    "TO",
    "&",
    "1/2",
    "3",
    "RD",
    "A",
    "B",
    "E182ND",
    "N6W23001",
    "US",
    "HWY",
    "STATE",
    "OLD",
    "CR14",
    "BUSINESS",
    "MM",
    ",",
    ",NE",
    ",22P",
    "ATTN",
    "NEW",
    "YORK",
    "NY",
    "CT",
    "DC",
    "DISTRICT",
    "COLUMBIA",
    "10001",
    "10001-1234",
    "4321",
    "USA",
    "UNITED",
    "STATES",
    "P",
    "O",
    "-",
    "N/A",
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

    /// Words that mean something in an address, in any order, lead no rule astray.
    #[test]
    fn any_order_of_words_is_read(words in vec(select(WORDS), 0..14)) {
        let raw = words.join(" ");
        let parts = Standardizer::UsAddress.apply(&raw);
        prop_assert_eq!(parts.len(), 16);
        assert!(parts.iter().flatten().all(|part| !part.is_empty() && part.trim() == part), "{raw}: {parts:?}");
    }

    #[test]
    fn standard_values_stay_as_they_are(raw in any::<String>(), amount in any::<i32>()) {
        for standardizer in [Standardizer::Text, Standardizer::Digits] {
            if let Some(once) = plain(standardizer, &raw) {
                prop_assert_eq!(plain(Standardizer::Text, &once), Some(once));
            }
        }
        let once = plain(Standardizer::Number, &amount.to_string());
        prop_assert_eq!(plain(Standardizer::Number, once.as_deref().unwrap()), once);
    }

    /// Short decimals are shortened as text; they must come out as the number would.
    #[test]
    fn numbers_are_printed_as_the_shortest_that_is_equal(raw in "-?[0-9]{0,9}[.]?[0-9]{0,7}") {
        let expected = raw.parse::<f64>().ok().map(|value| (value + 0.0).to_string());
        prop_assert_eq!(plain(Standardizer::Number, &raw), expected);
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

#[test]
fn values_stay_as_they_are() {
    let check = |standardizer: Standardizer, raw: &str, expected: Option<&str>| {
        assert_eq!(standardizer.apply(raw), [expected.map(str::to_owned)], "{raw}");
    };
    check(Standardizer::Verbatim, " Él & co. ", Some(" Él & co. "));
    check(Standardizer::Verbatim, "", None);
    for date in ["1971-06-24", "1971-6-4", " 71-06-24 ", "1972-02-29"] {
        check(Standardizer::IsoDate, date, Some(date));
    }
    for none in ["1971-02-30", "1900-02-29", "1971-006-24", "1971-13-01", "-1971-01-01", "24/06/1971", "1971-06", ""] {
        check(Standardizer::IsoDate, none, None);
    }
    check(Standardizer::IsoTime, "1971-06-24T10:11:12Z", Some("1971-06-24T10:11:12Z"));
    for none in
        ["1971-06-24", "1971-06-24T10:11:60Z", "1971-06-24T24:00:00Z", "1971-06-24T10:11:12.5Z", "1971-06-24 10:11:12"]
    {
        check(Standardizer::IsoTime, none, None);
    }
    for (number, expected) in
        [("1.50", "1.5"), ("15e-1", "1.5"), ("-0.0", "0"), ("007", "7"), ("9007199254740993", "9007199254740993")]
    {
        check(Standardizer::PlainNumber, number, Some(expected));
    }
    check(Standardizer::PlainNumber, "about 5", None);
    check(Standardizer::Place, "40.6413 -73.7781", Some("40.6413 -73.7781"));
    check(Standardizer::Place, "40.6413", None);
    check(Standardizer::Place, "40.6413 ", None);
}
