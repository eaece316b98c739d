//! `emshim log stats`.

use clap::Args;

use super::args::{FilterArgs, Folder, warn};
use super::table::{Printer, time};
use crate::error::CliError;
use crate::ui;
use call_log::read::stats::{Stats, Sum, stats};

/// `emshim log stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    filter: FilterArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the sums.
///
/// # Errors
/// The log cannot be read, or stdout not written.
pub fn run(args: &StatsArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let filter = args.filter.filter(&log)?;
    let (stats, problems) = stats(&log, &filter)?;
    if args.json {
        let text = serde_json::to_string_pretty(&stats)
            .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))?;
        ui::answer(&(text + "\n"))?;
    } else {
        print(&stats)?;
    }
    warn(&log.file(), &problems);
    Ok(())
}

/// A command cut to what tells it from others.
fn shortened(command: &str) -> String {
    const LONGEST: usize = 160;
    let mut start: String = command.chars().take(LONGEST).collect();
    if start.len() < command.len() {
        start.push('…');
    }
    start
}

fn print(stats: &Stats) -> Result<(), CliError> {
    let mut printer = Printer::new();
    printer.row(&format!(
        "{:30}{:>8}{:>8}{:>13}{:>13}",
        "", "calls", "failed", "time", "in emshim"
    ))?;
    let sum = |name: &str, sum: &Sum| {
        format!(
            "{name:30}{:>8}{:>8}{:>13}{:>13}",
            sum.calls,
            sum.failed,
            time(sum.duration_us),
            time(sum.own_us)
        )
    };
    printer.row(&sum("all", &stats.all))?;
    printer.row(&sum("probes", &stats.probes))?;
    printer.row(&sum("compiles and links", &stats.real))?;
    for (title, sums) in [("by tool", &stats.tools), ("by job", &stats.jobs)] {
        printer.line(&format!("\n{title}"))?;
        let mut sums: Vec<_> = sums.iter().collect();
        sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.duration_us));
        for (name, part) in sums {
            printer.row(&sum(&format!("  {name}"), part))?;
        }
    }
    if stats.unfinished > 0 {
        printer.line(&format!(
            "\nunfinished: {} (killed, or still running)",
            stats.unfinished
        ))?;
    }
    if !stats.slowest.is_empty() {
        printer.line("\nslowest")?;
    }
    for slow in &stats.slowest {
        printer.row(&format!(
            "  {:>11}  {}  {}",
            time(slow.duration_us),
            slow.id,
            shortened(&slow.command)
        ))?;
    }
    if !stats.dropped.is_empty() {
        printer.line("\nflags dropped")?;
    }
    for dropped in stats.dropped.iter().take(20) {
        printer.row(&format!(
            "  {:>6}  {:24} {}",
            dropped.times, dropped.rule, dropped.reason
        ))?;
    }
    printer.line(&format!("\nrecords: {}", ui::bytes(stats.log_bytes)))?;
    printer.finish()
}
