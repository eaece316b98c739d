//! Where a module says that its libraries lie: `-Wl,-rpath,$ORIGIN/lib` and its other spellings.

use super::linker_words::values;
use flags::parse::Arg;
use flags::tables::linker;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::decision::Ruling;
use toolcall::os_str;

/// What names the folder of the module itself: ELF's two spellings, and Apple's.
const ORIGINS: &[&str] = &["$ORIGIN", "${ORIGIN}", "@loader_path"];

/// How the loader spells it.
const ORIGIN: &str = "$ORIGIN";

/// The options, by their names without dashes.
const NAMES: &[&str] = &["rpath", "R"];

/// The folders of an option's value that are named by the module's own, as the loader spells them.
pub fn from_origin(value: &OsStr) -> impl Iterator<Item = OsString> {
    value
        .as_bytes()
        .split(|&byte| byte == b':')
        .filter_map(|path| {
            let path = OsStr::from_bytes(path);
            let rest = ORIGINS
                .iter()
                .find_map(|origin| os_str::strip_prefix(path, origin))?;
            let whole = rest.is_empty() || os_str::starts_with(rest, "/");
            whole.then(|| os_str::joined(ORIGIN, rest))
        })
}

/// What becomes of such an option in a link of a module.
pub(super) fn answer(value: &OsStr) -> Ruling {
    if from_origin(value).next().is_some() {
        Ruling::Translate(linker::RUN_PATH.into())
    } else {
        Ruling::drop(linker::SEARCH)
    }
}

/// The run path that a command asks for and a module can have, each folder once.
#[must_use]
pub fn run_path(args: &[Arg]) -> Vec<OsString> {
    let mut paths = Vec::new();
    for value in values(args, NAMES) {
        for path in from_origin(&value) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

/// The whole run path that a command asks for, as a program can have it.
#[must_use]
pub fn whole_run_path(args: &[Arg]) -> Vec<OsString> {
    folders(args, NAMES)
}

/// The folders that a command names for libraries that libraries need.
#[must_use]
pub fn link_path(args: &[Arg]) -> Vec<OsString> {
    folders(args, &["rpath-link"])
}

fn folders(args: &[Arg], names: &[&str]) -> Vec<OsString> {
    let values = values(args, names);
    let folders = values
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b':'));
    folders
        .filter(|folder| !folder.is_empty())
        .map(os_str::os)
        .collect()
}
