//! What planning may ask the file system, behind a trait so that plans can be made and tested
//! without one.

use super::config;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The questions planning asks.
pub trait Files {
    /// The contents of a regular file; `None` if there is none that can be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;
    /// Whether a file or folder is there.
    fn exists(&self, path: &Path) -> bool;
    /// Whether this is a program to run, and no shim.
    fn is_other_program(&self, path: &Path) -> bool;
}

/// The real file system.
#[derive(Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        // A pipe or a device would block or be used up by looking.
        let regular = fs::metadata(path).is_ok_and(|m| m.is_file());
        regular.then(|| fs::read(path).ok()).flatten()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_other_program(&self, path: &Path) -> bool {
        // Any shim folder counts as ours: two that find each other would never end.
        let shim = |real: &Path| real.with_file_name(config::FILE_NAME).exists();
        let runs = |m: fs::Metadata| m.is_file() && m.permissions().mode() & 0o111 != 0;
        fs::canonicalize(path).is_ok_and(|real| !shim(&real)) && fs::metadata(path).is_ok_and(runs)
    }
}

/// What tells a file from another one at its place without reading it: device, inode, size, times.
#[must_use]
pub fn identity(path: &Path) -> Option<[u64; 6]> {
    let meta = fs::metadata(path).ok()?;
    let signed = [meta.mtime(), meta.mtime_nsec(), meta.ctime()].map(i64::unsigned_abs);
    let [mtime, nanoseconds, ctime] = signed;
    Some([
        meta.dev(),
        meta.ino(),
        meta.size(),
        mtime,
        nanoseconds,
        ctime,
    ])
}

/// Finds a program on a search path, past every folder that holds this binary under that name.
#[must_use]
pub fn find_program(
    files: &dyn Files,
    path: &OsStr,
    cwd: &Path,
    name: impl AsRef<Path>,
) -> Option<PathBuf> {
    let name = name.as_ref();
    std::env::split_paths(path)
        .map(|dir| cwd.join(dir).join(name))
        .find(|candidate| files.is_other_program(candidate))
}
