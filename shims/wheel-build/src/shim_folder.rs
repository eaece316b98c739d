//! A shim folder: a copy of this binary, a link for each tool's name, the configuration, and the
//! toolchain files.
//!
//! Writing it again changes nothing that is already right, and every file is replaced by a rename:
//! a build that uses the folder at that moment never sees a partial one.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Store;
use pyodide_wheel::target::Target;
use toolcall::config::{FILE_NAME, ShimConfig};
use toolcall::tool::link_names;

use crate::error::WheelBuildError;
use crate::files::{own_program, replace};
use crate::session::Session;

/// Name of the binary in a shim folder; every tool name is a link to it.
pub const BINARY: &str = "emshim";

impl Session {
    /// The target's own shim folder in the store, whose path is the same for every build.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn shims(&self) -> Result<(Utf8PathBuf, ShimConfig), WheelBuildError> {
        let config = write(&self.shims, self, Vec::new())?;
        Ok((self.shims.clone(), config))
    }
}

/// A target's own shim folder in the store: this emshim's, and this toolchain's, the paths `made_of`.
/// Another emshim has another, and changes no tool of a build that runs.
pub(crate) fn path(
    store: &Store,
    target: &Target,
    emscripten: &str,
    made_of: &[&Utf8Path],
) -> Result<Utf8PathBuf, WheelBuildError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&own_program()?);
    for path in made_of {
        hasher.update(path.as_str().as_bytes());
        hasher.update(b"\n");
    }
    let digest = &hasher.finalize().to_hex()[..8];
    let name = format!("{}-{emscripten}-{digest}", target.name).replace('@', "-");
    Ok(store.shim_folders().join(name))
}

/// Whether a shim folder is of another emshim than this one.
///
/// # Errors
/// emshim's own program cannot be read.
pub fn is_of_another(dir: &Utf8Path) -> Result<bool, WheelBuildError> {
    let own = own_program()?;
    Ok(fs::read(dir.join(BINARY)).is_ok_and(|program| program != own))
}

/// Writes or refreshes the shim folder `dir` for a session's target and toolchain, with a launcher
/// in front of clang unless it is empty.
///
/// # Errors
/// The folder cannot be written, or a file of that name in it is not emshim's.
pub fn write(
    dir: &Utf8Path,
    session: &Session,
    launcher: Vec<String>,
) -> Result<ShimConfig, WheelBuildError> {
    fs::create_dir_all(dir).map_err(WheelBuildError::io("cannot create", dir))?;
    let config = ShimConfig {
        launcher,
        ..session.shim_config(dir)
    };
    let links: Vec<Utf8PathBuf> = link_names().map(|name| dir.join(name)).collect();
    refuse_foreign(dir, &links)?;

    let binary = dir.join(BINARY);
    copy_binary(&binary)?;
    for link in &links {
        link_to_binary(link)?;
    }
    for (path, text) in session.toolchain(dir).files() {
        replace(&dir.join(path), text.as_bytes(), 0o644)?;
    }
    // Last: a folder without its configuration is known to be unfinished.
    let text = serde_json::to_string_pretty(&config)
        .map_err(|e| WheelBuildError::Message(format!("cannot write {FILE_NAME}: {e}")))?;
    replace(&dir.join(FILE_NAME), (text + "\n").as_bytes(), 0o644)?;
    Ok(config)
}

/// A folder with a `gcc` that emshim did not install, such as `/usr/bin`, is not written to.
fn refuse_foreign(dir: &Utf8Path, links: &[Utf8PathBuf]) -> Result<(), WheelBuildError> {
    if dir.join(FILE_NAME).exists() {
        return Ok(());
    }
    let binary = dir.join(BINARY);
    let foreign = links.iter().chain([&binary]).find(|path| {
        let ours = fs::read_link(path).is_ok_and(|to| to.as_os_str() == BINARY);
        !ours && fs::symlink_metadata(path).is_ok()
    });
    match foreign {
        None => Ok(()),
        Some(path) => Err(WheelBuildError::Message(format!(
            "{path} exists and is not emshim's; choose a folder of its own for the shims"
        ))),
    }
}

fn copy_binary(to: &Utf8Path) -> Result<(), WheelBuildError> {
    replace(to, &own_program()?, 0o755)
}

fn link_to_binary(link: &Utf8Path) -> Result<(), WheelBuildError> {
    if fs::read_link(link).is_ok_and(|to| to.as_os_str() == BINARY) {
        return Ok(());
    }
    let temporary = link.with_file_name(format!(".{}.{}", std::process::id(), name(link)));
    let made =
        std::os::unix::fs::symlink(BINARY, &temporary).and_then(|()| fs::rename(&temporary, link));
    if made.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    made.map_err(WheelBuildError::io("cannot link", link))
}

fn name(path: &Utf8Path) -> &str {
    path.file_name().unwrap_or_default()
}
