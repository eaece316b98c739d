//! `emshim log`: what the shims recorded.

mod export;
mod list;
mod show;
mod stats;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Subcommand};

use super::error::CliError;
use crate::log::reader::Problem;
use crate::log::select::{ExitFilter, Filter};
use crate::log::view::FullCall;
use crate::log::{Log, LogError};

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

/// Which log is read.
#[derive(Debug, Clone, Args)]
pub struct Folder {
    /// The log's folder; the store's by default
    #[arg(long = "log", value_name = "DIR", env = "EMSHIM_LOG")]
    log: Option<Utf8PathBuf>,
}

impl Folder {
    /// The log.
    ///
    /// # Errors
    /// There is no store to look in.
    pub fn open(&self) -> Result<Log, CliError> {
        let named = self.log.as_ref().filter(|log| !log.as_str().is_empty());
        match named {
            Some(folder) => Ok(Log::new(folder.clone())),
            None => Ok(Log::new(provision::Store::from_env()?.log())),
        }
    }
}

/// Which calls are meant.
#[derive(Debug, Clone, Args)]
pub struct FilterArgs {
    /// Calls of this tool, such as gcc
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Calls that name, read or write this file
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    file: Option<String>,
    /// Calls that ended so: a status, ok, failed, signal, unfinished
    #[arg(long, value_name = "HOW")]
    exit: Option<ExitFilter>,
    /// Calls that took at least this long, such as 500ms or 2s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    longer: Option<Duration>,
    /// Calls with this text in their command or folder
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// Calls of this build; `last` is the latest
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Only what build systems tried out
    #[arg(long, conflicts_with = "no_probes")]
    probes: bool,
    /// Not what build systems tried out
    #[arg(long)]
    no_probes: bool,
}

impl FilterArgs {
    /// The filter, the last build's name found.
    ///
    /// # Errors
    /// There is no last build.
    pub fn filter(&self, log: &Log) -> Result<Filter, LogError> {
        Filter {
            tool: self.tool.clone(),
            file: self.file.clone(),
            exit: self.exit,
            longer: self.longer,
            text: self.text.clone(),
            build: self.build.clone(),
            probes: match (self.probes, self.no_probes) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
        }
        .resolve(log)
    }
}

/// Parses `500ms`, `2s`, `1.5` (seconds).
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "a time such as 500ms or 2s is expected".to_owned())?;
    Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())
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

/// A record as JSON, as `emshim log show --json` prints it.
///
/// # Errors
/// What it shares with other records is lost.
pub(super) fn record(log: &Log, call: &FullCall) -> Result<String, CliError> {
    Ok(format!("{:#}\n", show::object(log, call)?))
}

/// Most lines about unreadable records that are printed.
const MOST_PROBLEMS: usize = 5;

/// Says on stderr what of the log cannot be read.
pub(super) fn warn(file: &Utf8Path, problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    eprintln!(
        "emshim: {} of {file} cannot be read; the rest is shown:",
        match problems.len() {
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        }
    );
    for problem in problems.iter().take(MOST_PROBLEMS) {
        eprintln!("  {problem}");
    }
    if problems.len() > MOST_PROBLEMS {
        eprintln!("  and {} more", problems.len() - MOST_PROBLEMS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_seconds_and_milliseconds() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
        assert!(duration("-1").is_err());
        assert!(duration("soon").is_err());
    }
}
