//! Files that are there whole or not at all, and locks that are waited for.

use std::fs::{File, Permissions, TryLockError};
use std::io::{Result, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The mode of a file for whoever the user's umask allows.
pub const FOR_ALL: u32 = 0o666;

/// The mode of a file for its owner alone.
pub const FOR_OWNER: u32 = 0o600;

/// Puts a file in a place, or in that of another: what `fill` writes goes into a hidden sibling, which
/// is renamed when it is complete. The umask takes its part of `mode`.
///
/// # Errors
/// The folder cannot be written, or `fill` fails; then the place is as it was.
pub fn replace_with(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> Result<()>,
) -> Result<()> {
    let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    fill(file.as_file_mut())?;
    // Closed first: a program that is open for writing cannot be started.
    file.into_temp_path()
        .persist(path)
        .map_err(|error| error.error)
}

/// As [`replace_with`], of contents that are there.
///
/// # Errors
/// As [`replace_with`].
pub fn replace(path: &Path, mode: u32, contents: &[u8]) -> Result<()> {
    replace_with(path, mode, |file| file.write_all(contents))
}

/// Takes a file's lock; calls `waiting` first where another process holds it.
///
/// # Errors
/// The file system has no locks.
pub fn lock(file: &File, waiting: impl FnOnce()) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            waiting();
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Error;

    #[test]
    fn a_file_is_replaced_whole_or_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, FOR_OWNER, b"one").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let failed = replace_with(&path, FOR_ALL, |file| {
            file.write_all(b"tw")?;
            Err(Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn who_waits_for_a_lock_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let ours = File::create(&path).unwrap();
        lock(&ours, || panic!("nobody has it")).unwrap();
        let theirs = File::open(&path).unwrap();
        // The lock is let go when it is waited for.
        let mut ours = Some(ours);
        let mut told = false;
        lock(&theirs, || {
            told = true;
            drop(ours.take());
        })
        .unwrap();
        assert!(told);
    }
}
