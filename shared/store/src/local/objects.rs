//! Objects as files: a key is a path below the lake folder.

use std::{
    fs::{self, DirEntry},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use lotline_formats::ranged::{LocalFile, RangedRead};

use super::{DATABASE, TEMPORARY, temporary, temporary::TemporaryFile};
use crate::{ObjectMeta, ObjectWriter, Objects, StoreError, objects::check_key};

/// Bytes gathered before a write reaches the file.
const BUFFER: usize = 256 * 1024;

/// The files below a lake folder.
pub(crate) struct LocalObjects {
    lake: PathBuf,
    temporary: PathBuf,
}

impl LocalObjects {
    pub(crate) fn open(lake: &Path) -> Result<Self, StoreError> {
        let temporary = lake.join(TEMPORARY);
        fs::create_dir_all(&temporary).and_then(|()| temporary::sweep(&temporary)).map_err(at(lake))?;
        Ok(Self { lake: lake.to_owned(), temporary })
    }

    fn path(&self, key: &str) -> Result<PathBuf, StoreError> {
        check_local_key(key)?;
        Ok(self.lake.join(key))
    }

    fn written(&self, path: &Path, bytes: &[u8]) -> Result<TemporaryFile, StoreError> {
        let mut temporary = TemporaryFile::create(&self.temporary).map_err(at(path))?;
        temporary.write_all(bytes).map_err(at(path))?;
        Ok(temporary)
    }

    /// Adds the objects of one folder and of those below whose keys start with the prefix.
    fn walk(&self, folder: &str, prefix: &str, found: &mut Vec<ObjectMeta>) -> Result<(), StoreError> {
        let path = self.lake.join(folder);
        let Some(entries) = present(fs::read_dir(&path)).map_err(at(&path))? else { return Ok(()) };
        for entry in entries {
            let entry = entry.map_err(at(&path))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if folder.is_empty() && is_reserved(&name) {
                continue;
            }
            let key = format!("{folder}{name}");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let below = format!("{key}/");
                if below.starts_with(prefix) || prefix.starts_with(&below) {
                    self.walk(&below, prefix, found)?;
                }
            } else if key.starts_with(prefix)
                && let Some(len) = file_len(&entry)?
            {
                found.push(ObjectMeta { key, len });
            }
        }
        Ok(())
    }
}

impl Objects for LocalObjects {
    fn open(&self, key: &str) -> Result<Arc<dyn RangedRead>, StoreError> {
        if !self.exists(key)? {
            return Err(StoreError::NotFound { key: key.to_owned() });
        }
        let path = self.path(key)?;
        match present(LocalFile::open(&path)).map_err(at(&path))? {
            Some(file) => Ok(Arc::new(file)),
            None => Err(StoreError::NotFound { key: key.to_owned() }),
        }
    }

    fn create(&self, key: &str) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let target = self.path(key)?;
        let temporary = TemporaryFile::create(&self.temporary).map_err(at(&target))?;
        Ok(Box::new(LocalWriter { buffer: BufWriter::with_capacity(BUFFER, temporary), target }))
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(key)?;
        self.written(&path, bytes)?.replace(&path).map_err(at(&path))
    }

    fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        if self.exists(key)? {
            return Ok(false);
        }
        let path = self.path(key)?;
        self.written(&path, bytes)?.claim(&path).map_err(at(&path))
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(key)?;
        present(fs::read(&path)).map_err(at(&path))
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        let path = self.path(key)?;
        Ok(present(fs::metadata(&path)).map_err(at(&path))?.is_some_and(|meta| meta.is_file()))
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, StoreError> {
        let folder = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
        if !folder.is_empty() {
            check_key(folder.trim_end_matches('/'))?;
        }
        let mut found = Vec::new();
        self.walk(folder, prefix, &mut found)?;
        found.sort_unstable_by(|left, right| left.key.cmp(&right.key));
        Ok(found)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        if !self.exists(key)? {
            return Ok(());
        }
        let path = self.path(key)?;
        present(fs::remove_file(&path)).map_err(at(&path)).map(drop)
    }
}

/// An object on its way into the lake.
struct LocalWriter {
    buffer: BufWriter<TemporaryFile>,
    target: PathBuf,
}

impl Write for LocalWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.buffer.flush()
    }
}

impl ObjectWriter for LocalWriter {
    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { buffer, target } = *self;
        let temporary = buffer.into_inner().map_err(|error| at(&target)(error.into_error()))?;
        temporary.replace(&target).map_err(at(&target))
    }
}

/// Refuses what no key may be, and the names that the lake folder keeps for itself.
fn check_local_key(key: &str) -> Result<(), StoreError> {
    check_key(key)?;
    if key.split('/').next().is_some_and(is_reserved) {
        let reason = "the lake keeps its own files under this name";
        return Err(StoreError::BadKey { key: key.to_owned(), reason });
    }
    Ok(())
}

/// Whether the name, directly in the lake folder, is none of an object's.
fn is_reserved(name: &str) -> bool {
    name == TEMPORARY || name.starts_with(DATABASE)
}

fn file_len(entry: &DirEntry) -> Result<Option<u64>, StoreError> {
    let path = entry.path();
    let meta = present(fs::metadata(&path)).map_err(at(&path))?;
    Ok(meta.filter(fs::Metadata::is_file).map(|meta| meta.len()))
}

/// Absence as none: no such file, a folder of that name, or a file where the key has a folder.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let place = path.display().to_string();
    move |source| StoreError::from_io(place.as_str(), source)
}
