//! The same rows from files of several formats, compressed and not: one table, and a ledger that balances.

use std::{fs, io::Write, path::Path};

use lotline_store::{SettingsFiles, Stores};
use sha2::{Digest, Sha256};

use super::{TableReport, bucket, buckets, chunk, chunks, table};
use crate::{Input, Job, Manifest, ingest, run::hex};

const TABLE: &str = "key = [\"id\"]
[[columns]]
name = \"id\"
source = [\"id\", \"@id\"]
type = \"integer\"
[[columns]]
name = \"city\"
source = \"address/city\"
type = \"text\"
";

/// The table of the rows in one file, after every step from ingest on.
fn validated(folder: &Path, name: &str, bytes: &[u8], format: &str) -> TableReport {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a file");
    let stores = Stores::local(&folder.join(format!("lake-{name}"))).expect("a lake");
    let table_file = format!("{TABLE}[format]\n{format}");
    let files: SettingsFiles = [("job.toml", "name = \"j\"\n[sources.rows]\n"), ("tables/rows.toml", &table_file)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let job = Job::parse("j", &files).expect("a valid job");
    let sha256 = hex(&Sha256::digest(bytes));
    let path = path.display().to_string();
    let input = Input { path, in_lake: false, version: None, sha256: sha256.clone(), bytes: bytes.len() as u64 };
    let manifest = Manifest::new("j", &job, files, [("rows".to_owned(), vec![input])].into(), 1 << 20);
    let manifest = manifest.plan(&stores).expect("a plan");
    let ingested = ingest::file(&stores, &manifest, "rows", 0).expect("a readable file");
    let raw = stores.objects.get(&ingested.key).expect("a lake").expect("a copy");
    assert_eq!(hex(&Sha256::digest(&raw)), sha256, "{name}: raw/ has the bytes as received");
    for (file, place) in chunks(&stores, &manifest, "rows").expect("chunks") {
        chunk(&stores, &manifest, "rows", file, place).expect("a chunk");
    }
    for place in 0..buckets(&manifest, "rows") {
        bucket(&stores, &manifest, "rows", place).expect("a bucket");
    }
    table(&stores, &manifest, "rows").expect("a balanced ledger")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn rows_are_the_same_from_lines_elements_and_compressed_files() {
    let folder = tempfile::tempdir().expect("a folder");
    // More than a chunk of text, one row of a key twice, one that is damaged in every format.
    let cities: Vec<String> =
        (0..9_000).map(|row| format!("{} {}", "City & Sons".repeat(4), row * 7_919 % 8_191)).collect();
    let line = |(id, city): (usize, &String)| format!("{{\"id\":{},\"address/city\":\"{city}\"}}\n", id % 8_999);
    let element = |(id, city): (usize, &String)| {
        format!("<r id='{}'><address><city>{}</city></address></r>\n", id % 8_999, city.replace('&', "&amp;"))
    };
    let lines = format!("{}{{\"id\":\n", cities.iter().enumerate().map(line).collect::<String>());
    let elements = cities.iter().enumerate().map(element).collect::<String>();
    let xml = format!("<feed>{elements}<r id='1'></feed>");
    let members: Vec<u8> = lines.as_bytes().chunks(300_000).flat_map(gzip).collect();
    let path = "kind = \"xml\"\nrecord_path = [\"feed\", \"r\"]\n";
    let found = [
        validated(folder.path(), "rows.ndjson", lines.as_bytes(), ""),
        validated(folder.path(), "rows.ndjson.gz", &gzip(lines.as_bytes()), ""),
        validated(folder.path(), "members.ndjson.gz", &members, ""),
        validated(folder.path(), "rows.ndjson.zst", &zstd::encode_all(lines.as_bytes(), 1).expect("memory"), ""),
        validated(folder.path(), "rows.xml", xml.as_bytes(), path),
        validated(folder.path(), "rows.xml.gz", &gzip(xml.as_bytes()), path),
    ];
    for report in &found {
        let counts = [report.read, report.accepted, report.superseded + report.duplicate, report.quarantined];
        assert_eq!(counts, [9_001, 8_999, 1, 1]);
        assert_eq!(report.digest, found[0].digest);
    }
}
