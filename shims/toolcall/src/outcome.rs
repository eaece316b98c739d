//! How a call went.

use crate::os_json;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// By itself, with this status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

impl Exit {
    /// Whether it went well.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::Exit(0)
    }
}

/// One step as it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// From the invocation's start to the step's.
    pub start: Duration,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub exit: Exit,
    /// Whether its result was kept from an earlier call.
    pub from_cache: bool,
    /// What ran in the place of a step of kind [`crate::plan::StepKind::Link`].
    pub link: Option<LinkRan>,
}

/// What a link came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkRan {
    /// These commands, and no driver.
    Commands(Vec<Argv>),
    /// The driver, for this reason.
    Driver(String),
}

/// A command, program first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Argv(#[serde(with = "os_json::list")] pub Vec<OsString>);

/// A plan as it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the invocation ends.
    pub exit: Exit,
    /// The steps that ran, in order; those that did not are missing at the end.
    pub steps: Vec<Ran>,
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exit(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Exit(1),
        }
    }
}
