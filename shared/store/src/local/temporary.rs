//! Unfinished writes: files in the lake's `.tmp` folder that vanish unless they are moved away.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A new file, removed when dropped.
///
/// Its owner holds an advisory lock on it, which the system releases when the process ends in any
/// way: a file nobody has locked belongs to no living process, in this container or another.
pub(super) struct TemporaryFile {
    file: File,
    path: PathBuf,
}

impl TemporaryFile {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        loop {
            let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = folder.join(name);
            let file = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                created => created?,
            };
            file.lock()?;
            // A sweep may have found the file before it was locked; then it has no name any more.
            if file.metadata()?.nlink() > 0 {
                return Ok(Self { file, path });
            }
        }
    }

    /// Puts the file at its final place, over whatever is there, so that it survives a power cut.
    pub(super) fn replace(self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        let folder = make_folder_of(target)?;
        fs::rename(&self.path, target)?;
        sync_folder(&folder)
    }

    /// Puts the file at its final place unless that is taken.
    pub(super) fn claim(self, target: &Path) -> io::Result<bool> {
        self.file.sync_all()?;
        let folder = make_folder_of(target)?;
        match fs::hard_link(&self.path, target) {
            Ok(()) => sync_folder(&folder).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Write for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // After `replace` there is nothing to remove, and what cannot be removed now is swept later.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what dead processes left in the folder.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

/// A created folder is itself an entry that must be made durable in the folder above.
fn make_folder_of(target: &Path) -> io::Result<PathBuf> {
    let folder = target.parent().unwrap_or(Path::new("/")).to_owned();
    let mut missing = folder.as_path();
    let mut above = Vec::new();
    while !missing.exists() {
        let Some(parent) = missing.parent() else { break };
        above.push(parent);
        missing = parent;
    }
    fs::create_dir_all(&folder)?;
    above.into_iter().try_for_each(sync_folder)?;
    Ok(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
