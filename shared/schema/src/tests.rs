//! Cells against declared columns, as tables of input and verdict.

use std::{fs, path::PathBuf};

use crate::{Cell, RowBuilder, TableStructure};

/// Judges one text cell of a column declared by `declaration`: the stored value, or `rule: reason`.
fn verdict(declaration: &str, cell: Cell<'_>) -> String {
    let text = format!("[[columns]]\nname = \"c\"\n{declaration}");
    let structure = TableStructure::parse("t.toml", &text).expect("the declaration is valid");
    let mut rows = RowBuilder::new(&structure);
    match rows.push(&[cell]) {
        Ok(()) => format!("{:?}", rows.finish().expect("one column").column(0))
            .lines()
            .nth(2)
            .unwrap_or_default()
            .trim()
            .trim_end_matches(',')
            .to_owned(),
        Err(violations) => format!("{}: {}", violations[0].rule, violations[0].reason),
    }
}

#[test]
fn texts_become_typed_values_or_reasons() {
    let cases = [
        ("type = \"integer\"", "12", "12"),
        ("type = \"integer\"", " 3.0 ", "3"),
        ("type = \"integer\"", "3.5", "type: found `3.5`, expected a whole number"),
        ("type = \"number\"", "1e3", "1000.0"),
        ("type = \"number\"", "nan", "type: found `nan`, expected a number"),
        ("type = \"number\"\nmin = 0", "-1", "min: found -1, expected at least 0"),
        ("type = \"boolean\"", "Yes", "true"),
        ("type = \"date\"", "2023-04-01", "2023-04-01"),
        ("type = \"date\"", "2016-09-06 00:00:00", "2016-09-06"),
        ("type = \"date\"", "2023-02-30", "type: found `2023-02-30`, expected a date such as `2023-04-01`"),
        ("type = \"timestamp\"", "2023-04-01T02:00:00+02:00", "2023-04-01T00:00:00 (Unknown Time Zone 'UTC')"),
        (
            "type = \"timestamp\"\nutc_only = true",
            "23:00",
            "utc_only: found `23:00`, expected a timestamp such as `2023-04-01T23:00:00Z`",
        ),
        (
            "type = \"timestamp\"\nutc_only = true",
            "2023-04-01T02:00:00",
            "utc_only: found `2023-04-01T02:00:00`, expected a timestamp in UTC, ending in `Z`",
        ),
        ("type = \"text\"\none_of = [\"a\", \"b\"]", "c", "one_of: found `c`, expected one of `a`, `b`"),
        (
            "type = \"text\"\npattern = \"[0-9]{5}\"",
            "123456",
            "pattern: found `123456`, expected a match of `^(?:[0-9]{5})$`",
        ),
        ("type = \"text\"\nrequired = true", "  ", "required: found null, expected a value"),
    ];
    for (declaration, text, expected) in cases {
        assert_eq!(verdict(declaration, Cell::Text(text)).trim_matches('"'), expected, "{declaration} <- {text}");
    }
}

#[test]
fn whole_numbers_keep_their_last_digit() {
    let cases = [
        ("9007199254740993.0", "9007199254740993"),
        ("9007199254740993e0", "9007199254740993"),
        ("-9223372036854775808.00", "-9223372036854775808"),
        ("+1.25e2", "125"),
        ("1200e-2", "12"),
        ("-0.0", "0"),
        ("0e99999999999", "0"),
        ("9223372036854775808.0", "type: found `9223372036854775808.0`, expected a whole number"),
        ("3.00000000000000000001", "type: found `3.00000000000000000001`, expected a whole number"),
        ("1e-99999999999", "type: found `1e-99999999999`, expected a whole number"),
        ("125e-1", "type: found `125e-1`, expected a whole number"),
        ("1e19", "type: found `1e19`, expected a whole number"),
    ];
    for (text, expected) in cases {
        assert_eq!(verdict("type = \"integer\"", Cell::Text(text)), expected, "{text}");
    }
}

#[test]
fn zero_has_one_spelling_whatever_it_is_read_from() {
    for cell in [Cell::Text("-0.0"), Cell::Number("-0"), Cell::Float(-0.0), Cell::Int(0)] {
        assert_eq!(verdict("type = \"number\"", cell), "0.0", "{cell:?}");
        assert_eq!(verdict("type = \"integer\"", cell), "0", "{cell:?}");
    }
    assert_eq!(verdict("type = \"text\"", Cell::Float(-0.0)), "\"0\"");
}

#[test]
fn rules_hold_for_texts_that_were_none_in_the_source() {
    let pattern = "type = \"text\"\npattern = \"[0-9]{5}\"";
    let one_of = "type = \"text\"\none_of = [\"true\", \"[1]\"]";
    for (declaration, cell, expected) in [
        (pattern, Cell::Nested("[\"x\"]"), "pattern: found `[\"x\"]`, expected a match of `^(?:[0-9]{5})$`"),
        (pattern, Cell::Bool(true), "pattern: found `true`, expected a match of `^(?:[0-9]{5})$`"),
        (pattern, Cell::Int(12), "pattern: found `12`, expected a match of `^(?:[0-9]{5})$`"),
        (one_of, Cell::Nested("[2]"), "one_of: found `[2]`, expected one of `true`, `[1]`"),
        (one_of, Cell::Bool(false), "one_of: found `false`, expected one of `true`, `[1]`"),
        (one_of, Cell::Bool(true), "\"true\""),
        (one_of, Cell::Nested("[1]"), "\"[1]\""),
    ] {
        assert_eq!(verdict(declaration, cell), expected, "{declaration} <- {cell:?}");
    }
}

#[test]
fn days_and_instants_stay_within_the_calendar() {
    let timestamp = |micros, utc| Cell::Timestamp { micros, utc };
    let cases = [
        ("date", Cell::Text("0001-01-01"), "0001-01-01"),
        ("date", Cell::Text("0000-12-31"), "type: found `0000-12-31`, expected a year from 0001 to 9999"),
        ("date", Cell::Date(2_932_896), "9999-12-31"),
        (
            "date",
            Cell::Date(2_932_897),
            "type: found `2932897 days since 1970-01-01`, expected a year from 0001 to 9999",
        ),
        (
            "date",
            timestamp(-719_163 * 86_400_000_000, true),
            "type: found `-62135683200000000 microseconds since 1970-01-01`, expected a year from 0001 to 9999",
        ),
        ("timestamp", Cell::Date(1), "1970-01-02T00:00:00 (Unknown Time Zone 'UTC')"),
        (
            "timestamp",
            Cell::Date(200_000_000),
            "type: found `200000000 days since 1970-01-01`, expected a year from 0001 to 9999",
        ),
        (
            "timestamp",
            timestamp(i64::MAX, true),
            "type: found `9223372036854775807 microseconds since 1970-01-01`, expected a year from 0001 to 9999",
        ),
        (
            "timestamp",
            Cell::Text("9999-12-31T23:59:60Z"),
            "type: found `9999-12-31T23:59:60Z`, expected a year from 0001 to 9999",
        ),
        (
            "timestamp",
            Cell::Text("0001-01-01T00:00:00+00:01"),
            "type: found `0001-01-01T00:00:00+00:01`, expected a year from 0001 to 9999",
        ),
        ("timestamp\"\nutc_only = true #", timestamp(0, true), "1970-01-01T00:00:00 (Unknown Time Zone 'UTC')"),
        (
            "timestamp\"\nutc_only = true #",
            timestamp(0, false),
            "utc_only: found a timestamp without a zone, expected a timestamp in UTC",
        ),
        ("timestamp", timestamp(0, false), "1970-01-01T00:00:00 (Unknown Time Zone 'UTC')"),
    ];
    for (kind, cell, expected) in cases {
        assert_eq!(verdict(&format!("type = \"{kind}\""), cell), expected, "{kind} <- {cell:?}");
    }
}

#[test]
fn offsets_are_those_that_clocks_have() {
    for (offset, good) in [
        ("+14:00", true),
        ("-1400", true),
        ("+05:45", true),
        ("+14:01", false),
        ("+99:99", false),
        ("+05:60", false),
        ("+5:000", false),
        ("+:05:00", false),
        ("+05", false),
    ] {
        let found = verdict("type = \"timestamp\"", Cell::Text(&format!("2023-04-01T12:00:00{offset}")));
        assert_eq!(!found.starts_with("type: "), good, "{offset}: {found}");
    }
    assert!(verdict("type = \"date\"", Cell::Text("2023-04-01T:::")).starts_with("type: "));
}

#[test]
fn formats_decide_nulls_thousands_and_dates() {
    let structure = TableStructure::parse(
        "t.toml",
        "[format]\nnulls = [\"-\"]\nthousands = \",\"\ndate_formats = [\"%d/%m/%y\"]\n\
         [[columns]]\nname = \"price\"\ntype = \"integer\"\n[[columns]]\nname = \"sold\"\ntype = \"date\"",
    )
    .expect("valid");
    let mut rows = RowBuilder::new(&structure);
    rows.push(&[Cell::Text(" 4,750 "), Cell::Text("19/01/17")]).expect("a good row");
    rows.push(&[Cell::Text(" -   "), Cell::Text("")]).expect("nulls are allowed");
    for wrong in ["12,34", "1,23,4", ",1", "1,", "1.2,3", "1.000,000", "--1,000"] {
        assert!(rows.push(&[Cell::Text(wrong), Cell::Null]).is_err(), "{wrong}");
    }
    let batch = rows.finish().expect("two columns");
    assert_eq!(format!("{:?}", batch.column(0)), "PrimitiveArray<Int64>\n[\n  4750,\n  null,\n]");
    assert_eq!(format!("{:?}", batch.column(1)), "PrimitiveArray<Date32>\n[\n  2017-01-19,\n  null,\n]");
}

#[test]
fn dates_may_be_written_in_any_format_that_tells_the_day() {
    for format in ["%d/%m/%y", "%B %e, %Y", "%Y%m%d", "%-m/%-d/%Y %H:%M", "%Y-%j", "%D", "%F %T%.f", "%+"] {
        let text = format!("format.date_formats = [{format:?}]\n[[columns]]\nname = \"c\"\ntype = \"date\"");
        TableStructure::parse("t.toml", &text).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn mistakes_in_a_structure_name_the_place_and_the_choices() {
    let cases = [
        ("keys = []\ncolumns = []", "t.toml:1: unknown field `keys`"),
        (
            "key = [\"id\"]\n[[columns]]\nname = \"c\"\ntype = \"text\"",
            "t.toml: `key`: found unknown column `id`, expected one of `c`",
        ),
        ("[[columns]]\nname = \"c\"\ntype = \"txt\"", "t.toml:3: unknown variant `txt`, expected one of `text`"),
        (
            "[[columns]]\nname = \"c\"\ntype = \"text\"\nmin = 1",
            "t.toml: `c.min`: found on a Text column, expected on an integer or number column",
        ),
        (
            "[[columns]]\nname = \"c\"\ntype = \"text\"\npattern = \"(\"",
            "t.toml: `c.pattern`: found an invalid regular expression",
        ),
        (
            "[[columns]]\nname = \"c\"\ntype = \"text\"\npattern = \"(?x)a # no end\"",
            "t.toml: `c.pattern`: found an invalid regular expression",
        ),
        (
            "[[columns]]\nname = \"id\"\ntype = \"text\"\n[[columns]]\nname = \"ID\"\ntype = \"text\"",
            "t.toml: `columns.name`: found `ID`, expected lower case letters, digits and `_`, no digit first",
        ),
        (
            "[[columns]]\nname = \"2nd\"\ntype = \"text\"",
            "t.toml: `columns.name`: found `2nd`, expected lower case letters, digits and `_`, no digit first",
        ),
        (
            "[[columns]]\nname = \"\"\ntype = \"text\"",
            "t.toml: `columns.name`: found ``, expected lower case letters, digits and `_`, no digit first",
        ),
        (
            "format.thousands = \".\"\n[[columns]]\nname = \"c\"\ntype = \"number\"",
            "t.toml: `format.thousands`: found `.`, expected a character that no number is written with, such as `,`",
        ),
        (
            "format.kind = \"xml\"\nformat.record_path = [\"feed/listing\"]\n[[columns]]\nname = \"c\"\ntype = \"date\"",
            "t.toml: `format.record_path`: found `feed/listing`, expected the name of one element, such as `listing`",
        ),
        (
            "format.date_formats = [\"%d/%m/%y\", \"%d/%m/%K\"]\n[[columns]]\nname = \"c\"\ntype = \"date\"",
            "t.toml: `format.date_formats`: found `%d/%m/%K`, expected a strftime format of a whole date, such as `%d/%m/%Y`",
        ),
        (
            "format.date_formats = [\"%d/%m\"]\n[[columns]]\nname = \"c\"\ntype = \"date\"",
            "t.toml: `format.date_formats`: found `%d/%m`, expected a strftime format of a whole date",
        ),
    ];
    for (text, expected) in cases {
        let found = TableStructure::parse("t.toml", text).expect_err(text).to_string();
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn a_row_answers_every_rule_it_breaks_and_leaves_no_trace() {
    let structure = TableStructure::parse(
        "t.toml",
        "key = [\"id\"]\n[[columns]]\nname = \"id\"\ntype = \"text\"\n[[columns]]\nname = \"n\"\ntype = \"integer\"",
    )
    .expect("valid");
    let mut rows = RowBuilder::new(&structure);
    let violations = rows.push(&[Cell::Null, Cell::Text("x")]).expect_err("both cells are wrong");
    assert_eq!(violations.iter().map(|found| found.rule).collect::<Vec<_>>(), ["required", "type"]);
    assert!(rows.is_empty());
}

#[test]
fn the_jobs_that_ship_are_valid() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let entries = |path: PathBuf| fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    let jobs = ["jobs", "cli/tests/jobs"].map(|folder| entries(PathBuf::from(root).join(folder)));
    let tables = jobs.into_iter().flatten().flat_map(|job| entries(job.join("tables")));
    let parse = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a text");
        TableStructure::parse(&path.to_string_lossy(), &text).unwrap_or_else(|error| panic!("{error}"))
    };
    assert!(tables.map(parse).count() >= 7);
}
