//! What became of a call that ran again.

use call_log::read::view::status;
use serde::Serialize;
use std::ffi::OsString;
use std::path::PathBuf;
use toolcall::os_json;
use toolcall::outcome::Exit;

/// What became of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sameness {
    /// The same bytes.
    Identical,
    /// Other bytes, or bytes where there were none.
    Different,
    /// No file.
    Missing,
    /// The record does not name it, and nothing that lies there tells what it was.
    Unrecorded,
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Its name as recorded.
    #[serde(with = "os_json")]
    pub path: OsString,
    /// What became of it.
    pub verdict: Sameness,
    /// Where the new one is, if it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<PathBuf>,
    /// What else is to be known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

/// A call that ran again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it ended when it was recorded; absent for one that did not.
    pub recorded: Option<Exit>,
    /// How it ended now.
    pub exit: Exit,
    /// Its outputs.
    pub outputs: Vec<Compared>,
    /// What it printed, where that was not shown.
    pub printed: Option<PathBuf>,
}

impl Verdict {
    /// Whether everything is as it was.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        let wrong = self.count(Sameness::Different) + self.count(Sameness::Missing);
        self.recorded == Some(self.exit) && wrong == 0
    }

    /// How many outputs became so.
    #[must_use]
    pub fn count(&self, verdict: Sameness) -> usize {
        let outputs = self.outputs.iter();
        outputs.filter(|output| output.verdict == verdict).count()
    }

    /// The ending, where it is not the recorded one.
    #[must_use]
    pub fn other_end(&self) -> Option<String> {
        (self.recorded != Some(self.exit)).then(|| {
            format!(
                "ended with {} and not with {}",
                status(Some(self.exit)),
                status(self.recorded)
            )
        })
    }
}
