//! The folder for a call's intermediate files.
//!
//! Its name comes from the command, so the same command gives the same command lines again. Two
//! of the same command at once get two folders: the second takes the next name. A folder left by
//! a killed call is cleaned and used again.

use planner::files::Files;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt as _};
use std::path::{Path, PathBuf};
use toolcall::sources::{self, Kind};

/// How many calls of one command may run at once with names that say which command it is.
const MOST: u32 = 100;

/// A folder of this call's own; gone, with all in it, when dropped.
#[derive(Debug)]
pub struct WorkDir {
    path: PathBuf,
    /// Holds the lock that says the folder is in use.
    _lock: File,
}

/// No folder could be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a folder for intermediate files at {}: {source}; set TMPDIR to a folder with room", .path.display())]
pub struct WorkDirError {
    path: PathBuf,
    source: std::io::Error,
}

/// The folder that this command uses if no other call of it is running: below `tmp`.
///
/// The C made of a Fortran source lies in it, and compiler caches see its path. So for a command
/// that names one the folder depends on what the source holds, not on where it lies: the same
/// source in another build tree gives the same C at the same path.
#[must_use]
pub fn name(tmp: &Path, cwd: &Path, words: &[OsString], files: &dyn Files) -> PathBuf {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(bytes);
        hasher.update(b"\0");
    };
    let fortran = |word: &&OsString| sources::kind(word) == Kind::Fortran;
    let contents: Vec<Vec<u8>> = words
        .iter()
        .filter(fortran)
        .filter_map(|source| files.read(&cwd.join(source)))
        .collect();
    if contents.is_empty() {
        add(cwd.as_os_str().as_bytes());
        words.iter().for_each(|word| add(word.as_bytes()));
    } else {
        let no_path = |word: &&OsString| !word.as_bytes().contains(&b'/');
        words
            .iter()
            .filter(no_path)
            .for_each(|word| add(word.as_bytes()));
        contents.iter().for_each(|contents| add(contents));
    }
    let hash = hasher.finalize().to_hex();
    tmp.join(format!("emshim-{}", &hash[..16]))
}

impl WorkDir {
    /// Takes the folder of this name, or the next free one.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn acquire(name: &Path) -> Result<Self, WorkDirError> {
        let failed = |source| WorkDirError {
            path: name.to_owned(),
            source,
        };
        for number in 0..MOST {
            let mut path = name.as_os_str().to_owned();
            if number > 0 {
                path.push(format!("-{number}"));
            }
            if let Some(taken) = Self::try_take(Path::new(&path)).map_err(failed)? {
                return Ok(taken);
            }
        }
        // All names are taken, perhaps by another user on purpose: use a random name.
        let own = tempfile::Builder::new()
            .prefix("emshim-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(name.parent().unwrap_or(Path::new("/tmp")))
            .map_err(failed)?;
        let lock = File::open(own.path()).map_err(failed)?;
        Ok(Self {
            path: own.keep(),
            _lock: lock,
        })
    }

    /// `None` if another call, or another user, has it.
    fn try_take(path: &Path) -> std::io::Result<Option<Self>> {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let own =
            |meta: &fs::Metadata| meta.is_dir() && meta.uid() == rustix::process::getuid().as_raw();
        let Ok(there) = fs::symlink_metadata(path) else {
            return Ok(None);
        };
        if !own(&there) {
            return Ok(None);
        }
        let Ok(lock) = File::open(path) else {
            return Ok(None);
        };
        // The call that had it may have removed it between our look and our lock.
        let still = |lock: &File| {
            let (Ok(locked), Ok(named)) = (lock.metadata(), fs::symlink_metadata(path)) else {
                return false;
            };
            (locked.dev(), locked.ino()) == (named.dev(), named.ino())
        };
        if lock.try_lock().is_err() || !still(&lock) {
            return Ok(None);
        }
        if clean(path).is_err() {
            return Ok(None);
        }
        Ok(Some(Self {
            path: path.to_owned(),
            _lock: lock,
        }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes what a killed call left in its folder, folders included.
fn clean(path: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        // What stays behind is cleaned by the next call of the same command.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Disk;

    #[test]
    fn the_same_command_has_the_same_folder_unless_it_runs_twice() {
        let tmp = tempfile::tempdir().unwrap();
        let words = vec![OsString::from("gcc"), "x.c".into()];
        let named = name(tmp.path(), Path::new("/w"), &words, &Disk);
        assert_eq!(named, name(tmp.path(), Path::new("/w"), &words, &Disk));
        assert_ne!(named, name(tmp.path(), Path::new("/v"), &words, &Disk));

        let first = WorkDir::acquire(&named).unwrap();
        let second = WorkDir::acquire(&named).unwrap();
        assert_eq!(first.path(), named);
        assert_ne!(second.path(), named);
        fs::write(first.path().join("a.o"), "").unwrap();
        drop((first, second));
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_fortran_source_has_the_same_folder_in_every_tree() {
        let trees = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let named = |tree: &Path, text: &str| {
            fs::write(tree.join("a.f"), text).unwrap();
            let source = tree.join("a.f").into_os_string();
            let words = ["gfortran".into(), "-c".into(), source, "-oa.o".into()];
            name(Path::new("/tmp"), tree, &words, &Disk)
        };
        let [one, other] = [trees[0].path(), trees[1].path()];
        assert_eq!(named(one, "      END\n"), named(other, "      END\n"));
        assert_ne!(named(one, "      END\n"), named(other, "      STOP\n"));
    }

    #[test]
    fn a_folder_left_by_a_killed_call_is_used_again() {
        let tmp = tempfile::tempdir().unwrap();
        let named = tmp.path().join("emshim-x");
        fs::create_dir(&named).unwrap();
        fs::write(named.join("old.o"), "").unwrap();
        fs::create_dir_all(named.join("old/deep")).unwrap();
        let taken = WorkDir::acquire(&named).unwrap();
        assert_eq!(taken.path(), named);
        assert_eq!(fs::read_dir(&named).unwrap().count(), 0);
    }

    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let tmp = tempfile::tempdir().unwrap();
        let target = tmp.path().join("target");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("keep"), "").unwrap();
        let named = tmp.path().join("emshim-x");
        std::os::unix::fs::symlink(&target, &named).unwrap();
        let taken = WorkDir::acquire(&named).unwrap();
        assert_ne!(taken.path(), named);
        assert!(target.join("keep").exists());
    }

    #[test]
    fn names_that_others_took_first_stop_nobody() {
        let tmp = tempfile::tempdir().unwrap();
        let named = tmp.path().join("emshim-x");
        // A file of that name blocks it as another user's folder does.
        fs::write(&named, "").unwrap();
        for number in 1..MOST {
            fs::write(tmp.path().join(format!("emshim-x-{number}")), "").unwrap();
        }
        let taken = WorkDir::acquire(&named).unwrap();
        let meta = fs::metadata(taken.path()).unwrap();
        assert_eq!(meta.mode() & 0o777, 0o700);
        let path = taken.path().to_owned();
        drop(taken);
        assert!(!path.exists());
    }
}
