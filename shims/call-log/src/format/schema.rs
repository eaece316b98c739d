//! The lines of a log, as they are written and read.
//!
//! What many records share is named by the BLAKE3 of its JSON and kept once in `blobs/`: a
//! [`Blob`].

use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use toolcall::config::ShimConfig;
use toolcall::job::Job;
use toolcall::os_json;
use toolcall::outcome::{Exit, LinkRan};
use toolcall::plan::{EnvChange, StepKind};

/// Version of the lines' layout. A reader of another version says so and skips the line.
pub const SCHEMA: u32 = 2;

/// The name of contents in `blobs/`: their BLAKE3, in hexadecimal.
pub type Blob = String;

/// Which of a record's two lines one is: the first field of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Written before anything runs.
    Begin,
    /// Written after everything ran.
    End,
}

/// Written before anything runs: all that is known by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// [`Kind::Begin`].
    pub record: Kind,
    /// [`SCHEMA`].
    pub schema: u32,
    /// The call's name: sorts by time, unique in every log.
    pub id: String,
    /// Microseconds since 1970.
    pub time_us: u64,
    /// The name called by, such as `gcc`.
    pub tool: String,
    /// What it was for.
    pub job: Job,
    /// Whether a build system only tried something out, by [`toolcall::probes`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub probe: bool,
    /// The `emshim build` or `emshim exec` it was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// The call of a shim that this one came from, such as that of `cmake`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Number of the process.
    pub pid: u32,
    /// Number of its parent.
    pub ppid: u32,
    /// Name of the parent, where the system tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The working directory.
    #[serde(with = "os_json")]
    pub cwd: OsString,
    /// The command as given, tool first.
    #[serde(with = "os_json::list")]
    pub argv: Vec<OsString>,
    /// The environment: an object of allowed variables.
    pub env: Blob,
    /// [`Toolchain`].
    pub toolchain: Blob,
    /// What was decided, arguments kept as given left out: a list of
    /// [`toolcall::decision::Decision`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Blob>,
    /// The response files read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_files: Vec<ResponseFile>,
    /// What is to run.
    pub steps: Vec<Step>,
    /// Outputs as they were before, where the tool changes files in place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<FileFact>,
    /// Why nothing runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// Written after everything ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// [`Kind::End`].
    pub record: Kind,
    /// [`SCHEMA`].
    pub schema: u32,
    /// That of the [`Begin`].
    pub id: String,
    /// How it ended.
    #[serde(flatten)]
    pub exit: Exit,
    /// Microseconds from start to end.
    pub duration_us: u64,
    /// The steps that ran; those that did not are missing at the end.
    pub steps: Vec<StepRun>,
    /// Declarations that contradict what the build has defined, as told on stderr.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The files read, as they were at the end.
    pub inputs: Vec<FileFact>,
    /// The files written.
    pub outputs: Vec<FileFact>,
}

/// A step, its environment shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How it is carried out.
    pub kind: StepKind,
    /// The command.
    #[serde(with = "os_json::list")]
    pub argv: Vec<OsString>,
    /// A list of [`EnvChange`] on top of the call's own environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<Blob>,
    /// The files it is asked to write.
    #[serde(with = "os_json::list", default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OsString>,
}

/// The environment changes of a step, as a blob holds them.
pub type EnvChanges = Vec<EnvChange>;

/// A step as it ran, in microseconds from the call's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// When it started.
    pub start_us: u64,
    /// How long it took.
    pub duration_us: u64,
    /// How it ended.
    #[serde(flatten)]
    pub exit: Exit,
    /// Whether its result was kept from an earlier call.
    #[serde(default, skip_serializing_if = "is_false")]
    pub from_cache: bool,
    /// What ran in the place of a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkRan>,
}

/// A response file as it was read, passwords in URLs masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseFile {
    /// The name after the `@`.
    #[serde(with = "os_json")]
    pub path: OsString,
    /// What it held.
    pub contents: Blob,
}

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Its name as the call gave it.
    #[serde(with = "os_json")]
    pub path: OsString,
    /// Bytes; absent where there was no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// BLAKE3 of its contents, in hexadecimal; absent for what is no regular file. The sources of
    /// probes, which their build systems remove, are kept in `blobs/` by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
}

/// What the plan was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// Version of emshim.
    pub emshim: String,
    /// The shim folder's configuration.
    pub config: ShimConfig,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !value
}
