//! JSON files and what is read from them.

use std::fs;

use lotline_schema::{Format, FormatKind};

use super::parse_element;
use crate::{
    record::text,
    tests::{cut_bytes, format, shown, torture},
    window::BLOCK,
};

fn array(path: &[&str]) -> Format {
    Format { record_path: path.iter().map(|&name| name.to_owned()).collect(), ..format(FormatKind::Json) }
}

#[test]
fn cells_keep_what_was_written() {
    let cases: &[(&str, &[&str])] = &[
        (r#"[{"a":"x","b":1}]"#, &["x|#1"]),
        (r#"[{"b":-1.50E+2,"c":0}]"#, &["~|#-1.50E+2"]),
        (r#"[{"a":null,"b":true},{}]"#, &["~|?true", "~|~"]),
        (r#"[{"a":[1, {"b":"]"}],"b":{"x":1}}]"#, &["^[1, {\"b\":\"]\"}]|^{\"x\":1}"]),
        (r#"[{"a":"\"\\\/\b\f\n\r\t","b":"\u00e9\ud83d\ude00!"}]"#, &["\"\\/\u{8}\u{C}\n\r\t|é😀!"]),
        (r#"[{"\u0061":1,"B":2}]"#, &["#1|#2"]),
        (r"[]", &[]),
        (" [ ] \n", &[]),
        ("\u{FEFF}[{\"a\":1}]", &["#1|~"]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text.as_bytes(), &array(&[]), &["a", "b"]), *expected, "{text}");
    }
}

#[test]
fn dots_lead_into_nested_objects_unless_a_member_has_them() {
    let text =
        br#"[{"a":{"b":{"c":1}}},{"a":{"b.c":2}},{"a.b":{"c":3}},{"a":4,"a.b.c":5},{"a":"x"},{"a":{"x":1,"x":2}}]"#;
    let expected = ["#1", "#2", "~", "#5", "~", r#"duplicate_member: {"a":{"x":1,"x":2}}"#];
    assert_eq!(shown(text, &array(&[]), &["a.b.c"]), expected);
}

#[test]
fn damage_stays_with_its_element() {
    let cases: &[(&str, &[&str])] = &[
        (r#"[{"a":1, {"a":2}]"#, &[r#"invalid_json: {"a":1"#, "#2"]),
        (r#"[{"a":1},xx,{"a":2}]"#, &["#1", "invalid_json: xx", "#2"]),
        ("[{\"a\":\"foo},\n{\"a\":2}]", &["invalid_json: {\"a\":\"foo}", "#2"]),
        (r#"["a":1}, {"a":2}]"#, &[r#"invalid_json: "a":1}"#, "#2"]),
        (r#"[{"a":1},{"a":2"#, &["#1", r#"truncated: {"a":2"#]),
        (r#"[{"a":1},{"a":2}"#, &["#1", "#2", "truncated: "]),
        (r#"[{"a":1},"#, &["#1", "truncated: "]),
        (r#"[{"a":1},]"#, &["#1", "invalid_json: ]"]),
        (r#"[{"a":1} {"a":2}]"#, &["#1", "#2"]),
        (r#"[{"a":1},,{"a":2}]"#, &["#1", "invalid_json: ", "#2"]),
        (r#"[{"a":1}] x {"#, &["#1", "invalid_json: x {"]),
        (
            r#"[1,"x",[{}],null,{"a":1}]"#,
            &["not_an_object: 1", r#"not_an_object: "x""#, "not_an_object: [{}]", "not_an_object: null", "#1"],
        ),
        (
            r#"[{"a":1,"a":2},{"a":1,"\u0061":2}]"#,
            &[r#"duplicate_member: {"a":1,"a":2}"#, r#"duplicate_member: {"a":1,"\u0061":2}"#],
        ),
        (r#"[{"a":"\ud83d"},{"a":2}]"#, &[r#"invalid_json: {"a":"\ud83d"}"#, "#2"]),
        (r#"[{"a":01},{"a":2}]"#, &[r#"invalid_json: {"a":01}"#, "#2"]),
        ("[{\"a\":\0},{\"a\":2}]", &["invalid_json: {\"a\":\0}", "#2"]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text.as_bytes(), &array(&[]), &["a"]), *expected, "{text}");
    }
    assert_eq!(
        shown(b"[{\"a\":\"\xFF\"},{\"a\":2}]", &array(&[]), &["a"]),
        ["invalid_utf8: {\"a\":\"\u{FFFD}\"}", "#2"]
    );
}

#[test]
fn an_overlong_element_is_passed_over_whole() {
    let format = Format { max_record_bytes: 16, ..array(&[]) };
    let long = r#"{"a":[{"a":1},{"a":2},{"a":"]}\""}]}"#;
    let text = format!(r#"[{{"a":1}},{long},{{"a":3}}]"#);
    assert_eq!(shown(text.as_bytes(), &format, &["a"]), ["#1", r#"record_too_long: {"a":[{"a":1},{""#, "#3"]);
}

#[test]
fn depth_is_bounded() {
    let deep = |levels: usize| format!(r#"[{{"a":{}1{}}},{{"a":2}}]"#, "[".repeat(levels), "]".repeat(levels));
    assert_eq!(shown(deep(127).as_bytes(), &array(&[]), &["b"]), ["~", "~"]);
    assert!(shown(deep(128).as_bytes(), &array(&[]), &["b"])[0].starts_with("invalid_json"));
    assert!(shown(&[b'['; 100_000], &array(&[]), &["b"])[0].starts_with("invalid_json"));
}

#[test]
fn a_record_path_leads_to_the_array() {
    let text = br#"{"D":{"other":[{"Results":[1]},"}"],"Results":[{"a":1},{"a":2}],"next":"x"},"z":0}"#;
    assert_eq!(shown(text, &array(&["D", "Results"]), &["a"]), ["#1", "#2"]);
    let cut_off = br#"{"value":[{"a":1}]"#;
    assert_eq!(shown(cut_off, &array(&["value"]), &["a"]), ["#1", "truncated: "]);
    let errors: &[(&str, &[&str], &str)] = &[
        (r#"{"a":1}"#, &[], "byte 0: found `{`, expected the array of records (`[`)"),
        ("", &[], "byte 0: found the end of the file, expected the array of records (`[`)"),
        (r#"{"D":{"x":1, "y":2}}"#, &["D", "R"], "record path `D.R`: no member `R` in the object that ends at byte 18"),
        (r#"{"D":[]}"#, &["D", "R"], "byte 5: found `[`, expected an object with the member `R`"),
    ];
    for (text, path, expected) in errors {
        let error = cut_bytes(text.as_bytes(), &array(path), 1, BLOCK).unwrap_err();
        assert_eq!(error.to_string(), *expected, "{text}");
    }
}

#[test]
fn lines_are_records() {
    let text = b"\xEF\xBB\xBF{\"a\":1}\r\n\n  \n{\"a\":\n2}\n{\"a\":3} x\n 4\n{\"a\":5}";
    let expected =
        ["#1", "invalid_json: {\"a\":", "invalid_json: 2}", "invalid_json: {\"a\":3} x", "not_an_object: 4", "#5"];
    assert_eq!(shown(text, &format(FormatKind::Ndjson), &["a"]), expected);
    let capped = Format { max_record_bytes: 8, ..format(FormatKind::Ndjson) };
    let text = b"{\"a\":10}\n{\"a\":100}\n{\"a\":1}\n";
    assert_eq!(shown(text, &capped, &["a"]), ["#10", "record_too_long: {\"a\":100", "#1"]);
}

#[test]
fn the_json_test_suite_is_judged_right() {
    let Some(folder) = torture("JSONTestSuite/test_parsing") else { return };
    let mut judged = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        let verdict = text(&bytes).and_then(|_| parse_element(&bytes, &mut Vec::new()));
        let rule = verdict.err().map(|damage| damage.rule);
        match name.as_bytes()[0] {
            b'y' => assert!(matches!(rule, None | Some("not_an_object")), "{name}: {rule:?}"),
            b'n' => assert!(matches!(rule, Some("invalid_json" | "invalid_utf8")), "{name}: {rule:?}"),
            _ => continue,
        }
        judged += 1;
        // As elements of an array and as lines, the same bytes never do harm.
        for (kind, whole) in [(FormatKind::Json, [b"[".as_slice(), &bytes, b"]"].concat()), (FormatKind::Ndjson, bytes)]
        {
            shown(&whole, &format(kind), &["a"]);
        }
    }
    assert!(judged > 200, "{judged}");
}
