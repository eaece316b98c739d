//! One call, run again.

use crate::error::ReplayError;
use crate::prepare::prepare;
use crate::prepared::Prepared;
use crate::select::Chosen;
use crate::setting::{Room, Setting};
use crate::verdict::Verdict;
use crate::{compare, view};
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
use toolcall::os_json;
use toolcall::outcome::Exit;
use toolcall::plan::Plan;

/// The verb by which a replay starts itself for each call, so that the call has an environment, a
/// folder and streams of its own.
pub const VERB: &str = "replay-call";

/// What the started process is told.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    name: String,
    call: String,
    #[serde(with = "os_json")]
    cwd: OsString,
    /// The call's folder in the sandbox.
    folder: Utf8PathBuf,
    room: Room,
    #[serde(with = "os_json::list")]
    folders: Vec<OsString>,
    #[serde(with = "os_json::list")]
    absent: Vec<OsString>,
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
    let config = log.toolchain(begin)?.config;
    let cwd = match prepared.room {
        Room::View => prepared.cwd.clone(),
        Room::InPlace | Room::Copies => prepared.place("".as_ref()),
    };
    let folders = prepared.folders.iter().map(|path| match prepared.room {
        Room::View => path.clone(),
        Room::InPlace | Room::Copies => prepared.place(path.as_os_str()),
    });
    let job = Job {
        name: begin.tool.clone(),
        call: begin.id.clone(),
        cwd: cwd.into(),
        folder: folder.clone(),
        room: prepared.room,
        folders: folders.map(Into::into).collect(),
        absent: prepared.absent.iter().map(Into::into).collect(),
        config: config.clone(),
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
        .current_dir("/")
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
    let outputs = compare::all(chosen, setting, prepared, &config);
    let spare = folder.join("spare");
    view::clear(spare.as_std_path()).map_err(ReplayError::io("cannot remove", &*spare))?;
    Ok(Verdict {
        recorded: chosen.end().map(|end| end.exit),
        exit,
        outputs,
        printed: (!setting.show).then(|| printed.into_std_path_buf()),
    })
}

/// The process started for one call: carries out the steps in `file` and ends as they do.
///
/// # Errors
/// The file is not one that a replay wrote, or the call's room cannot be made.
pub fn carry_out(file: &Utf8Path) -> Result<ExitCode, ReplayError> {
    let text = fs::read(file).map_err(ReplayError::io("cannot read", file))?;
    let job: Job = serde_json::from_slice(&text)
        .map_err(|error| ReplayError::Not(format!("{file}: {error}; `emshim replay` writes it")))?;
    if job.room == Room::View {
        let (made, spare) = (job.folder.join("made"), job.folder.join("spare"));
        view::enter(made.as_std_path(), spare.as_std_path()).map_err(ReplayError::io(
            "cannot make a view of the machine in",
            made,
        ))?;
    }
    for folder in job.folders.iter().map(Path::new) {
        let shown = folder.to_string_lossy().into_owned();
        fs::create_dir_all(folder).map_err(ReplayError::io("cannot make", shown))?;
    }
    for path in job.absent.iter().map(Path::new) {
        // One that is no file, such as a device, is in the tool's way, as it was then.
        if path
            .symlink_metadata()
            .is_ok_and(|there| there.is_file() || there.is_symlink())
        {
            let _ = fs::remove_file(path);
        }
    }
    let shown = job.cwd.to_string_lossy().into_owned();
    std::env::set_current_dir(&job.cwd).map_err(ReplayError::io("cannot enter", shown))?;
    let work_dir = job.folder.join("work");
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
        work_dir: work_dir.as_std_path(),
        began: Instant::now(),
        call: &job.call,
    };
    Ok(leave(executor.run(&job.plan).exit))
}

/// The verb by which a replay finds out whether this machine gives views.
pub const TRY_VERB: &str = "replay-view";

/// The room of calls that write nothing of the user's, as this machine has it: a view, or copies.
///
/// # Errors
/// The sandbox cannot be written, or this program not be started.
pub fn room(emshim: &Path, root: &Utf8Path) -> Result<Room, ReplayError> {
    let folder = tempfile::tempdir_in(root).map_err(ReplayError::io("cannot write in", root))?;
    let tried = Command::new(emshim)
        .arg(TRY_VERB)
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let program = emshim.to_string_lossy().into_owned();
    let tried = tried.map_err(ReplayError::io("cannot run", program))?;
    let spare = folder.path().join("spare");
    let shown = spare.to_string_lossy().into_owned();
    if spare.is_dir() {
        view::clear(&spare).map_err(ReplayError::io("cannot remove", shown))?;
    }
    Ok(if tried.success() {
        Room::View
    } else {
        Room::Copies
    })
}

/// The process started to find that out: makes a view in `folder`, and nothing else.
///
/// # Errors
/// There is none.
pub fn try_view(folder: &Utf8Path) -> Result<ExitCode, ReplayError> {
    let (made, spare) = (folder.join("made"), folder.join("spare"));
    for path in [&made, &spare] {
        fs::create_dir(path).map_err(ReplayError::io("cannot make", path.as_path()))?;
    }
    view::enter(made.as_std_path(), spare.as_std_path()).map_err(ReplayError::io(
        "cannot make a view of the machine in",
        made,
    ))?;
    Ok(ExitCode::SUCCESS)
}
