//! What planning may ask the file system, behind a trait so that plans can be made and tested
//! without one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The questions planning asks.
pub trait Files {
    /// The contents of a regular file; `None` if there is none that can be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;
    /// The same for what is read to its end as soon as it is named, which may be a pipe: a shell's
    /// `@<(command)`.
    fn read_once(&self, path: &Path) -> Option<Vec<u8>> {
        self.read(path)
    }
    /// At most `length` bytes of a regular file from a place on; fewer at its end. `None` if there is
    /// none that can be read.
    fn part(&self, path: &Path, from: u64, length: usize) -> Option<Vec<u8>> {
        let bytes = self.read(path)?;
        let rest = bytes.get(usize::try_from(from).ok()?..).unwrap_or_default();
        Some(rest[..length.min(rest.len())].to_vec())
    }
    /// Whether a file or folder is there.
    fn exists(&self, path: &Path) -> bool;
    /// Whether a read of it may never end: a pipe, a socket, a device other than the null device.
    fn may_not_end(&self, _path: &Path) -> bool {
        false
    }
    /// Whether it is written into and never replaced: a device, a pipe, or what stands for an open file,
    /// such as `/dev/stdout`.
    fn takes_writes(&self, _path: &Path) -> bool {
        false
    }
    /// Whether this is a program to run, and no shim.
    fn is_other_program(&self, path: &Path) -> bool;
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
