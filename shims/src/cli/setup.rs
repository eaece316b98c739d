//! `emshim setup`: the provisioning alone, and on request the checks of the toolchain.

use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::session::Session;
use super::trial::Trial;
use super::{TargetArgs, ui, ui::Ui};

/// `emshim setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Try the toolchain against the target's Pyodide: exceptions, setjmp, Fortran, a program
    #[arg(long)]
    check: bool,
}

/// Provisions what is missing and writes the target's shim folder.
///
/// # Errors
/// As [`Session::prepare`]; or the checks cannot be run.
pub fn run(args: &SetupArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::new();
    let session = Session::prepare(&args.target, &ui)?;
    let (dir, _) = session.shims()?;
    let mut status = ExitCode::SUCCESS;
    let mut checks = String::new();
    if args.check {
        let trial = Trial::run(&session, &ui)?;
        checks = trial.report();
        if !trial.passed() {
            status = ExitCode::FAILURE;
        }
    }
    ui::answer(&format!(
        "{}\nshims: {dir}\n{checks}next: emshim build PACKAGE\n",
        session.pair()
    ))?;
    Ok(status)
}
