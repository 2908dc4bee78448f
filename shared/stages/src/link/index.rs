//! The blocking index: every record under its rules and block keys, published so that a new record is compared with
//! what a batch would have compared it with.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Int16Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, SchemaRef};
use lotline_linkage::{Linker, Model, Side, TermFrequencies};
use lotline_store::Stores;

use super::{
    index_table, linker, plan, project,
    rows::{Block, Rows},
    settle, train,
};
use crate::{
    Job, Manifest, StageError,
    sort::{Order, Sorter},
    tables::{BATCH_ROWS, required},
};

/// Columns of the index: `rule` (its position), `key` (of the block), `side` (`l` or `r`), `id` and `record`: the derived
/// values of the linker as a list in JSON.
pub(super) fn schema() -> SchemaRef {
    required(&[
        ("rule", DataType::Int16),
        ("key", DataType::Int64),
        ("side", DataType::Utf8),
        ("id", DataType::Utf8),
        ("record", DataType::Utf8),
    ])
}

/// The letter of a side in the index.
pub fn side_letter(side: Side) -> &'static str {
    match side {
        Side::Left => "l",
        Side::Right => "r",
    }
}

/// What scores a record against the index of a run: the very things that its batch was scored with.
pub struct Scoring {
    /// The job.
    pub job: Job,
    /// Its linker, without the blocks that were left out.
    pub linker: Linker,
    /// The model.
    pub model: Model,
    /// How frequent values are.
    pub terms: TermFrequencies,
}

/// Reads what scores a record against the index of a published run.
///
/// # Errors
/// `BadRequest` for a job without links or without an index, and for a run without a model or whose steps are gone.
pub fn scoring(stores: &Stores, manifest: &Manifest) -> Result<Scoring, StageError> {
    let job = manifest.job()?;
    let (settings, mut linker) = linker(&job, manifest)?;
    let refused = |found: &str, expected: &str| StageError::BadRequest {
        subject: "job",
        found: format!("{} ({found})", job.name),
        expected: expected.to_owned(),
    };
    if !settings.index {
        return Err(refused("without a blocking index", "a job with `index = true` in its [link] section"));
    }
    linker.leave_out(train::left_out(stores, manifest)?);
    let model = train::model(stores, manifest)?
        .ok_or_else(|| refused("without a model: there was nothing to train from", "a run with links"))?;
    let terms = train::terms(stores, manifest, &linker)?;
    Ok(Scoring { job, linker, model, terms })
}

/// Writes the index of a run; answers its rows and digest. Holds one segment of rows beside what sorting holds.
pub(super) fn run(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    linker: &Linker,
) -> Result<(u64, String), StageError> {
    let plan = plan::report(stores, manifest)?;
    let files = project::block_files(stores, manifest, plan.parts.len())?;
    let folder = manifest.key("link/sort/index");
    let order = Order::ascending([0, 1, 2, 3, 4]);
    let mut sorter = Sorter::new(&*stores.objects, folder, &schema(), order, manifest.worker_memory / 4)?;
    let mut entries = Entries::default();
    for shard in 0..plan.shards {
        for segment in files.iter().flat_map(|file| file.segments(shard)) {
            let rows = Rows::of(linker, &segment)?;
            for place in &rows.places {
                entries.push(&rows, place.block, place.record)?;
                if entries.rows >= BATCH_ROWS {
                    sorter.push(entries.finish()?)?;
                }
            }
        }
    }
    sorter.push(entries.finish()?)?;
    let key = manifest.table_file(&index_table(&job.name));
    settle::write(stores, &key, &schema(), &["rule", "key", "side", "id"], sorter.finish()?)
}

/// Entries on their way to the sorter.
#[derive(Default)]
struct Entries {
    rules: Int16Builder,
    keys: Int64Builder,
    texts: [StringBuilder; 3],
    rows: usize,
}

impl Entries {
    fn push(&mut self, rows: &Rows, Block { rule, key }: Block, record: u32) -> Result<(), StageError> {
        let values: Vec<Option<&str>> = rows.records.values(record as usize).collect();
        let values = serde_json::to_string(&values).map_err(|error| StageError::Internal(error.to_string()))?;
        self.rules.append_value(i16::from(rule));
        self.keys.append_value(key.cast_signed());
        self.texts[0].append_value(side_letter(rows.side(record)));
        self.texts[1].append_value(rows.id(record));
        self.texts[2].append_value(values);
        self.rows += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<RecordBatch, StageError> {
        self.rows = 0;
        let numbers: [ArrayRef; 2] = [Arc::new(self.rules.finish()), Arc::new(self.keys.finish())];
        let texts = self.texts.each_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef);
        Ok(RecordBatch::try_new(schema(), numbers.into_iter().chain(texts).collect())?)
    }
}
