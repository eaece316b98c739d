//! Running recorded calls again, to see the same thing happen and to prove that it does.
//!
//! One way: [`select`] chooses calls and finds where each input comes from, [`newer`] names the
//! inputs that changed since, [`relocate`] sends what a call writes to a sandbox, [`prepare`]
//! lays out the sandbox, [`run`] runs the call, [`pool`] many of them, and [`verdict`] says what
//! became of each output. [`bundle`] packs a call for a machine without emshim.

pub mod bundle;
pub mod compile_commands;
pub mod driver;
pub mod newer;
pub mod pool;
pub mod prepare;
pub mod relocate;
pub mod run;
mod script;
pub mod select;
pub mod verdict;

use crate::log::LogError;
use camino::Utf8PathBuf;

/// What keeps a replay from being tried.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file of ours cannot be written or read.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried, such as `cannot write`.
        action: &'static str,
        /// The file or folder.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The call cannot be replayed, and why.
    #[error("{0}")]
    Not(String),
}

impl ReplayError {
    /// An [`ReplayError::Io`] maker for `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<Utf8PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
