//! Which log, and which of its calls; and how its unreadable lines are told.

use std::time::Duration;

use call_log::read::error::LogError;
use call_log::read::log::Log;
use call_log::read::reader::Problem;
use call_log::read::select::{ExitFilter, Filter};
use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use toolcall::variables::LOG;

use crate::error::CliError;

/// Which log is read.
#[derive(Debug, Clone, Args)]
pub struct Folder {
    /// The log's folder; the store's by default
    #[arg(long = "log", value_name = "DIR", env = LOG)]
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

/// Most lines about unreadable records that are printed.
const MOST_PROBLEMS: usize = 5;

/// Says on stderr what of the log cannot be read.
pub(crate) fn warn(file: &Utf8Path, problems: &[Problem]) {
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
