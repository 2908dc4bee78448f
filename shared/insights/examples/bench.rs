//! temp
use arrow_array::*;
use lotline_insights::*;
use std::{sync::Arc, time::Instant};
fn main() {
    let n: i64 = 1_000_000;
    let batch = RecordBatch::try_from_iter(vec![
        ("id", Arc::new(StringArray::from_iter_values((0..n).map(|i| format!("id{i:09}")))) as ArrayRef),
        ("price", Arc::new(Float64Array::from_iter_values((0..n).map(|i| (i * 7919 % 1000003) as f64)))),
        ("day", Arc::new(Date32Array::from_iter_values((0..n).map(|i| 19000 + (i % 700) as i32)))),
    ])
    .unwrap();
    let p = parquet::file::properties::WriterProperties::builder().set_max_row_group_row_count(Some(100_000)).build();
    let mut bytes = Vec::new();
    let mut w = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), Some(p)).unwrap();
    w.write(&batch).unwrap();
    w.close().unwrap();
    let bytes: bytes::Bytes = bytes.into();
    let small = batch.slice(500_000, std::env::args().nth(1).map_or(2000, |a| a.parse().unwrap()));
    let mut sb = Vec::new();
    let mut w = parquet::arrow::ArrowWriter::try_new(&mut sb, small.schema(), None).unwrap();
    w.write(&small).unwrap();
    w.close().unwrap();
    let sb: bytes::Bytes = sb.into();
    let e = Engine::open(vec![
        Table { name: "t".into(), files: vec![Arc::new(bytes)] },
        Table { name: "s".into(), files: vec![Arc::new(sb)] },
    ])
    .unwrap();
    for sql in [
        "SELECT count(*) FROM t",
        "SELECT sum(price) FROM t",
        "SELECT date_trunc('week', day) w, count(*), approx_percentile(price, 0.5) FROM t GROUP BY 1 ORDER BY 1",
        "SELECT price FROM t WHERE id = 'id000777777'",
        "SELECT count(*) FROM (SELECT * FROM t ORDER BY price LIMIT 900000)",
        "SELECT count(*), sum(t.price) FROM s JOIN t ON s.id = t.id",
        "SELECT count(*), sum(t.price) FROM s LEFT JOIN t ON s.id = t.id",
        "SELECT count(*) FROM t LEFT JOIN s ON s.id = t.id",
    ] {
        let t = Instant::now();
        let r = e.query(sql);
        println!("{:?} {} {:?}", t.elapsed(), sql, r.map(|r| r.rows.last().cloned()));
    }
}
