//! `emshim log list` and `emshim log failures`.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use super::args::{FilterArgs, Folder, warn};
use super::table::{Printer, clock, time};
use crate::error::CliError;
use crate::ui;
use call_log::read::log::Log;
use call_log::read::reader::Item;
use call_log::read::select::{ExitFilter, Filter};
use call_log::read::view::{Brief, BriefCall, status};
use toolcall::display;
use toolcall::job::Job;
use toolcall::os_json;

/// `emshim log list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    filter: FilterArgs,
    /// Print one JSON object per call and line
    #[arg(long)]
    json: bool,
}

/// `emshim log failures`.
#[derive(Debug, Args)]
pub struct FailuresArgs {
    #[command(flatten)]
    folder: Folder,
    /// Failures of this build only; `last` is the latest
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Also the probes of build systems, most of which are meant to fail
    #[arg(long)]
    probes: bool,
    /// Print one JSON object per call and line
    #[arg(long)]
    json: bool,
}

/// `emshim log builds`.
#[derive(Debug, Args)]
pub struct BuildsArgs {
    #[command(flatten)]
    folder: Folder,
    /// Print one JSON object per build and line
    #[arg(long)]
    json: bool,
}

/// The calls of one build together.
#[derive(Serialize)]
struct Build {
    build: String,
    /// When the first of its calls began.
    time_us: u64,
    /// From then to the end of the last.
    duration_us: u64,
    calls: u64,
    /// Probes left out.
    failed: u64,
}

/// Prints the builds of a log, in the order they began.
///
/// # Errors
/// As [`run`].
pub fn builds(args: &BuildsArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let mut builds: BTreeMap<String, Build> = BTreeMap::new();
    let mut problems = Vec::new();
    for call in log.calls::<Brief>()?.apart(&mut problems) {
        let call = call?;
        let (head, end) = (call.begin, call.end);
        let Some(name) = head.build else { continue };
        let build = builds.entry(name.clone()).or_insert(Build {
            build: name,
            time_us: head.time_us,
            duration_us: 0,
            calls: 0,
            failed: 0,
        });
        let last = build.time_us + build.duration_us;
        let ended = head.time_us + end.as_ref().map_or(0, |end| end.duration_us);
        build.time_us = build.time_us.min(head.time_us);
        build.duration_us = last.max(ended) - build.time_us;
        build.calls += 1;
        let well = end.is_some_and(|end| end.ended().is_success());
        build.failed += u64::from(!well && !head.probe);
    }
    let mut builds: Vec<Build> = builds.into_values().collect();
    builds.sort_by_key(|build| build.time_us);
    let mut printer = Printer::new();
    if !args.json && !builds.is_empty() {
        printer.row("BEGAN (UTC)          TIME           CALLS  FAILED  BUILD")?;
    }
    for build in builds {
        if args.json {
            let text = serde_json::to_string(&build)
                .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))?;
            printer.line(&text)?;
        } else {
            let took = time(build.duration_us);
            let began = clock(build.time_us);
            let (calls, failed) = (build.calls, build.failed);
            printer.row(&format!(
                "{began:20} {took:12} {calls:>7} {failed:>7}  {}",
                display::visible(&build.build)
            ))?;
        }
    }
    printer.finish()?;
    warn(&log.file(), &problems);
    Ok(())
}

/// A call as `--json` prints it.
#[derive(Serialize)]
struct Row<'c> {
    id: &'c str,
    time_us: u64,
    tool: &'c str,
    job: Job,
    argv: &'c RawValue,
    #[serde(with = "os_json")]
    cwd: &'c std::ffi::OsStr,
    /// Absent, as `duration_us` is, for a call that did not end.
    exit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    duration_us: Option<u64>,
    probe: bool,
    build: Option<&'c str>,
    caller: Option<&'c str>,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'c str>,
}

/// Prints the calls.
///
/// # Errors
/// The log cannot be read, or stdout not written.
pub fn run(args: &ListArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let filter = args.filter.filter(&log)?;
    if print(&log, &filter, args.json)? == 0 && !args.json {
        eprintln!("no such call in {}", log.file());
    }
    Ok(())
}

/// Prints the calls that failed.
///
/// # Errors
/// As [`run`].
pub fn failures(args: &FailuresArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let filter = Filter {
        exit: Some(ExitFilter::Failed),
        build: args.build.clone(),
        probes: (!args.probes).then_some(false),
        ..Filter::default()
    }
    .resolve(&log)?;
    if print(&log, &filter, args.json)? == 0 && !args.json {
        let of = filter
            .build
            .map_or_else(String::new, |b| format!(" of {b}"));
        let probes = if args.probes { "" } else { ", probes left out" };
        ui::answer(&format!("no call{of} failed{probes}\n"))?;
    }
    Ok(())
}

/// Prints calls, and gives their number.
fn print(log: &Log, filter: &Filter, json: bool) -> Result<usize, CliError> {
    let mut printer = Printer::new();
    let mut problems = Vec::new();
    let mut calls = 0;
    for item in log.calls::<Brief>()? {
        match item? {
            Item::Problem(problem) => problems.push(problem),
            Item::Call(call) if filter.fits(&call) => {
                if calls == 0 && !json {
                    printer.row(HEADING)?;
                }
                calls += 1;
                if json {
                    printer.line(&object(&call)?)?;
                } else {
                    printer.row(&row(&call))?;
                }
            }
            Item::Call(_) => {}
        }
        if printer.closed() {
            break;
        }
    }
    printer.finish()?;
    warn(&log.file(), &problems);
    Ok(calls)
}

const HEADING: &str =
    "ID                       BEGAN (UTC)          TIME        EXIT        COMMAND";

fn row(call: &BriefCall) -> String {
    let head = &call.begin;
    let end = call.end.as_ref();
    let took = end.map_or_else(String::new, |end| time(end.duration_us));
    let status = status(end.map(call_log::read::view::Tail::ended));
    let mark = match (head.job, head.probe) {
        (Job::Native, _) => " (build machine)",
        (_, true) => " (probe)",
        _ => "",
    };
    let why = head.refusal.as_ref();
    let why = why.map_or_else(String::new, |why| {
        format!("  refused: {}", display::visible(why))
    });
    format!(
        "{:24} {:20} {took:11} {:11} {}{why}",
        head.id,
        clock(head.time_us),
        status + mark,
        display::shell(&head.words()),
    )
}

fn object(call: &BriefCall) -> Result<String, CliError> {
    let head = &call.begin;
    let end = call.end.as_ref();
    let row = Row {
        id: &head.id,
        time_us: head.time_us,
        tool: &head.tool,
        job: head.job,
        argv: &head.argv,
        cwd: &head.cwd,
        exit: end.and_then(|end| end.exit),
        signal: end.and_then(|end| end.signal),
        duration_us: end.map(|end| end.duration_us),
        probe: head.probe,
        build: head.build.as_deref(),
        caller: head.caller.as_deref(),
        pid: head.pid,
        refusal: head.refusal.as_deref(),
    };
    serde_json::to_string(&row)
        .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))
}
