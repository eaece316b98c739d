//! micropip, by which a Pyodide release installs wheels, from the index the user's pip is
//! configured for.
//!
//! The npm package has none of the distribution's packages, and the checksums of its lock file are
//! those of wheels that Pyodide built itself. What can be held against is the version, and for the
//! releases known here the checksum of PyPI's wheel.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::Log;
use crate::machine::Env;
use crate::store::{Slot, Stamp, State, split};
use crate::tools::{Wanted, find_pip, install};
use crate::{Error, Progress, Store};

/// SHA-256 of the wheels that the lock files of Pyodide 0.26 to 315 ask for. Others are taken with
/// the checksum that the index announces.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "micropip",
        "0.6.0",
        "d6ebd9581a2f446141f782f813c3b9a41efdebedddd9d2e0cc11b2cee3d23761",
    ),
    (
        "micropip",
        "0.9.0",
        "babcf68c1849e229aa887564bc5f2de50273c3212e73c9aff8e3e6e80f2b6a23",
    ),
    (
        "micropip",
        "0.10.1",
        "126a501fecb40fc87f7edb67974a45f32db87e8ff3d932452aefbbcde27e53f5",
    ),
    (
        "micropip",
        "0.11.0",
        "467568ffe26c3aa5b53bad7a4722ebd91b0427cfd664efbe1b571530ded4a84b",
    ),
    (
        "micropip",
        "0.11.1",
        "768de165adb8e66906039d8fec4127a57f522dfdf8e6fbff877a4616941ecfd3",
    ),
    (
        "packaging",
        "23.2",
        "8c491190033a9af7e1d931d0b5dacc2ef47509b34dd0de67ed209b5203fc88c7",
    ),
    (
        "packaging",
        "24.2",
        "09abb1bccd265c01f4a3aa3f7a7db064b36514d2cba19a2f694fe6150451a759",
    ),
];

/// How the name of a folder begins.
const NAME: &str = "micropip-";

/// What the stamp calls the minor version of Python.
const PYTHON: &str = "python";

/// Bytes of disk the largest needs.
const DISK: u64 = 5_000_000;

/// micropip and what it needs, by name and version as the lock file has them, installed for a minor
/// version of Python into a folder of the store unless it is there already. The folder is a
/// site-packages.
///
/// # Errors
/// The machine has no pip, its index does not answer or lacks a version, or what it has is another.
pub fn provision_micropip(
    store: &Store,
    packages: &[(String, String)],
    python: &str,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let wanted = wanted(packages);
    let version = packages.first().map_or("none", |(_, version)| version);
    let (name, what) = (format!("{NAME}{version}"), format!("micropip {version}"));
    let slot = slot(store, &name, &wanted, python);
    // It holds no absolute path of its own, so a moved one works.
    if slot.state() != State::Absent {
        return Ok(slot.folder().to_owned());
    }
    let work = slot.lock(progress)?;
    if slot.state() != State::Absent {
        return Ok(slot.folder().to_owned());
    }
    let log = Log::create(&store.log(), &name)?;
    let pip = find_pip(&Env::capture())?;
    progress
        .step(&format!("installing {what}"), || {
            let staging = work.staging()?;
            // One by one: pip wants checksums of all or of none.
            for one in &wanted {
                let alone = std::slice::from_ref(one);
                install(&pip, alone, &["--python-version", python], staging, &log)?;
                verify(staging, one)?;
            }
            work.place()?;
            let python = (PYTHON.to_owned(), python.to_owned());
            work.finish(packages.iter().cloned().chain([python]).collect())
        })
        .map_err(|e| e.or_disk_full(slot.folder(), &what, DISK))?;
    Ok(slot.folder().to_owned())
}

fn wanted(packages: &[(String, String)]) -> Vec<Wanted<'_>> {
    let known = |name: &str, version: &str| {
        let rows = KNOWN.iter().filter(|(n, v, _)| (*n, *v) == (name, version));
        rows.map(|(_, _, sha256)| *sha256).collect()
    };
    let one = |(name, version)| Wanted {
        name,
        version,
        sha256: known(name, version),
    };
    packages
        .iter()
        .map(|(n, v)| one((n.as_str(), v.as_str())))
        .collect()
}

fn slot(store: &Store, name: &str, wanted: &[Wanted<'_>], python: &str) -> Slot {
    let mut lines: Vec<String> = wanted.iter().map(Wanted::line).collect();
    lines.sort();
    let parts = lines.iter().map(String::as_str).chain([python]);
    Slot::new(&store.tools(), name, name.replace('-', " "), parts)
}

/// The slot of a folder of a micropip that is there.
pub(crate) fn slot_of(store: &Store, folder: &Utf8Path) -> Option<Slot> {
    let (name, _) = split(folder).filter(|(name, _)| name.starts_with(NAME))?;
    let mut versions = Stamp::read(folder)?.versions;
    let python = versions.remove(PYTHON)?;
    let packages: Vec<_> = versions.into_iter().collect();
    Some(slot(store, name, &wanted(&packages), &python))
}

/// Holds what pip has installed against what was wanted.
fn verify(site: &Utf8Path, wanted: &Wanted<'_>) -> Result<(), Error> {
    let info = format!("{}-{}.dist-info/METADATA", wanted.name, wanted.version);
    let path = site.join(info);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    let found = [field("Name: "), field("Version: ")];
    if found == [Some(wanted.name), Some(wanted.version)] {
        return Ok(());
    }
    Err(Error::Invalid {
        path: path.to_string(),
        why: format!("is not that of {} {}", wanted.name, wanted.version),
        remedy: "let pip use an index that has this version of it".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_must_be_what_was_wanted() {
        let dir = tempfile::tempdir().unwrap();
        let site = Utf8Path::from_path(dir.path()).unwrap();
        let wanted = Wanted {
            name: "micropip",
            version: "0.11.1",
            sha256: Vec::new(),
        };
        assert!(verify(site, &wanted).is_err());
        let info = site.join("micropip-0.11.1.dist-info");
        fs::create_dir(&info).unwrap();
        let write = |name: &str, version: &str| {
            let text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText\n");
            fs::write(info.join("METADATA"), text).unwrap();
            verify(site, &wanted)
        };
        write("micropip", "0.11.1").unwrap();
        for (name, version) in [("micropip", "0.11.2"), ("other", "0.11.1")] {
            let error = write(name, version).unwrap_err().to_string();
            assert!(
                error.contains("METADATA") && error.contains("index"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_known_wheels_have_checksums() {
        for (name, version, sha256) in KNOWN {
            let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(plain, "{name} {version}");
        }
    }
}
