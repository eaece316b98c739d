//! Programs that are linked with shared libraries: those are side modules, which the program's script
//! loads before it runs.

use crate::driver_call::{DriverCall, Line};
use crate::machine::{self, Machine};
use crate::rewrite;
use flags::classify;
use flags::parse::Arg;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::builtin::FindLibraries;
use toolcall::plan::Step;
use toolcall::{os_str, sources};

/// Suffixes of emcc's forms that have no script, or one that does not run by itself under Node.
const ELSEWHERE: [&str; 3] = ["html", "mjs", "wasm"];

/// The folders of the shared libraries that a program is linked with, and of those that they need.
#[derive(Debug, Default)]
pub(crate) struct SharedLibraries {
    folders: Vec<PathBuf>,
    used: bool,
}

/// Finds those of a link of a program. As emcc does it, `-lNAME` is a shared library where one of that
/// name is in any folder.
pub(crate) fn find(call: &DriverCall) -> SharedLibraries {
    let mut found = SharedLibraries::default();
    let output = call.command.output.as_deref().unwrap_or_default();
    let elsewhere = ELSEWHERE.iter().any(|own| sources::suffix(output) == *own);
    if !call.makes_program() || !call.context.tool.is_native() || elsewhere {
        return found;
    }
    let cwd = &call.context.invocation.cwd;
    let files = call.context.files;
    let words: Vec<OsString> = call
        .pieces
        .iter()
        .flat_map(|piece| rewrite::drawn_from(&piece.words))
        .collect();
    let value =
        |word: &OsString, option| os_str::strip_prefix(word, option).map(|value| cwd.join(value));
    let folders: Vec<PathBuf> = words.iter().filter_map(|word| value(word, "-L")).collect();
    for word in &words {
        let path = match os_str::strip_prefix(word, "-l") {
            Some(name) => {
                let file = os_str::os(&[b"lib", name.as_bytes(), b".so"].concat());
                let mut candidates = folders.iter().map(|folder| folder.join(&file));
                candidates.find(|path| files.exists(path))
            }
            None if sources::names_shared_library(word) => Some(cwd.join(word)),
            None => None,
        };
        let path = path.filter(|path| machine::of(files, path) == Some(Machine::Target));
        if let Some(folder) = path.as_deref().and_then(Path::parent) {
            found.used = true;
            found.add(folder.to_owned());
        }
    }
    if found.used {
        for folder in rewrite::link_path(&call.args) {
            found.add(cwd.join(folder));
        }
    }
    found
}

impl SharedLibraries {
    /// Whether there are any.
    pub(crate) fn used(&self) -> bool {
        self.used
    }

    fn add(&mut self, folder: PathBuf) {
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    /// The step that writes the script by which the program finds them, if there are any.
    pub(crate) fn search(&self, call: &DriverCall) -> Option<(OsString, Step)> {
        if !self.used {
            return None;
        }
        let script = call.context.work_dir.join("libraries.js").into_os_string();
        let step = FindLibraries {
            script: script.clone(),
            linked: self.folders.clone(),
            words: rewrite::whole_run_path(&call.args),
        };
        let step = Step::built_in(step.argv(), vec![script.clone()]);
        Some((script, step))
    }

    /// What the link gets for them.
    pub(crate) fn flags(&self, args: &[Arg], script: &OsStr, line: &mut Line) {
        let folders = self
            .folders
            .iter()
            .map(|folder| os_str::joined("-L", folder.as_os_str()));
        line.add(folders.collect(), "link/shared-libraries", NEEDED);
        line.add(
            vec!["-Wl,--no-shlib-sigcheck".into()],
            "link/shared-signatures",
            PROBES,
        );
        line.add(
            vec!["-Wl,--experimental-pic".into()],
            "link/experimental-pic",
            STABLE,
        );
        if classify::setting(args, "MAIN_MODULE").is_none() {
            line.add(vec!["-sMAIN_MODULE=2".into()], "link/main-module", LOADER);
        }
        line.add(
            vec!["--pre-js".into(), script.to_owned()],
            "link/library-path",
            SEARCH,
        );
    }
}

const NEEDED: &str = "emcc looks there for the libraries that a shared library needs";
const PROBES: &str = "no linker for ELF knows the types of a shared library's functions; a call that \
                      disagrees fails when the program starts, and this check would answer \
                      configure's `char f();` with no";
const STABLE: &str = "wasm-ld warns that imports of a program are not stable yet; they are of this link's own \
                      libraries";
const LOADER: &str = "the program's script has to load libraries, which emcc 6.0.5 sees for itself and 3.1.69 \
                      does not";
const SEARCH: &str = "the script looks for shared libraries in LD_LIBRARY_PATH, the run path, beside the \
                      program, and where they were when it was linked";
