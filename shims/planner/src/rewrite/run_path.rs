//! Where a module says that its libraries lie: `-Wl,-rpath,$ORIGIN/lib` and its other spellings.

use super::linker_words::LinkerOptions;
use flags::parse::Arg;
use flags::tables::linker;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::decision::Ruling;
use toolcall::text;

/// What names the folder of the module itself: ELF's two spellings, and Apple's.
const ORIGINS: &[&str] = &["$ORIGIN", "${ORIGIN}", "@loader_path"];

/// How the loader spells it.
const ORIGIN: &str = "$ORIGIN";

/// The options, by their names without dashes.
const NAMES: &[&str] = &["rpath", "R"];

/// The folders of an option's value that are named by the module's own, as the loader spells them.
fn from_origin(value: &OsStr) -> impl Iterator<Item = OsString> {
    value
        .as_bytes()
        .split(|&byte| byte == b':')
        .filter_map(|path| {
            let path = OsStr::from_bytes(path);
            let rest = ORIGINS
                .iter()
                .find_map(|origin| text::strip_prefix(path, origin))?;
            let whole = rest.is_empty() || text::starts_with(rest, "/");
            whole.then(|| text::joined(ORIGIN, rest))
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

/// The run path that a command asks for, each folder once.
#[must_use]
pub fn run_path(args: &[Arg]) -> Vec<OsString> {
    let mut paths = Vec::new();
    let options = LinkerOptions::gather(args);
    for option in args.iter().chain(options.all()) {
        let name = option
            .rule()
            .map_or("", |rule| rule.name.trim_start_matches('-'));
        if let Some(value) = option.value().filter(|_| NAMES.contains(&name)) {
            for path in from_origin(value) {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
    paths
}
