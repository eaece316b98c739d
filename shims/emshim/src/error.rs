//! What ends a verb: one message that names the thing and the remedy.

use camino::Utf8PathBuf;

use call_log::write::secrets::mask;
use toolcall::config::ConfigError;
use toolcall::text::visible_lines;
use wheel_build::error::WheelBuildError;

/// An error of a verb, ready to print after `emshim: `.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A target cannot be built for, or a wheel not be made.
    #[error(transparent)]
    WheelBuild(#[from] WheelBuildError),
    /// Finding or getting the toolchain failed.
    #[error(transparent)]
    Provision(#[from] provision::Error),
    /// The target is not usable.
    #[error(transparent)]
    Target(#[from] pyodide_wheel::target::TargetError),
    /// A file whose signatures are wanted cannot be read.
    #[error(transparent)]
    Signatures(#[from] signatures::read::ReadError),
    /// The runtime that a wheel is held against cannot be read.
    #[error(transparent)]
    Runtime(#[from] signatures::runtime::RuntimeError),
    /// Repaired copies cannot be written.
    #[error(transparent)]
    Repair(#[from] signatures::repair::RepairError),
    /// A shim could not plan.
    #[error(transparent)]
    Shim(#[from] ::shim::flow::ShimError),
    /// The shim folder's configuration is unusable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] call_log::read::error::LogError),
    /// A file operation failed.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried, such as `cannot write`.
        action: &'static str,
        /// The file or folder.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else, in words that name the thing and the remedy.
    #[error("{0}")]
    Message(String),
}

impl CliError {
    /// Its message as people see it: without secrets, and nothing in it that a terminal acts on.
    #[must_use]
    pub fn shown(&self) -> String {
        visible_lines(&mask(&self.to_string())).into_owned()
    }

    /// An [`CliError::Io`] maker for `map_err`.
    pub fn io<'a>(
        action: &'static str,
        path: impl Into<&'a camino::Utf8Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into().to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
