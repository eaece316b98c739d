//! What a plan is made from, and what planners of all tools ask of it.

use crate::files::{self, Files};
use crate::settings::Settings;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::invocation::{self, Expanded, Invocation};
use toolcall::job::Job;
use toolcall::plan::EnvChange;
use toolcall::probes;
use toolcall::tool::Tool;

/// Everything a plan is made from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The target and toolchain.
    pub config: &'a ShimConfig,
    /// The call's own settings.
    pub settings: &'a Settings,
    /// The call.
    pub invocation: &'a Invocation,
    /// The tool it names.
    pub tool: Tool,
    /// Its arguments, `@file`s expanded.
    pub expanded: &'a Expanded,
    /// The file system.
    pub files: &'a dyn Files,
    /// A folder that intermediate files may use; made only if the plan says so.
    pub work_dir: &'a Path,
}

impl Context<'_> {
    /// Whether a call for this job that reads these files is a question, or a build system's trial.
    pub(crate) fn is_probe<'p>(
        &self,
        job: Job,
        inputs: impl IntoIterator<Item = &'p OsStr>,
    ) -> bool {
        job == Job::Query || probes::is_probe(&self.invocation.cwd, inputs)
    }

    /// The path of emcc or em++.
    pub(crate) fn compiler(&self, cxx: bool) -> OsString {
        self.emscripten(if cxx { "em++" } else { "emcc" })
    }

    pub(crate) fn emscripten(&self, tool: &str) -> OsString {
        self.config.emscripten.root.join(tool).into_os_string()
    }

    pub(crate) fn llvm(&self, tool: &str) -> OsString {
        self.config.emscripten.llvm_bin.join(tool).into_os_string()
    }

    /// The real program behind one of our names, searched past our own folder; or the refusal.
    pub(crate) fn real(&self, names: &[&str], remedy: &str) -> Result<PathBuf, String> {
        let path = self.invocation.env.get("PATH").unwrap_or_default();
        let find = |name: &&str| files::find_program(self.files, path, &self.invocation.cwd, name);
        names.iter().find_map(find).ok_or_else(|| {
            format!(
                "no {} on PATH besides this shim in {}; {remedy}",
                names[0], self.invocation.shim_dir
            )
        })
    }

    /// What the environment of an Emscripten tool needs: its own variables, and none of those
    /// that lead it or clang to the build machine's files.
    pub(crate) fn emscripten_env(&self) -> Vec<EnvChange> {
        let env = &self.invocation.env;
        let mut changes = Vec::new();
        let own = &self.config.emscripten.env;
        for name in MISLEADING {
            if env.get(name).is_some() && !own.iter().any(|(set, _)| set == name) {
                changes.push(EnvChange::unset(name));
            }
        }
        for name in SEARCH_PATHS {
            let Some(value) = env.text(name) else {
                continue;
            };
            let kept = target_folders(value);
            if kept != value {
                changes.push(if kept.is_empty() {
                    EnvChange::unset(name)
                } else {
                    EnvChange::set(name, kept)
                });
            }
        }
        if let Some(path) = env.get("PATH") {
            let shorter = invocation::without(path, self.invocation.shim_dir.as_std_path());
            if shorter != path
                && let Some(shorter) = shorter.to_str()
            {
                changes.push(EnvChange::set("PATH", shorter));
            }
        }
        changes.extend(own.iter().map(|(name, value)| EnvChange::set(name, value)));
        changes
    }
}

/// Variables that change which Python runs emcc or what that Python loads. `PYTHON` goes before
/// `EMSDK_PYTHON` in emcc's launcher.
const MISLEADING: &[&str] = &[
    "PYTHON",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "_PYTHON_HOST_PLATFORM",
    "_PYTHON_SYSCONFIGDATA_NAME",
];

/// Variables by which clang takes further header and library folders.
const SEARCH_PATHS: &[&str] = &[
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "LIBRARY_PATH",
    "OBJC_INCLUDE_PATH",
];

fn target_folders(value: &str) -> String {
    use flags::tables::hosts::{INCLUDE_DIRS, LIBRARY_DIRS, is_below};
    let target = |dir: &&str| !is_below(dir, INCLUDE_DIRS) && !is_below(dir, LIBRARY_DIRS);
    let kept: Vec<&str> = value
        .split(':')
        .filter(|dir| !dir.is_empty())
        .filter(target)
        .collect();
    kept.join(":")
}

pub(crate) fn os_list<'s>(words: impl IntoIterator<Item = &'s String>) -> Vec<OsString> {
    words.into_iter().map(OsString::from).collect()
}

/// `name` with another suffix, in the working directory.
pub(crate) fn beside(path: &OsStr, suffix: &str) -> OsString {
    let mut name = Path::new(path).file_stem().unwrap_or(path).to_owned();
    name.push(suffix);
    name
}
