//! Measures cutting and reading: `cargo run --release -p lotline-formats --example throughput -- FILE [COLUMN]...`.
//! A first column with a slash before it (`/feed/listing`) is the way to the records of an XML file.

use std::{env, path::Path, sync::Arc, time::Instant};

use lotline_formats::{ChunkReader, FormatError, LocalFile, RangedRead, cut};
use lotline_schema::Format;

fn main() -> Result<(), FormatError> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let mut columns: Vec<_> = arguments.map(|column| vec![column]).collect();
    let record_path = columns.first().and_then(|first| first[0].strip_prefix('/'));
    let record_path: Vec<_> = record_path.into_iter().flat_map(|path| path.split('/')).map(str::to_owned).collect();
    columns.drain(..usize::from(!record_path.is_empty()));
    let file: Arc<dyn RangedRead> = Arc::new(LocalFile::open(Path::new(&name))?);
    let format = Format { record_path, ..Format::default() };

    let start = Instant::now();
    let cut = cut(Arc::clone(&file), &name, &format, 16 << 20, &mut |_| {})?;
    let seconds = start.elapsed().as_secs_f64();
    // Of a compressed file the speed is that of its text, which ends where its last record does.
    let text = cut.compression.and(cut.chunks.last()).map_or(file.len(), |last| last.end);
    let megabytes = text as f64 / 1e6;
    eprintln!("cut: {} records in {} chunks, {:.0} MB/s", cut.rows, cut.chunks.len(), megabytes / seconds);

    let (mut cells, mut damaged) = (0, 0);
    let start = Instant::now();
    for chunk in &cut.chunks {
        let mut reader = ChunkReader::open(Arc::clone(&file), &format, &cut, chunk, &columns)?;
        while let Some(record) = reader.next()? {
            match record.cells {
                Ok(found) => cells += found.len(),
                Err(_) => damaged += 1,
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("read: {cells} cells, {damaged} damaged records, {:.0} MB/s", megabytes / seconds);
    Ok(())
}
