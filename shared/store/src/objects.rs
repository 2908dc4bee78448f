//! The objects port: named sequences of bytes that appear whole or not at all.

use std::{io, sync::Arc};

use lotline_formats::ranged::RangedRead;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The files of the lake, by key.
///
/// A key is segments joined by `/`, such as `runs/r1/stage/part-0.parquet`: no empty segment, no `.`
/// and no `..`. Every method answers `BadKey` for any other.
pub trait Objects: Send + Sync {
    /// Opens an object for ranged reads; what is read stays the same when the key is replaced later.
    ///
    /// # Errors
    /// `NotFound` with the key; otherwise whatever the storage reports.
    fn open(&self, key: &str) -> Result<Arc<dyn RangedRead>, StoreError>;

    /// Opens a version of an object, or the newest one, and names it. Where the storage keeps no versions none has a name,
    /// and the object as it is now is opened.
    ///
    /// # Errors
    /// As for [`Objects::open`].
    fn open_version(&self, key: &str, _version: Option<&str>) -> Result<Opened, StoreError> {
        Ok(Opened { file: self.open(key)?, version: None })
    }

    /// Starts an object that nobody sees before [`ObjectWriter::commit`]; memory is one buffer.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn create(&self, key: &str) -> Result<Box<dyn ObjectWriter>, StoreError>;

    /// Writes an object, replacing what was there in one step.
    ///
    /// # Errors
    /// Whatever the storage reports; the earlier object then still stands.
    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Writes an object unless the key is taken; of several callers at once exactly one gets `true`.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, StoreError>;

    /// The whole of a small object, or none.
    ///
    /// # Errors
    /// Whatever the storage reports, absence excepted.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether the key holds an object.
    ///
    /// # Errors
    /// Whatever the storage reports, absence excepted.
    fn exists(&self, key: &str) -> Result<bool, StoreError>;

    /// Every object whose key starts with these characters, sorted by the bytes of the key.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, StoreError>;

    /// Removes an object; one that is absent is fine.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn delete(&self, key: &str) -> Result<(), StoreError>;
}

/// An object that was opened.
pub struct Opened {
    /// Its bytes.
    pub file: Arc<dyn RangedRead>,
    /// The version that they are of.
    pub version: Option<String>,
}

/// One object in a listing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ObjectMeta {
    /// The full key.
    pub key: String,
    /// Length in bytes.
    pub len: u64,
}

/// An object being written; dropped without a commit, it never existed.
pub trait ObjectWriter: io::Write + Send {
    /// Makes the object durable and visible, replacing any earlier one under its key.
    ///
    /// # Errors
    /// Whatever the storage reports; nothing is visible then.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Refuses a key that names no place inside a lake.
pub(crate) fn check_key(key: &str) -> Result<(), StoreError> {
    let refuse = |reason| Err(StoreError::BadKey { key: key.to_owned(), reason });
    if key.contains('\0') {
        return refuse("it must not hold a zero byte");
    }
    if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return refuse("it must be segments joined by `/`, none of them empty, `.` or `..`");
    }
    Ok(())
}
