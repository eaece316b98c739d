//! `emshim install DIR`: a shim folder where the user wants it.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;

use crate::args::{LauncherArgs, TargetArgs};
use crate::error::CliError;
use crate::ui::{self, Ui};
use wheel_build::files::absolute;
use wheel_build::session::Session;
use wheel_build::shim_folder::{BINARY, write};

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
/// Provisioning failed, or the folder cannot be written or holds files that are not emshim's.
pub fn run(args: &InstallArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::new();
    let dir = absolute(&args.dir)?;
    let session = Session::prepare(&args.target.wanted(), &ui)?;
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
