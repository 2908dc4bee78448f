//! Parquet files and what is read from them.

use std::{
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float32Array,
    Int8Array, Int32Array, LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    types::{Int32Type, Int64Type},
};
use arrow_schema::{DataType, Field};
use bytes::Bytes;
use lotline_schema::{Format, FormatKind};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use crate::{
    ChunkReader, FormatError, RangedRead,
    tests::{cut_bytes, format, names, read, torture},
    window::BLOCK,
};

fn parquet() -> Format {
    format(FormatKind::Parquet)
}

fn written(columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)));
    let batch = batch.unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The one cell of a file with one column and one row.
fn cell(column: ArrayRef) -> String {
    let all = read(&written(vec![("c", column)], 10), &parquet(), &names(&["c"]), 1, BLOCK).unwrap();
    match &all[0].cells {
        Ok(cells) => cells[0].clone(),
        Err(rule) => (*rule).to_owned(),
    }
}

#[test]
fn types_become_cells() {
    let dictionary: DictionaryArray<Int32Type> = ["x"].into_iter().collect();
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1), None])]);
    let fields = StructArray::from(vec![
        (Arc::new(Field::new("a", DataType::Utf8, true)), Arc::new(StringArray::from(vec!["q\""])) as ArrayRef),
        (Arc::new(Field::new("d", DataType::Date32, true)), Arc::new(Date32Array::from(vec![1])) as ArrayRef),
    ]);
    let decimal = Decimal128Array::from(vec![1250]).with_precision_and_scale(20, 2).unwrap();
    let cases: Vec<(ArrayRef, &str)> = vec![
        (Arc::new(Int8Array::from(vec![-5])), "#-5"),
        (Arc::new(UInt64Array::from(vec![u64::MAX])), "#18446744073709551615"),
        (Arc::new(Float32Array::from(vec![1.5])), "#1.5"),
        (Arc::new(BooleanArray::from(vec![true])), "?true"),
        (Arc::new(StringArray::from(vec!["é"])), "é"),
        (Arc::new(LargeStringArray::from(vec!["x"])), "x"),
        (Arc::new(StringViewArray::from(vec!["a text longer than twelve bytes"])), "a text longer than twelve bytes"),
        (Arc::new(BinaryArray::from(vec![b"x".as_slice()])), "x"),
        (Arc::new(BinaryArray::from(vec![b"\xFF".as_slice()])), "invalid_utf8"),
        (Arc::new(Date32Array::from(vec![-1])), "@-1d"),
        (Arc::new(Date64Array::from(vec![86_400_000 * 3])), "@3d"),
        (Arc::new(TimestampSecondArray::from(vec![2])), "@2000000us"),
        (Arc::new(Date64Array::from(vec![i64::MAX])), "@2147483647d"),
        (Arc::new(TimestampMillisecondArray::from(vec![2]).with_timezone("+02:00")), "@2000usZ"),
        (Arc::new(TimestampMillisecondArray::from(vec![i64::MIN])), "@-9223372036854775808us"),
        (Arc::new(TimestampMicrosecondArray::from(vec![2]).with_timezone("UTC")), "@2usZ"),
        (Arc::new(TimestampMicrosecondArray::from(vec![2])), "@2us"),
        (Arc::new(TimestampNanosecondArray::from(vec![2000])), "@2us"),
        (Arc::new(decimal), "#12.50"),
        (Arc::new(dictionary), "x"),
        (Arc::new(list), "^[1,null]"),
        (Arc::new(fields), r#"^{"a":"q\"","d":"1970-01-02"}"#),
        (Arc::new(Int32Array::from(vec![None])), "~"),
    ];
    for (column, expected) in cases {
        let kind = column.data_type().clone();
        assert_eq!(cell(column), expected, "{kind}");
    }
}

#[test]
fn row_groups_are_gathered_into_chunks() {
    let ids = Arc::new(Int32Array::from_iter_values(0..1000)) as ArrayRef;
    let bytes = written(vec![("id", ids), ("x", Arc::new(Date32Array::from_iter_values(0..1000)))], 64);
    let fine = cut_bytes(&bytes, &parquet(), 1, 100).unwrap();
    assert_eq!((fine.chunks.len(), fine.rows), (16, 1000));
    assert_eq!(fine.header, ["id", "x"]);
    let coarse = cut_bytes(&bytes, &parquet(), 1500, 100).unwrap();
    assert!(coarse.chunks.len() < 16 && coarse.chunks.len() > 1);
    let columns = names(&["X", "id", "x"]);
    let all = read(&bytes, &parquet(), &columns, 1, BLOCK).unwrap();
    assert_eq!(all, read(&bytes, &parquet(), &columns, u64::MAX, BLOCK).unwrap());
    assert_eq!(all[999].cells.as_ref().unwrap(), &["@999d", "#999", "@999d"]);
    assert_eq!((all[999].row, all[999].offset), (1000, 999));
    assert_eq!(all[1].raw, r#"{"id":1,"x":"1970-01-02"}"#);
    let error = read(&bytes, &parquet(), &names(&["y"]), 1, BLOCK).unwrap_err();
    assert!(matches!(error, FormatError::UnknownColumn { .. }));
}

#[test]
fn the_quarantine_keeps_whether_a_time_has_a_zone() {
    let times = TimestampMicrosecondArray::from(vec![1_500_000, i64::MAX]);
    let zoned = Arc::new(times.clone().with_timezone("UTC"));
    let bytes = written(vec![("local", Arc::new(times)), ("utc", zoned)], 10);
    let rows = read(&bytes, &parquet(), &names(&["local", "utc"]), 1, BLOCK).unwrap();
    assert_eq!(rows[0].raw, r#"{"local":"1970-01-01T00:00:01.500","utc":"1970-01-01T00:00:01.500Z"}"#);
    assert_eq!(rows[1].raw, r#"{"local":9223372036854775807,"utc":9223372036854775807}"#);
}

#[test]
fn corrupt_files_are_errors() {
    let sound = written(vec![("id", Arc::new(Int32Array::from_iter_values(0..100)))], 10);
    for bytes in [&b""[..], b"PAR1", b"id\n1\n2\n3\n4\n", &sound[..sound.len() - 1]] {
        assert!(matches!(cut_bytes(bytes, &parquet(), 1, BLOCK), Err(FormatError::Parquet { .. })));
    }
    // Every byte damaged in turn: an answer or an error, never a panic.
    for place in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[place] ^= 0xFF;
        let _answer = cut_bytes(&bytes, &parquet(), 1, BLOCK).and_then(|cut| read_counted(&bytes, &cut.header));
    }
}

/// Reads all columns without asserting anything.
fn read_counted(bytes: &[u8], header: &[String]) -> Result<usize, FormatError> {
    let columns: Vec<_> = header.iter().map(|name| vec![name.clone()]).collect();
    Ok(read(bytes, &parquet(), &columns, 1, BLOCK)?.len())
}

/// A file whose storage fails once `left` reads are used up.
struct Failing {
    bytes: Bytes,
    left: AtomicUsize,
    kind: io::ErrorKind,
}

impl RangedRead for Failing {
    fn len(&self) -> u64 {
        RangedRead::len(&self.bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let used_up = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        if used_up { Err(self.kind.into()) } else { self.bytes.read_at(offset, buffer) }
    }
}

#[test]
fn failing_storage_is_told_from_corrupt_files() {
    let bytes = written(vec![("id", Arc::new(Int32Array::from_iter_values(0..100)))], 10);
    let cut = cut_bytes(&bytes, &parquet(), 1, BLOCK).unwrap();
    // The error of reading all chunks with so many reads, if there is one.
    let error = |left: usize, kind: io::ErrorKind| {
        let file = Arc::new(Failing { bytes: bytes.clone().into(), left: left.into(), kind });
        let read = || -> Result<(), FormatError> {
            for chunk in &cut.chunks {
                let mut rows =
                    ChunkReader::open(Arc::<Failing>::clone(&file), &parquet(), &cut, chunk, &names(&["id"]))?;
                while rows.next()?.is_some() {}
            }
            Ok(())
        };
        read().err()
    };
    let enough = (0..).find(|left| error(*left, io::ErrorKind::TimedOut).is_none()).unwrap();
    assert!(enough > 20, "{enough} reads for ten chunks of a footer and a page each");
    for left in 0..enough {
        for (kind, transient) in [
            (io::ErrorKind::TimedOut, true),
            (io::ErrorKind::WouldBlock, true),
            (io::ErrorKind::ResourceBusy, true),
            (io::ErrorKind::PermissionDenied, false),
        ] {
            let error = error(left, kind).unwrap();
            assert!(matches!(&error, FormatError::Io(found) if found.kind() == kind), "{left} reads: {error:?}");
            assert_eq!(error.is_transient(), transient, "{kind}");
        }
    }
    let wrapped = FormatError::Io(io::Error::other(io::Error::other(io::Error::from(io::ErrorKind::TimedOut))));
    assert!(wrapped.is_transient());
    assert!(!cut_bytes(b"PAR1", &parquet(), 1, BLOCK).unwrap_err().is_transient());
}

#[test]
fn bad_data_is_a_clear_error() {
    let Some(folder) = torture("parquet/bad_data") else { return };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "parquet") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let answer = cut_bytes(&bytes, &parquet(), 1, BLOCK).and_then(|cut| read_counted(&bytes, &cut.header));
        // Indexes of no bits are odd, but they are readable.
        let readable = path.ends_with("ARROW-GH-43605.parquet");
        let refused = matches!(answer, Err(FormatError::Parquet { .. }));
        assert_eq!(refused, !readable, "{}: {answer:?}", path.display());
    }
}
