//! Whole files, cut and read: the harness of all tests, and what holds for any way of cutting.

use std::{io::Write, path::PathBuf, sync::Arc};

use bytes::Bytes;
use lotline_schema::{Cell, Format, FormatKind};
use proptest::prelude::*;

use crate::{
    ChunkReader, Cut, FormatError, RangedRead,
    cut::cut_in_blocks,
    window::{BLOCK, Window},
};

/// A record that outlives its reader.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) row: u64,
    pub(crate) offset: u64,
    pub(crate) raw: String,
    /// The cells in short notation, or the rule broken.
    pub(crate) cells: Result<Vec<String>, &'static str>,
}

/// A cell as a test writes it: text as it is, everything else recognizable by its first character.
pub(crate) fn note(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => "~".to_owned(),
        Cell::Text(text) => (*text).to_owned(),
        Cell::Number(digits) => format!("#{digits}"),
        Cell::Bool(value) => format!("?{value}"),
        Cell::Int(value) => format!("#{value}"),
        Cell::Float(value) => format!("#{value:?}"),
        Cell::Date(days) => format!("@{days}d"),
        Cell::Timestamp { micros, utc } => format!("@{micros}us{}", if *utc { "Z" } else { "" }),
        Cell::Nested(json) => format!("^{json}"),
    }
}

pub(crate) fn names(columns: &[&str]) -> Vec<Vec<String>> {
    columns.iter().map(|names| names.split(" or ").map(str::to_owned).collect()).collect()
}

pub(crate) fn format(kind: FormatKind) -> Format {
    Format { kind: Some(kind), ..Format::default() }
}

pub(crate) fn cut_bytes(bytes: &[u8], format: &Format, target: u64, block: usize) -> Result<Cut, FormatError> {
    let file: Arc<dyn RangedRead> = Arc::new(Bytes::copy_from_slice(bytes));
    let mut seen = Vec::new();
    let cut = cut_in_blocks(file, "", format, target, &mut |part| seen.extend_from_slice(part), block)?;
    assert_eq!(seen, bytes, "every byte is observed once and in order");
    Ok(cut)
}

/// All records of a file, read chunk by chunk.
pub(crate) fn read(
    bytes: &[u8],
    format: &Format,
    columns: &[Vec<String>],
    target: u64,
    block: usize,
) -> Result<Vec<Found>, FormatError> {
    let cut = cut_bytes(bytes, format, target, block)?;
    let mut all = Vec::new();
    for chunk in &cut.chunks {
        let file: Arc<dyn RangedRead> = Arc::new(Bytes::copy_from_slice(bytes));
        let mut reader = ChunkReader::open_in_blocks(file, format, &cut, chunk, columns, block)?;
        let before = all.len() as u64;
        while let Some(record) = reader.next()? {
            all.push(Found {
                row: record.row,
                offset: record.offset,
                raw: String::from_utf8_lossy(record.raw).into_owned(),
                cells: record.cells.map(|cells| cells.iter().map(note).collect()).map_err(|damage| damage.rule),
            });
        }
        assert!(reader.next().unwrap().is_none(), "a reader stays at its end");
        assert_eq!(all.len() as u64 - before, chunk.rows, "a chunk holds as many records as were counted: {chunk:?}");
    }
    assert_eq!(all.len() as u64, cut.rows);
    for (place, found) in all.iter().enumerate() {
        assert_eq!(found.row, place as u64 + 1);
    }
    Ok(all)
}

/// What a file holds when read as a whole, one record an entry: cells joined by `|`, or the rule and the raw bytes.
pub(crate) fn shown(bytes: &[u8], format: &Format, columns: &[&str]) -> Vec<String> {
    let all = read(bytes, format, &names(columns), u64::MAX, BLOCK).unwrap();
    let show = |found: Found| match found.cells {
        Ok(cells) => cells.join("|"),
        Err(rule) => format!("{rule}: {}", found.raw),
    };
    all.into_iter().map(show).collect()
}

/// A folder of the shared torture data, unless this machine lacks it.
pub(crate) fn torture(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/torture").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no folder {}", path.display());
    None
}

#[test]
fn the_format_follows_settings_then_extension_then_content() {
    use FormatKind::{Csv, Json, Ndjson, Parquet, Xml};
    let cases: &[(&str, &str, FormatKind)] = &[
        ("a.csv", "[", Csv),
        ("a.TSV", "", Csv),
        ("a.txt", "{", Csv),
        ("a.json", " [", Json),
        ("a.json", "\u{FEFF} {", Ndjson),
        ("a.jsonl", "", Ndjson),
        ("a.ndjson", "", Ndjson),
        ("a.parquet", "", Parquet),
        ("a", "PAR1", Parquet),
        ("a", "\n[", Json),
        ("a", "{", Ndjson),
        ("a.dat", "x", Csv),
        ("a.xml", "", Xml),
        ("a", "\u{FEFF}\n<", Xml),
        ("dir.csv/a.JSON.gz", "[", Json),
        ("a.xml.zst", "", Xml),
        ("a.gz", "{", Ndjson),
    ];
    for (name, first, expected) in cases {
        assert_eq!(crate::detect::kind(&Format::default(), name, first.as_bytes()), *expected, "{name} {first}");
    }
    let below = Format { record_path: vec!["rows".to_owned()], ..Format::default() };
    assert_eq!(crate::detect::kind(&below, "a.json", b"{"), Json);
    assert_eq!(crate::detect::kind(&format(Json), "a.csv", b"x"), Json);
}

#[test]
fn other_encodings_are_named() {
    let cases = [b"\xFF\xFEa\0", b"\xFE\xFF\0a", b"<\0?\0", b"\0<\0?"];
    for (bytes, expected) in cases.into_iter().zip(["UTF-16LE", "UTF-16BE"].into_iter().cycle()) {
        let error = cut_bytes(bytes, &format(FormatKind::Csv), 1, BLOCK).unwrap_err();
        assert_eq!(error.to_string(), format!("found a file in `{expected}`, expected `UTF-8`"));
    }
}

#[test]
fn a_window_holds_the_longest_record_and_a_block() {
    let mut bytes = b"a\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 100_000));
    let format = Format { max_record_bytes: 1000, ..format(FormatKind::Csv) };
    for (kind, open) in [(FormatKind::Csv, "a\n\""), (FormatKind::Ndjson, "{\""), (FormatKind::Json, "[\"")] {
        let bytes = [open.as_bytes(), &bytes[2..]].concat();
        let all = read(&bytes, &Format { kind: Some(kind), ..format.clone() }, &[], 1, 64).unwrap();
        assert_eq!(all[0].cells, Err("record_too_long"), "{kind:?}");
        assert_eq!(all[0].raw.len(), 1000, "{kind:?}");
    }
    let mut window = Window::new(Arc::new(Bytes::from(bytes)), 0, 64);
    for _ in 0..100 {
        window.fill(&mut |_| {}).unwrap();
        window.consume(window.bytes().len());
    }
    assert_eq!(window.offset(), 6400);
}

/// Bytes as one gzip member or one Zstandard frame.
pub(crate) fn packed(bytes: &[u8], gzip: bool) -> Vec<u8> {
    if !gzip {
        return zstd::encode_all(bytes, 1).unwrap();
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Text made of pieces that mean something to a splitter.
fn hostile(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

#[test]
fn the_extension_of_a_compressed_file_is_that_of_its_text_too() {
    let cases = [
        ("a.CSV", "csv"),
        ("x.y/a.csv.gz", "csv.gz"),
        ("a.b.zst", "b.zst"),
        ("a.gz", "gz"),
        ("x.y/a", ""),
        (".csv", ""),
    ];
    for (name, expected) in cases {
        assert_eq!(crate::extension(name), expected, "{name}");
    }
}

const XML_PIECES: &[&str] = &[
    "<r>",
    "</r>",
    "<r/>",
    "<r><a>1</a></r>",
    "<r a='&lt;'><a>é</a><b><a>2</a></b><a>3</a></r>",
    "<r><a>long enough to pass the cap</a></r>",
    "<a>",
    "</a>",
    "<b/>",
    "</x>",
    "</x><x>",
    "<x>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?p ?>",
    "&amp;",
    "&nbsp;",
    "&",
    "<",
    ">",
    "'",
    "<r",
    " ",
    "\n",
    "\0",
    "text",
    "<MAXROWS/>",
    "<RETS-STATUS ReplyCode='1'/>",
];
const CSV_PIECES: &[&str] =
    &["a", "bc", ",", "\"", "\"\"", "\n", "\r", "\r\n", " ", "1,2\n", "\"x\",\"y\"\n", "\0", "é"];
const JSON_PIECES: &[&str] = &[
    "{\"a\":1}",
    "{\"a\":\"x\"}",
    "{",
    "}",
    "[",
    "]",
    ",",
    ",",
    "\n",
    " ",
    "\"",
    "\"a\"",
    ":",
    "1",
    "null",
    "\\",
    "\\n",
    "{\"a\":{\"a\":[1,{\"a\":2}]}},",
    "x",
    "{\"a\":\"long enough to pass the cap of the test\"}",
    "-",
    "1.5e3",
    "\\ud83d",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_of_csv_equals_the_whole(
        body in hostile(CSV_PIECES), target in 0_u64..60, block in 1_usize..40, cap in 4_u32..40,
    ) {
        let bytes = [b"a,b\n".as_slice(), &body].concat();
        let format = Format { max_record_bytes: cap, ..format(FormatKind::Csv) };
        let columns = names(&["b", "a"]);
        let whole = read(&bytes, &format, &columns, u64::MAX, BLOCK).unwrap();
        prop_assert_eq!(read(&bytes, &format, &columns, target, block).unwrap(), whole);
    }

    #[test]
    fn any_cutting_of_lines_equals_the_whole(
        body in hostile(JSON_PIECES), target in 0_u64..60, block in 1_usize..40, cap in 4_u32..40,
    ) {
        let format = Format { max_record_bytes: cap, ..format(FormatKind::Ndjson) };
        let columns = names(&["a", "a.a"]);
        let whole = read(&body, &format, &columns, u64::MAX, BLOCK).unwrap();
        prop_assert_eq!(read(&body, &format, &columns, target, block).unwrap(), whole);
    }

    #[test]
    fn any_cutting_of_an_array_equals_the_whole(
        body in hostile(JSON_PIECES), target in 0_u64..60, block in 1_usize..40, cap in 4_u32..40, below: bool,
    ) {
        let opening: &[u8] = if below { b"{\"x\":[0,\"]\"], \"rows\" : [" } else { b" [" };
        let bytes = [opening, &body].concat();
        let record_path = if below { vec!["rows".to_owned()] } else { Vec::new() };
        let format = Format { max_record_bytes: cap, record_path, ..format(FormatKind::Json) };
        let columns = names(&["a", "a.a"]);
        let whole = read(&bytes, &format, &columns, u64::MAX, BLOCK).unwrap();
        prop_assert_eq!(read(&bytes, &format, &columns, target, block).unwrap(), whole);
    }

    #[test]
    fn any_cutting_of_xml_equals_the_whole(
        body in hostile(XML_PIECES), target in 0_u64..60, block in 1_usize..40, cap in 24_u32..80, deep: bool,
    ) {
        let (opening, path): (&str, &[&str]) = if deep { ("<f><x>", &["f", "x", "r"]) } else { ("<RETS>", &["RETS", "r"]) };
        let bytes = [opening.as_bytes(), &body].concat();
        let record_path = path.iter().map(|&name| name.to_owned()).collect();
        let format = Format { max_record_bytes: cap, record_path, ..format(FormatKind::Xml) };
        let columns = names(&["a", "b/a", "@a", "."]);
        let whole = read(&bytes, &format, &columns, u64::MAX, BLOCK).unwrap();
        prop_assert_eq!(read(&bytes, &format, &columns, target, block).unwrap(), whole);
    }

    #[test]
    fn any_cutting_of_compressed_text_equals_the_plain(
        rows in prop::collection::vec("[a-z]{0,20}", 0..60), frame in 1_usize..80, target in 0_u64..90, block in 1_usize..40,
        gzip: bool,
    ) {
        let text = format!("a\n{}\n", rows.join("\n"));
        let plain = read(text.as_bytes(), &format(FormatKind::Csv), &names(&["a"]), u64::MAX, BLOCK).unwrap();
        let packed: Vec<u8> = text.as_bytes().chunks(frame).flat_map(|part| packed(part, gzip)).collect();
        let unpacked = read(&packed, &format(FormatKind::Csv), &names(&["a"]), target, block).unwrap();
        prop_assert_eq!(unpacked, plain);
    }

    #[test]
    fn sound_elements_come_out_whole(values in prop::collection::vec("[a-z{}\\[\\],:]{0,12}", 0..30), block in 1_usize..50) {
        let path = |kind| if kind == FormatKind::Xml { vec!["f".to_owned(), "r".to_owned()] } else { Vec::new() };
        let elements: Vec<_> = values.iter().map(|value| serde_json::json!({ "a": value }).to_string()).collect();
        for (kind, text) in [
            (FormatKind::Json, format!("[{}]", elements.join(" ,\n"))),
            (FormatKind::Ndjson, elements.join("\n")),
            (FormatKind::Xml, format!("<f>{}</f>", values.iter().map(|value| format!("<r><a>{value}</a></r>")).collect::<String>())),
        ] {
            let format = Format { record_path: path(kind), ..format(kind) };
            let all = read(text.as_bytes(), &format, &names(&["a"]), 20, block).unwrap();
            let cells: Vec<_> = all.into_iter().map(|found| found.cells.unwrap().remove(0)).collect();
            prop_assert_eq!(&cells, &values);
        }
    }
}
