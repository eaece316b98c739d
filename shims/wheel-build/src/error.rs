//! What keeps a wheel from being made: one message that names the thing and the remedy.

use camino::{Utf8Path, Utf8PathBuf};

/// Why a target cannot be built for, or a wheel not be made.
#[derive(Debug, thiserror::Error)]
pub enum WheelBuildError {
    /// The project's settings mean nothing.
    #[error(transparent)]
    Configuration(#[from] configuration::ConfigurationError),
    /// Finding or getting the toolchain failed.
    #[error(transparent)]
    Provision(#[from] provision::Error),
    /// The target is not usable.
    #[error(transparent)]
    Target(#[from] pyodide_wheel::target::TargetError),
    /// The target's headers and `sysconfig` could not be made.
    #[error(transparent)]
    Xbuild(#[from] pyodide_wheel::xbuild::XbuildError),
    /// The source could not be had.
    #[error(transparent)]
    Source(#[from] pyodide_wheel::source::SourceError),
    /// The build back end or what leads to it failed.
    #[error(transparent)]
    Build(#[from] pyodide_wheel::pep517::BuildError),
    /// A build requirement lacks its files for the target.
    #[error(transparent)]
    Overlay(#[from] pyodide_wheel::overlay::OverlayError),
    /// A file of emshim's own could not be read or written.
    #[error(transparent)]
    File(#[from] pyodide_wheel::FileError),
    /// The back end's wheel is not one Pyodide could load.
    #[error(transparent)]
    Finish(#[from] pyodide_wheel::wheel::FinishError),
    /// What a run needs cannot be had for the target.
    #[error(transparent)]
    Resolve(#[from] pyodide_wheel::resolve::ResolveError),
    /// Wheels that belong together could not be read.
    #[error(transparent)]
    Describe(#[from] pyodide_wheel::describe::DescribeError),
    /// A source does not say what it needs.
    #[error(transparent)]
    Requires(#[from] pyodide_wheel::requires::RequiresError),
    /// Wheels could not be installed.
    #[error(transparent)]
    Site(#[from] pyodide_wheel::site::SiteError),
    /// The wheel could not be imported for a reason of the machine's.
    #[error(transparent)]
    Check(#[from] pyodide_wheel::import_check::CheckError),
    /// A file whose signatures are wanted cannot be read.
    #[error(transparent)]
    Signatures(#[from] signatures::read::ReadError),
    /// The runtime that a wheel is held against cannot be read.
    #[error(transparent)]
    Runtime(#[from] signatures::runtime::RuntimeError),
    /// Node could not be run.
    #[error(transparent)]
    Run(#[from] pyodide_wheel::runner::RunError),
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

impl WheelBuildError {
    /// An [`WheelBuildError::Io`] maker for `map_err`.
    pub fn io<'a>(
        action: &'static str,
        path: impl Into<&'a Utf8Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into().to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
