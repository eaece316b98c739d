//! One call, run again.

use crate::error::ReplayError;
use crate::prepare::{Prepared, prepare};
use crate::select::{Chosen, hash};
use crate::setting::Setting;
use crate::verdict::{Compared, Sameness, Verdict};
use call_log::format::schema::FileFact;
use call_log::read::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use shim::capture;
use shim::execute::Executor;
use shim::flow::leave;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::outcome::Exit;
use toolcall::plan::Plan;
use toolcall::text;

/// The verb by which a replay starts itself for each call, so that the call has an environment, a
/// folder and streams of its own.
pub const VERB: &str = "replay-call";

/// What the started process is told.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    name: String,
    call: String,
    #[serde(with = "text::json")]
    cwd: OsString,
    work_dir: Utf8PathBuf,
    config: ShimConfig,
    plan: Plan,
}

/// Makes a call ready and runs it again.
///
/// # Errors
/// The log does not have what is needed, or the sandbox cannot be written.
pub fn run(log: &Log, chosen: &Chosen, setting: &Setting) -> Result<Verdict, ReplayError> {
    let prepared = prepare(log, chosen, setting)?;
    run_prepared(log, chosen, setting, &prepared)
}

/// Runs a call that is ready.
///
/// # Errors
/// As [`run`].
pub fn run_prepared(
    log: &Log,
    chosen: &Chosen,
    setting: &Setting,
    prepared: &Prepared,
) -> Result<Verdict, ReplayError> {
    let begin = &chosen.call.begin;
    let folder = &prepared.folder;
    let job = Job {
        name: begin.tool.clone(),
        call: begin.id.clone(),
        cwd: prepared.cwd.clone().into(),
        work_dir: folder.join("work"),
        config: log.toolchain(begin)?.config,
        plan: Plan::of(begin.job, prepared.steps.clone()),
    };
    let file = folder.join("job.json");
    let text = serde_json::to_vec(&job).map_err(|error| ReplayError::Not(error.to_string()))?;
    fs::write(&file, text).map_err(ReplayError::io("cannot write", &*file))?;
    let mut command = Command::new(&setting.emshim);
    command
        .args([VERB, file.as_str()])
        .env_clear()
        .envs(&prepared.env)
        .env("TMPDIR", folder.join("tmp"))
        .current_dir(&prepared.cwd)
        .stdin(Stdio::null());
    let printed = folder.join("printed");
    if !setting.show {
        let out = File::create(&printed).map_err(ReplayError::io("cannot write", &*printed))?;
        let err = out
            .try_clone()
            .map_err(ReplayError::io("cannot write", &*printed))?;
        command.stdout(out).stderr(err);
    }
    let program = setting.emshim.to_string_lossy().into_owned();
    let ended = command
        .status()
        .map_err(ReplayError::io("cannot run", program))?;
    let exit = match (ended.code(), ended.signal()) {
        (Some(code), _) => Exit::Exit(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    };
    let recorded = chosen.end();
    let outputs = recorded.map_or(&[][..], |end| &end.outputs);
    Ok(Verdict {
        recorded: recorded.map(|end| end.exit),
        exit,
        outputs: outputs
            .iter()
            .filter_map(|fact| compare(fact, prepared))
            .collect(),
        printed: (!setting.show).then(|| printed.into_std_path_buf()),
    })
}

fn compare(fact: &FileFact, prepared: &Prepared) -> Option<Compared> {
    let now = prepared.place(&fact.path);
    let verdict = match (&fact.blake3, hash(&now)) {
        (Some(then), Some(hash)) if *then == hash || undo(&now, then, prepared) => {
            Sameness::Identical
        }
        (Some(_), None) => Sameness::Missing,
        (_, Some(_)) => Sameness::Different,
        (None, None) => return None,
    };
    Some(Compared {
        path: fact.path.clone(),
        verdict,
        now: Some(now),
    })
}

/// Puts recorded paths into a file that names the sandbox's, if that makes it the recorded one.
fn undo(now: &Path, then: &str, prepared: &Prepared) -> bool {
    let undone = prepared.undone(now);
    let same = |contents: &Vec<u8>| blake3::hash(contents).to_hex().as_str() == then;
    let contents = undone.filter(same);
    contents.is_some_and(|contents| fs::write(now, contents).is_ok())
}

/// The process started for one call: carries out the steps in `file` and ends as they do.
///
/// # Errors
/// The file is not one that a replay wrote.
pub fn carry_out(file: &Utf8Path) -> Result<ExitCode, ReplayError> {
    let text = fs::read(file).map_err(ReplayError::io("cannot read", file))?;
    let job: Job = serde_json::from_slice(&text)
        .map_err(|error| ReplayError::Not(format!("{file}: {error}; `emshim replay` writes it")))?;
    let invocation = Invocation {
        name: job.name,
        args: Vec::new(),
        env: capture::environment(),
        cwd: job.cwd.into(),
        shim_dir: job.config.emscripten.root.clone(),
    };
    let executor = Executor {
        invocation: &invocation,
        config: &job.config,
        work_dir: job.work_dir.as_std_path(),
        began: Instant::now(),
        call: &job.call,
    };
    Ok(leave(executor.run(&job.plan).exit))
}
