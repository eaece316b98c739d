//! `emshim run`: Python in Pyodide under Node, with wheels installed.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::ui::Ui;
use ::shim::signals::run_to_end;
use pyodide_wheel::site::Site;
use pyodide_wheel::wheel::{WheelName, normalise, tests_archive};
use wheel_build::error::WheelBuildError;
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
    /// Install the tests that `emshim build --strip-tests` took out of a package: a wheel file beside which
    /// they lie, or the name of one that is in --with or --find-links (repeatable)
    #[arg(long, value_name = "WHEEL|NAME")]
    with_tests: Vec<String>,
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
    let find_links = find_links?;
    let site = match args.with.as_slice() {
        [] if args.with_tests.is_empty() => None,
        with => Some(session.install(with, &find_links, &cwd)?),
    };
    if let Some(site) = &site {
        for named in &args.with_tests {
            let archive = tests_of(named, site, &args.with, &find_links)?;
            site.add_tests(&archive).map_err(WheelBuildError::from)?;
        }
    }
    let words: Vec<&OsStr> = args.python.iter().map(OsString::as_os_str).collect();
    let mut python = session.python_command(site.as_ref(), &words, &cwd)?;
    let status =
        run_to_end(&mut python).map_err(CliError::io("cannot run", session.node.exe.as_path()))?;
    Ok(exit_code(status))
}

/// The archive with the tests of a wheel: of one that is named, or of what is installed of a project.
fn tests_of(
    named: &str,
    site: &Site,
    with: &[String],
    find_links: &[Utf8PathBuf],
) -> Result<Utf8PathBuf, CliError> {
    let beside = |wheel: &str| Utf8Path::new(wheel).parent().map(Utf8Path::to_owned);
    let is_wheel = |text: &&str| text.ends_with(".whl");
    let (wheel, folders): (WheelName, Vec<Utf8PathBuf>) = match Some(named).filter(is_wheel) {
        Some(wheel) => {
            let name = WheelName::parse(Utf8Path::new(wheel).file_name().unwrap_or_default());
            let name = name.map_err(|error| CliError::Message(error.to_string()))?;
            (name, beside(wheel).into_iter().collect())
        }
        None => {
            let wheel = site.wheel_of(&normalise(named)).ok_or_else(|| {
                CliError::Message(format!(
                    "--with-tests {named}: it is not installed; say --with {named} too, or name the wheel"
                ))
            })?;
            let wheels = with.iter().map(String::as_str).filter(is_wheel);
            let folders = wheels.filter_map(beside).chain(find_links.iter().cloned());
            (wheel.clone(), folders.collect())
        }
    };
    let file = tests_archive(&wheel);
    let found = folders
        .iter()
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        let folders: Vec<&str> = folders.iter().map(|folder| folder.as_str()).collect();
        CliError::Message(format!(
            "there is no {file} in [{}]: `emshim build --strip-tests` writes it beside the wheel; a wheel that \
             was built without has its tests in it",
            folders.join(", ")
        ))
    })
}

/// The status of a finished child as ours; death by a signal as a shell reports it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1))
}
