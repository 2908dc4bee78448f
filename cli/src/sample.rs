//! A look into a file: its columns and some of its rows, from all over it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use lotline_formats::{ChunkReader, Cut, LocalFile, RangedRead, cut};
use lotline_linkage::TableSample;
use lotline_schema::{Cell, Format};
use lotline_stages::link::ROW_NUMBER;
use serde_json::{Map, Value};

use crate::error::CliError;

/// Rows that are looked at.
const ROWS: u64 = 20_000;
/// Parts of the file that they are taken from, its beginning among them.
const PARTS: u64 = 16;

/// A file's columns by their name in the lake and in the file, and rows of it.
pub(crate) struct FileSample {
    /// Named as in the lake.
    pub(crate) table: TableSample,
    /// The names in the file, in the same order.
    pub(crate) source_names: Vec<String>,
}

/// Looks into a file.
///
/// # Errors
/// The file cannot be read, or is no table.
pub(crate) fn read(path: &Path, table: &str) -> Result<FileSample, CliError> {
    let name = path.display().to_string();
    let wrong = |source| CliError::Format { file: name.clone(), source };
    let file: Arc<dyn RangedRead> = Arc::new(LocalFile::open(path).map_err(|error| CliError::io(path, error))?);
    let format = Format::default();
    let part_bytes = (file.len() / PARTS).clamp(64 << 10, 64 << 20);
    let cut = cut(Arc::clone(&file), &name, &format, part_bytes, &mut |_| ()).map_err(wrong)?;
    let source_names =
        if cut.header.is_empty() { members(&file, &format, &cut).map_err(wrong)? } else { cut.header.clone() };
    let names: Vec<Vec<String>> = source_names.iter().map(|name| vec![name.clone()]).collect();
    let wanted = ROWS.div_ceil(cut.chunks.len().max(1) as u64);
    let mut rows = Vec::new();
    for chunk in &cut.chunks {
        let mut reader = ChunkReader::open(Arc::clone(&file), &format, &cut, chunk, &names).map_err(wrong)?;
        let mut taken = 0;
        while taken < wanted
            && let Some(record) = reader.next().map_err(wrong)?
        {
            if let Ok(cells) = record.cells {
                rows.push(cells.iter().map(text).collect());
                taken += 1;
            }
        }
    }
    // The number of a row goes by its own name, whatever a file calls its columns.
    let columns = lake_names(&[&[ROW_NUMBER.to_owned()], &source_names[..]].concat()).split_off(1);
    let table = TableSample { name: table.to_owned(), columns, rows, total_rows: cut.rows };
    Ok(FileSample { table, source_names })
}

fn text(cell: &Cell<'_>) -> Option<String> {
    let text = match cell {
        Cell::Null => return None,
        Cell::Text(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

/// The members of the first JSON objects, in the order they are first met.
fn members(
    file: &Arc<dyn RangedRead>,
    format: &Format,
    cut: &Cut,
) -> Result<Vec<String>, lotline_formats::FormatError> {
    let (mut names, mut known) = (Vec::new(), BTreeSet::new());
    for chunk in cut.chunks.iter().take(1) {
        let mut reader = ChunkReader::open(Arc::clone(file), format, cut, chunk, &[])?;
        for _ in 0..1_000 {
            let Some(record) = reader.next()? else { break };
            let object: Map<String, Value> = serde_json::from_slice(record.raw).unwrap_or_default();
            names.extend(object.into_iter().map(|(name, _)| name).filter(|name| known.insert(name.clone())));
        }
    }
    Ok(names)
}

/// Names as the lake wants them: lower case letters, digits and `_`, each once.
pub(crate) fn lake_names(names: &[String]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let lake_name = |name: &String| {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        let words: String = name.trim().chars().map(letter).collect();
        let words = words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
        let first = words.starts_with(|first: char| first.is_ascii_lowercase());
        let plain = if first { words } else { format!("column_{words}").trim_end_matches('_').to_owned() };
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(name.clone())).unwrap_or(plain)
    };
    names.iter().map(lake_name).collect()
}
