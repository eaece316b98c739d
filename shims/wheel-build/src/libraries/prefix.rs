//! A prefix: links to the files of libraries that are found together.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use disk::contents::SEAL;
use libraries::pkg_config;
use provision::{Progress, Slot, State};
use toolcall::needs::{self, Needs};
use walkdir::WalkDir;

use super::chosen::Resolved;
use crate::error::WheelBuildError;
use crate::session::Session;

/// What of a library's folder nobody searches.
const LEFT_OUT: &[&str] = &[
    SEAL,
    "emshim-stamp.json",
    "share/doc",
    "share/info",
    "share/man",
];

/// The folder, named by those of the libraries.
pub(super) fn slot(session: &Session, all: &[&Resolved]) -> Option<Slot> {
    let target = session.target.name.to_string().replace('@', "-");
    let folders = all.iter().map(|one| one.slot.folder().as_str());
    let what = "a prefix of libraries";
    let name = format!("{target}-prefix");
    (!all.is_empty()).then(|| Slot::new(&session.store.libraries(), &name, what, folders))
}

/// Makes it unless it is there.
pub(super) fn provide(
    session: &Session,
    all: &[&Resolved],
    progress: &dyn Progress,
) -> Result<Option<Utf8PathBuf>, WheelBuildError> {
    let Some(slot) = slot(session, all) else {
        return Ok(None);
    };
    let is_there = || matches!(slot.state(), State::Ready(_)) && slot.is_intact();
    if !is_there() {
        let work = slot.lock(progress)?;
        if !is_there() {
            let staging = work.staging()?;
            link(staging, all)?;
            work.place()?;
            work.finish(BTreeMap::new())?;
        }
    }
    Ok(Some(slot.folder().to_owned()))
}

fn link(staging: &Utf8Path, all: &[&Resolved]) -> Result<(), WheelBuildError> {
    let mut owners: BTreeMap<Utf8PathBuf, &Resolved> = BTreeMap::new();
    for one in all {
        let folder = one.slot.folder();
        let unreadable = WheelBuildError::io("cannot read", folder);
        let entries: Result<Vec<_>, _> = WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .collect();
        for entry in entries.map_err(std::io::Error::from).map_err(unreadable)? {
            let Some(path) = Utf8Path::from_path(entry.path()) else {
                continue;
            };
            let below = path.strip_prefix(folder).unwrap_or(path);
            if entry.file_type().is_dir() || LEFT_OUT.iter().any(|out| below.starts_with(out)) {
                continue;
            }
            if let Some(other) = owners.insert(below.to_owned(), one) {
                let same = fs::read(path).ok() == fs::read(other.slot.folder().join(below)).ok();
                if same {
                    continue;
                }
                return Err(WheelBuildError::Message(format!(
                    "{} and {} both install {below}, and differ: remove one",
                    other.library.recipe.name, one.library.recipe.name
                )));
            }
            let link = staging.join(below);
            let parent = link.parent().unwrap_or(staging);
            fs::create_dir_all(parent)
                .and_then(|()| symlink(path, &link))
                .map_err(WheelBuildError::io("cannot write", link.as_path()))?;
        }
    }
    let file = staging.join(needs::FILE);
    write(&file, &needs::text(&needs_of(all)))?;
    aliases(staging, all)
}

/// What each static library needs: its recipe's others, and those of all that the recipe depends on.
fn needs_of(all: &[&Resolved]) -> Needs {
    let mut needs = Needs::new();
    for one in all.iter().filter(|one| !one.library.recipe.build.shared) {
        let below = all
            .iter()
            .filter(|other| one.depends.contains(&other.library.recipe.name));
        // What is needed by others comes after them, which a reader expects and no link asks for.
        let below = below
            .rev()
            .flat_map(|other| &other.library.recipe.provides.libraries);
        let own = &one.library.recipe.provides.libraries;
        let together: Vec<&String> = own.iter().chain(below).collect();
        for name in own {
            let others = together.iter().filter(|other| **other != name);
            needs.insert(name.clone(), others.map(|other| (*other).clone()).collect());
        }
    }
    needs
}

fn write(path: &Utf8Path, text: &str) -> Result<(), WheelBuildError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(WheelBuildError::io("cannot write", path))
}

/// Other names of libraries, unless they are a library's own.
fn aliases(staging: &Utf8Path, all: &[&Resolved]) -> Result<(), WheelBuildError> {
    let folder = staging.join("lib/pkgconfig");
    for recipe in all.iter().map(|one| &one.library.recipe) {
        for (name, of) in &recipe.provides.aliases {
            let path = folder.join(format!("{name}.pc"));
            if !path.exists() {
                let text = pkg_config::alias(name, of, &recipe.version);
                write(&path, &text)?;
            }
        }
    }
    Ok(())
}
