//! The wall between corrupt files and a decoder that panics on some of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::source::ParquetSource;
use crate::error::FormatError;

/// Runs the decoder on a file, with a panic as an error, and an error of the storage as what it is.
///
/// The `parquet` and `arrow` crates check their input by assertions in places: a page with one flipped bit is enough
/// (see the test `corrupt_files_are_errors`). What such a call was working on must not be used after the error.
pub(crate) fn guarded<T>(
    source: &ParquetSource,
    work: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let answer = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(corrupt(format!("the decoder gave up: {}", said.unwrap_or("no reason given"))))
    });
    answer.map_err(|error| source.take_failure().map_or(error, FormatError::Io))
}

pub(crate) fn corrupt(reason: impl ToString) -> FormatError {
    FormatError::Parquet { reason: reason.to_string() }
}
