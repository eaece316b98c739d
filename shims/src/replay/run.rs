//! One call, run again.

use super::ReplayError;
use super::relocate::{Moves, is_driver};
use super::select::{Chosen, Input, Source, hash};
use super::verdict::{Compared, Sameness, Verdict};
use crate::log::Log;
use crate::shim::capture::{Env, Invocation};
use crate::shim::classify;
use crate::shim::config::ShimConfig;
use crate::shim::execute::{Executor, Exit};
use crate::shim::plan::{Plan, Step, StepKind};
use crate::shim::record::blobs_folder;
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
    let cwd = stand_in(begin.job, &recorded, setting, &folder)?;
    let mut moves = Moves::new(&recorded);
    let supply = Supply {
        log,
        setting,
        steps: &steps,
        stand_in: (cwd != recorded).then_some(cwd.as_path()),
    };
    if !setting.in_place {
        supply.outputs_to(&folder, &mut moves)?;
    }
    let mut mapped = Vec::new();
    for (number, input) in chosen.inputs.iter().enumerate() {
        let place = folder.join("in").join(number.to_string());
        mapped.extend(supply.input(input, &place, &mut moves)?);
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
        outputs: compare(outputs, &cwd, &moves),
        printed: (!setting.show).then(|| printed.into_std_path_buf()),
    })
}

/// The folder that a call runs in: its own, or one in the sandbox that stands for it. The folder of
/// a probe is gone with it; and an archive may name its members by their way from it, so that both
/// have to be in a tree of the same shape.
fn stand_in(
    job: classify::Job,
    recorded: &Path,
    setting: &Setting,
    folder: &Utf8Path,
) -> Result<PathBuf, ReplayError> {
    if recorded.is_dir() && (job != classify::Job::Archive || setting.in_place) {
        return Ok(recorded.to_owned());
    }
    let shape = recorded.to_string_lossy();
    let tree = folder.join("tree").join(shape.trim_start_matches('/'));
    fs::create_dir_all(&tree).map_err(ReplayError::io("cannot make", &*tree))?;
    Ok(tree.into_std_path_buf())
}

/// What inputs and outputs are placed by.
struct Supply<'a> {
    log: &'a Log,
    setting: &'a Setting,
    steps: &'a [Step],
    /// The folder that stands for the recorded one.
    stand_in: Option<&'a Path>,
}

impl Supply<'_> {
    /// Where a relative path leads in the folder that stands for another.
    fn standing(&self, path: &OsStr) -> Option<PathBuf> {
        let relative = Path::new(path).is_relative();
        self.stand_in.filter(|_| relative).map(|cwd| cwd.join(path))
    }

    /// Sends each output to the sandbox; those of one folder stay together, since tools name some
    /// by others.
    fn outputs_to(&self, folder: &Utf8Path, moves: &mut Moves) -> Result<(), ReplayError> {
        let mut parents: Vec<PathBuf> = Vec::new();
        for output in self.steps.iter().flat_map(|step| &step.outputs) {
            if let Some(place) = self.standing(output) {
                make_parent(&place)?;
                continue;
            }
            let path = Path::new(output);
            let parent = path.parent().unwrap_or(Path::new("")).to_owned();
            let at = parents.iter().position(|known| *known == parent);
            let at = at.unwrap_or_else(|| {
                parents.push(parent);
                parents.len() - 1
            });
            let name = path.file_name().unwrap_or(output);
            let place = folder.join("out").join(at.to_string());
            let place = place.as_std_path().join(name);
            make_parent(&place)?;
            moves.add(output, place);
        }
        Ok(())
    }

    /// Puts an input's recorded contents where the call will find them. Gives the folder that
    /// stands for another, if a source is read from there.
    fn input(
        &self,
        input: &Input,
        place: &Utf8Path,
        moves: &mut Moves,
    ) -> Result<Option<(PathBuf, PathBuf)>, ReplayError> {
        let path = &input.fact.path;
        let in_place = self.steps.iter().any(|step| step.outputs.contains(path));
        let target = moves.get(path).filter(|_| in_place).or(self.standing(path));
        let hash = input.fact.blake3.as_deref().unwrap_or_default();
        let contents = match (input.source, &target) {
            (Source::Disk | Source::Changed, Some(target)) => {
                let from = moves.cwd().join(path);
                if !in_place {
                    return link(&from, target).map(|()| None);
                }
                from
            }
            (Source::Disk | Source::Changed, None) | (Source::Gone, _) => return Ok(None),
            (Source::Kept, _) => {
                let _ = self.log.blob(hash)?;
                blobs_folder(self.log.folder().as_std_path()).join(hash)
            }
            (Source::Replayed(_), _) => self.setting.shared(hash).into_std_path_buf(),
        };
        let moved = target.is_none();
        let name = Path::new(path).file_name().unwrap_or(path);
        let target = target.unwrap_or_else(|| place.as_std_path().join(name));
        if self.setting.in_place && target.exists() {
            return Ok(None);
        }
        make_parent(&target)?;
        let shown = contents.to_string_lossy().into_owned();
        fs::copy(&contents, &target).map_err(ReplayError::io("cannot copy", shown))?;
        if !moved {
            return Ok(None);
        }
        moves.add(path, target);
        let from = place.as_std_path().join("");
        let to = Path::new(path).parent().unwrap_or(Path::new(""));
        let to = match to.as_os_str().is_empty() {
            true => PathBuf::new(),
            false => to.join(""),
        };
        Ok(sources::kind(path).is_source().then_some((from, to)))
    }
}

fn make_parent(path: &Path) -> Result<(), ReplayError> {
    let parent = path.parent().unwrap_or(path);
    let shown = parent.to_string_lossy().into_owned();
    fs::create_dir_all(parent).map_err(ReplayError::io("cannot make", shown))
}

/// Links a file into the sandbox; it may be there already, where a command names it twice.
fn link(from: &Path, to: &Path) -> Result<(), ReplayError> {
    make_parent(to)?;
    let shown = to.to_string_lossy().into_owned();
    match std::os::unix::fs::symlink(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(ReplayError::io("cannot link", shown)(error))
        }
        _ => Ok(()),
    }
}

/// A source that stands elsewhere must not be known by its place.
fn with_prefixes(mut step: Step, mapped: &[(PathBuf, PathBuf)]) -> Step {
    if step.kind == StepKind::Run && is_driver(&step.argv[0]) {
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

fn compare(outputs: &[FileFact], cwd: &Path, moves: &Moves) -> Vec<Compared> {
    let one = |fact: &FileFact| {
        let now = moves
            .get(&fact.path)
            .unwrap_or_else(|| cwd.join(&fact.path));
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
