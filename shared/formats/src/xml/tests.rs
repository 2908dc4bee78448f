//! XML files and what is read from them.

use std::fs;

use bytes::Bytes;
use lotline_schema::{Format, FormatKind};
use proptest::prelude::*;
use serde_json::Value;

use super::{XmlPage, xml_page};
use crate::{
    FormatError,
    tests::{cut_bytes, format, names, packed, read, shown, torture},
    window::BLOCK,
};

fn xml(path: &[&str]) -> Format {
    Format { record_path: path.iter().map(|&name| name.to_owned()).collect(), ..format(FormatKind::Xml) }
}

fn feed() -> Format {
    xml(&["f", "r"])
}

/// What a feed of these records holds, one an entry; see [`shown`].
fn records(body: &str, columns: &[&str]) -> Vec<String> {
    shown(format!("<f>{body}</f>").as_bytes(), &feed(), columns)
}

fn error(text: &str, format: &Format) -> String {
    cut_bytes(text.as_bytes(), format, 1, BLOCK).unwrap_err().to_string()
}

/// The search replies of a RETS server without their HTTP headers, unless this machine lacks them.
fn replies() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = torture("../listings/rets/tests/Integration/Fixtures/Http") else { return Vec::new() };
    let folders = ["get", "post"].map(|method| folder.join(method).join("retsgw.flexmls.com/rets2_1_Search"));
    let paths = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let body = |path: std::path::PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let start = bytes.windows(5).position(|found| found == b"<RETS").unwrap();
        (path.display().to_string(), bytes[start..].to_vec())
    };
    paths.map(body).collect()
}

#[test]
fn names_lead_to_elements_attributes_and_text() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("<r><a>1</a><b>2</b></r>", &["b", "a"], "2|1"),
        ("<r id='7'>x</r>", &["@id", "."], "7|x"),
        ("<r><a t='u'><b>1</b> </a></r>", &["a/b", "a/@t", "a"], "1|u|~"),
        ("<r><a/><b></b></r>", &["a", "b", "c"], "||~"),
        ("<r><a>x <b>y</b> z</a></r>", &["a", "a/b"], "x  z|y"),
        ("<r><a>1</a><a>2</a><b><c>3</c></b><b><c>\"</c></b></r>", &["a", "b/c"], r#"^["1","2"]|^["3","\""]"#),
        ("<r><p:a xmlns:p='u'>1</p:a></r>", &["p:a", "a", "p:a/@xmlns:p"], "1|~|~"),
        ("<r><A>1</A></r>", &["a"], "1"),
        ("<r><b>2</b></r>", &["a/b"], "~"),
        ("<r a='1&amp;&#x41;\t2'/>", &["@a"], "1&A 2"),
        ("<r><a>&lt;&#233;<![CDATA[<&amp;>]]>\r\n</a></r>", &["a"], "<é<&amp;>\n"),
        ("<r><!-- c --><a>1<?p ?>2</a></r>", &["a"], "12"),
    ];
    for (body, columns, expected) in cases {
        assert_eq!(records(body, columns), [*expected], "{body}");
    }
}

#[test]
fn damage_stays_with_its_record() {
    let cases: &[(&str, &[&str])] = &[
        ("<r><a>1</a></r>x<q><r/></q><r><a>2</a></r>", &["1", "2"]),
        ("<r><a>1</r><r><a>2</a></r>", &["invalid_xml: <r><a>1</r>", "2"]),
        ("<r><a>1</a> <r><a>2</a></r>", &["invalid_xml: <r><a>1</a>", "2"]),
        ("<r><a>&nbsp;</a></r><r><a>2</a></r>", &["unknown_entity: <r><a>&nbsp;</a></r>", "2"]),
        ("<r a='&b;'/>", &["unknown_entity: <r a='&b;'/>"]),
        ("<r><a>1 & 2</a></r><r><a>2</a></r>", &["invalid_xml: <r><a>1 & 2</a></r>", "2"]),
        ("<r><a>&#0;</a></r>", &["invalid_xml: <r><a>&#0;</a></r>"]),
        ("<r><a>\0</a></r>", &["nul_byte: <r><a>\0</a></r>"]),
        ("<r x='1' x='2'/>", &["invalid_xml: <r x='1' x='2'/>"]),
        ("<r><!DOCTYPE a></r>", &["invalid_xml: <r><!DOCTYPE a></r>"]),
        ("<r/></q><r><a>2</a></r>", &["~", "invalid_xml: </q>", "2"]),
        ("<q><r><a>1</a></q><r><a>2</a></r>", &["invalid_xml: </q>", "2"]),
        ("<q></p></q><r><a>2</a></r>", &["invalid_xml: </p></q>", "2"]),
    ];
    for (body, expected) in cases {
        assert_eq!(records(body, &["a"]), *expected, "{body}");
    }
    let invalid = [b"<f><r><a>\xFF</a></r>".as_slice(), b"<r><a>2</a></r></f>"].concat();
    assert_eq!(shown(&invalid, &feed(), &["a"]), ["invalid_utf8: <r><a>\u{FFFD}</a></r>", "2"]);
}

#[test]
fn a_file_that_is_cut_off_says_where() {
    let cases: &[(&str, &[&str], u64)] = &[
        ("<f><r/>", &["~", "truncated: "], 7),
        ("<f><r/></f", &["~", "truncated: </f"], 7),
        ("<f><r/><r><a>1</a>", &["~", "truncated: <r><a>1</a>"], 7),
        ("<f><r/><!-- ", &["~", "truncated: <!--"], 7),
        ("<f><q><r/>", &["truncated: "], 10),
        ("<f><r/></f> <!-- c --> x", &["~", "invalid_xml: x"], 23),
    ];
    for (text, expected, offset) in cases {
        assert_eq!(shown(text.as_bytes(), &feed(), &["a"]), *expected, "{text}");
        let all = read(text.as_bytes(), &feed(), &[], 1, 3).unwrap();
        assert_eq!(all.last().unwrap().offset, *offset, "{text}");
    }
}

#[test]
fn sizes_and_depths_are_bounded() {
    let format = Format { max_record_bytes: 40, ..feed() };
    let long = format!("<r><a>{}</a></r>", "x".repeat(100));
    let text = format!("<f><r><a>1</a></r>{long}<r><a>3</a></r></f>");
    let expected = ["1", &format!("record_too_long: {}", &long[..40]), "3"];
    assert_eq!(shown(text.as_bytes(), &format, &["a"]), expected);
    let deep = |levels: usize| format!("<r>{}{}</r>", "<a>".repeat(levels), "</a>".repeat(levels));
    assert_eq!(records(&deep(63), &["b"]), ["~"]);
    assert!(records(&deep(64), &["b"])[0].starts_with("invalid_xml"));
    assert!(records(&"<q>".repeat(100), &["b"])[0].starts_with("invalid_xml"));
    let name = "n".repeat(1_000);
    let paths = format!("<r><{name}>{}</{name}></r>", "<a/>".repeat(1_000));
    assert!(records(&paths, &["b"])[0].starts_with("invalid_xml"));
}

#[test]
fn what_a_file_opens_with_is_judged() {
    let sound = [
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><?p ?><!DOCTYPE f >\n<f><r/></f>\n",
        "\u{FEFF}<?xml version='1.0' encoding=\"us-ascii\"?><f a='1'><r/></f>",
    ];
    for text in sound {
        assert_eq!(shown(text.as_bytes(), &feed(), &["a"]), ["~"], "{text}");
    }
    assert_eq!(shown(b"<f/>", &feed(), &["a"]), [""; 0]);
    assert_eq!(shown(b"<r><a>1</a></r>", &xml(&["r"]), &["a"]), ["1"], "the root may be the one record");
    let cases = [
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?><f/>",
            "found the declared encoding `ISO-8859-1`, expected `UTF-8`",
        ),
        ("<x/>", "byte 0: found `<x>`, expected the root element `f/r` of `record_path`"),
        ("", "byte 0: found the end of the file, expected the root element"),
        (" {}", "byte 0: found no element, expected the root element"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text, &feed()), expected, "{text}");
    }
    let doctypes =
        ["<!DOCTYPE f SYSTEM 'x'>", "<!DOCTYPE f [<!ENTITY a 'b'>]>", "<!DOCTYPE f[]>", "<!DOCTYPE f PUBLIC"];
    for text in doctypes {
        assert!(
            error(&format!("{text}<f/>"), &feed()).starts_with("byte 0: found a document type definition"),
            "{text}"
        );
    }
    let expected = "found no `record_path` for the XML file with the root `f`, expected the names of the elements from `f` to a record";
    assert_eq!(error("<f><r/></f>", &xml(&[])), expected);
}

#[test]
fn xml_attacks_are_refused_in_bounded_memory() {
    let Some(folder) = torture("xml_attacks") else { return };
    let mut refused = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".xml") {
            continue;
        }
        if name.starts_with("simple") {
            let columns = [".", "@key"];
            assert_eq!(shown(&bytes, &xml(&["root", "element"]), &columns), ["text|value", "text|~"], "{name}");
            continue;
        }
        for block in [1, 100, BLOCK] {
            let found = cut_bytes_of(&bytes, block);
            assert!(matches!(found, Err(FormatError::Doctype { .. })), "{name}: {found:?}");
        }
        refused += 1;
    }
    assert_eq!(refused, 7);
}

/// The verdict on a file of any root; not every byte is observed of one that is refused.
fn cut_bytes_of(bytes: &[u8], block: usize) -> Result<crate::Cut, FormatError> {
    let file = std::sync::Arc::new(Bytes::copy_from_slice(bytes));
    crate::cut::cut_in_blocks(file, "", &xml(&["root", "bomb"]), 1, &mut |_| {}, block)
}

#[test]
fn compact_replies_are_rows_of_their_columns() {
    let text = "<RETS ReplyCode=\"0\" ReplyText=\"Success\">\n<COUNT Records=\"2\"/>\n<DELIMITER value=\"7C\"/>\n\
        <COLUMNS>|ID|Remarks |</COLUMNS>\n<DATA>|1|a &amp; b|</DATA>\n<DATA>|2||</DATA>\n<DATA>|3|</DATA>\n<MAXROWS/>\n</RETS>";
    let expected = ["a & b|1", "|2", "field_count: <DATA>|3|</DATA>", "max_rows: <MAXROWS/>"];
    assert_eq!(shown(text.as_bytes(), &xml(&[]), &["remarks", "ID"]), expected);
    let unknown = read(text.as_bytes(), &xml(&[]), &names(&["x"]), 1, 5).unwrap_err().to_string();
    assert_eq!(unknown, "column `x`: found the columns `ID`, `Remarks`, expected one of `x`");
    let late =
        "<RETS ReplyCode='0'><REData><P><a>1</a></P></REData><RETS-STATUS ReplyCode='20208' ReplyText='x'/></RETS>";
    let standard = xml(&["RETS", "REData", "P"]);
    let notice = "max_rows: <RETS-STATUS ReplyCode='20208' ReplyText='x'/>";
    assert_eq!(shown(late.as_bytes(), &standard, &["a"]), ["1", notice]);
    let failed = late.replace("20208", "20513");
    assert!(shown(failed.as_bytes(), &standard, &["a"])[1].starts_with("rets_status: "));
    assert_eq!(shown(b"<RETS ReplyCode='20201' ReplyText='No Records Found'/>", &xml(&[]), &["ID"]), [""; 0]);
    let cases = [
        (
            "<RETS ReplyCode='20203' ReplyText='no &quot;Z&quot;'/>",
            "found the RETS reply code `20203` (no \"Z\"), expected `0`",
        ),
        (
            "<RETS ReplyCode='0'><DATA>\t1\t</DATA>",
            "byte 20: found `<DATA>`, expected `<COLUMNS>` before the first row",
        ),
        ("<RETS ReplyCode='0'><COLUMNS>\ta", "byte 20: found damaged columns, expected names and `</COLUMNS>`"),
        (
            "<RETS ReplyCode='0'><DELIMITER value='x'/>",
            "byte 20: found `<DELIMITER value='x'>`, expected an ASCII character as two hexadecimal digits",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text, &xml(&[])), expected, "{text}");
    }
}

#[test]
fn real_compact_replies_are_read() {
    let (mut rows, mut more, mut refused) = (0, 0, 0);
    for (name, bytes) in replies() {
        let mut of_page = Vec::new();
        let page = xml_page(Bytes::from(bytes.clone()), &xml(&[]), |record| {
            of_page.push(record.object.expect("a sound row"));
            Ok::<_, FormatError>(())
        });
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                let expected = "found the RETS reply code `20203` (RETS Server: Specified Class (Z) is not valid. See: https://www.flexmls.com/rets/e/19), expected `0`";
                assert_eq!(error.to_string(), expected, "{name}");
                refused += 1;
                continue;
            }
        };
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(page.rows as usize, text.matches("<DATA>").count(), "{name}");
        assert_eq!(page.more, text.contains("<MAXROWS"), "{name}");
        let all = read(text.as_bytes(), &xml(&[]), &names(&["LIST_1"]), 1, 64).unwrap();
        for (found, object) in all.iter().zip(&of_page) {
            assert_eq!(found.cells.as_ref().unwrap()[0], object["LIST_1"], "{name}");
        }
        assert_eq!(all.len(), of_page.len() + usize::from(page.more), "{name}");
        rows += page.rows;
        more += usize::from(page.more);
    }
    assert!(matches!((rows, more, refused), (0, 0, 0) | (134, 12, 1)), "{rows} {more} {refused}");
}

/// The objects of a page, damaged records as the rule.
fn objects(page: &[u8], format: &Format) -> (Vec<Value>, XmlPage) {
    let mut all = Vec::new();
    let found = xml_page(Bytes::copy_from_slice(page), format, |record| {
        all.push(record.object.map_or_else(|damage| Value::from(damage.rule), Value::Object));
        Ok::<_, FormatError>(())
    });
    (all, found.unwrap())
}

#[test]
fn a_page_becomes_objects() {
    let page = "<f><r id='1'><a>x</a><b><c>1</c><c>2</c></b></r><r><a></r><r/></f>";
    let expected = serde_json::json!([{"@id": "1", "a": "x", "b/c": ["1", "2"]}, "invalid_xml", {".": ""}]);
    let (found, page_end) = objects(page.as_bytes(), &feed());
    assert_eq!(Value::from(found), expected);
    assert_eq!(page_end, XmlPage { rows: 3, more: false });
    assert_eq!(Value::from(objects(&packed(page.as_bytes(), true), &feed()).0), expected);
    let stopped = xml_page(Bytes::copy_from_slice(page.as_bytes()), &feed(), |_| Err(FormatError::PackedParquet));
    assert!(matches!(stopped, Err(FormatError::PackedParquet)));
}

/// Text as it stands in an element or an attribute.
fn escaped(text: &str) -> String {
    let reference = |letter: char| match letter {
        '<' => "&lt;".to_owned(),
        '&' => "&#38;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\n' | '\t' | '\r' => format!("&#x{:x};", u32::from(letter)),
        letter => letter.to_string(),
    };
    text.chars().map(reference).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(("[ -~\n\t\r€]{0,9}", "[ -~\n\t€]{0,9}", prop::collection::vec("[a-z<&\"]{1,4}", 0..4)), 0..12),
        target in 0_u64..90, block in 1_usize..60,
    ) {
        let row = |(id, text, list): &(String, String, Vec<String>)| {
            let list: String = list.iter().map(|item| format!("<i>{}</i>", escaped(item))).collect();
            format!("<r id=\"{}\"><a>{}</a><b>\n{list}</b></r>", escaped(id), escaped(text))
        };
        let text = format!("<f>\n{}\n</f>", rows.iter().map(row).collect::<String>());
        let columns = names(&["@id", "a", "b/i"]);
        let all = read(text.as_bytes(), &feed(), &columns, target, block).unwrap();
        let list = |list: &[String]| match list {
            [] => "~".to_owned(),
            [one] => one.clone(),
            many => format!("^{}", Value::from(many.to_vec())),
        };
        let expected: Vec<_> = rows.iter().map(|row| vec![row.0.clone(), row.1.clone(), list(&row.2)]).collect();
        let found: Vec<_> = all.into_iter().map(|found| found.cells.unwrap()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_page_as_lines_gives_the_cells_of_the_file(
        rows in prop::collection::vec(prop::collection::vec(("[abA]", "[a-z ]{0,3}"), 0..5), 1..8),
    ) {
        let row = |row: &Vec<(String, String)>| {
            let elements = row.iter().map(|(name, text)| format!("<{name} k='{text}'>{text}</{name}>"));
            format!("<r>{}</r>", elements.collect::<String>())
        };
        let page = format!("<f>{}</f>", rows.iter().map(row).collect::<String>());
        let lines: Vec<_> = objects(page.as_bytes(), &feed()).0.iter().map(Value::to_string).collect();
        let columns = names(&["a", "b", "a/@k", "."]);
        let cells = |found: Vec<crate::tests::Found>| found.into_iter().map(|found| found.cells).collect::<Vec<_>>();
        let of_lines = read(lines.join("\n").as_bytes(), &format(FormatKind::Ndjson), &columns, 1, BLOCK).unwrap();
        let of_page = read(page.as_bytes(), &feed(), &columns, 1, BLOCK).unwrap();
        prop_assert_eq!(cells(of_lines), cells(of_page));
    }
}
