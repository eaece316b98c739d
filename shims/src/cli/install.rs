//! `emshim install DIR`: a shim folder, which is a copy of this binary, a link per tool name, the
//! configuration, and the toolchain files.
//!
//! Writing it again changes nothing that is already right, and every file is replaced by a rename:
//! a build that uses the folder at that moment never sees a partial one.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::error::CliError;
use super::session::{Session, absolute};
use super::{LauncherArgs, TargetArgs, ui, ui::Ui};
use crate::shim::config::{FILE_NAME, ShimConfig};
use crate::shim::link_names;

/// Name of the binary in a shim folder; every tool name is a link to it.
pub const BINARY: &str = "emshim";

/// `emshim install`.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// The folder to write; put it first in PATH
    pub dir: Utf8PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    launcher: LauncherArgs,
}

/// Writes the folder and says how to use it.
///
/// # Errors
/// Provisioning failed, or the folder cannot be written or holds files of somebody else.
pub fn run(args: &InstallArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::new();
    let dir = absolute(&args.dir)?;
    let session = Session::prepare(&args.target, &ui)?;
    let launcher = args.launcher.launcher.as_deref().unwrap_or_default();
    let launcher = shell_words::split(launcher)
        .map_err(|_| CliError::Message(format!("--launcher {launcher}: a quote is left open")))?;
    write(&dir, &session, launcher)?;
    session.store.remember(&dir)?;
    ui::answer(&format!("{dir}\n"))?;
    let binary = dir.join(BINARY);
    let binary = shell_words::quote(binary.as_str());
    eprintln!("Put it first in PATH, or run: eval \"$({binary} env)\"");
    Ok(ExitCode::SUCCESS)
}

/// Writes or refreshes the shim folder `dir` for a session's target and toolchain, with a launcher
/// in front of clang unless it is empty.
///
/// # Errors
/// The folder cannot be written, or a name in it belongs to somebody else.
pub fn write(
    dir: &Utf8Path,
    session: &Session,
    launcher: Vec<String>,
) -> Result<ShimConfig, CliError> {
    fs::create_dir_all(dir).map_err(CliError::io("cannot create", dir))?;
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
        .map_err(|e| CliError::Message(format!("cannot write {FILE_NAME}: {e}")))?;
    replace(&dir.join(FILE_NAME), (text + "\n").as_bytes(), 0o644)?;
    Ok(config)
}

/// A folder with a `gcc` of somebody else, `/usr/bin` say, is not ours to write to.
fn refuse_foreign(dir: &Utf8Path, links: &[Utf8PathBuf]) -> Result<(), CliError> {
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
        Some(path) => Err(CliError::Message(format!(
            "{path} exists and is not emshim's; choose a folder of its own for the shims"
        ))),
    }
}

fn copy_binary(to: &Utf8Path) -> Result<(), CliError> {
    let exe = std::env::current_exe()
        .map_err(|e| CliError::Message(format!("cannot find the running binary: {e}")))?;
    let from = Utf8PathBuf::from_path_buf(exe)
        .map_err(|p| CliError::Message(format!("{} is not UTF-8", p.display())))?;
    let bytes = fs::read(&from).map_err(CliError::io("cannot read", from.as_path()))?;
    replace(to, &bytes, 0o755)
}

fn link_to_binary(link: &Utf8Path) -> Result<(), CliError> {
    if fs::read_link(link).is_ok_and(|to| to.as_os_str() == BINARY) {
        return Ok(());
    }
    let temporary = link.with_file_name(format!(".{}.{}", std::process::id(), name(link)));
    let made =
        std::os::unix::fs::symlink(BINARY, &temporary).and_then(|()| fs::rename(&temporary, link));
    if made.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    made.map_err(CliError::io("cannot link", link))
}

fn name(path: &Utf8Path) -> &str {
    path.file_name().unwrap_or_default()
}

/// Writes a file by a rename, unless it already has this content.
fn replace(path: &Utf8Path, content: &[u8], mode: u32) -> Result<(), CliError> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Utf8Path::new("."));
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(content)?;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
        // Closed first: a program that is open for writing cannot be started.
        file.into_temp_path().persist(path).map_err(|e| e.error)
    };
    write().map_err(CliError::io("cannot write", path))
}
