//! How much of each line is read.

use crate::format::schema::{Begin, Blob, End, FileFact};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::ffi::OsString;
use toolcall::job::Job;
use toolcall::os_json;
use toolcall::outcome::Exit;

/// A line that says whose it is.
pub trait Line: DeserializeOwned {
    /// The call's id.
    fn id(&self) -> &str;
    /// The version of its layout.
    fn schema(&self) -> u32;
}

/// What is read of the two lines of a record.
pub trait View {
    /// Of the first.
    type Begin: Line;
    /// Of the second.
    type End: Line;
}

/// A call: what began, and how it ended if it did.
#[derive(Debug, Clone)]
pub struct Call<B, E> {
    /// The first line.
    pub begin: B,
    /// The second; a call without one is still running or was killed.
    pub end: Option<E>,
}

/// All there is.
#[derive(Debug)]
pub struct Full;

/// What lists and sums need; the rest of a line costs no memory.
#[derive(Debug)]
pub struct Brief;

/// A call with all there is about it.
pub type FullCall = Call<Begin, End>;

/// A call in brief.
pub type BriefCall = Call<Head, Tail>;

impl View for Full {
    type Begin = Begin;
    type End = End;
}

impl View for Brief {
    type Begin = Head;
    type End = Tail;
}

/// A [`Begin`] in brief; the fields are that one's.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "documented in `Begin`")]
pub struct Head {
    pub schema: u32,
    pub id: String,
    pub time_us: u64,
    pub tool: String,
    pub job: Job,
    #[serde(default)]
    pub probe: bool,
    pub build: Option<String>,
    pub caller: Option<String>,
    pub pid: u32,
    pub parent: Option<String>,
    #[serde(with = "os_json")]
    pub cwd: OsString,
    /// A list of words, not parsed.
    pub argv: Box<RawValue>,
    pub decisions: Option<Blob>,
    pub refusal: Option<String>,
}

/// An [`End`] in brief; the fields are that one's.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "documented in `End`")]
pub struct Tail {
    pub schema: u32,
    pub id: String,
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub duration_us: u64,
    pub steps: Vec<StepTail>,
    pub inputs: Vec<FileFact>,
    pub outputs: Vec<FileFact>,
}

/// When a step ran, in microseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct StepTail {
    /// From the call's start.
    pub start_us: u64,
    /// How long.
    pub duration_us: u64,
}

impl Tail {
    /// How the call ended.
    #[must_use]
    pub fn ended(&self) -> Exit {
        match self.signal {
            Some(signal) => Exit::Signal(signal),
            None => Exit::Exit(self.exit.unwrap_or(1)),
        }
    }
}

impl Head {
    /// The command's words.
    #[must_use]
    pub fn words(&self) -> Vec<OsString> {
        #[derive(Deserialize)]
        struct Words(#[serde(with = "os_json::list")] Vec<OsString>);
        serde_json::from_str(self.argv.get()).map_or_else(|_| Vec::new(), |Words(words)| words)
    }
}

impl Line for Begin {
    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> u32 {
        self.schema
    }
}

impl Line for End {
    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> u32 {
        self.schema
    }
}

impl Line for Head {
    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> u32 {
        self.schema
    }
}

impl Line for Tail {
    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> u32 {
        self.schema
    }
}

/// How a call ended, in a word or two.
#[must_use]
pub fn status(exit: Option<Exit>) -> String {
    match exit {
        Some(Exit::Exit(status)) => status.to_string(),
        Some(Exit::Signal(signal)) => format!("signal {signal}"),
        None => "unfinished".into(),
    }
}
