//! The rows of a part as they stand in their table or file, in the order of the linker's columns.

use std::{ops::ControlFlow, ops::Range, path::Path, sync::Arc};

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use lotline_formats::{ChunkReader, LocalFile};
use lotline_linkage::{LinkSettings, Linker, Side};
use lotline_schema::{Cell, Column};
use lotline_store::{StoreError, Stores};

use super::plan::{self, FileChunk, Part, PartRows};
use crate::{Job, Manifest, StageError, tables::TableFile};

/// The key column of a table whose rows have no key but their number in the file, from 1.
pub const ROW_NUMBER: &str = "row_number";

/// What parts are read from.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    pub(super) stores: &'a Stores,
    pub(super) manifest: &'a Manifest,
    pub(super) job: &'a Job,
    pub(super) settings: &'a LinkSettings,
    pub(super) linker: &'a Linker,
}

/// A row: its place in its table from 0, and unless it is damaged its key and its cells.
pub(super) struct RawRow<'a> {
    pub(super) place: u64,
    pub(super) cells: Option<(&'a str, &'a [Option<&'a str>])>,
}

/// Takes rows until it breaks off.
type Each<'a> = dyn FnMut(RawRow<'_>) -> Result<ControlFlow<()>, StageError> + 'a;

impl Tables<'_> {
    /// Hands over the rows of a part in their order.
    pub(super) fn rows(&self, part: &Part, each: &mut Each<'_>) -> Result<(), StageError> {
        let source = plan::source_of(self.settings, part.right);
        match &part.rows {
            PartRows::Chunk(chunk) => self.file(part.side(), source, chunk, each),
            PartRows::Groups(groups) => self.table(part.side(), source, groups.clone(), each),
        }
    }

    /// Some row groups of a validated table.
    fn table(&self, side: Side, source: &str, groups: Range<usize>, each: &mut Each<'_>) -> Result<(), StageError> {
        let id_column = self.job.id_column(source)?;
        let table = TableFile::open(&*self.stores.objects, &self.manifest.table_file(source))?;
        let mut place = table.rows_before(groups.start);
        for batch in table.read_groups_in(groups)? {
            let batch = batch?;
            let ids = texts(&batch, id_column)?;
            let columns: Vec<StringArray> =
                self.linker.columns(side).iter().map(|name| texts(&batch, name)).collect::<Result<_, _>>()?;
            let mut cells = Vec::with_capacity(columns.len());
            for row in 0..batch.num_rows() {
                cells.clear();
                cells.extend(columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))));
                if each(RawRow { place, cells: Some((ids.value(row), &cells)) })?.is_break() {
                    return Ok(());
                }
                place += 1;
            }
        }
        Ok(())
    }

    /// The rows of a chunk of a file, as they are.
    fn file(&self, side: Side, source: &str, chunk: &FileChunk, each: &mut Each<'_>) -> Result<(), StageError> {
        let path = &self.manifest.inputs[source][chunk.file].path;
        let wrong = |source| StageError::Format { file: path.clone(), source };
        let structure = self.job.structure(source)?;
        let cut = plan::file_cut(self.stores, self.manifest, self.job, source, chunk.file)?;
        let file = Arc::new(LocalFile::open(Path::new(path)).map_err(|error| StoreError::from_io(path, error))?);
        let id = structure.key.first().filter(|key| *key != ROW_NUMBER);
        let in_file = |name: &String| {
            let column = structure.columns.iter().find(|column| column.name == *name);
            column.map_or_else(|| vec![name.clone()], Column::source_names)
        };
        let names: Vec<Vec<String>> = id.into_iter().chain(self.linker.columns(side)).map(in_file).collect();
        let mut reader =
            ChunkReader::open(file, &structure.format, &cut, &cut.chunks[chunk.chunk], &names).map_err(wrong)?;
        let mut texts: Vec<String> = vec![String::new(); names.len()];
        let mut place = chunk.rows_before;
        while let Some(record) = reader.next().map_err(wrong)? {
            let number = id.is_none().then(|| (place + 1).to_string());
            // Damaged rows have no cells, not even a key.
            let found = record.cells.iter().flat_map(|cells| cells.iter());
            let found = found.zip(&mut texts).map(|(cell, text)| as_text(cell, text));
            let cells: Vec<Option<&str>> = match &number {
                Some(number) if record.cells.is_ok() => std::iter::once(Some(number.as_str())).chain(found).collect(),
                _ => found.collect(),
            };
            let sound = cells.split_first().and_then(|(id, cells)| Some(((*id)?, cells)));
            if each(RawRow { place, cells: sound })?.is_break() {
                break;
            }
            place += 1;
        }
        Ok(())
    }
}

/// A cell as text, written to `text` where the file has it otherwise; null for nothing and for empty text.
fn as_text<'a>(cell: &Cell<'a>, text: &'a mut String) -> Option<&'a str> {
    use std::fmt::Write as _;
    match cell {
        Cell::Null => None,
        Cell::Text(found) => Some(found.trim()).filter(|found| !found.is_empty()),
        other => {
            text.clear();
            write!(text, "{other}").ok()?;
            Some(text)
        }
    }
}

/// A column as text, numbers and dates in their shortest form.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, StageError> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| StageError::Internal(format!("no column `{name}` in a validated table")))?;
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}
