//! The `emshim <verb>` command line: parsing with clap, dispatch, and how errors end a run.

mod args;
mod build;
mod ci;
mod clean;
mod config;
mod doctor;
mod documents;
mod error;
mod exec;
mod explain;
mod farm;
mod init;
mod install;
mod library;
mod log;
mod look;
mod replay;
mod run;
mod setup;
mod shell;
mod signatures;
mod site;
mod ui;
pub mod variables;
mod wheel;
mod written;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use toolcall::builtin::BuiltIn;

use args::TargetArgs;
use error::CliError;

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
    /// Look at a project and write the settings it would begin with
    Init(init::InitArgs),
    /// Write a CI workflow that makes, tests and keeps a project's wheel
    Ci(ci::CiArgs),
    /// What is in wheels, and what they lack: show, size, repair
    Wheel(wheel::WheelArgs),
    /// Run Python in Pyodide under Node with wheels installed
    Run(run::RunArgs),
    /// Write a lock file and a simple index of wheels, from which Pyodide and micropip install them
    Lock(site::lock::LockArgs),
    /// Write a static page with a console in which wheels are installed
    Page(site::page::PageArgs),
    /// Write a JupyterLite folder in whose notebooks wheels can be imported, for documentation by Sphinx
    Docs(site::docs::DocsArgs),
    /// Build many packages, each once with what it needs of the others, by Snakemake
    Farm(farm::FarmArgs),
    #[command(name = farm::JOB, hide = true)]
    FarmJob(farm::JobArgs),
    /// Serve a folder on the loopback address, as a static host would
    Serve(site::serve::ServeArgs),
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
    /// Libraries for the target, which every build finds: list, add, show, remove
    Library(library::LibraryArgs),
    /// What the shims ran: list, show, sums, failures
    Log(log::LogArgs),
    /// Find functions that are declared one way and defined another, which WebAssembly traps on
    Signatures(signatures::SignaturesArgs),
    /// Run recorded calls again, in a sandbox, and compare what they make
    Replay(replay::ReplayArgs),
    #[command(name = ::replay::run::VERB, hide = true)]
    ReplayCall(replay::CallArgs),
    #[command(name = ::replay::run::TRY_VERB, hide = true)]
    ReplayView(replay::CallArgs),
    /// Say what is found, from where, and the remedy for what is missing or has changed
    Doctor(doctor::DoctorArgs),
    /// Get what is missing: Emscripten, Python, Pyodide, build tools, for the targets of the project in the
    /// working directory unless others are named
    Setup(setup::SetupArgs),
    /// Remove what old versions, broken wheels and killed runs left in the store
    Clean(clean::CleanArgs),
    /// Print what lets a shell complete this command line
    Completions(documents::CompletionsArgs),
    /// Write the manual pages into a folder
    Man(documents::ManArgs),
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
        return match steps::work::run(&argv, Path::new("")) {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let parsed = command().try_get_matches_from(argv).and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version print to stdout with status 0, mistakes to stderr with 2.
            let _ = error.print();
            if let (ErrorKind::InvalidUtf8, Some(word)) = (error.kind(), not_utf8()) {
                eprintln!("\n{} is not UTF-8: rename it", word.display());
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // Taken for one that is not set, it would have emshim work elsewhere.
    if let Some((name, value)) = variable_not_utf8() {
        eprintln!(
            "emshim: {name}={}: is not UTF-8; set it to another",
            value.display()
        );
        return ExitCode::FAILURE;
    }
    match cli.verb.run(&matches) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("emshim: {}", error.shown());
            ExitCode::FAILURE
        }
    }
}

/// The first argument that is not UTF-8, which clap does not name.
fn not_utf8() -> Option<OsString> {
    std::env::args_os().find(|word| word.to_str().is_none())
}

/// A variable that emshim reads whose value is not UTF-8.
fn variable_not_utf8() -> Option<(&'static str, OsString)> {
    let own = variables::VARIABLES.iter().map(|variable| variable.name);
    let mut read = own
        .chain(["HOME", "PATH"])
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    read.find(|(_, value)| value.to_str().is_none())
}

impl Verb {
    /// Carries it out; `matches` tells what was given from what is a default.
    fn run(self, matches: &ArgMatches) -> Result<ExitCode, CliError> {
        let given = || matches.subcommand().map(|(_, matches)| matches);
        match self {
            Self::Build(args) => build::run(&args, given()),
            Self::Init(args) => init::run(&args),
            Self::Ci(args) => ci::run(&args),
            Self::Wheel(args) => wheel::run(&args),
            Self::Run(args) => run::run(&args),
            Self::Lock(args) => site::lock::run(&args),
            Self::Page(args) => site::page::run(&args),
            Self::Docs(args) => site::docs::run(&args),
            Self::Farm(args) => farm::run(&args, given()),
            Self::FarmJob(args) => farm::job(&args),
            Self::Serve(args) => site::serve::run(&args),
            Self::Exec(args) => exec::run(&args),
            Self::Install(args) => install::run(&args),
            Self::Env(args) => exec::env(&args),
            Self::CmakeToolchain(args) => exec::print_path(&args, |c| &c.cmake_toolchain),
            Self::MesonCross(args) => exec::print_path(&args, |c| &c.meson_cross),
            Self::Explain(args) => explain::run(&args),
            Self::Library(args) => library::run(&args),
            Self::Log(args) => log::run(&args),
            Self::Signatures(args) => signatures::run(&args),
            Self::Replay(args) => replay::replay(&args),
            Self::ReplayCall(args) => replay::call(&args),
            Self::ReplayView(args) => replay::try_view(&args),
            Self::Doctor(args) => doctor::run(&args),
            Self::Setup(args) => setup::run(&args, given()),
            Self::Clean(args) => clean::run(&args),
            Self::Completions(args) => documents::completions(&args, command()),
            Self::Man(args) => documents::man(&args, command()),
        }
    }
}
