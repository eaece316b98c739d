//! Which calls are meant.

use crate::read::error::LogError;
use crate::read::log::Log;
use crate::read::reader::Item;
use crate::read::view::{Brief, BriefCall};
use std::ffi::OsStr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use toolcall::outcome::Exit;

/// What a call must be to be meant; a field without a value asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The name it was called by.
    pub tool: Option<String>,
    /// A file it names, reads or writes: the end of a path.
    pub file: Option<String>,
    /// How it ended.
    pub exit: Option<ExitFilter>,
    /// The least time it took.
    pub longer: Option<Duration>,
    /// Text in its command or folder.
    pub text: Option<String>,
    /// Its build.
    pub build: Option<String>,
    /// Only probes, or none.
    pub probes: Option<bool>,
}

/// How a call is to have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitFilter {
    /// With this status.
    Status(i32),
    /// Other than well.
    Failed,
    /// By a signal.
    Signal,
    /// Not at all.
    Unfinished,
}

impl FromStr for ExitFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ok" => Ok(Self::Status(0)),
            "failed" => Ok(Self::Failed),
            "signal" => Ok(Self::Signal),
            "unfinished" => Ok(Self::Unfinished),
            number => number
                .parse()
                .map(Self::Status)
                .map_err(|_| "a status, ok, failed, signal or unfinished is expected".into()),
        }
    }
}

impl ExitFilter {
    /// Whether a call that ended so is meant.
    #[must_use]
    pub fn fits(self, exit: Option<Exit>) -> bool {
        match self {
            Self::Status(status) => exit == Some(Exit::Exit(status)),
            Self::Failed => exit.is_some_and(|exit| !exit.is_success()),
            Self::Signal => matches!(exit, Some(Exit::Signal(_))),
            Self::Unfinished => exit.is_none(),
        }
    }
}

impl Filter {
    /// Puts the name of the last build in the place of `last`.
    ///
    /// # Errors
    /// The log cannot be read, or holds no build.
    pub fn resolve(mut self, log: &Log) -> Result<Self, LogError> {
        if self.build.as_deref() == Some("last") {
            self.build = Some(last_build(log)?);
        }
        Ok(self)
    }

    /// Whether a call is meant.
    #[must_use]
    pub fn fits(&self, call: &BriefCall) -> bool {
        let head = &call.begin;
        let end = call.end.as_ref();
        let least = |least: &Duration| end.is_some_and(|end| end.duration_us >= micros(*least));
        self.tool.as_ref().is_none_or(|tool| *tool == head.tool)
            && (self.build.is_none() || self.build == head.build)
            && self.probes.is_none_or(|probes| probes == head.probe)
            && self
                .exit
                .is_none_or(|filter| filter.fits(end.map(super::view::Tail::ended)))
            && self.longer.as_ref().is_none_or(least)
            && self.text.as_ref().is_none_or(|text| holds(call, text))
            && self.file.as_ref().is_none_or(|file| names(call, file))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn holds(call: &BriefCall, text: &str) -> bool {
    let head = &call.begin;
    head.cwd.to_string_lossy().contains(text)
        || toolcall::display::shell(&head.words()).contains(text)
}

fn names(call: &BriefCall, file: &str) -> bool {
    let is = |path: &OsStr| Path::new(path).ends_with(file);
    let files = call
        .end
        .iter()
        .flat_map(|end| end.inputs.iter().chain(&end.outputs));
    call.begin.words().iter().any(|word| is(word)) || files.into_iter().any(|fact| is(&fact.path))
}

/// The build of the latest call that is part of one.
fn last_build(log: &Log) -> Result<String, LogError> {
    let mut last: Option<(u64, String)> = None;
    for item in log.calls::<Brief>()? {
        if let Item::Call(call) = item?
            && let Some(build) = call.begin.build
            && last
                .as_ref()
                .is_none_or(|(time, _)| *time < call.begin.time_us)
        {
            last = Some((call.begin.time_us, build));
        }
    }
    last.map(|(_, build)| build).ok_or_else(|| {
        LogError::NotFound(format!(
            "no build in {}; `emshim build` and `emshim exec` give their calls a build's name",
            log.file()
        ))
    })
}
