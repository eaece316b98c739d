//! The two lines of a record.

use super::content::FileFact;
use super::secrets::{allowed, mask, mask_os};
use super::store::Store;
use super::{SCHEMA, content};
use crate::shim::Prepared;
use crate::shim::capture::Invocation;
use crate::shim::classify::Job;
use crate::shim::config::ShimConfig;
use crate::shim::execute::{Exit, Outcome};
use crate::shim::plan::Step;
use crate::shim::rewrite::{Action, Decision};
use crate::shim::text;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::time::Duration;

/// Written before anything runs: all that is known by then.
#[derive(Debug, Serialize, Deserialize)]
pub struct Begin {
    record: Kind,
    schema: u32,
    id: String,
    /// Microseconds since 1970.
    time_us: u64,
    tool: String,
    #[serde(with = "text::json::list")]
    argv: Vec<OsString>,
    #[serde(with = "text::json")]
    cwd: OsString,
    pid: u32,
    ppid: u32,
    /// Name of the parent process, where the system tells it.
    parent: Option<String>,
    /// Name, in `blobs/`, of the environment: an object of allowed variables.
    env: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    response_files: Vec<ResponseFile>,
    job: Job,
    /// What was decided, arguments kept as given left out.
    decisions: Vec<Decision>,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    refusal: Option<String>,
    versions: Versions,
}

/// Written after everything ran.
#[derive(Debug, Serialize, Deserialize)]
pub struct End {
    record: Kind,
    schema: u32,
    id: String,
    tool: String,
    #[serde(flatten)]
    exit: Exit,
    duration_us: u64,
    steps: Vec<StepRun>,
    inputs: Vec<FileFact>,
    outputs: Vec<FileFact>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Begin,
    End,
}

#[derive(Debug, Serialize, Deserialize)]
struct ResponseFile {
    #[serde(with = "text::json")]
    path: OsString,
    /// Name of its contents in `blobs/`.
    contents: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Versions {
    emshim: String,
    emscripten: String,
    target: String,
    abi: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct StepRun {
    start_us: u64,
    duration_us: u64,
    #[serde(flatten)]
    exit: Exit,
}

impl Begin {
    /// Everything known before the steps run, secrets masked.
    pub(super) fn new(
        config: &ShimConfig,
        invocation: &Invocation,
        prepared: &Prepared,
        store: &Store,
        id: &str,
        now: Duration,
    ) -> std::io::Result<Self> {
        let env: serde_json::Map<String, serde_json::Value> = invocation
            .env
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value.to_string_lossy())))
            .filter(|(name, _)| allowed(name))
            .map(|(name, value)| (name.to_owned(), mask(&value).into()))
            .collect();
        let env = store.blob(&serde_json::to_vec(&env)?)?;
        let mut response_files = Vec::new();
        for file in &prepared.expanded.files {
            let contents = match std::str::from_utf8(&file.contents) {
                Ok(text) => mask(text).into_bytes(),
                Err(_) => file.contents.clone(),
            };
            let contents = store.blob(&contents)?;
            response_files.push(ResponseFile {
                path: file.path.clone().into(),
                contents,
            });
        }
        let plan = &prepared.plan;
        let words = |words: &[OsString]| words.iter().map(|word| mask_os(word)).collect();
        let mut argv = vec![OsString::from(&invocation.name)];
        argv.extend(invocation.args.iter().cloned());
        let decisions = plan
            .decisions
            .iter()
            .filter(|d| d.action != Action::Keep)
            .cloned();
        let ppid = std::os::unix::process::parent_id();
        Ok(Self {
            record: Kind::Begin,
            schema: SCHEMA,
            id: id.to_owned(),
            time_us: micros(now),
            tool: invocation.name.clone(),
            argv: words(&argv),
            cwd: invocation.cwd.clone().into(),
            pid: std::process::id(),
            ppid,
            parent: content::process_name(ppid),
            env,
            response_files,
            job: plan.job,
            decisions: decisions
                .map(|d| Decision {
                    argument: d.argument.as_deref().map(mask),
                    result: d.result.as_deref().map(mask),
                    ..d
                })
                .collect(),
            steps: plan
                .steps
                .iter()
                .map(|step| Step {
                    argv: words(&step.argv),
                    ..step.clone()
                })
                .collect(),
            refusal: plan.refusal.as_deref().map(mask),
            versions: Versions {
                emshim: env!("CARGO_PKG_VERSION").to_owned(),
                emscripten: config.emscripten.version.clone(),
                target: config.target.clone(),
                abi: config.abi.clone(),
            },
        })
    }
}

impl End {
    /// How it went.
    pub(super) fn new(
        id: &str,
        tool: &str,
        outcome: &Outcome,
        took: Duration,
        inputs: Vec<FileFact>,
        outputs: Vec<FileFact>,
    ) -> Self {
        let steps = outcome.steps.iter().map(|ran| StepRun {
            start_us: micros(ran.start),
            duration_us: micros(ran.took),
            exit: ran.exit,
        });
        Self {
            record: Kind::End,
            schema: SCHEMA,
            id: id.to_owned(),
            tool: tool.to_owned(),
            exit: outcome.exit,
            duration_us: micros(took),
            steps: steps.collect(),
            inputs,
            outputs,
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
