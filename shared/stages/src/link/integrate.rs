//! The integrated table: one row a link, with the columns of both records side by side.

use std::{cmp::Ordering, sync::Arc};

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, cast::AsArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::{concat::concat_batches, take::take};
use lotline_linkage::LinkSettings;
use lotline_store::Stores;

use super::{integrated_table, read::texts, sorted};
use crate::{
    Job, Manifest, StageError,
    digest::TableDigest,
    sort::{BatchStream, Order},
    tables::{TableFile, TableWriter, numbered},
};

/// Writes the integrated table and answers its digest: the links sorted and merged with the left table, then sorted
/// again and merged with the right one, so that memory never holds a whole table.
pub(super) fn run(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    settings: &LinkSettings,
    links_key: &str,
) -> Result<String, StageError> {
    let mut rows: BatchStream<'_> = Box::new(TableFile::open(&*stores.objects, links_key)?.read()?);
    let mut schema = super::pairs::schema();
    for (side, (source, suffix)) in sides(settings).into_iter().enumerate() {
        let side = JoinSide { stores, manifest, id_position: side, source, id_column: job.id_column(source)?, suffix };
        (rows, schema) = side.join(rows, &schema)?;
    }
    let order = Order::ascending([0, 1]);
    let rows = sorted(stores, manifest, "integrated", &schema, order, rows)?;
    let key = manifest.table_file(&integrated_table(&job.name));
    let mut writer = TableWriter::published(&*stores.objects, &key, &schema, &["id_l", "id_r"])?;
    let mut digest = TableDigest::new();
    for batch in rows {
        let batch = batch?;
        digest.update(&batch)?;
        writer.write(&batch)?;
    }
    writer.commit()?;
    Ok(digest.finish())
}

/// The columns of a job's integrated table.
pub(crate) fn schema(job: &Job, settings: &LinkSettings) -> Result<SchemaRef, StageError> {
    let mut schema = super::pairs::schema();
    for (source, suffix) in sides(settings) {
        let records = with_text_id(&job.structure(source)?.arrow_schema());
        schema = joined_schema(&schema, &records, &appended(&records), suffix);
    }
    Ok(schema)
}

/// The tables that stand beside a link; where one table is linked with itself it stands there twice.
fn sides(settings: &LinkSettings) -> [(&str, &'static str); 2] {
    [(&settings.left, "_l"), (settings.right.as_ref().unwrap_or(&settings.left), "_r")]
}

/// One table to put beside the links.
struct JoinSide<'a> {
    stores: &'a Stores,
    manifest: &'a Manifest,
    /// Column of the links that names a record of this table.
    id_position: usize,
    source: &'a str,
    id_column: &'a str,
    suffix: &'a str,
}

impl<'a> JoinSide<'a> {
    /// The rows with this table's columns appended, in order of this side's id; every id is in the table.
    fn join(&self, rows: BatchStream<'a>, schema: &SchemaRef) -> Result<(BatchStream<'a>, SchemaRef), StageError> {
        let by_id = Order::ascending([self.id_position]);
        let folder = format!("link{}", self.suffix);
        let links = sorted(self.stores, self.manifest, &folder, schema, by_id, rows)?;
        let key = self.manifest.table_file(self.source);
        let file = TableFile::open(&*self.stores.objects, &key)?;
        let records_schema = with_text_id(file.schema());
        let id_column = self.id_column.to_owned();
        let records: BatchStream<'a> = Box::new(file.read()?.map(move |batch| prepend_id(&batch?, &id_column)));
        // The id as text may sort otherwise than the key itself.
        let folder = format!("table{}", self.suffix);
        let records = sorted(self.stores, self.manifest, &folder, &records_schema, Order::ascending([0]), records)?;
        let appended = appended(&records_schema);
        let joined = joined_schema(schema, &records_schema, &appended, self.suffix);
        let merge = MergeJoin {
            links,
            id_position: self.id_position,
            records: Cursor { stream: records, batch: None, row: 0 },
            appended,
            schema: Arc::clone(&joined),
        };
        Ok((Box::new(merge), joined))
    }
}

fn with_text_id(schema: &SchemaRef) -> SchemaRef {
    let id = Arc::new(Field::new("id", DataType::Utf8, false));
    Arc::new(Schema::new(std::iter::once(id).chain(schema.fields().iter().map(Arc::clone)).collect::<Vec<_>>()))
}

fn prepend_id(batch: &RecordBatch, id_column: &str) -> Result<RecordBatch, StageError> {
    let id: ArrayRef = Arc::new(texts(batch, id_column)?);
    let columns = std::iter::once(id).chain(batch.columns().iter().map(Arc::clone)).collect();
    Ok(RecordBatch::try_new(with_text_id(&batch.schema()), columns)?)
}

/// Positions of the table's columns to append: all but the text id, and but a key named `id`, whose name with the
/// suffix the links have already. [`Job::parse`] refuses any other column of that name.
fn appended(records: &SchemaRef) -> Vec<usize> {
    (1..records.fields().len()).filter(|position| records.field(*position).name() != "id").collect()
}

/// The columns so far and the appended ones with their suffix, numbered anew.
fn joined_schema(rows: &SchemaRef, records: &SchemaRef, appended: &[usize], suffix: &str) -> SchemaRef {
    let own = rows.fields().iter().map(|field| field.as_ref().clone());
    let added = appended.iter().map(|position| {
        let field = records.field(*position);
        field.clone().with_name(format!("{}{suffix}", field.name()))
    });
    numbered(own.chain(added))
}

/// The table's records, batch by batch.
struct Cursor<'a> {
    stream: BatchStream<'a>,
    batch: Option<(RecordBatch, StringArray)>,
    row: usize,
}

/// Where a record was found in the cursor's present batch.
enum Found {
    Row(u32),
    /// The batch ended before the id.
    Ended,
}

impl Cursor<'_> {
    fn refill(&mut self) -> Result<(), StageError> {
        let batch = self.stream.next().transpose()?;
        self.row = 0;
        self.batch = batch.map(|batch| {
            let ids = batch.column(0).as_string::<i32>().clone();
            (batch, ids)
        });
        Ok(())
    }

    fn find(&mut self, id: &str) -> Result<Found, StageError> {
        let Some((_, ids)) = &self.batch else {
            return Err(StageError::Internal(format!("a link names `{id}`, which its table does not have")));
        };
        while self.row < ids.len() {
            match ids.value(self.row).cmp(id) {
                Ordering::Less => self.row += 1,
                Ordering::Equal => return Ok(Found::Row(u32::try_from(self.row).unwrap_or(u32::MAX))),
                Ordering::Greater => {
                    return Err(StageError::Internal(format!("a link names `{id}`, which its table does not have")));
                }
            }
        }
        Ok(Found::Ended)
    }
}

/// Links and records, both in order of the id.
struct MergeJoin<'a> {
    links: BatchStream<'a>,
    id_position: usize,
    records: Cursor<'a>,
    /// Positions of the records' columns that the links get.
    appended: Vec<usize>,
    schema: SchemaRef,
}

impl MergeJoin<'_> {
    fn joined(&mut self, links: &RecordBatch) -> Result<RecordBatch, StageError> {
        let ids = links.column(self.id_position).as_string::<i32>();
        let mut parts = Vec::new();
        let mut start = 0;
        let mut found = Vec::new();
        while start + found.len() < ids.len() {
            if self.records.batch.is_none() {
                self.records.refill()?;
            }
            match self.records.find(ids.value(start + found.len()))? {
                Found::Row(row) => found.push(row),
                Found::Ended => {
                    parts.push(self.part(&links.slice(start, found.len()), &found)?);
                    start += found.len();
                    found.clear();
                    self.records.refill()?;
                }
            }
        }
        parts.push(self.part(&links.slice(start, found.len()), &found)?);
        Ok(concat_batches(&self.schema, &parts)?)
    }

    fn part(&self, links: &RecordBatch, found: &[u32]) -> Result<RecordBatch, StageError> {
        let Some((batch, _)) = &self.records.batch else {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        };
        let indices = UInt32Array::from(found.to_vec());
        let mut columns = links.columns().to_vec();
        for position in &self.appended {
            columns.push(take(batch.column(*position), &indices, None)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Iterator for MergeJoin<'_> {
    type Item = Result<RecordBatch, StageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let links = self.links.next()?;
        Some(links.and_then(|links| self.joined(&links)))
    }
}
