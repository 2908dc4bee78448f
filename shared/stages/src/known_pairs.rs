//! Pairs that are known to match: a CSV file with one row a pair, whether to learn from or to measure by.

use std::sync::Arc;

use lotline_formats::{ChunkReader, RangedRead, cut};
use lotline_linkage::LinkSettings;
use lotline_schema::{Cell, Format};

use crate::{Job, StageError};

/// The accepted names of the two columns: the key columns of the linked tables, or `id_l` and `id_r`.
///
/// # Errors
/// As for [`Job::id_column`].
pub fn columns(job: &Job, link: &LinkSettings) -> Result<[Vec<String>; 2], StageError> {
    let right = link.right.as_ref().unwrap_or(&link.left);
    let keys = [(job.id_column(&link.left)?, "id_l"), (job.id_column(right)?, "id_r")];
    // Tables whose keys bear one name can only be told apart by the names that the links have.
    let by_key = keys[0].0 != keys[1].0;
    Ok(keys.map(|(key, side)| [key, side].into_iter().skip(usize::from(!by_key)).map(str::to_owned).collect()))
}

/// Reads the pairs of a file that messages call `name`: left and right key, trimmed.
///
/// # Errors
/// `Format` for a file that is no table, `BadRequest` for one without rows or with a damaged one.
pub fn read(
    file: &Arc<dyn RangedRead>,
    name: &str,
    columns: &[Vec<String>; 2],
) -> Result<Vec<(String, String)>, StageError> {
    let format = Format::default();
    let wrong = |source| StageError::Format { file: name.to_owned(), source };
    let refused = |found: String| StageError::BadRequest {
        subject: "known pairs",
        found: format!("{name}: {found}"),
        expected: format!("pairs of `{}` and `{}`", columns[0].join("` or `"), columns[1].join("` or `")),
    };
    let cut = cut(Arc::clone(file), name, &format, 1 << 20, &mut |_| ()).map_err(wrong)?;
    let mut pairs = Vec::new();
    for chunk in &cut.chunks {
        let mut reader = ChunkReader::open(Arc::clone(file), &format, &cut, chunk, columns).map_err(wrong)?;
        while let Some(record) = reader.next().map_err(wrong)? {
            match record.cells {
                Ok([Cell::Text(left), Cell::Text(right)]) => {
                    pairs.push((left.trim().to_owned(), right.trim().to_owned()));
                }
                _ => return Err(refused(format!("row {} is damaged", record.row))),
            }
        }
    }
    if pairs.is_empty() { Err(refused("no rows".to_owned())) } else { Ok(pairs) }
}
