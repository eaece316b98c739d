//! The `emshim <verb>` command line: parsing with clap, dispatch, and how errors end a run.

pub mod audit;
pub mod build;
pub mod build_log;
pub mod builder;
pub mod clean;
pub mod doctor;
pub mod environment;
pub mod error;
pub mod exec;
pub mod explain;
mod fortran;
pub mod install;
pub mod log;
pub mod replay;
pub mod run;
pub mod session;
pub mod setup;
pub mod shared;
pub mod signatures;
pub mod testing;
pub mod toolchain;
pub mod trial;
pub mod ui;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::shim::direct::LAUNCHER;
use crate::shim::own;
pub use error::CliError;
use toolcall::builtin::BuiltIn;
use toolchain::Policy;

/// Emscripten toolchain shims: build Python extension modules for Pyodide with any build system.
#[derive(Debug, Parser)]
#[command(name = "emshim", version, max_term_width = 100)]
#[command(
    after_help = "Called as gcc, g++, ld, ar, cmake, meson, ... emshim is that tool for \
    Emscripten; `emshim install DIR` makes a folder of such links."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Build a wheel for Pyodide from a folder, an sdist or a package name, and import it there
    Build(build::BuildArgs),
    /// Run Python in Pyodide under Node with wheels installed
    Run(run::RunArgs),
    /// Run a command with the shims first in PATH and the build environment set
    Exec(exec::ExecArgs),
    /// Write a shim folder: the binary, its links, toolchain files
    Install(install::InstallArgs),
    /// Print the build environment for a shell
    Env(exec::EnvArgs),
    /// Print the path of the CMake toolchain file
    CmakeToolchain(TargetArgs),
    /// Print the path of the Meson cross file
    MesonCross(TargetArgs),
    /// Show what a tool's command line becomes, and why
    Explain(explain::ExplainArgs),
    /// What the shims ran: list, show, sums, failures
    Log(log::LogArgs),
    /// Find functions that are declared one way and defined another, which WebAssembly traps on
    Signatures(signatures::SignaturesArgs),
    /// Run recorded calls again, in a sandbox, and compare what they make
    Replay(replay::ReplayArgs),
    #[command(name = crate::replay::run::VERB, hide = true)]
    ReplayCall(replay::CallArgs),
    #[command(name = crate::replay::run::TRY_VERB, hide = true)]
    ReplayView(replay::CallArgs),
    /// Say what is found, from where, and the remedy for what is missing
    Doctor(doctor::DoctorArgs),
    /// Get what is missing: Emscripten, Python, Pyodide, build tools
    Setup(setup::SetupArgs),
    /// Remove what old versions, broken wheels and killed runs left in the store
    Clean(clean::CleanArgs),
}

/// Options that choose the target, shared by most verbs.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// The target, as `pyodide@VERSION`
    #[arg(long, value_name = "TARGET", env = "EMSHIM_TARGET", default_value = pyodide_wheel::target::DEFAULT)]
    pub target: String,
    /// Go on with an Emscripten of yours that is neither the ABI's own nor a tested one
    #[arg(long)]
    pub allow_emscripten: bool,
    /// Refuse any Emscripten but the ABI's own: for wheels that will be published
    #[arg(long, conflicts_with = "allow_emscripten")]
    pub exact: bool,
}

impl TargetArgs {
    /// How far from the ABI's own Emscripten the user lets a build go.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match (self.exact, self.allow_emscripten) {
            (true, _) => Policy::Exact,
            (false, true) => Policy::Any,
            (false, false) => Policy::Tested,
        }
    }
}

/// As [`TargetArgs`], for verbs that work for several targets, one after the other.
#[derive(Debug, Clone, Args)]
pub struct TargetsArgs {
    /// The target, as `pyodide@VERSION` (repeatable, or several with commas between them)
    #[arg(
        long = "target",
        value_name = "TARGET",
        env = "EMSHIM_TARGET",
        default_value = pyodide_wheel::target::DEFAULT,
        value_delimiter = ','
    )]
    targets: Vec<String>,
    /// Go on with an Emscripten of yours that is neither the ABI's own nor a tested one
    #[arg(long)]
    allow_emscripten: bool,
    /// Refuse any Emscripten but the ABI's own: for wheels that will be published
    #[arg(long, conflicts_with = "allow_emscripten")]
    exact: bool,
}

impl TargetsArgs {
    /// The targets, each once, in the order they were named.
    #[must_use]
    pub fn each(&self) -> Vec<TargetArgs> {
        let mut each: Vec<TargetArgs> = Vec::new();
        for target in self.targets.iter().map(|target| target.trim()) {
            if each.iter().all(|other| other.target != target) {
                each.push(TargetArgs {
                    target: target.to_owned(),
                    allow_emscripten: self.allow_emscripten,
                    exact: self.exact,
                });
            }
        }
        each
    }
}

/// What goes in front of the compiler.
#[derive(Debug, Clone, Args)]
pub struct LauncherArgs {
    /// A compiler cache that runs clang: `ccache` or `sccache`, with its arguments if need be
    #[arg(long, value_name = "COMMAND", env = LAUNCHER)]
    pub launcher: Option<String>,
}

impl LauncherArgs {
    /// The variable that tells the shims, if there is a launcher.
    #[must_use]
    pub fn variable(&self) -> Option<(String, String)> {
        let launcher = self.launcher.clone()?;
        Some((LAUNCHER.to_owned(), launcher))
    }
}

/// The command line as clap has it, for references.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs `emshim <verb>` and gives the exit status: that of the command run, 1 for an error of
/// ours, 2 for a wrong command line.
#[must_use]
pub fn main() -> ExitCode {
    let argv: Vec<OsString> = std::env::args_os().collect();
    if BuiltIn::is_named(&argv) {
        return match own::run(&argv, Path::new("")) {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version print to stdout with status 0, mistakes to stderr with 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.verb.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("emshim: {}", error.shown());
            ExitCode::FAILURE
        }
    }
}

impl Verb {
    fn run(self) -> Result<ExitCode, CliError> {
        match self {
            Self::Build(args) => build::run(&args),
            Self::Run(args) => run::run(&args),
            Self::Exec(args) => exec::run(&args),
            Self::Install(args) => install::run(&args),
            Self::Env(args) => exec::env(&args),
            Self::CmakeToolchain(args) => exec::print_path(&args, |c| &c.cmake_toolchain),
            Self::MesonCross(args) => exec::print_path(&args, |c| &c.meson_cross),
            Self::Explain(args) => explain::run(&args),
            Self::Log(args) => log::run(&args),
            Self::Signatures(args) => signatures::run(&args),
            Self::Replay(args) => replay::replay(&args),
            Self::ReplayCall(args) => replay::call(&args),
            Self::ReplayView(args) => replay::try_view(&args),
            Self::Doctor(args) => doctor::run(&args),
            Self::Setup(args) => setup::run(&args),
            Self::Clean(args) => clean::run(&args),
        }
    }
}
