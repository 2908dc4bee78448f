//! Cells against declared columns, as tables of input and verdict.

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
    for wrong in ["12,34", "1,23,4", ",1", "1,"] {
        assert!(rows.push(&[Cell::Text(wrong), Cell::Null]).is_err(), "{wrong}");
    }
    let batch = rows.finish().expect("two columns");
    assert_eq!(format!("{:?}", batch.column(0)), "PrimitiveArray<Int64>\n[\n  4750,\n  null,\n]");
    assert_eq!(format!("{:?}", batch.column(1)), "PrimitiveArray<Date32>\n[\n  2017-01-19,\n  null,\n]");
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
