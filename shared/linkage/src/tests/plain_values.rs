//! What the standardizers make of parcel numbers, phones, dates, postcodes and e-mail addresses.

use super::standardizers::check_parts;
use crate::standardize::Standardizer;

#[test]
fn reads_parcel_numbers() {
    for (raw, joined, groups) in [
        ("0123-045-078", "123045078", "123-45-78"),
        ("123045078", "123045078", "123045078"),
        ("R 0012345", "R0012345", "R-12345"),
        ("12.34/000-5a", "12340005A", "12-34-0-5-A"),
        ("n/a - ", "NA", "N-A"),
        ("", "", ""),
    ] {
        check_parts(Standardizer::Parcel, raw, &[("", joined), ("groups", groups)]);
    }
}

#[test]
fn reads_phones() {
    for (raw, whole, area, local, extension) in [
        ("(415) 555-2671", "4155552671", "415", "5552671", ""),
        ("+1 415.555.2671 ext. 12", "4155552671", "415", "5552671", "12"),
        ("14155552671x9", "4155552671", "415", "5552671", "9"),
        ("555-2671", "", "", "5552671", ""),
        ("115 555 2671", "", "", "", ""),
        ("+44 20 7946 0958", "", "", "", ""),
    ] {
        let parts = [("", whole), ("area", area), ("local", local), ("extension", extension)];
        check_parts(Standardizer::Phone, raw, &parts);
    }
}

#[test]
fn reads_dates() {
    let all = [
        "1974-02-14",
        "19740214",
        "2/14/1974",
        "02-14-74",
        "14-Feb-74",
        "14.2.1974",
        "14/2/1974",
        "February 14, 1974",
        "Thu 14th Feb 1974",
        "1974-02-14T09:30:00Z",
        "2/14/1974 0:00",
        "19740214093000",
        "14FEB1974",
        "02141974",
    ];
    for raw in all {
        check_parts(Standardizer::Date, raw, &[("", "1974-02-14"), ("year", "1974"), ("month", "02"), ("day", "14")]);
    }
    for (raw, year, month, day) in [
        ("1974", "1974", "", ""),
        ("1974-02", "1974", "02", ""),
        ("Feb 1974", "1974", "02", ""),
        ("00/00/1974", "1974", "", ""),
        ("1974-02-30", "1974", "02", ""),
        ("3/4/05", "2005", "03", "04"),
        ("unknown", "", "", ""),
        ("99999999999999999999", "", "", ""),
    ] {
        check_parts(Standardizer::Date, raw, &[("year", year), ("month", month), ("day", day)]);
    }
}

#[test]
fn reads_postcodes_and_emails() {
    for (raw, whole, outward, area) in [
        ("sw1a1aa", "SW1A 1AA", "SW1A", "SW"),
        ("M1 1AE", "M1 1AE", "M1", "M"),
        ("TA4 2", "", "TA4", "TA"),
        ("TA4", "", "TA4", "TA"),
        ("12345", "", "", ""),
    ] {
        check_parts(Standardizer::PostcodeGb, raw, &[("", whole), ("outward", outward), ("area", area)]);
    }
    let parts = [("", "jane.doe@example.com"), ("local", "jane.doe"), ("domain", "example.com")];
    check_parts(Standardizer::Email, "Jane <Jane.Doe@Example.COM>", &parts);
    check_parts(Standardizer::Email, "jane at example", &[("", ""), ("local", ""), ("domain", "")]);
}
