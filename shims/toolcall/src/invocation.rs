//! One call of a tool: its name, arguments, environment and working directory.

use crate::os_str;
use camino::Utf8PathBuf;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The environment of an invocation, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Env(Vec<(OsString, OsString)>);

impl Env {
    /// Sorts `variables` by name.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut variables: Vec<_> = variables.into_iter().collect();
        variables.sort();
        Self(variables)
    }

    /// A variable's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let at = self
            .0
            .binary_search_by(|(n, _)| n.as_os_str().cmp(OsStr::new(name)))
            .ok()?;
        Some(&self.0[at].1)
    }

    /// A variable's value if it is set, not empty and UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().filter(|value| !value.is_empty())
    }

    /// All variables, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

/// One call of a tool, as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The name called by, without its folder: `gcc`.
    pub name: String,
    /// The arguments after the name.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: Env,
    /// The working directory.
    pub cwd: PathBuf,
    /// Folder of the running binary: the shim folder.
    pub shim_dir: Utf8PathBuf,
}

/// A response file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseFile {
    /// The name after the `@`.
    pub path: PathBuf,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// The arguments with every `@file` replaced by what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The arguments.
    pub args: Vec<OsString>,
    /// The files read, in order.
    pub files: Vec<ResponseFile>,
}

/// The name a program was called by: the last part of argv\[0\].
#[must_use]
pub fn called(argv0: &OsStr) -> String {
    let name = Path::new(argv0).file_name().unwrap_or(argv0);
    name.to_string_lossy().into_owned()
}

/// A search path without one folder.
#[must_use]
pub fn without(path: &OsStr, folder: &Path) -> OsString {
    let kept = std::env::split_paths(path).filter(|dir| dir != folder);
    std::env::join_paths(kept).unwrap_or_else(|_| os_str::joined("", path))
}
