//! What a call is given when it runs again: a folder, its inputs, places for its outputs.

use crate::driver;
use crate::error::ReplayError;
use crate::relocate::Moves;
use crate::select::{Chosen, Input, Source};
use crate::setting::Setting;
use call_log::format::folder::blobs;
use call_log::read::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use toolcall::job::Job;
use toolcall::plan::{Step, StepKind};
use toolcall::sources;

/// A call that is ready to run.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its folder in the sandbox.
    pub folder: Utf8PathBuf,
    /// The steps as recorded.
    pub recorded: Vec<Step>,
    /// The steps that run.
    pub steps: Vec<Step>,
    /// The folder they run in.
    pub cwd: PathBuf,
    /// The recorded environment.
    pub env: BTreeMap<String, String>,
    moves: Moves,
}

impl Prepared {
    /// Where a file of the call is now, by its recorded name.
    #[must_use]
    pub fn place(&self, path: &OsStr) -> PathBuf {
        let moved = self.moves.get(path);
        moved.unwrap_or_else(|| self.cwd.join(path))
    }
}

impl Prepared {
    /// A file's contents with the recorded paths in the place of the sandbox's, if it names any.
    #[must_use]
    pub fn undone(&self, file: &Path) -> Option<Vec<u8>> {
        self.moves.undone(&fs::read(file).ok()?)
    }
}

/// Makes a call ready.
///
/// # Errors
/// The log does not have what is needed, or the sandbox cannot be written.
pub fn prepare(log: &Log, chosen: &Chosen, setting: &Setting) -> Result<Prepared, ReplayError> {
    let begin = &chosen.call.begin;
    let folder = setting.folder(&begin.id);
    for part in ["tmp", "work", "in"] {
        let path = folder.join(part);
        fs::create_dir_all(&path).map_err(ReplayError::io("cannot make", path))?;
    }
    let steps = begin.steps.iter().map(|step| log.step(step));
    let steps: Vec<Step> = steps.collect::<Result<_, _>>()?;
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
    let moved = steps.iter().flat_map(|step| moves.apply(step));
    let moved = moved
        .map(|step| with_prefixes(driver::anew(step), &mapped))
        .collect();
    Ok(Prepared {
        folder,
        steps: moved,
        cwd,
        env: log.env(begin)?,
        moves,
        recorded: steps,
    })
}

/// The folder that a call runs in: its own, or one in the sandbox that stands for it. The folder of
/// a probe is gone with it; and an archive may name its members by their way from it, so that both
/// have to be in a tree of the same shape.
fn stand_in(
    job: Job,
    recorded: &Path,
    setting: &Setting,
    folder: &Utf8Path,
) -> Result<PathBuf, ReplayError> {
    if recorded.is_dir() && (job != Job::Archive || setting.in_place) {
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
                blobs(self.log.folder().as_std_path()).join(hash)
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
    if step.kind == StepKind::Run && driver::at(&step.argv).is_some() {
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
