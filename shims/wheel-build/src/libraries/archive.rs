//! Source archives of libraries: verified, kept in the store.

use std::fs;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use libraries::recipe::{Origin, Source};
use provision::Progress;
use pyodide_wheel::python::Output;
use pyodide_wheel::source;
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use super::chosen::Resolved;
use crate::error::WheelBuildError;
use crate::session::Session;

/// Names a folder with archives, for machines that cannot get them.
const VARIABLE: &str = "EMSHIM_SOURCES";

/// Where a library's source is: an archive, or a folder of the user's.
pub(super) fn place(session: &Session, one: &Resolved) -> Utf8PathBuf {
    let source = &one.library.recipe.source;
    match (&source.path, &source.file) {
        (Some(path), _) => one.library.at(path),
        (None, file) => {
            let file = file.as_deref().unwrap_or_default();
            let users = std::env::var(VARIABLE).unwrap_or_default();
            let users = Utf8Path::new(&users).join(file);
            if !users.as_str().is_empty() && users.is_absolute() && users.is_file() {
                return users;
            }
            session.store.sdists().join(file)
        }
    }
}

/// Gets the archives of libraries that are not there, and verifies all.
///
/// # Errors
/// One cannot be had, or has another checksum than the recipe says.
pub(super) fn fetch(
    session: &Session,
    wanted: &[&Resolved],
    progress: &dyn Progress,
) -> Result<(), WheelBuildError> {
    let absent: Vec<&&Resolved> = wanted
        .iter()
        .filter(|one| !place(session, one).exists())
        .collect();
    let folder = session.store.sdists();
    fs::create_dir_all(&folder).map_err(WheelBuildError::io("cannot create", folder.as_path()))?;
    let downloads = tempfile::Builder::new()
        .prefix(".tmp")
        .tempdir_in(&folder)
        .map_err(WheelBuildError::io("cannot write to", folder.as_path()))?;
    let downloads = Utf8Path::from_path(downloads.path()).unwrap_or(&folder);
    let debian: Vec<&str> = absent
        .iter()
        .filter_map(|one| one.library.recipe.source.debian.as_deref())
        .collect();
    if !debian.is_empty() {
        // All at once: the lists that name them are larger than they are.
        provision::download_upstream(&session.store, &debian, downloads, progress)?;
    }
    for one in absent {
        let source = &one.library.recipe.source;
        let file = source.file.as_deref().unwrap_or_default();
        match source.origin() {
            Ok(Origin::Pypi(pinned)) => pypi(session, pinned, downloads, progress)?,
            Ok(Origin::Cargo(pinned)) => cargo(pinned, file, downloads, progress)?,
            Ok(Origin::Path(_)) => {
                let path = place(session, one);
                return Err(WheelBuildError::Message(format!(
                    "{path}, the source of {}, is not there",
                    one.library.label()
                )));
            }
            _ => {}
        }
        let got = downloads.join(file);
        if !got.exists() {
            let others: Vec<String> = downloads
                .read_dir_utf8()
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.file_name().to_owned())
                .collect();
            return Err(WheelBuildError::Message(format!(
                "the recipe of {} is for {file}, and there is {} now: use an emshim whose recipe is \
                 for that, or put {file} into a folder that {VARIABLE} names",
                one.library.label(),
                if others.is_empty() {
                    "none".to_owned()
                } else {
                    others.join(", ")
                }
            )));
        }
        verify(source, &got, &one.library.label())?;
        let to = folder.join(file);
        fs::rename(&got, &to).map_err(WheelBuildError::io("cannot write", to.as_path()))?;
    }
    for one in wanted {
        let path = place(session, one);
        verify(&one.library.recipe.source, &path, &one.library.label()).inspect_err(|_| {
            // What the store has is got again; what is the user's stays.
            if path.starts_with(&folder) {
                let _ = fs::remove_file(&path);
            }
        })?;
    }
    Ok(())
}

fn pypi(
    session: &Session,
    pinned: &str,
    folder: &Utf8Path,
    progress: &dyn Progress,
) -> Result<(), WheelBuildError> {
    let log = session.store.log().join("sources.log");
    let mut output = Output {
        log: &log,
        line: &mut |_| {},
    };
    progress.step(&format!("downloading {pinned}"), || {
        source::fetch(&session.tools, pinned, folder, &mut output)
    })?;
    Ok(())
}

/// A crate's archive, by the machine's own cargo: it verifies it and keeps it in its cache.
fn cargo(
    pinned: &str,
    file: &str,
    folder: &Utf8Path,
    progress: &dyn Progress,
) -> Result<(), WheelBuildError> {
    let (name, version) = pinned.split_once("==").unwrap_or((pinned, "*"));
    let failed = |why: String| {
        WheelBuildError::Message(format!(
            "cannot get the crate {pinned}: {why}; check that `cargo` reaches its registry"
        ))
    };
    let project = folder.join("crate");
    let cache = folder.join("cargo");
    let manifest = format!(
        "[package]\nname = \"none\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[dependencies]\n\
         {name} = \"={version}\"\n"
    );
    let write = fs::create_dir_all(project.join("src"))
        .and_then(|()| fs::write(project.join("src/lib.rs"), ""))
        .and_then(|()| fs::write(project.join("Cargo.toml"), manifest));
    write.map_err(|error| failed(error.to_string()))?;
    progress.step(&format!("downloading {pinned}"), || {
        let done = Command::new("cargo")
            .args(["vendor", "--quiet", "--versioned-dirs"])
            .arg(&cache)
            .current_dir(&project)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !done.status.success() {
            return Err(failed(
                String::from_utf8_lossy(&done.stderr).trim().to_owned(),
            ));
        }
        Ok(())
    })?;
    // The archive lies in cargo's own cache, wherever that is.
    let home = std::env::var("CARGO_HOME").map_or_else(
        |_| Utf8PathBuf::from(std::env::var("HOME").unwrap_or_default()).join(".cargo"),
        Utf8PathBuf::from,
    );
    let archives = WalkDir::new(home.join("registry/cache")).max_depth(2);
    let found = archives
        .into_iter()
        .flatten()
        .find(|entry| entry.file_name() == file)
        .ok_or_else(|| failed(format!("{file} is not in cargo's cache below {home}")))?;
    fs::copy(found.path(), folder.join(file))
        .map(drop)
        .map_err(|error| failed(error.to_string()))
}

/// Holds an archive against its recipe.
fn verify(source: &Source, path: &Utf8Path, label: &str) -> Result<(), WheelBuildError> {
    let Some(expected) = &source.sha256 else {
        return Ok(());
    };
    let bytes = fs::read(path).map_err(WheelBuildError::io("cannot read", path))?;
    let digest = Sha256::digest(bytes);
    let actual: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if actual == *expected {
        return Ok(());
    }
    Err(WheelBuildError::Message(format!(
        "{path}, the source of {label}: SHA-256 {actual}, expected {expected}; it is not used"
    )))
}

/// The digest of a file or folder of the user's.
pub(super) fn digest(path: &Utf8Path) -> Result<String, WheelBuildError> {
    let mut hasher = blake3::Hasher::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry
            .map_err(std::io::Error::from)
            .map_err(WheelBuildError::io("cannot read", path))?;
        let name = entry.path().strip_prefix(path).unwrap_or(entry.path());
        hasher.update(name.as_os_str().as_encoded_bytes());
        if entry.file_type().is_file() {
            let file = fs::File::open(entry.path());
            file.and_then(|file| hasher.update_reader(file).map(drop))
                .map_err(WheelBuildError::io("cannot read", path))?;
        }
        hasher.update(&[0]);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
