//! CSV files and what is read from them.

use std::fs;

use lotline_schema::{Format, FormatKind};
use proptest::prelude::*;

use crate::{
    FormatError,
    tests::{cut_bytes, format, names, read, shown, torture},
    window::BLOCK,
};

fn csv() -> Format {
    format(FormatKind::Csv)
}

#[test]
fn records_and_their_damage() {
    let cases: &[(&str, &[&str])] = &[
        ("a,b\n1,2\n", &["1|2"]),
        ("a,b\r\n1,2\r3,4\n5,6", &["1|2", "3|4", "5|6"]),
        ("\u{FEFF}a,b\n1,2", &["1|2"]),
        ("\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", &["1|2", "3|4"]),
        (" a , b \n 1 ,  2\n", &[" 1 |  2"]),
        ("a;b\n1,5;2\n", &["1,5|2"]),
        ("a\tb\n1\t2\n", &["1|2"]),
        ("a|b\n1|\n", &["1|"]),
        ("a,b\n\"1\",\"2\"\n", &["1|2"]),
        ("a,b\n\"1,1\", \"2\n\"\"2\"\"\"\n", &["1,1|2\n\"2\""]),
        ("a,b\n  \"1\"  ,\"2\" \r\n", &["1|2"]),
        ("a,b\n1\"x\",2\"\n", &["1\"x\"|2\""]),
        ("a,b\n\"\",\"\"\"\"", &["|\""]),
        ("a,b\n,\n", &["|"]),
        ("a,b\n1\n1,2,\n3,4\n", &["field_count: 1", "field_count: 1,2,", "3|4"]),
        ("a,b\n\"1\n2\"\n3,4\n", &["field_count: \"1\n2\"", "3|4"]),
        ("a,b\n1,\0\n3,4\n", &["nul_byte: 1,\0", "3|4"]),
        ("a,b\n1,\"2\n3,4\n5,6\n", &["unclosed_quote: 1,\"2", "3|4", "5|6"]),
        ("a,b\n1,\"2\n3,4\n5,\"6\"\n", &["stray_quote: 1,\"2", "3|4", "5|6"]),
        ("a,b\n\"1\"x,2\n3,4\n", &["stray_quote: \"1\"x,2", "3|4"]),
        ("a,b", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text.as_bytes(), &csv(), &["a", "b"]), *expected, "{text:?}");
    }
    assert_eq!(shown(b"a,b\n1,\xFF\n3,4\n", &csv(), &["a", "b"]), ["invalid_utf8: 1,\u{FFFD}", "3|4"]);
}

#[test]
fn a_record_past_the_cap_gives_up_its_first_line_only() {
    let format = Format { max_record_bytes: 8, ..csv() };
    let cases: &[(&str, &[&str])] = &[
        ("a,b\n1,234567\n1,2345678\n3,4\n", &["1|234567", "record_too_long: 1,234567", "3|4"]),
        ("a,b\n1,\"x\n2,3\n4,5\n6,7\n", &["record_too_long: 1,\"x", "2|3", "4|5", "6|7"]),
        ("a,b\n1,\"xxxxxxxxxxxxxxx\n6,7\n", &["record_too_long: 1,\"xxxxx", "6|7"]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text.as_bytes(), &format, &["a", "b"]), *expected, "{text:?}");
    }
}

#[test]
fn a_quote_running_from_line_to_line_is_given_up() {
    let line = "x\",b,\"c\n";
    let text = format!("a,b,c\n{}", line.repeat(10_000));
    let all = shown(text.as_bytes(), &csv(), &["a"]);
    assert_eq!(all.len(), 10_000);
    assert_eq!(all[0], "field_count: x\",b,\"c");
}

#[test]
fn settings_are_followed() {
    let german = Format { delimiter: Some(';'), quote: '\'', preamble_lines: 2, ..csv() };
    let text = "Export, \"of today\r\nline two\r\nName;'Preis; EUR'\r\n'O''Brien';1\r\n";
    assert_eq!(shown(text.as_bytes(), &german, &["Preis; EUR", "Name"]), ["1|O'Brien"]);
    let bad = Format { delimiter: Some('§'), ..csv() };
    let error = cut_bytes(b"a", &bad, 1, BLOCK).unwrap_err();
    assert_eq!(error.to_string(), "found `§` as the delimiter character, expected an ASCII character");
}

#[test]
fn columns_go_by_their_accepted_names() {
    let text = b"ID,Name ,name\n1,x,y\n";
    assert_eq!(shown(text, &csv(), &["key or id", "name", " Name"]), ["1|y|x"]);
    let error = read(text, &csv(), &names(&["price or cost"]), 1, BLOCK).unwrap_err();
    assert!(matches!(&error, FormatError::UnknownColumn { column, .. } if column == "price"));
    assert_eq!(
        error.to_string(),
        "column `price`: found the columns `ID`, `Name`, `name`, expected one of `price`, `cost`"
    );
    let twice = read(b"a,b, a\n1,2,3\n", &csv(), &names(&["b", "a"]), 1, BLOCK).unwrap_err();
    assert_eq!(twice.to_string(), "column `a`: found it twice, as column 1 and column 3 of the file, expected it once");
    assert_eq!(shown(b"a,b,a\n1,2,3\n", &csv(), &["b"]), ["2"], "a repeated column that nobody asks for is fine");
}

#[test]
fn a_file_needs_a_sound_header() {
    for text in ["", "\n\r\n", "\u{FEFF}"] {
        assert!(matches!(cut_bytes(text.as_bytes(), &csv(), 1, BLOCK), Err(FormatError::NoHeader)), "{text:?}");
    }
    let error = cut_bytes(b"\n\"a,b\n1,2\n", &csv(), 1, BLOCK).unwrap_err();
    assert_eq!(
        error.to_string(),
        "header line at byte 1: found the end of the file inside quotes, expected a closing quote"
    );
}

#[test]
fn csv_spectrum_is_read_as_its_answers_say() {
    let Some(folder) = torture("csv-spectrum") else { return };
    for entry in fs::read_dir(folder.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("location_coordinates.csv") {
            // Its answer is an object and not an array, and has another telephone number.
            assert_eq!(shown(&fs::read(&path).unwrap(), &csv(), &["Cities", "counties"]), ["Modesto|Stanislaus"]);
            continue;
        }
        let answers = folder.join("json").join(path.with_extension("json").file_name().unwrap());
        let answers: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(&fs::read(answers).unwrap()).unwrap();
        let bytes = fs::read(&path).unwrap();
        let header = cut_bytes(&bytes, &csv(), 1, BLOCK).unwrap().header;
        let columns: Vec<_> = header.iter().map(|name| vec![name.clone()]).collect();
        let all = read(&bytes, &csv(), &columns, 1, 7).unwrap();
        assert_eq!(all.len(), answers.len(), "{}", path.display());
        for (found, answer) in all.into_iter().zip(answers) {
            let expected: Vec<_> = header.iter().map(|name| answer[name].as_str().unwrap().replace('\r', "")).collect();
            // A checkout may have turned the line ends of the CSV files into its own.
            let cells: Vec<_> = found.cells.unwrap().iter().map(|cell| cell.replace('\r', "")).collect();
            assert_eq!(cells, expected, "{}", path.display());
        }
    }
}

/// A cell as RFC 4180 wants it written.
fn written(cell: &str) -> String {
    let plain = !cell.is_empty() && !cell.contains(['"', ',', '\r', '\n', ' ']);
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[ab\",\r\n é\u{1F600}]{0,6}", 3), 0..20),
        block in 1_usize..50, crlf: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("x,y,z{end}");
        for row in &rows {
            let cells: Vec<_> = row.iter().map(|cell| written(cell)).collect();
            text.push_str(&(cells.join(",") + end));
        }
        let all = read(text.as_bytes(), &csv(), &names(&["x", "y", "z"]), 30, block).unwrap();
        let cells: Vec<_> = all.into_iter().map(|found| found.cells.unwrap()).collect();
        prop_assert_eq!(cells, rows);
    }
}
