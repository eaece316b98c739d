//! What a call is given when it runs again: a folder, and its inputs as they were, at their own
//! paths in a view of the machine, or as copies in a tree of the same shape.

use crate::driver;
use crate::error::ReplayError;
use crate::newer::tools;
use crate::prepared::Prepared;
use crate::relocate::{Moves, plain};
use crate::select::{Chosen, Input, Source};
use crate::setting::{Room, Setting};
use crate::tree::Tree;
use call_log::format::folder::blobs;
use call_log::read::log::Log;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::plan::{Step, StepKind};

/// Makes a call ready.
///
/// # Errors
/// The log does not have what is needed, or the sandbox cannot be written.
pub fn prepare(log: &Log, chosen: &Chosen, setting: &Setting) -> Result<Prepared, ReplayError> {
    let begin = &chosen.call.begin;
    let folder = setting.folder(&begin.id);
    for part in ["made", "spare", "tmp", "work"] {
        let path = folder.join(part);
        fs::create_dir_all(&path).map_err(ReplayError::io("cannot make", path))?;
    }
    let steps = begin.steps.iter().map(|step| log.step(step));
    let recorded: Vec<Step> = steps.collect::<Result<_, _>>()?;
    let cwd = PathBuf::from(&begin.cwd);
    let outputs = recorded.iter().flat_map(|step| &step.outputs);
    let outputs: Vec<PathBuf> = outputs.map(|output| plain(&cwd.join(output))).collect();
    let parents = outputs.iter().filter_map(|path| path.parent());
    let mut prepared = Prepared {
        made: folder.join("made").into(),
        folder,
        steps: recorded
            .iter()
            .cloned()
            .map(driver::without_cache)
            .map(by_driver)
            .collect(),
        folders: parents.chain([&*cwd]).map(Path::to_owned).collect(),
        // In place a tool may change what is there, as it did then.
        absent: match setting.room {
            Room::View => outputs,
            Room::Copies | Room::InPlace => Vec::new(),
        },
        given: Vec::new(),
        recorded,
        cwd,
        env: log.env(begin)?,
        room: setting.room,
        blobs: blobs(log.folder().as_std_path()),
        shared: setting.root.join("contents"),
    };
    for input in &chosen.inputs {
        give(log, &mut prepared, input)?;
    }
    if setting.room == Room::Copies {
        let config = log.toolchain(begin)?.config;
        let tree = Tree::of(chosen, &prepared, &config);
        for folder in &tree.folders {
            make(&prepared.place(folder.as_os_str()))?;
        }
        for (path, contents) in &tree.files {
            let place = prepared.place(path.as_os_str());
            if !place.exists() && contents.is_file() {
                copy(contents, &place)?;
                prepared.given.push(place);
            }
        }
        let moves = copied(&prepared, &config);
        let steps = prepared.steps.iter().map(|step| moves.apply(step));
        let prefix = |step| with_prefix(step, &prepared.made);
        prepared.steps = steps.map(prefix).collect();
    }
    Ok(prepared)
}

/// Puts an input's recorded contents where the call will find them, unless it finds them anyway.
fn give(log: &Log, prepared: &mut Prepared, input: &Input) -> Result<(), ReplayError> {
    let path = &input.fact.path;
    let whole = plain(&prepared.cwd.join(path));
    let changed_in_place = prepared
        .recorded
        .iter()
        .any(|step| step.outputs.contains(path));
    prepared.absent.retain(|absent| *absent != whole);
    let place = prepared.place(path);
    let needed = match (prepared.room, input.source) {
        (_, Source::Gone) => false,
        (Room::InPlace, Source::Disk | Source::Changed) => false,
        (Room::InPlace, Source::Kept | Source::Replayed(_)) => !place.exists(),
        (Room::View, Source::Disk | Source::Changed) => changed_in_place,
        (Room::View, Source::Kept | Source::Replayed(_)) | (Room::Copies, _) => true,
    };
    if !needed {
        return Ok(());
    }
    if input.source == Source::Kept {
        // Read once, it is known to be whole.
        let _ = log.blob(input.fact.blake3.as_deref().unwrap_or_default())?;
    }
    copy(&prepared.contents(input), &place)?;
    prepared.given.push(place);
    Ok(())
}

/// What moves where a call runs on copies: everything but its tools.
fn copied(prepared: &Prepared, config: &ShimConfig) -> Moves {
    let mut moves = Moves::default();
    let programs = prepared.recorded.iter().flat_map(|step| {
        let launched = driver::at(&step.argv).unwrap_or_default();
        step.argv.iter().take(launched + 1).map(PathBuf::from)
    });
    let fortran = [
        &config.fortran.f2c,
        &config.fortran.runtime,
        &config.python_include,
    ];
    let fortran = fortran.map(|path| path.clone().into_std_path_buf());
    let stay = tools(config).into_iter().chain(programs).chain(fortran);
    for path in stay.chain(["/dev", "/proc"].map(PathBuf::from)) {
        moves.add_folder(&path, path.clone());
    }
    moves.add_folder(Path::new("/"), prepared.made.clone());
    moves
}

/// A link by the driver itself, whatever ran in its place: it makes the same, and needs no answers of a
/// shim folder.
fn by_driver(mut step: Step) -> Step {
    if step.kind == StepKind::Link {
        step.kind = StepKind::Run;
    }
    step
}

/// A copy must not be known by its place.
fn with_prefix(mut step: Step, made: &Path) -> Step {
    if step.kind.runs() && driver::at(&step.argv).is_some() {
        let mut word = OsString::from("-ffile-prefix-map=");
        word.push(made);
        word.push("/=/");
        step.argv.push(word);
    }
    step
}

fn make(folder: &Path) -> Result<(), ReplayError> {
    let shown = folder.to_string_lossy().into_owned();
    fs::create_dir_all(folder).map_err(ReplayError::io("cannot make", shown))
}

fn copy(from: &Path, to: &Path) -> Result<(), ReplayError> {
    make(to.parent().unwrap_or(to))?;
    let shown = from.to_string_lossy().into_owned();
    let copied = fs::copy(from, to);
    copied
        .map(drop)
        .map_err(ReplayError::io("cannot copy", shown))
}
