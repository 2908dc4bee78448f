//! Known truth: a CSV file with one row a true pair.

use std::{path::Path, sync::Arc};

use lotline_formats::{
    ChunkReader, cut,
    ranged::{LocalFile, RangedRead},
};
use lotline_schema::{Cell, Format};

use crate::error::CliError;

/// Reads the true pairs; `names` has the accepted names of the two columns.
pub(super) fn true_pairs(path: &Path, names: &[Vec<String>; 2]) -> Result<Vec<(String, String)>, CliError> {
    let file: Arc<dyn RangedRead> = Arc::new(LocalFile::open(path).map_err(|error| CliError::io(path, error))?);
    let name = path.display().to_string();
    let format = Format::default();
    let wrong = |source| CliError::Format { file: name.clone(), source };
    let cut = cut(Arc::clone(&file), &name, &format, 1 << 20, &mut |_| ()).map_err(wrong)?;
    let expected = format!("true pairs of `{}` and `{}`", names[0].join("` or `"), names[1].join("` or `"));
    let mut pairs = Vec::new();
    for chunk in &cut.chunks {
        let mut reader = ChunkReader::open(Arc::clone(&file), &format, &cut, chunk, names).map_err(wrong)?;
        while let Some(record) = reader.next().map_err(wrong)? {
            match record.cells {
                Ok([Cell::Text(left), Cell::Text(right)]) => {
                    pairs.push((left.trim().to_owned(), right.trim().to_owned()))
                }
                _ => {
                    let place = format!("{name}, row {}", record.row);
                    return Err(CliError::argument(&place, "a damaged row", expected));
                }
            }
        }
    }
    if pairs.is_empty() {
        return Err(CliError::argument(&name, "no rows", expected));
    }
    Ok(pairs)
}
