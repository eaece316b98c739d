//! What ends a verb: one message that names the thing and the remedy.

use secrets::mask;
use toolcall::config::ConfigError;
use toolcall::display::visible_lines;
use wheel_build::error::WheelBuildError;

/// An error of a verb, ready to print after `emshim: `.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A target cannot be built for, or a wheel not be made.
    #[error(transparent)]
    WheelBuild(#[from] WheelBuildError),
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

    /// Names the action and the path of a failed file operation, for `map_err`.
    pub fn io<'a>(
        action: &'static str,
        path: impl Into<&'a camino::Utf8Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let named = WheelBuildError::io(action, path);
        move |source| named(source).into()
    }
}

/// Errors that building wheels has as well, by the words they have there.
macro_rules! as_in_wheel_build {
    ($($error:ty),*) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                WheelBuildError::from(error).into()
            }
        }
    )*};
}

as_in_wheel_build!(
    provision::Error,
    pyodide_wheel::target::TargetError,
    signatures::read::ReadError,
    signatures::runtime::RuntimeError
);
