//! The Pyodide runtime, from the npm registry the user's npm is configured for.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine as _;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use sha2::{Digest, Sha512};

use crate::command::{Command, Log};
use crate::find::find_node;
use crate::machine::{Env, is_executable};
use crate::store::{Slot, State, Work};
use crate::unpack::unpack_tgz;
use crate::{Error, Progress, Pyodide, Store};

const PACKAGE: &str = "pyodide";

/// Bytes of disk a Pyodide needs while it is unpacked.
const DISK: u64 = 40_000_000;

/// A Pyodide release, unpacked into the store unless it is there already.
///
/// # Errors
/// `version` is no exact version, npm is missing or does not know that version, the file is not
/// the one the registry names, or the disk is full.
pub fn provision_pyodide(
    store: &Store,
    version: &str,
    progress: &dyn Progress,
) -> Result<Pyodide, Error> {
    if !is_exact(version) {
        return Err(Error::Invalid {
            path: format!("Pyodide version `{version}`"),
            why: "not an exact version".to_owned(),
            remedy: "name one such as 0.29.5".to_owned(),
        });
    }
    let env = Env::capture();
    let (what, slot) = (what(version), slot(store, version));
    // It holds no absolute path of its own, so a moved one works.
    if slot.state() == State::Absent {
        let work = slot.lock(progress)?;
        if slot.state() == State::Absent {
            progress
                .step(&format!("downloading {what}"), || {
                    make(&env, store, version, &work)
                })
                .map_err(|e| e.or_disk_full(slot.folder(), &what, DISK))?;
        }
    }
    read(slot.folder(), version)
}

/// A Pyodide release, if it is in the store; nothing is provisioned.
pub(crate) fn look(store: &Store, version: &str) -> Option<Pyodide> {
    let slot = slot(store, version);
    (slot.state() != State::Absent)
        .then(|| read(slot.folder(), version).ok())
        .flatten()
}

/// npm on PATH, else the one beside the node in use.
///
/// # Errors
/// There is none.
pub(crate) fn find_npm(env: &Env) -> Result<Utf8PathBuf, Error> {
    let beside = || {
        let node = find_node(env).ok()?.exe;
        Some(node.with_file_name("npm")).filter(|npm| is_executable(npm))
    };
    let on_path = env.require(
        "npm",
        "install npm (it comes with Node.js) and put it on PATH",
    );
    on_path.or_else(|error| beside().ok_or(error))
}

/// PATH for npm, a script that runs the first node on it, where that is not the node in use.
fn path_with_node(env: &Env) -> Result<Option<String>, Error> {
    let node = find_node(env)?.exe;
    if env.program("node").is_some_and(|first| first == node) {
        return Ok(None);
    }
    let folder = node.parent().unwrap_or(Utf8Path::new("/"));
    let path = env.path("PATH").unwrap_or_default();
    Ok(Some(format!("{folder}:{path}")))
}

fn what(version: &str) -> String {
    format!("Pyodide {version}")
}

pub(crate) fn slot(store: &Store, version: &str) -> Slot {
    Slot::new(&store.pyodide(), version, what(version), [PACKAGE])
}

/// Three numbers, then perhaps a pre-release: what makes a safe file name and is no npm tag, range
/// or address.
fn is_exact(version: &str) -> bool {
    let (numbers, rest) = match version.find('-') {
        Some(dash) => version.split_at(dash),
        None => (version, ""),
    };
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    numbers.split('.').count() == 3
        && numbers.split('.').all(numeric)
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && rest != "-"
}

fn make(env: &Env, store: &Store, version: &str, work: &Work<'_>) -> Result<(), Error> {
    let npm = find_npm(env)?;
    let log = Log::create(&store.log(), &format!("{PACKAGE}-{version}"))?;
    let spec = format!("{PACKAGE}@{version}");
    let path = path_with_node(env)?;
    let run = |step: &str, args: &[&str], folder: &Utf8Path| {
        let remedy = "`npm view pyodide versions` must work and list the version";
        let mut command = Command::new(&npm, step, remedy)
            .args(args)
            .args(["--json", "--ignore-scripts", "--no-update-notifier"])
            .dir(folder);
        if let Some(path) = &path {
            command = command.env("PATH", path.clone());
        }
        command.output(&log)
    };
    let staging = work.staging()?;
    let answer = run(
        "asking npm for Pyodide",
        &["view", &spec, "dist.integrity"],
        staging,
    )?;
    run("downloading Pyodide with npm", &["pack", &spec], staging)?;
    let archive = only_file(staging)?;
    verify_integrity(&archive, &answer)?;
    unpack_tgz(&archive, staging)?;
    fs::remove_file(&archive).map_err(Error::io("remove", &archive))?;
    let pyodide = read(staging, version)?;
    work.place()?;
    work.finish(BTreeMap::from([
        ("pyodide".to_owned(), pyodide.version),
        ("python".to_owned(), pyodide.python),
        ("emscripten".to_owned(), pyodide.emscripten),
        ("abi".to_owned(), pyodide.abi),
    ]))?;
    Ok(())
}

/// The one file npm has put into an empty folder.
fn only_file(folder: &Utf8Path) -> Result<Utf8PathBuf, Error> {
    let entries: Vec<_> = folder
        .read_dir_utf8()
        .and_then(Iterator::collect::<Result<_, _>>)
        .map_err(Error::io("read", folder))?;
    match &entries[..] {
        [entry] => Ok(entry.path().to_owned()),
        _ => Err(Error::Invalid {
            path: "npm pack".to_owned(),
            why: format!("left {} files, not one", entries.len()),
            remedy: "try another version of npm".to_owned(),
        }),
    }
}

/// Compares a file with npm's `dist.integrity`: a JSON string, `sha512-` and base64.
fn verify_integrity(archive: &Utf8Path, answer: &str) -> Result<(), Error> {
    let expected: String = serde_json::from_str(answer).map_err(|_| Error::Invalid {
        path: "npm view pyodide dist.integrity".to_owned(),
        why: format!("answered `{}`, not a checksum", answer.trim()),
        remedy: "use a registry that knows the package's checksum".to_owned(),
    })?;
    let bytes = fs::read(archive).map_err(Error::io("read", archive))?;
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha512::digest(&bytes));
    let actual = format!("sha512-{digest}");
    if expected.split(' ').any(|one| one == actual) {
        return Ok(());
    }
    fs::remove_file(archive).map_err(Error::io("remove", archive))?;
    Err(Error::Checksum {
        path: archive.to_owned(),
        expected,
        actual,
    })
}

/// The part of `pyodide-lock.json` that describes the runtime.
#[derive(Deserialize)]
struct Lock {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    abi_version: String,
    /// `emscripten_4_0_9`.
    platform: String,
    python: String,
}

fn read(root: &Utf8Path, version: &str) -> Result<Pyodide, Error> {
    let path = root.join("pyodide-lock.json");
    let invalid = |why: String| Error::Invalid {
        path: path.to_string(),
        why: format!("does not describe a runtime ({why})"),
        remedy: "choose another Pyodide release".to_owned(),
    };
    let text = fs::read_to_string(&path).map_err(|e| invalid(e.to_string()))?;
    let info = serde_json::from_str::<Lock>(&text)
        .map_err(|e| invalid(e.to_string()))?
        .info;
    let emscripten = info
        .platform
        .strip_prefix("emscripten_")
        .ok_or_else(|| invalid(format!("its platform is `{}`", info.platform)))?
        .replace('_', ".");
    Ok(Pyodide {
        root: root.to_owned(),
        version: version.to_owned(),
        python: info.python,
        emscripten,
        abi: info.abi_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_versions_are_taken() {
        for version in ["0.29.5", "315.0.0-alpha.2", "314.0.7"] {
            assert!(is_exact(version), "{version}");
        }
        for version in [
            "",
            "0.29",
            "latest",
            "^0.29.5",
            "0.29.x",
            "../0.1.2",
            "0.1.2-../x",
            "0.1.2-",
            "1..2",
            "0.29.5 ",
            "git://x",
        ] {
            assert!(!is_exact(version), "{version}");
        }
    }

    #[test]
    fn the_lock_file_tells_what_the_runtime_is() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let lock = root.join("pyodide-lock.json");
        fs::write(
            &lock,
            r#"{"info": {"abi_version": "2025_0", "arch": "wasm32",
                "platform": "emscripten_4_0_9", "python": "3.13.2"}, "packages": {}}"#,
        )
        .unwrap();
        let pyodide = read(root, "0.29.5").unwrap();
        assert_eq!(
            (
                pyodide.python.as_str(),
                pyodide.emscripten.as_str(),
                pyodide.abi.as_str()
            ),
            ("3.13.2", "4.0.9", "2025_0")
        );
        fs::write(&lock, r#"{"info": {"python": "3.11"}}"#).unwrap();
        let error = read(root, "0.20.0").unwrap_err().to_string();
        assert!(
            error.contains("pyodide-lock.json") && error.contains("abi_version"),
            "{error}"
        );
    }

    #[test]
    fn an_archive_with_another_checksum_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Utf8Path::from_path(dir.path()).unwrap().join("p.tgz");
        fs::write(&archive, "abc").unwrap();
        let abc = "\"sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1\
                   EI2Q86A4qmslPpUyknw==\"\n";
        verify_integrity(&archive, abc).unwrap();
        assert!(verify_integrity(&archive, "").is_err());
        assert!(verify_integrity(&archive, "\"sha512-AAAA\"").is_err());
        assert!(!archive.exists());
    }
}
