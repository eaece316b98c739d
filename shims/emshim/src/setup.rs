//! `emshim setup`: the provisioning alone, the checks of the toolchain on request, and the key under
//! which a CI keeps what it gives.

use std::process::ExitCode;

use clap::{ArgMatches, Args};
use configuration::Project;
use provision::{Env, Progress as _, Store};
use pyodide_wheel::target::Target;
use pyodide_wheel::xbuild;

use crate::args::{TargetArgs, TargetsArgs};
use crate::config;
use crate::error::CliError;
use crate::ui::{self, Ui};
use wheel_build::error::WheelBuildError;
use wheel_build::fortran;
use wheel_build::rust;
use wheel_build::session::Session;
use wheel_build::toolchain::Choice;
use wheel_build::trial::Trial;

/// `emshim setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    #[command(flatten)]
    targets: TargetsArgs,
    /// Try the toolchain against the target's Pyodide: exceptions, setjmp, Fortran, a program
    #[arg(long)]
    check: bool,
    /// Get Rust too, and build its standard library for the target, which else the first package that
    /// needs it does
    #[arg(long, conflicts_with = "print_cache_key")]
    rust: bool,
    /// Print a line that changes exactly when the store's contents would, and provision nothing:
    /// the key for a CI cache of the store
    #[arg(long, conflicts_with = "check")]
    print_cache_key: bool,
}

/// Provisions for each target, and writes its shim folder; or prints the key.
///
/// # Errors
/// As [`Session::prepare`]; or the checks cannot be run.
pub fn run(args: &SetupArgs, matches: Option<&ArgMatches>) -> Result<ExitCode, CliError> {
    let targets = args.targets(matches)?;
    if args.print_cache_key {
        let keys: Result<Vec<_>, _> = targets.iter().map(contents).collect();
        let names: Vec<_> = targets.iter().map(|t| t.target.replace('@', "-")).collect();
        let digest = blake3::hash(keys?.concat().as_bytes()).to_hex();
        let machine = std::env::consts::ARCH;
        let key = format!("emshim-{}-{machine}-{}", names.join("-"), &digest[..16]);
        ui::answer(&(key + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut status = ExitCode::SUCCESS;
    for target in &targets {
        let ui = Ui::new();
        let session = Session::prepare(&target.wanted(), &ui)?;
        session.micropip(&ui)?;
        let (dir, _) = session.shims()?;
        if let Some(why) = &session.fortran.missing {
            ui.note(&format!("note: Fortran cannot be compiled: {why}"));
        }
        ui::answer(&format!("{}\nshims: {dir}\n", session.pair()))?;
        if args.rust {
            let rust = rust::provide(&session, "--rust", &ui)?;
            let (version, origin, bin) = (rust.version, rust.origin, rust.bin);
            ui::answer(&format!("Rust {version} from {origin}: {bin}\n"))?;
        }
        if args.check {
            let trial = Trial::run(&session, &ui)?;
            ui::answer(&trial.report())?;
            if !trial.passed() {
                status = ExitCode::FAILURE;
            }
        }
    }
    ui::answer("next: emshim build PACKAGE\n")?;
    Ok(status)
}

impl SetupArgs {
    /// The targets that are named, else those of the project in the working directory, else the default.
    fn targets(&self, matches: Option<&ArgMatches>) -> Result<Vec<TargetArgs>, CliError> {
        if config::names_targets(matches) {
            return Ok(self.targets.each());
        }
        let project = Project::read(".".into()).map_err(WheelBuildError::from)?;
        Ok(match project.targets().as_slice() {
            [] => self.targets.each(),
            own => self.targets.of(own),
        })
    }
}

/// All that decides what the store holds for a target, in lines.
fn contents(args: &TargetArgs) -> Result<String, CliError> {
    let target = Target::parse(&args.target)?;
    let env = Env::capture();
    let choice = Choice::make(&env, &target, args.wanted().policy)?;
    let (mut lines, emscripten) = provision::recipes(&env, &choice.sources(&target))?;
    if let Some(version) = emscripten {
        // Its name has the recipe, which does not depend on where the store is.
        let folder = fortran::runtime(&target).folder(&Store::at("/".into()), &version)?;
        lines.push(folder.file_name().unwrap_or_default().to_owned());
    }
    lines.push(format!("{target} layout {}", xbuild::LAYOUT));
    Ok(lines.join("\n") + "\n")
}
