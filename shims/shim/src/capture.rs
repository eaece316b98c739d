//! Where a shim learns who it is and what it was asked: the only reader of argv, environment,
//! working directory and executable path.

use camino::Utf8PathBuf;
use std::path::{Path, PathBuf};
use toolcall::invocation::{Env, Invocation, called};

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
        env: environment(),
        cwd: std::env::current_dir().map_err(CaptureError::WorkingDirectory)?,
        shim_dir,
    })
}

/// The environment of this process.
#[must_use]
pub fn environment() -> Env {
    Env::new(std::env::vars_os())
}

/// The name that this process was called by.
#[must_use]
pub fn name() -> String {
    called(&std::env::args_os().next().unwrap_or_default())
}
