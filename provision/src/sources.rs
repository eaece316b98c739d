//! Upstream source archives, from Debian's source packages.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::{Kind, Programs};
use crate::archive::Archive;
use crate::command::Log;
use crate::machine::Env;
use crate::store::{Slot, State, remove_tree};
use crate::suites::STABLE;
use crate::unpack::{sha256, unpack_upstream, verify_sha256};
use crate::{Error, Progress, Store};

/// One source archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The source package.
    pub name: &'static str,
    /// The archive's file name.
    pub file: &'static str,
    /// SHA-256 of the archive, lower-case hexadecimal.
    pub sha256: &'static str,
}

/// The archives known, those of the default suite. Checksums: Debian's signed source lists; the
/// upstream archive of a version never changes.
pub const SOURCES: &[Source] = &[
    Source {
        name: "f2c",
        file: "f2c_20240504.orig.tar.xz",
        sha256: "12a129a1a8d9a1446f29c0a126b29e8d6a3537266921ad1851bda9933b08221b",
    },
    Source {
        name: "lapack",
        file: "lapack_3.12.1.orig.tar.gz",
        sha256: "2ca6407a001a474d4d4d35f3a61550156050c48016d949f0da0529c0aa052422",
    },
    Source {
        name: "libf2c2",
        file: "libf2c2_20240504.orig.tar.xz",
        sha256: "85989f4f1ec3db3b1581bd16a807be3bb3a1f547f7fe7ba4e074d02710521aef",
    },
];

/// A row of [`SOURCES`].
///
/// # Errors
/// The name is not in the table.
pub(crate) fn source(name: &str) -> Result<&'static Source, Error> {
    SOURCES
        .iter()
        .find(|source| source.name == name)
        .ok_or_else(|| {
            let known: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
            Error::Missing {
                what: format!("the source `{name}`"),
                why: "is not known".to_owned(),
                remedy: format!("choose one of {}", known.join(", ")),
            }
        })
}

/// Names a folder with archives of [`SOURCES`], for machines that cannot get them.
const VARIABLE: &str = "EMSHIM_SOURCES";

/// Bytes of disk the largest archive and the source lists need while it is downloaded.
const DISK: u64 = 150_000_000;

/// How the archives are called in messages.
const WHAT: &str = "source archives";

/// Their folder.
pub(crate) fn slot(store: &Store) -> Slot {
    let sums = SOURCES.iter().map(|source| source.sha256);
    Slot::new(&store.sources(), STABLE.name, WHAT, sums)
}

/// A source archive of [`SOURCES`]: the user's, in the folder that `EMSHIM_SOURCES` names; else
/// downloaded into the store unless it is there already. All of the table are fetched at once: the
/// lists that name them are larger than they are.
///
/// # Errors
/// `name` is not in the table; the user's archive is another one; or this machine has no apt, the
/// mirror does not answer, or it has other archives than the table's.
pub fn fetch_source(
    store: &Store,
    name: &str,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let source = source(name)?;
    let env = Env::capture();
    if let Some(own) = users(&env, source)? {
        return Ok(own);
    }
    let (suite, what) = (STABLE, WHAT);
    let slot = slot(store);
    // They hold no absolute paths of their own, so moved ones work.
    if slot.state() == State::Absent {
        let work = slot.lock(progress)?;
        if slot.state() == State::Absent {
            let programs = Programs::find(&env).map_err(|error| source.unavailable(&error))?;
            let log = Log::create(&store.log(), "sources")?;
            let lists = slot.sibling("apt");
            progress
                .step(&format!("downloading {what}"), || {
                    let settings = (suite.name, Kind::Source, suite.check_valid_until);
                    let archive = Archive::provide(&env, store, &programs, progress)?;
                    let apt = archive.open(store, &programs, &lists, settings, &log, progress)?;
                    let staging = work.staging()?;
                    let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
                    apt.download_sources(&names, staging)?;
                    for source in SOURCES {
                        verify_sha256(&staging.join(source.file), source.sha256)?;
                    }
                    work.place()?;
                    remove_tree(&lists)?;
                    work.finish(BTreeMap::new())
                })
                .map_err(|e| e.or_disk_full(slot.folder(), what, DISK))?;
        }
    }
    Ok(slot.folder().join(source.file))
}

/// Whether [`fetch_source`] can be expected to succeed on this machine: the archive is there, the
/// user's or the store's, or there is an apt to get it by. Nothing is downloaded.
///
/// # Errors
/// As [`fetch_source`], as far as that can be told.
pub fn check_source(env: &Env, store: &Store, name: &str) -> Result<(), Error> {
    let source = source(name)?;
    if users(env, source)?.is_some() || slot(store).state() != State::Absent {
        return Ok(());
    }
    Programs::find(env)
        .map(drop)
        .map_err(|error| source.unavailable(&error))
}

impl Source {
    fn unavailable(&self, error: &Error) -> Error {
        Error::Missing {
            what: format!("the source archive {}", self.file),
            why: format!("cannot be had: {}", error.brief()),
            remedy: format!(
                "get it elsewhere from Debian's source package {} (SHA-256 {}), put it into a \
                 folder and set {VARIABLE} to that",
                self.name, self.sha256
            ),
        }
    }
}

/// The user's own archive, if there is one.
fn users(env: &Env, source: &Source) -> Result<Option<Utf8PathBuf>, Error> {
    let Some(folder) = env.path(VARIABLE) else {
        return Ok(None);
    };
    let invalid = |path: &Utf8Path, why: String| Error::Invalid {
        path: path.to_string(),
        why,
        remedy: format!("correct {VARIABLE}, or unset it to let emshim get the archive"),
    };
    if !folder.is_dir() || !folder.is_absolute() {
        let why = format!("{VARIABLE} is not the absolute path of a folder");
        return Err(invalid(&folder, why));
    }
    let archive = folder.join(source.file);
    if !archive.exists() {
        return Ok(None);
    }
    let actual = sha256(&archive)?;
    if actual == source.sha256 {
        return Ok(Some(archive));
    }
    let why = format!("its SHA-256 is {actual}, expected {}", source.sha256);
    Err(invalid(&archive, why))
}

/// Downloads the upstream archives of source packages of the default suite into `folder`, which is there:
/// what Debian's signed lists say they are. Nothing of them is kept in the store.
///
/// # Errors
/// This machine has no apt, the mirror does not answer, or has no such package.
pub fn download_upstream(
    store: &Store,
    names: &[&str],
    folder: &Utf8Path,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let env = Env::capture();
    let programs = Programs::find(&env)?;
    let log = Log::create(&store.log(), "sources")?;
    let parent = store.sources();
    fs::create_dir_all(&parent).map_err(Error::io("create", parent.as_path()))?;
    let lists = tempfile::Builder::new()
        .prefix(".apt-")
        .tempdir_in(&parent)
        .map_err(Error::io("write to", parent.as_path()))?;
    let lists = Utf8Path::from_path(lists.path()).unwrap_or(&parent);
    progress.step(&format!("downloading {}", names.join(", ")), || {
        let settings = (STABLE.name, Kind::Source, STABLE.check_valid_until);
        let archive = Archive::provide(&env, store, &programs, progress)?;
        let apt = archive.open(store, &programs, lists, settings, &log, progress)?;
        apt.download_sources(names, folder)
    })
}

/// Unpacks a source archive of [`SOURCES`] into `folder`, which must not exist; the archive's own
/// top folder is left out. The folder appears whole or not at all.
///
/// # Errors
/// As [`fetch_source`]; or the folder exists or cannot be written.
pub fn unpack_source(
    store: &Store,
    name: &str,
    folder: &Utf8Path,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let archive = fetch_source(store, name, progress)?;
    let parent = folder.parent().unwrap_or(Utf8Path::new("."));
    fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
    let staging = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(Error::io("write to", parent))?;
    let top = Utf8Path::from_path(staging.path())
        .map_or_else(|| folder.to_owned(), |path| path.join("top"));
    unpack_upstream(&archive, &top)?;
    fs::rename(&top, folder).map_err(Error::io("rename to", folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(SOURCES.is_sorted_by_key(|source| source.name));
        for source in SOURCES {
            assert!(source.file.starts_with(source.name), "{}", source.file);
            assert_eq!(source.sha256.len(), 64, "{}", source.name);
        }
    }

    #[test]
    fn a_users_archive_must_be_the_one_of_the_table() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let source = Source {
            name: "abc",
            file: "abc.tar.xz",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        };
        let find = |folder: &str| users(&Env::from_iter([(VARIABLE, folder)]), &source);
        assert_eq!(users(&Env::default(), &source).unwrap(), None);
        assert_eq!(find(root.as_str()).unwrap(), None, "not there: got as ever");
        let archive = root.join("abc.tar.xz");
        fs::write(&archive, "abc").unwrap();
        assert_eq!(find(root.as_str()).unwrap().as_ref(), Some(&archive));
        fs::write(&archive, "another").unwrap();
        let error = find(root.as_str()).unwrap_err().to_string();
        assert!(
            error.contains("SHA-256") && error.contains(VARIABLE),
            "{error}"
        );
        assert!(archive.exists(), "a user's file stays");
        for wrong in ["relative", "/no/such/folder"] {
            let error = find(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains(VARIABLE), "{error}");
        }
    }

    #[test]
    fn an_unknown_source_is_refused_with_the_known_ones() {
        let store = Store::at("/nowhere".into());
        let error = fetch_source(&store, "blas", &Silent)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`blas`") && error.contains("f2c, lapack, libf2c2"),
            "{error}"
        );
    }
}
