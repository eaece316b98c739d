//! What came of a build for one target, and how it is said.

use std::fmt;
use std::io::IsTerminal as _;
use std::process::ExitStatus;
use std::time::Duration;

use call_log::read::log::Log;
use call_log::read::reader::Item;
use call_log::read::select::{ExitFilter, Filter};
use call_log::read::view::Brief;
use camino::Utf8PathBuf;
use serde_json::{Value, json};
use wheel_build::builder::Failed;
use wheel_build::error::WheelBuildError;
use wheel_build::libraries::demand::{By, recipe_for};

use crate::error::CliError;

/// What came out for a target.
pub(super) struct Made {
    pub(super) wheel: Utf8PathBuf,
    /// Which toolchain made it, and how that fits the target.
    pub(super) pair: String,
    pub(super) size: u64,
    pub(super) modules: Vec<String>,
    pub(super) compiled: bool,
    /// What could not be made, though the build went on.
    pub(super) unmade: Vec<String>,
    pub(super) build: Duration,
    /// Time and status of the package's own tests, if they ran.
    pub(super) tests: Option<(Duration, ExitStatus)>,
    /// Every step and its time.
    pub(super) times: Vec<(String, Duration)>,
}

/// Why nothing came out, in words, and where the tools said what.
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) failed: Option<Failed>,
}

impl From<CliError> for Failure {
    fn from(error: CliError) -> Self {
        Self {
            error: error.shown(),
            failed: None,
        }
    }
}

impl From<WheelBuildError> for Failure {
    fn from(error: WheelBuildError) -> Self {
        CliError::from(error).into()
    }
}

/// The message, then what to do next.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        let Some(failed) = &self.failed else {
            return Ok(());
        };
        if failed.output.exists() && !self.error.contains(failed.output.as_str()) {
            write!(f, "\nthe output of the tools is in {}", failed.output)?;
        }
        if let Some(tree) = failed.tree.as_ref().filter(|tree| tree.exists()) {
            write!(
                f,
                "\nits work tree is kept until the source is built again, for `emshim replay ID \
                 --bundle FILE`: {tree}"
            )?;
        }
        for (name, library) in missed(failed) {
            write!(
                f,
                "\npkg-config was asked for {name}, which is not there for the target: `emshim library \
                 add {library}` builds it, and every build finds it then"
            )?;
        }
        match next(failed) {
            Some(next) => write!(f, "\nnext: {next}"),
            None => Ok(()),
        }
    }
}

/// The command that shows what went wrong in a build: the calls that failed, or all of them if none
/// did. A build of which nothing is recorded has none.
fn next(failed: &Failed) -> Option<String> {
    let log = Log::new(failed.log.as_path());
    let filter = |exit, probes| Filter {
        build: Some(failed.name.clone()),
        exit,
        probes,
        ..Filter::default()
    };
    let has = |filter: Filter| {
        let mut calls = log.calls::<Brief>().ok()?;
        calls
            .any(|item| matches!(item, Ok(Item::Call(call)) if filter.fits(&call)))
            .then_some(())
    };
    let verb = if has(filter(Some(ExitFilter::Failed), Some(false))).is_some() {
        "failures"
    } else {
        has(filter(None, None))?;
        "list"
    };
    let last = Filter {
        build: Some("last".into()),
        ..Filter::default()
    };
    // What is read later, as the log of a farm or a CI is, speaks of a build that may be the last no more.
    let is_last = || {
        let build = last.resolve(&log).ok().and_then(|filter| filter.build);
        build.as_ref() == Some(&failed.name)
    };
    let name = match std::io::stderr().is_terminal() && is_last() {
        true => "last",
        false => failed.name.as_str(),
    };
    Some(format!(
        "emshim log {verb} --build {}",
        shell_words::quote(name)
    ))
}

/// The packages that a failed build asked pkg-config for in vain and emshim has a recipe of, with the
/// library's name.
fn missed(failed: &Failed) -> Vec<(String, String)> {
    let log = Log::new(failed.log.as_path());
    let filter = Filter {
        tool: Some("pkg-config".into()),
        build: Some(failed.name.clone()),
        exit: Some(ExitFilter::Failed),
        ..Filter::default()
    };
    let mut missed: Vec<(String, String)> = Vec::new();
    for item in log.calls::<Brief>().into_iter().flatten() {
        let Ok(Item::Call(call)) = item else { continue };
        if !filter.fits(&call) {
            continue;
        }
        let words: Vec<String> = serde_json::from_str(call.begin.argv.get()).unwrap_or_default();
        for word in words.iter().skip(1).filter(|word| !word.starts_with('-')) {
            let found = recipe_for(word, By::PkgConfig);
            let pair = found.map(|library| (word.clone(), library.recipe.name));
            missed.extend(
                pair.filter(|(_, library)| missed.iter().all(|(_, other)| other != library)),
            );
        }
    }
    missed
}

/// The result for one target. What failed has `error` in the place of the wheel.
pub(super) fn json(target: &str, result: &Result<Made, Failure>) -> Value {
    match result {
        Ok(made) => json!({
            "target": target,
            "wheel": made.wheel,
            "size": made.size,
            "compiled": made.compiled,
            "unmade": made.unmade,
            "build_seconds": made.build.as_secs_f64(),
            "test_seconds": made.tests.map(|(time, _)| time.as_secs_f64()),
            "test_status": made.tests.and_then(|(_, status)| status.code()),
        }),
        Err(failure) => json!({
            "target": target,
            "error": failure.error,
            "build": failure.failed.as_ref().map(|failed| &failed.name),
            "output": failure.failed.as_ref().map(|failed| &failed.output),
        }),
    }
}
