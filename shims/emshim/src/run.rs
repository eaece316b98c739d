//! `emshim run`: Python in Pyodide under Node, with wheels installed.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use camino::Utf8PathBuf;
use clap::Args;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::ui::Ui;
use ::shim::signals::run_to_end;
use wheel_build::files::absolute;
use wheel_build::session::Session;

/// `emshim run`.
#[derive(Debug, Args)]
#[command(override_usage = "emshim run [OPTIONS] [-c CODE | -m MODULE | SCRIPT] [ARGS]...")]
pub struct RunArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Install a wheel file, or a package by name, with its dependencies (repeatable)
    #[arg(long, value_name = "WHEEL|NAME")]
    with: Vec<String>,
    /// A further folder of wheels to choose from (repeatable)
    #[arg(long, value_name = "DIR")]
    find_links: Vec<Utf8PathBuf>,
    /// What a `python` command line has: `-c CODE`, `-m MODULE` or a script, then its arguments.
    /// Without any, Python converses with the terminal, or reads a script from standard input
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    python: Vec<OsString>,
}

/// Runs Python; its exit status is ours.
///
/// # Errors
/// A wheel cannot be had for the target, or Node cannot be started.
pub fn run(args: &RunArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::quiet();
    let session = Session::prepare(&args.target.wanted(), &ui)?;
    let cwd = absolute(".".into())?;
    let find_links: Result<Vec<_>, _> = args.find_links.iter().map(|dir| absolute(dir)).collect();
    let site = match args.with.as_slice() {
        [] => None,
        with => Some(session.install(with, &find_links?, &cwd)?),
    };
    let words: Vec<&OsStr> = args.python.iter().map(OsString::as_os_str).collect();
    let mut python = session.python_command(site.as_ref(), &words, &cwd)?;
    let status =
        run_to_end(&mut python).map_err(CliError::io("cannot run", session.node.exe.as_path()))?;
    Ok(exit_code(status))
}

/// The status of a finished child as ours; death by a signal as a shell reports it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1))
}
