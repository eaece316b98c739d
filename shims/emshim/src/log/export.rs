//! `emshim log timeline`, `emshim log compile-commands` and `emshim log diff`: a log for other
//! tools and beside another.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use disk::whole;

use super::args::{FilterArgs, Folder, warn};
use super::table::Printer;
use crate::error::CliError;
use crate::ui;
use ::replay::compile_commands::entries;
use ::replay::run::room;
use ::replay::select::all;
use ::replay::setting::Setting;
use call_log::read::diff::{Diff, Side, diff};
use call_log::read::lanes::lanes;
use call_log::read::log::Log;
use call_log::read::select::Filter;
use call_log::read::timeline::{page, trace};
use toolcall::display::visible;
use wheel_build::files::absolute;

/// `emshim log timeline`.
#[derive(Debug, Args)]
pub struct TimelineArgs {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    filter: FilterArgs,
    /// The page to write, which needs nothing else
    #[arg(long, value_name = "FILE", default_value = "timeline.html")]
    html: Utf8PathBuf,
    /// A trace to write, for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE")]
    trace: Option<Utf8PathBuf>,
    /// Print the trace on stdout and write nothing
    #[arg(long, conflicts_with = "trace")]
    json: bool,
}

/// Writes the page, and the trace if asked for.
///
/// # Errors
/// The log cannot be read, or a file not written.
pub fn timeline(args: &TimelineArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let filter = args.filter.filter(&log)?;
    let (bars, problems) = lanes(&log, &filter)?;
    let title = filter.build.unwrap_or_else(|| log.folder().to_string());
    if args.json {
        ui::answer(&format!("{}\n", trace(&bars, &title)))?;
    } else {
        replace(&args.html, &page(&bars, &title))?;
        ui::answer(&format!("{}\n", args.html))?;
        if let Some(file) = &args.trace {
            replace(file, &trace(&bars, &title).to_string())?;
            ui::answer(&format!("{file}\n"))?;
        }
    }
    warn(&log.file(), &problems);
    Ok(())
}

/// Writes a file whole or not at all.
fn replace(file: &Utf8Path, text: &str) -> Result<(), CliError> {
    whole::replace(file.as_std_path(), whole::FOR_ALL, text.as_bytes())
        .map_err(CliError::io("cannot write", file))
}

/// `emshim log compile-commands`.
#[derive(Debug, Args)]
pub struct CompileCommandsArgs {
    #[command(flatten)]
    folder: Folder,
    /// The calls of this build; `last` is the latest
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// The file to write; C made of Fortran goes to `emshim-fortran` beside it
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "compile_commands.json"
    )]
    output: Utf8PathBuf,
}

/// Writes a compilation database with clang's own commands.
///
/// # Errors
/// The log cannot be read, or the file not written.
pub fn compile_commands(args: &CompileCommandsArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let build = Filter {
        build: args.build.clone(),
        ..Filter::default()
    };
    let build = build.resolve(&log)?.build;
    let selection = all(&log, |call| build.is_none() || call.begin.build == build)?;
    let output = absolute(&args.output)?;
    let sandbox = tempfile::tempdir().map_err(CliError::io(
        "cannot make a folder in",
        Utf8Path::new("TMPDIR"),
    ))?;
    let root = Utf8Path::from_path(sandbox.path());
    let root = root.unwrap_or(Utf8Path::new("/tmp")).to_owned();
    let emshim = std::env::current_exe()
        .map_err(CliError::io("cannot find", Utf8Path::new("this program")))?;
    let setting = Setting {
        room: room(&emshim, &root)?,
        root,
        show: false,
        emshim,
    };
    let generated = output.with_file_name("emshim-fortran");
    let (entries, missing) = entries(&log, &selection.calls, &setting, &generated)?;
    if entries.is_empty() {
        warn(&log.file(), &selection.problems);
        return Err(CliError::Message(nothing(&log, build.as_deref(), &missing)));
    }
    let text = serde_json::to_string_pretty(&entries)
        .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))?;
    replace(&output, &(text + "\n"))?;
    ui::answer(&format!("{output}: {} entries\n", entries.len()))?;
    for what in missing {
        eprintln!("emshim: no entry for {}", visible(&what));
    }
    warn(&log.file(), &selection.problems);
    Ok(())
}

/// Why there is no entry at all. An empty database would look like an answer.
fn nothing(log: &Log, build: Option<&str>, missing: &[String]) -> String {
    let file = log.file();
    let of = build.map_or_else(String::new, |build| format!(" of {build}"));
    match missing {
        [] => format!("{file} has no compile{of} that ended well; nothing is written"),
        [first, rest @ ..] => {
            let others = match rest.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            format!(
                "no compile{of} in {file} has an entry, and nothing is written: {first}{others}; \
                 `emshim build` removes its work tree: build with --keep-work, then try again"
            )
        }
    }
}

/// `emshim log diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    folder: Folder,
    /// A build's name, or a folder with a log of its own
    a: String,
    /// The build to compare it with
    b: String,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Prints what is not the same.
///
/// # Errors
/// One of them cannot be read.
pub fn compare(args: &DiffArgs) -> Result<(), CliError> {
    let side = |name: &String| -> Result<Side, CliError> {
        let own = Log::new(name.as_str());
        if own.file().exists() {
            return Ok(Side {
                log: own,
                build: None,
            });
        }
        Ok(Side {
            log: args.folder.open()?,
            build: Some(name.clone()),
        })
    };
    let diff = diff(&side(&args.a)?, &side(&args.b)?)?;
    if args.json {
        let text = serde_json::to_string_pretty(&diff)
            .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))?;
        return ui::answer(&(text + "\n"));
    }
    print(args, &diff)
}

fn print(args: &DiffArgs, diff: &Diff) -> Result<(), CliError> {
    let mut printer = Printer::new();
    for (only, name) in [(&diff.only_a, &args.a), (&diff.only_b, &args.b)] {
        for call in only {
            printer.row(&format!("only in {name}: {call}"))?;
        }
    }
    for change in &diff.changes {
        printer.row(&format!(
            "{}  ({} {})",
            change.name, change.ids.0, change.ids.1
        ))?;
        for cause in &change.causes {
            printer.row(&format!("  given otherwise: {cause}"))?;
        }
        for output in &change.outputs {
            printer.row(&format!("  output differs: {output}"))?;
        }
    }
    let outputs: usize = diff.changes.iter().map(|change| change.outputs.len()).sum();
    printer.line(&format!(
        "{} calls in both, {} of them differ; {outputs} outputs differ; {} only in the first, {} only in the second",
        diff.both,
        diff.changes.len(),
        diff.only_a.len(),
        diff.only_b.len()
    ))?;
    if let Some(first) = diff.first_cause.map(|at| &diff.changes[at]) {
        printer.line(&format!(
            "first cause: {} (call {}): {}",
            visible(&first.name),
            first.ids.1,
            visible(&first.causes.join("; "))
        ))?;
    }
    printer.finish()
}
