//! Compressed files, sound and not.

use std::io::Write;

use lotline_schema::{Format, FormatKind};

use super::Compression;
use crate::{
    FormatError,
    tests::{cut_bytes, format, names, packed, read, shown},
    window::BLOCK,
};

fn lines() -> Format {
    format(FormatKind::Ndjson)
}

/// The error of cutting these bytes, in blocks of two sizes.
fn error(bytes: &[u8]) -> String {
    let [small, large] = [7, BLOCK].map(|block| cut_bytes(bytes, &lines(), 1, block).unwrap_err().to_string());
    assert_eq!(small, large);
    small
}

#[test]
fn text_is_read_whatever_it_is_packed_in() {
    let rows = ["{\"a\":1}\n", "{\"a\":2}\n", "x\n"];
    for gzip in [true, false] {
        let whole = packed(rows.concat().as_bytes(), gzip);
        let members = rows.map(|row| packed(row.as_bytes(), gzip)).concat();
        let empty_between = [packed(b"", gzip), whole.clone(), packed(b"", gzip)].concat();
        for bytes in [whole.clone(), members, empty_between] {
            assert_eq!(shown(&bytes, &Format::default(), &["a"]), ["#1", "#2", "invalid_json: x"]);
        }
        let cut = cut_bytes(&whole, &lines(), 1, BLOCK).unwrap();
        assert_eq!(cut.compression, Some(if gzip { Compression::Gzip } else { Compression::Zstd }));
        assert_eq!((cut.chunks.len(), cut.rows), (1, 3), "one member is one chunk");
        assert_eq!(shown(&packed(b"\xEF\xBB\xBFa\n1\n", gzip), &Format::default(), &["a"]), ["1"]);
        assert_eq!(cut_bytes(&packed(b"", gzip), &lines(), 1, 5).unwrap().rows, 0);
    }
    let padded = [packed(b"4", true), vec![0; 600]].concat();
    assert_eq!(shown(&padded, &lines(), &["a"]), ["not_an_object: 4"], "zeros behind the last member are padding");
    let skippable = [b"\x50\x2A\x4D\x18\x03\0\0\0abc".as_slice(), &packed(b"5", false)].concat();
    let second = [packed(b"4\n", false), skippable].concat();
    assert_eq!(shown(&second, &lines(), &["a"]), ["not_an_object: 4", "not_an_object: 5"]);
}

#[test]
fn chunks_begin_behind_the_places_to_unpack_from() {
    let row = |row: u32| format!("{{\"a\":{row}}}\n");
    let members: Vec<String> = (0..40).map(|part| (part * 50..part * 50 + 50).map(row).collect()).collect();
    let bytes = members.iter().map(|part| packed(part.as_bytes(), true)).collect::<Vec<_>>().concat();
    let cut = cut_bytes(&bytes, &lines(), 2_000, 64).unwrap();
    assert!(cut.chunks.len() > 5, "{}", cut.chunks.len());
    for chunk in &cut.chunks {
        let seek = chunk.seek.expect("a place");
        assert_eq!(seek.text, chunk.start, "a member that ends with a record has the next at its start");
        assert_eq!(bytes[seek.packed as usize..][..2], [0x1F, 0x8B]);
    }
    let all = read(&bytes, &lines(), &names(&["a"]), 2_000, 64).unwrap();
    assert_eq!(all.len(), 2_000);
}

#[test]
fn damage_to_the_packing_spoils_the_file_and_says_where() {
    for gzip in [true, false] {
        let first = packed(b"{\"a\":1}\n", gzip);
        let at = first.len();
        let name = if gzip { "Gzip" } else { "Zstd" };
        let both = [first.clone(), packed(&b"0123456789".repeat(20), gzip)].concat();
        let cut_off = error(&both[..both.len() - 3]);
        let expected = "found the end of the file, expected more";
        assert_eq!(cut_off, format!("{name} data that starts at byte {at} of the file: {expected}"));
        let garbage = error(&[&first, b"plain text behind it".as_slice()].concat());
        assert!(garbage.starts_with(&format!("{name} data that starts at byte {at} of the file: ")), "{garbage}");
    }
    let mut flipped = packed(&b"0123456789".repeat(20), true);
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 1;
    assert!(error(&flipped).starts_with("Gzip data that starts at byte 0 of the file: "));
    let parquet = cut_bytes(&packed(b"PAR1", true), &Format::default(), 1, BLOCK);
    assert!(matches!(parquet, Err(FormatError::PackedParquet)));
}

#[test]
fn a_bomb_is_one_record_that_is_too_long() {
    let zeros = vec![b' '; 1 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for part in [b"{".as_slice()].into_iter().chain(std::iter::repeat_n(zeros.as_slice(), 16)) {
        gzip.write_all(part).unwrap();
        zstd.write_all(part).unwrap();
    }
    let format = Format { max_record_bytes: 1_000, ..lines() };
    for bytes in [gzip.finish().unwrap(), zstd.finish().unwrap()] {
        assert!(bytes.len() < 100_000);
        let all = read(&bytes, &format, &names(&["a"]), 1, BLOCK).unwrap();
        assert_eq!(all.iter().map(|found| found.cells.clone()).collect::<Vec<_>>(), [Err("record_too_long")]);
        assert_eq!(all[0].raw.len(), 1_000);
    }
}

#[test]
fn a_frame_that_wants_more_memory_than_it_may_have_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(24).unwrap();
    encoder.write_all(b"{}").unwrap();
    let found = error(&encoder.finish().unwrap());
    assert_eq!(found, "Zstd data that starts at byte 0 of the file: Frame requires too much memory for decoding");
}
