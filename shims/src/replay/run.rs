//! One call, run again.

use super::ReplayError;
use super::relocate::Moves;
use super::select::{Chosen, Input, Source, hash};
use super::verdict::{Compared, Sameness, Verdict};
use crate::log::Log;
use crate::shim::capture::{Env, Invocation};
use crate::shim::config::ShimConfig;
use crate::shim::execute::{Executor, Exit};
use crate::shim::plan::{Plan, Step, StepKind};
use crate::shim::record::schema::FileFact;
use crate::shim::tables::sources;
use crate::shim::{leave, text};
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// The verb by which a replay starts itself for each call, so that the call has an environment, a
/// folder and streams of its own.
pub const VERB: &str = "replay-call";

/// Where and how calls run again.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The sandbox; a folder in it for each call.
    pub root: Utf8PathBuf,
    /// Whether outputs go where they went.
    pub in_place: bool,
    /// Whether what the tools print is shown rather than kept.
    pub show: bool,
    /// This program.
    pub emshim: PathBuf,
}

impl Setting {
    /// The folder of one call.
    #[must_use]
    pub fn folder(&self, id: &str) -> Utf8PathBuf {
        self.root.join(id)
    }

    /// Where contents are that later calls read.
    #[must_use]
    pub fn shared(&self, hash: &str) -> Utf8PathBuf {
        self.root.join("contents").join(hash)
    }
}

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

/// Runs a call again.
///
/// # Errors
/// The log does not have what is needed, or the sandbox cannot be written.
pub fn run(log: &Log, chosen: &Chosen, setting: &Setting) -> Result<Verdict, ReplayError> {
    let begin = &chosen.call.begin;
    let folder = setting.folder(&begin.id);
    let new =
        |path: &Utf8Path| fs::create_dir_all(path).map_err(ReplayError::io("cannot make", path));
    for part in ["", "tmp", "work", "in"] {
        new(&folder.join(part))?;
    }
    let steps: Vec<Step> = begin
        .steps
        .iter()
        .map(|step| log.step(step))
        .collect::<Result<_, _>>()?;
    let recorded = PathBuf::from(&begin.cwd);
    let cwd = if recorded.is_dir() {
        recorded.clone()
    } else {
        // The folder of a probe is gone with it: another takes its place.
        new(&folder.join("cwd"))?;
        folder.join("cwd").into_std_path_buf()
    };
    let mut moves = Moves::new(&recorded);
    if !setting.in_place {
        outputs_to(&folder, &steps, &mut moves)?;
    }
    let mut mapped = Vec::new();
    for (number, input) in chosen.inputs.iter().enumerate() {
        let place = folder.join("in").join(number.to_string());
        let gone = cwd != recorded;
        mapped.extend(supply(
            log,
            setting,
            input,
            &steps,
            &place,
            gone.then_some(&cwd),
            &mut moves,
        )?);
    }
    let env = log.env(begin)?;
    let steps = steps.iter().flat_map(|step| moves.apply(step));
    let job = Job {
        name: begin.tool.clone(),
        call: begin.id.clone(),
        cwd: cwd.clone().into(),
        work_dir: folder.join("work"),
        config: log.toolchain(begin)?.config,
        plan: Plan {
            job: begin.job,
            decisions: Vec::new(),
            steps: steps.map(|step| with_prefixes(step, &mapped)).collect(),
            refusal: None,
            inputs: Vec::new(),
        },
    };
    let file = folder.join("job.json");
    let text = serde_json::to_vec(&job).map_err(|error| ReplayError::Not(error.to_string()))?;
    fs::write(&file, text).map_err(ReplayError::io("cannot write", &*file))?;
    let mut command = Command::new(&setting.emshim);
    command
        .args([VERB, file.as_str()])
        .env_clear()
        .envs(env)
        .env("TMPDIR", folder.join("tmp"))
        .current_dir(&cwd)
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
        outputs: compare(outputs, &begin.cwd, &moves),
        printed: (!setting.show).then(|| printed.into_std_path_buf()),
    })
}

/// Sends each output to the sandbox; those of one folder stay together, since tools name some by
/// others.
fn outputs_to(folder: &Utf8Path, steps: &[Step], moves: &mut Moves) -> Result<(), ReplayError> {
    let mut parents: Vec<PathBuf> = Vec::new();
    for output in steps.iter().flat_map(|step| &step.outputs) {
        let path = Path::new(output);
        let parent = path.parent().unwrap_or(Path::new("")).to_owned();
        let at = parents.iter().position(|known| *known == parent);
        let at = at.unwrap_or_else(|| {
            parents.push(parent);
            parents.len() - 1
        });
        let place = folder.join("out").join(at.to_string());
        fs::create_dir_all(&place).map_err(ReplayError::io("cannot make", &*place))?;
        let name = path.file_name().unwrap_or(output);
        moves.add(output, place.as_std_path().join(name));
    }
    Ok(())
}

/// Puts an input's recorded contents where the call will find them. Gives the folder that stands
/// for another, if a source is read from there.
fn supply(
    log: &Log,
    setting: &Setting,
    input: &Input,
    steps: &[Step],
    place: &Utf8Path,
    cwd: Option<&PathBuf>,
    moves: &mut Moves,
) -> Result<Option<(PathBuf, PathBuf)>, ReplayError> {
    let path = &input.fact.path;
    let changed_in_place = steps.iter().any(|step| step.outputs.contains(path));
    let target = moves.get(path).filter(|_| changed_in_place);
    let contents = match input.source {
        Source::Disk | Source::Changed if target.is_some() => Path::new(moves.cwd()).join(path),
        Source::Disk | Source::Changed | Source::Gone => return Ok(None),
        Source::Kept => {
            let hash = input.fact.blake3.as_deref().unwrap_or_default();
            let _ = log.blob(hash)?;
            crate::shim::record::blobs_folder(log.folder().as_std_path()).join(hash)
        }
        Source::Replayed(_) => {
            let hash = input.fact.blake3.as_deref().unwrap_or_default();
            setting.shared(hash).into_std_path_buf()
        }
    };
    let relative = Path::new(path).is_relative();
    let target = target.unwrap_or_else(|| match cwd {
        Some(cwd) if relative => cwd.join(path),
        _ => {
            let name = Path::new(path).file_name().unwrap_or(path);
            place.as_std_path().join(name)
        }
    });
    if setting.in_place && target.exists() {
        return Ok(None);
    }
    if let Some(parent) = target.parent() {
        let shown = parent.to_string_lossy().into_owned();
        fs::create_dir_all(parent).map_err(ReplayError::io("cannot make", shown))?;
    }
    let shown = contents.to_string_lossy().into_owned();
    fs::copy(&contents, &target).map_err(ReplayError::io("cannot copy", shown))?;
    if target.starts_with(place) {
        moves.add(path, target.clone());
        let from = place.as_std_path().join("");
        let to = Path::new(path).parent().unwrap_or(Path::new(""));
        let to = if to.as_os_str().is_empty() {
            to.into()
        } else {
            to.join("")
        };
        return Ok(sources::kind(path).is_source().then_some((from, to)));
    }
    Ok(None)
}

/// A source that stands elsewhere must not be known by its place.
fn with_prefixes(mut step: Step, mapped: &[(PathBuf, PathBuf)]) -> Step {
    let program = Path::new(&step.argv[0]).file_name().unwrap_or_default();
    let compiles = ["clang", "clang++", "emcc", "em++"]
        .iter()
        .any(|name| program == *name);
    if step.kind == StepKind::Run && compiles {
        for (from, to) in mapped {
            let mut word = OsString::from("-ffile-prefix-map=");
            word.push(from);
            word.push("=");
            word.push(to);
            step.argv.push(word);
        }
    }
    step
}

fn compare(outputs: &[FileFact], cwd: &OsStr, moves: &Moves) -> Vec<Compared> {
    let one = |fact: &FileFact| {
        let now = moves
            .get(&fact.path)
            .unwrap_or_else(|| Path::new(cwd).join(&fact.path));
        let verdict = match (&fact.blake3, hash(&now)) {
            (Some(then), Some(now)) if *then == now => Sameness::Identical,
            (Some(_), None) => Sameness::Missing,
            (_, Some(_)) => Sameness::Different,
            (None, None) => return None,
        };
        Some(Compared {
            path: fact.path.clone(),
            verdict,
            now: Some(now),
        })
    };
    outputs.iter().filter_map(one).collect()
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
        env: Env::new(std::env::vars_os()),
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
