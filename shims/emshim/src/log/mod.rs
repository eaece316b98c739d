//! `emshim log`: what the shims recorded.

pub(crate) mod args;
mod export;
mod list;
pub(crate) mod show;
mod stats;
mod table;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::error::CliError;

/// `emshim log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    #[command(subcommand)]
    verb: LogVerb,
}

#[derive(Debug, Subcommand)]
enum LogVerb {
    /// One line per call, those that ended first first, the unfinished last
    List(list::ListArgs),
    /// One line per build: `emshim build` and `emshim exec` name them
    Builds(list::BuildsArgs),
    /// All about one call: what came in, what was decided and why, what ran, what came out
    Show(show::ShowArgs),
    /// Where the time went, the slowest calls, the flags dropped most often
    Stats(stats::StatsArgs),
    /// The calls that failed, probes left out
    Failures(list::FailuresArgs),
    /// A compile_commands.json with clang's own commands, for clangd
    CompileCommands(export::CompileCommandsArgs),
    /// What is not the same in two builds, and where the difference begins
    Diff(export::DiffArgs),
    /// A page, and a trace for Perfetto, with every call in its lane
    Timeline(export::TimelineArgs),
}

/// Answers a question about a log.
///
/// # Errors
/// There is no log, or no such call in it.
pub fn run(args: &LogArgs) -> Result<ExitCode, CliError> {
    match &args.verb {
        LogVerb::List(args) => list::run(args),
        LogVerb::Builds(args) => list::builds(args),
        LogVerb::Show(args) => show::run(args),
        LogVerb::Stats(args) => stats::run(args),
        LogVerb::Failures(args) => list::failures(args),
        LogVerb::CompileCommands(args) => export::compile_commands(args),
        LogVerb::Diff(args) => export::compare(args),
        LogVerb::Timeline(args) => export::timeline(args),
    }
    .map(|()| ExitCode::SUCCESS)
}
