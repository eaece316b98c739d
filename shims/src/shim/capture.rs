//! Where a shim learns who it is and what it was asked: the only reader of argv, environment,
//! working directory and executable path.

use super::text;
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

/// The process does not say what a shim must know.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The path of the running binary cannot be had.
    #[error("cannot tell where this program is: {0}; is /proc mounted?")]
    Executable(std::io::Error),
    /// Not UTF-8, where our own files are.
    #[error("{} is not a UTF-8 path; install the shims in a folder that is", .0.display())]
    Folder(PathBuf),
    /// The working directory is gone.
    #[error("cannot tell the working directory: {0}; change to a folder that exists")]
    WorkingDirectory(std::io::Error),
}

/// Reads what this process was called with.
///
/// # Errors
/// The executable's folder or the working directory is unknown or not UTF-8.
pub fn capture() -> Result<Invocation, CaptureError> {
    let exe = std::env::current_exe().map_err(CaptureError::Executable)?;
    let shim_dir = exe.parent().unwrap_or(Path::new("/")).to_owned();
    let shim_dir = Utf8PathBuf::from_path_buf(shim_dir).map_err(CaptureError::Folder)?;
    let mut argv = std::env::args_os();
    let name = argv.next().unwrap_or_default();
    Ok(Invocation {
        name: called(&name),
        args: argv.collect(),
        env: Env::new(std::env::vars_os()),
        cwd: std::env::current_dir().map_err(CaptureError::WorkingDirectory)?,
        shim_dir,
    })
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
    std::env::join_paths(kept).unwrap_or_else(|_| text::joined("", path))
}
