//! One chunk: records decoded straight into typed columns, hashed by key into buckets; bad ones set aside.

use arrow_array::RecordBatch;
use arrow_row::RowConverter;
use lotline_formats::{ChunkReader, Record};
use lotline_schema::{RowBuilder, Violation};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::quarantine::{Place, Quarantine};
use crate::{
    Manifest, StageError, ingest,
    run::{done, once},
    shuffle::Shuffle,
    sort::Order,
    tables::{BATCH_ROWS, TableWriter},
    validate::buckets,
};

/// What became of the records of one chunk: `read = staged + quarantined`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ChunkReport {
    /// Records met.
    pub read: u64,
    /// Rows that keep every rule.
    pub staged: u64,
    /// Rows set aside.
    pub quarantined: u64,
}

/// Where a chunk's staged rows are.
pub(super) fn staged_key(manifest: &Manifest, source: &str, file: usize, chunk: usize) -> String {
    manifest.key(&format!("stage/{source}/chunk-{file:05}-{chunk:05}.parquet"))
}

/// Where a chunk's quarantined rows are.
pub(super) fn quarantine_key(manifest: &Manifest, source: &str, file: usize, chunk: usize) -> String {
    manifest.key(&format!("stage/{source}/quarantine-{file:05}-{chunk:05}.parquet"))
}

/// The report of a chunk that is judged.
pub(super) fn report(
    stores: &Stores,
    manifest: &Manifest,
    source: &str,
    file: usize,
    chunk: usize,
) -> Result<ChunkReport, StageError> {
    done(stores, manifest, &report_name(source, file, chunk))
}

fn report_name(source: &str, file: usize, chunk: usize) -> String {
    format!("validate/{source}/chunk-{file:05}-{chunk:05}")
}

/// Judges the records of one chunk.
///
/// # Errors
/// As for [`super::run`].
pub fn run(
    stores: &Stores,
    manifest: &Manifest,
    source: &str,
    file: usize,
    chunk: usize,
) -> Result<ChunkReport, StageError> {
    once(stores, manifest, &report_name(source, file, chunk), || {
        let job = manifest.job()?;
        let structure = job.structure(source)?;
        let ingested = ingest::ingested(stores, manifest, source, file)?;
        let bounds = ingested.cut.chunks.get(chunk).ok_or_else(|| StageError::BadRequest {
            subject: "chunk",
            found: chunk.to_string(),
            expected: format!("a position below {}", ingested.cut.chunks.len()),
        })?;
        let names: Vec<Vec<String>> = structure.columns.iter().map(lotline_schema::Column::source_names).collect();
        let path = manifest.inputs[source][file].path.clone();
        let format_error = |source| StageError::Format { file: path.clone(), source };
        let raw = stores.objects.open_version(&ingested.key, ingested.version.as_deref())?.file;
        let mut reader =
            ChunkReader::open(raw, &structure.format, &ingested.cut, bounds, &names).map_err(format_error)?;
        let order = Order::ascending(structure.key_positions());
        let staged_key = staged_key(manifest, source, file, chunk);
        let count = buckets(manifest, source);
        let schema = structure.arrow_schema();
        let mut sink = Sink {
            rows: RowBuilder::new(structure),
            converter: order.converter(&schema)?,
            order,
            count,
            shuffle: Shuffle::new(&*stores.objects, &staged_key, &schema, count, manifest.worker_memory / 4),
            quarantine: Quarantine::new(),
            bad: TableWriter::scratch(
                &*stores.objects,
                &quarantine_key(manifest, source, file, chunk),
                &Quarantine::schema(),
            )?,
            staged: 0,
        };
        while let Some(record) = reader.next().map_err(format_error)? {
            sink.take(&path, &record)?;
        }
        let report = sink.commit()?;
        if report.read == bounds.rows {
            return Ok(report);
        }
        Err(StageError::Imbalance {
            source_name: format!("{source}, chunk {chunk} of {path}"),
            read: bounds.rows,
            accepted: report.staged,
            superseded: 0,
            duplicate: 0,
            quarantined: report.quarantined,
        })
    })
}

/// Where the records of a chunk go.
struct Sink<'a> {
    rows: RowBuilder,
    order: Order,
    converter: RowConverter,
    count: u32,
    shuffle: Shuffle<'a>,
    quarantine: Quarantine,
    bad: TableWriter,
    staged: u64,
}

impl Sink<'_> {
    fn take(&mut self, file: &str, record: &Record<'_>) -> Result<(), StageError> {
        let violations = match &record.cells {
            Ok(cells) => self.rows.push(cells).err(),
            Err(damage) => {
                Some(vec![Violation { column: String::new(), rule: damage.rule, reason: damage.reason.clone() }])
            }
        };
        match violations {
            None if self.rows.len() >= BATCH_ROWS => self.flush_rows(),
            None => Ok(()),
            Some(violations) => {
                const QUARANTINE_BYTES: usize = 4 << 20;
                self.quarantine.push(&Place { file, row: record.row, offset: record.offset }, &violations, record.raw);
                if self.quarantine.bytes() > QUARANTINE_BYTES { self.flush_quarantine() } else { Ok(()) }
            }
        }
    }

    fn flush_rows(&mut self) -> Result<(), StageError> {
        let batch = self.rows.finish()?;
        self.staged += batch.num_rows() as u64;
        let bucket_of = self.bucket_of(&batch)?;
        self.shuffle.push(&batch, &bucket_of)
    }

    /// The bucket of every row, by the hash of its key.
    fn bucket_of(&mut self, batch: &RecordBatch) -> Result<Vec<u32>, StageError> {
        if self.count == 1 {
            return Ok(Vec::new());
        }
        let keys = self.order.rows(&mut self.converter, batch)?;
        let bucket = |key: arrow_row::Row<'_>| {
            u32::try_from(XxHash3_64::oneshot(key.data()) % u64::from(self.count)).unwrap_or_default()
        };
        Ok(keys.iter().map(bucket).collect())
    }

    fn flush_quarantine(&mut self) -> Result<(), StageError> {
        let batch = self.quarantine.finish()?;
        self.bad.write(&batch)
    }

    fn commit(mut self) -> Result<ChunkReport, StageError> {
        self.flush_rows()?;
        self.flush_quarantine()?;
        self.shuffle.commit()?;
        let quarantined = self.quarantine.rows();
        self.bad.commit()?;
        Ok(ChunkReport { read: self.staged + quarantined, staged: self.staged, quarantined })
    }
}
