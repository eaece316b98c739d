//! The build of one library, under emshim's own shims.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use libraries::commands::{self, Places};
use provision::Progress;
use toolcall::variables::{BUILD, LIBRARIES, LOG};

use super::chosen::Resolved;
use super::{archive, install, prefix};
use crate::build_log::BuildLog;
use crate::environment::{Environment, notices};
use crate::error::WheelBuildError;
use crate::rust::{Place, Settings};
use crate::session::Session;

/// Variables of the user's that a library's build sees. All others may be somebody's switch, and a
/// library is to depend on its recipe alone.
const KEPT: &[&str] = &[
    "EMSHIM_HOME",
    "HOME",
    "LOGNAME",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
];

/// Builds a library into its folder unless it is there. `depends` are built.
///
/// # Errors
/// A step fails, or does not install what the recipe says.
pub(super) fn build(
    session: &Session,
    one: &Resolved,
    depends: &[&Resolved],
    progress: &dyn Progress,
) -> Result<(), WheelBuildError> {
    if one.is_built() {
        return Ok(());
    }
    let work = one.slot.lock(progress)?;
    if one.is_built() {
        return Ok(());
    }
    let label = one.library.label();
    let found = prefix::provide(session, depends, progress)?;
    let what = one.library.build()?;
    let mut path = std::env::var("PATH").unwrap_or_default();
    if !commands::needs(what.system).is_empty() {
        let tools = &session.tools.exe;
        let bin = provision::provision_build_systems(&session.store, tools, progress)?;
        path = format!("{bin}:{path}");
    }
    let staging = work.staging()?.to_owned();
    let source = staging.join("source");
    unpack(&archive::place(session, one), &source)?;
    let source = match &one.library.recipe.source.folder {
        Some(folder) => source.join(folder),
        None => source,
    };
    for (name, text) in &one.library.recipe.source.files {
        let path = source.join(name);
        let parent = path.parent().unwrap_or(&source);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(WheelBuildError::io("cannot write", path.as_path()))?;
    }
    let (folder, destination) = (staging.join("build"), staging.join("installed"));
    for folder in [&folder, &destination] {
        fs::create_dir_all(folder)
            .map_err(WheelBuildError::io("cannot create", folder.as_path()))?;
    }
    let places = Places {
        source: &source,
        build: &folder,
        prefix: one.slot.folder(),
        destination: &destination,
    };
    let log = BuildLog::named(
        &log_folder(session),
        &format!("library-{}", one.library.recipe.name),
        progress,
    );
    let environment = environment(session, &path, found.as_deref(), &log)?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let step = format!("building {label} for {}", session.target);
    progress.step(&step, || {
        for command in commands::commands(&what, places, jobs) {
            let variables = command.variables.iter().cloned();
            let environment: Vec<_> = environment.iter().cloned().chain(variables).collect();
            let folder = command.folder.as_path();
            fs::create_dir_all(folder).map_err(WheelBuildError::io("cannot create", folder))?;
            let status = log.run(&command.words, folder, environment).map_err(|error| {
                WheelBuildError::Message(format!("cannot run {}: {error}", command.words[0]))
            })?;
            if !status.success() {
                log.show_tail();
                return Err(WheelBuildError::Message(format!(
                    "the build of {label} failed at its step `{}` ({status}); the whole output is in \
                     {}\nnext: emshim log failures --build {}",
                    command.step,
                    log.path(),
                    log.name()
                )));
            }
        }
        Ok(())
    })?;
    let below = one
        .slot
        .folder()
        .strip_prefix("/")
        .unwrap_or(one.slot.folder());
    let installed = destination.join(below);
    install::finish(&installed, one.slot.folder(), &one.library.recipe)?;
    let part = installed.strip_prefix(&staging).unwrap_or(&installed);
    work.place_part(part)?;
    work.finish(BTreeMap::from([(
        one.library.recipe.name.clone(),
        one.library.recipe.version.clone(),
    )]))?;
    Ok(())
}

/// The folder of the records.
fn log_folder(session: &Session) -> Utf8PathBuf {
    match std::env::var(LOG) {
        Ok(folder) if folder.starts_with('/') => folder.into(),
        _ => session.store.log(),
    }
}

/// The whole environment of the commands.
fn environment(
    session: &Session,
    path: &str,
    libraries: Option<&Utf8Path>,
    log: &BuildLog<'_>,
) -> Result<Vec<(String, String)>, WheelBuildError> {
    let (shims, config) = session.shims()?;
    let mut all: Vec<(String, String)> = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect();
    let place = Place {
        shims: &shims,
        config: &config,
        settings: &Settings::default(),
        work: None,
    };
    all.extend(Environment::for_library(&place, path).0);
    let more = [
        ("LC_ALL", "C.UTF-8"),
        ("SOURCE_DATE_EPOCH", "315532800"),
        // Also where it names none: the prefix of what was added is not for libraries themselves.
        (LIBRARIES, libraries.map_or("", Utf8Path::as_str)),
        (BUILD, log.name()),
        (LOG, log.path().parent().map_or("", Utf8Path::as_str)),
    ];
    all.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    all.push(notices());
    Ok(all)
}

/// Unpacks an archive without its top folder, or copies a folder, which the build may write into.
fn unpack(from: &Utf8Path, to: &Utf8Path) -> Result<(), WheelBuildError> {
    fs::create_dir_all(to).map_err(WheelBuildError::io("cannot create", to))?;
    let mut command = if from.is_dir() {
        let mut copy = Command::new("cp");
        copy.args(["-a", "--"]).arg(from.join(".")).arg(to);
        copy
    } else {
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--no-same-owner", "--strip-components=1"]);
        tar.args(["--file", from.as_str(), "--directory", to.as_str()]);
        tar
    };
    let failed = |why: &str| WheelBuildError::Message(format!("cannot unpack {from}: {why}"));
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    if done.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&done.stderr).trim()))
}
