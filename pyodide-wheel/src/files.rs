//! Files and folders, with errors that name the path; nothing is ever half-written.

use std::fs::{self, File, TryLockError};
use std::io;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;

/// A file operation failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}")]
pub struct FileError {
    /// What was tried, such as `read`.
    pub action: &'static str,
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Names the action and the path in an [`io::Error`].
pub(crate) trait Context<T> {
    fn context(self, action: &'static str, path: &Utf8Path) -> Result<T, FileError>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, action: &'static str, path: &Utf8Path) -> Result<T, FileError> {
        self.map_err(|source| FileError {
            action,
            path: path.to_owned(),
            source,
        })
    }
}

pub(crate) fn read(path: &Utf8Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).context("read", path)
}

pub(crate) fn read_to_string(path: &Utf8Path) -> Result<String, FileError> {
    fs::read_to_string(path).context("read", path)
}

pub(crate) fn create_dir_all(path: &Utf8Path) -> Result<(), FileError> {
    fs::create_dir_all(path).context("create", path)
}

/// Removes a file, link or folder tree; nothing there is fine.
pub(crate) fn remove(path: &Utf8Path) -> Result<(), FileError> {
    let result = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match result {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e).context("remove", path),
        _ => Ok(()),
    }
}

/// Writes a whole file: a temporary one in the same folder, then a rename.
pub(crate) fn write_atomic(path: &Utf8Path, bytes: &[u8]) -> Result<(), FileError> {
    let dir = path.parent().unwrap_or(Utf8Path::new("."));
    create_dir_all(dir)?;
    whole::replace(path.as_std_path(), whole::FOR_ALL, bytes).context("write", path)
}

/// A folder in the making, beside the place it is for; dropped unfinished, it is gone.
pub(crate) struct Staging {
    folder: whole::Folder,
    place: Utf8PathBuf,
}

impl Staging {
    pub(crate) fn beside(place: &Utf8Path) -> Result<Self, FileError> {
        let folder = whole::Folder::beside(place.as_std_path());
        Ok(Self {
            folder: folder.context("create a folder beside", place)?,
            place: place.to_owned(),
        })
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("a UTF-8 folder and an ASCII name")
    }

    /// Puts the folder in its place, whatever was there before.
    pub(crate) fn finish(self) -> Result<(), FileError> {
        self.folder.place().context("write", &self.place)
    }
}

/// Sets a file's modification time.
pub(crate) fn set_modified(path: &Utf8Path, time: SystemTime) -> Result<(), FileError> {
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_modified(time))
        .context("set the time of", path)
}

/// An exclusive lock on a file that exists only while it is held or waited for.
///
/// Programs we start inherit it, so that it stays taken when this process is killed and leaves
/// them running.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: Utf8PathBuf,
    file: File,
}

impl FileLock {
    /// Waits for the lock; `waiting` is called when there is something to wait for.
    pub(crate) fn acquire(path: &Utf8Path, waiting: &mut dyn FnMut()) -> Result<Self, FileError> {
        loop {
            let file = Self::open(path)?;
            whole::lock(&file, &mut *waiting).context("lock", path)?;
            if let Some(lock) = Self::of(file, path)? {
                return Ok(lock);
            }
        }
    }

    /// `None` if the lock is taken.
    pub(crate) fn try_acquire(path: &Utf8Path) -> Result<Option<Self>, FileError> {
        let file = Self::open(path)?;
        match file.try_lock() {
            Ok(()) => Self::of(file, path),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e).context("lock", path),
        }
    }

    fn open(path: &Utf8Path) -> Result<File, FileError> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .context("lock", path)
    }

    /// `None` if the last holder removed the file: a lock on it locks nothing any more.
    fn of(file: File, path: &Utf8Path) -> Result<Option<Self>, FileError> {
        if !is_same_file(&file, path).context("lock", path)? {
            return Ok(None);
        }
        rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty())
            .map_err(io::Error::from)
            .context("lock", path)?;
        let path = path.to_owned();
        Ok(Some(Self { path, file }))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // A file that stays is locked and removed by the next holder.
        let _ = remove(&self.path);
        // For those who inherited it as well.
        let _ = self.file.unlock();
    }
}

fn is_same_file(file: &File, path: &Utf8Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(theirs) => Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}
