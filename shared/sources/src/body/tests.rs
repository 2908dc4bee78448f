//! Bodies as vendors write them.

use super::*;
use crate::settings::BodyFormat;

fn records(body: &str, format: BodyFormat, path: &str) -> Result<Vec<String>, BodyError> {
    let document = Document::parse(body.as_bytes(), format)?;
    Ok(document.records(&Path::new(path))?.iter().map(|record| record.get().to_owned()).collect())
}

#[test]
fn json_records_stay_as_they_were_written() {
    let body = "\u{feff}{\"value\": [{\"a\": 1.10,\n  \"b\": 12345678901234567890123}, {\"c\": \"x\\ny\"}]}";
    let found = records(body, BodyFormat::Json, "value").unwrap();
    assert_eq!(found, ["{\"a\": 1.10,   \"b\": 12345678901234567890123}", "{\"c\": \"x\\ny\"}"]);
    assert_eq!(records("[]", BodyFormat::Json, "").unwrap(), Vec::<String>::new());
}

#[test]
fn half_a_body_is_broken_and_another_shape_is_misplaced() {
    for body in ["", "{\"value\": [{\"a\": 1}", "{} {}", "<html>"] {
        assert!(matches!(records(body, BodyFormat::Json, "value"), Err(BodyError::Broken(_))), "{body}");
    }
    for body in ["{}", "{\"value\": null}", "{\"value\": {\"a\": 1}}", "[1]"] {
        assert!(matches!(records(body, BodyFormat::Json, "value"), Err(BodyError::Misplaced(_))), "{body}");
    }
    for body in ["", "plain", "<a><b>", "<a></b>", "<a>&unknown;</a>"] {
        assert!(matches!(records(body, BodyFormat::Xml, "a"), Err(BodyError::Broken(_))), "{body}");
    }
}

#[test]
fn members_are_found_by_names_with_dots() {
    let body = r#"{"@odata.nextLink": "n", "meta": {"page.total": 7, "flag": true, "gone": null, "list": []}}"#;
    let document = Document::parse(body.as_bytes(), BodyFormat::Json).unwrap();
    let text = |path| document.text(&Path::new(path));
    assert_eq!(text("@odata.nextLink").as_deref(), Some("n"));
    assert_eq!(text("meta.page.total").as_deref(), Some("7"));
    assert_eq!(text("meta.flag").as_deref(), Some("true"));
    assert_eq!([text("meta.gone"), text("meta.list"), text("meta.other"), text("meta.flag.x")], [const { None }; 4]);
}

#[test]
fn xml_elements_are_objects() {
    let body = r#"<?xml version="1.0"?><r:RETS xmlns:r="u" code="0"><Listings>
        <Listing id="1"><Key>A&amp;B&#33;</Key><Photo>x</Photo><Photo>y</Photo><Empty/></Listing>
        <Listing id="2"><Key><![CDATA[<C>]]></Key></Listing></Listings><Next page="2">more</Next></r:RETS>"#;
    let document = Document::parse(body.as_bytes(), BodyFormat::Xml).unwrap();
    let found = document.records(&Path::new("RETS.Listings.Listing")).unwrap();
    let found: Vec<&str> = found.iter().map(|record| record.get()).collect();
    let first = r#"{"@id":"1","Key":"A&B!","Photo":["x","y"],"Empty":null}"#;
    assert_eq!(found, [first, r#"{"@id":"2","Key":"<C>"}"#]);
    assert_eq!(document.text(&Path::new("RETS.@code")).as_deref(), Some("0"));
    assert_eq!(document.text(&Path::new("RETS.Next.#text")).as_deref(), Some("more"));
}

#[test]
fn one_xml_record_is_a_list_and_none_is_empty() {
    let one = records("<r><p><k>1</k></p></r>", BodyFormat::Xml, "r.p").unwrap();
    assert_eq!(one, [r#"{"k":"1"}"#]);
    assert_eq!(records("<r/>", BodyFormat::Xml, "r.p").unwrap(), Vec::<String>::new());
    assert!(matches!(Document::parse("<a>".repeat(99).as_bytes(), BodyFormat::Xml), Err(BodyError::Broken(_))));
}
