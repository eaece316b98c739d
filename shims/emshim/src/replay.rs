//! `emshim replay`: recorded calls run again.

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use serde::Serialize;

use crate::error::CliError;
use crate::log::args::{Folder, warn};
use crate::log::show;
use ::replay::pool::{Done, run_all};
use ::replay::run;
use ::replay::select::{Chosen, Selection, Skip, all, one};
use ::replay::setting::{Room, Setting};
use ::replay::verdict::{Compared, Sameness};
use ::replay::{ReplayError, bundle, newer};
use call_log::read::log::Log;
use call_log::read::select::Filter;
use toolcall::display;
use toolcall::display::visible;
use wheel_build::files::absolute;

/// `emshim replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Whatever a call writes goes to a sandbox folder: it sees the machine as it is, at \
    the same paths, and can write nothing of it. Where the system gives no such view (a mount or \
    user namespace with overlayfs), it runs on copies of its inputs. Inputs that are gone come from \
    what the log keeps or from calls that made them, which then run first. The sandbox is removed \
    unless something differs.\n\n\
    emshim replay last            run the last call again, its output shown\n  \
    emshim replay all --verify    prove that a build's calls make the same bytes again"
)]
pub struct ReplayArgs {
    #[command(flatten)]
    folder: Folder,
    /// The call: its id, a beginning or an end of it, or `last`; or `all`
    call: String,
    /// Of all calls, those of this build; `last` is the latest
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Show nothing that the tools print, and fail unless every output is identical
    #[arg(long)]
    verify: bool,
    /// How many calls run at once; as many as there are processors by default
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Go on after a call that is not identical
    #[arg(short, long)]
    keep_going: bool,
    /// Write outputs where the calls wrote them, over what is there
    #[arg(long, conflicts_with_all = ["sandbox", "bundle"])]
    in_place: bool,
    /// Run on copies of the inputs, as where the system gives no view of the machine
    #[arg(long, conflicts_with = "in_place")]
    copies: bool,
    /// Use this folder, and leave it there
    #[arg(long, value_name = "DIR")]
    sandbox: Option<Utf8PathBuf>,
    /// Pack what the call read, and a script that runs it on a machine without emshim
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verify", "sandbox"])]
    bundle: Option<Utf8PathBuf>,
    /// Print one JSON object per call and line
    #[arg(long)]
    json: bool,
}

/// What a replay starts for each call.
#[derive(Debug, Args)]
pub struct CallArgs {
    file: Utf8PathBuf,
}

/// Carries out one call of a replay.
///
/// # Errors
/// The file is not one that a replay wrote.
pub fn call(args: &CallArgs) -> Result<ExitCode, CliError> {
    Ok(run::carry_out(&args.file)?)
}

/// Finds out whether this machine gives views, in the folder named.
///
/// # Errors
/// It does not.
pub fn try_view(args: &CallArgs) -> Result<ExitCode, CliError> {
    Ok(run::try_view(&args.file)?)
}

/// Runs calls again. The exit status is 1 unless they ended as recorded and made the same.
///
/// # Errors
/// There is no such call, or no room for a sandbox.
pub fn replay(args: &ReplayArgs) -> Result<ExitCode, CliError> {
    let log = args.folder.open()?;
    let every = args.call == "all";
    let selection = if every {
        let filter = Filter {
            build: args.build.clone(),
            ..Filter::default()
        };
        let build = filter.resolve(&log)?.build;
        all(&log, |call| build.is_none() || call.begin.build == build)?
    } else {
        one(&log, &args.call)?
    };
    warn(&log.file(), &selection.problems);
    let jobs = args
        .jobs
        .or_else(|| std::thread::available_parallelism().ok());
    let jobs = jobs.map_or(1, NonZeroUsize::get);
    name_changes(&log, &selection, jobs);
    let (root, keep) = sandbox(args)?;
    let keep = keep || args.in_place;
    let emshim = std::env::current_exe()
        .map_err(CliError::io("cannot find", Utf8Path::new("this program")))?;
    let setting = Setting {
        room: match (args.in_place, args.copies) {
            (true, _) => Room::InPlace,
            (false, true) => Room::Copies,
            (false, false) => run::room(&emshim, &root)?,
        },
        root,
        show: !args.verify && !every && args.bundle.is_none(),
        emshim,
    };
    if let Some(file) = &args.bundle {
        let packed = bundled(&log, &selection, &setting, file);
        if !keep {
            std::fs::remove_dir_all(&setting.root)
                .map_err(CliError::io("cannot remove", setting.root.as_path()))?;
        }
        return packed;
    }
    let total = Mutex::new(Total::default());
    let each = |_: usize, chosen: &Chosen, done: Done| {
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        let good = !done.is_bad();
        if let Err(error) = total.take(chosen, &done, args) {
            total.error.get_or_insert(error);
            return false;
        }
        good || args.keep_going || !every
    };
    run_all(&log, &selection, &setting, jobs, &each);
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = total.error.take() {
        return Err(error);
    }
    if !args.json {
        crate::ui::answer(&total.summary(selection.calls.len()))?;
    }
    if !keep {
        if total.bad == 0 {
            std::fs::remove_dir_all(&setting.root)
                .map_err(CliError::io("cannot remove", setting.root.as_path()))?;
        } else {
            eprintln!("what differs is in {}", setting.root);
        }
    }
    Ok(if total.bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Packs the last call of a selection, those before it run again for what it read of them.
fn bundled(
    log: &Log,
    selection: &Selection,
    setting: &Setting,
    file: &Utf8Path,
) -> Result<ExitCode, CliError> {
    let Some((chosen, makers)) = selection.calls.split_last() else {
        return Err(CliError::Message("no call to pack".into()));
    };
    if let Some(skip) = &chosen.skipped {
        return Err(CliError::Message(format!(
            "call {} cannot be packed: {}",
            chosen.call.begin.id,
            skip.why()
        )));
    }
    if !makers.is_empty() {
        // What runs shares what the packed call needs.
        run_all(log, selection, setting, 1, &|_, _, _| true);
    }
    let record = show::json(log, &chosen.call)?;
    bundle::write(log, chosen, setting, &record, file)?;
    crate::ui::answer(&format!("{file}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The sandbox, and whether it stays.
fn sandbox(args: &ReplayArgs) -> Result<(Utf8PathBuf, bool), CliError> {
    if let Some(dir) = &args.sandbox {
        let dir = absolute(dir)?;
        std::fs::create_dir_all(&dir).map_err(CliError::io("cannot make", dir.as_path()))?;
        return Ok((dir, true));
    }
    let made = tempfile::Builder::new()
        .prefix("emshim-replay-")
        .tempdir()
        .map_err(CliError::io(
            "cannot make a folder in",
            Utf8Path::new("TMPDIR"),
        ))?;
    let path = Utf8PathBuf::from_path_buf(made.keep()).map_err(|path| {
        CliError::Message(format!("{} is not UTF-8; set TMPDIR", path.display()))
    })?;
    Ok((path, false))
}

/// Says on stderr which inputs are not what they were, before anything runs.
fn name_changes(log: &Log, selection: &Selection, jobs: usize) {
    let newer = newer::look(log, selection, jobs);
    for (number, chosen) in selection.calls.iter().enumerate() {
        let id = &chosen.call.begin.id;
        let say = |how: &str, what: &str| eprintln!("emshim: {how} call {id}: {}", visible(what));
        for fact in chosen.changed() {
            say("changed since", &fact.path.to_string_lossy());
        }
        for what in newer.get(&number).into_iter().flatten() {
            say("newer than", what);
        }
        if let Some(Skip::Gone(paths)) = &chosen.skipped {
            let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
            say("gone since", &paths.join(", "));
        }
    }
}

/// What became of all calls together.
#[derive(Debug, Default)]
struct Total {
    identical: usize,
    different: usize,
    missing: usize,
    /// Files that the record does not name.
    unrecorded: usize,
    /// Calls that ended otherwise.
    ended: usize,
    ran: usize,
    gone: usize,
    failed: usize,
    without_outputs: usize,
    refused: usize,
    unfinished: usize,
    bad: usize,
    error: Option<CliError>,
}

/// A call as `--json` prints it.
#[derive(Serialize)]
struct Row<'c> {
    id: &'c str,
    /// `identical`, `different`, `skipped` or `failed`.
    verdict: &'static str,
    outputs: &'c [Compared],
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Total {
    fn take(&mut self, chosen: &Chosen, done: &Done, args: &ReplayArgs) -> Result<(), CliError> {
        self.bad += usize::from(done.is_bad());
        let (verdict, outputs, why): (_, &[Compared], _) = match done {
            Done::Ran(verdict) => {
                self.ran += 1;
                self.identical += verdict.count(Sameness::Identical);
                self.different += verdict.count(Sameness::Different);
                self.missing += verdict.count(Sameness::Missing);
                self.unrecorded += verdict.count(Sameness::Unrecorded);
                let other = verdict.other_end();
                self.ended += usize::from(other.is_some());
                let name = if verdict.is_identical() {
                    "identical"
                } else {
                    "different"
                };
                (name, &verdict.outputs, other)
            }
            Done::Skipped(skip) => {
                let count = match skip {
                    Skip::NoOutputs | Skip::Native => &mut self.without_outputs,
                    Skip::Refused => &mut self.refused,
                    Skip::Unfinished => &mut self.unfinished,
                    Skip::Gone(_) => &mut self.gone,
                };
                *count += 1;
                ("skipped", &[], Some(skip.why().to_owned()))
            }
            Done::Failed(error) => {
                self.failed += 1;
                ("failed", &[], Some(error.to_string()))
            }
        };
        let id = &chosen.call.begin.id;
        if args.json {
            let row = Row {
                id,
                verdict,
                outputs,
                why,
            };
            let text = serde_json::to_string(&row)
                .map_err(|error| CliError::Message(format!("cannot write JSON: {error}")))?;
            return crate::ui::answer(&(text + "\n"));
        }
        if args.call == "all" && !done.is_bad() {
            return Ok(());
        }
        let mut lines = format!("{id}  {}\n", display::shell(&chosen.call.begin.argv));
        lines.extend(why.map(|why| format!("  {verdict}: {why}\n")));
        for output in outputs {
            let name = match output.verdict {
                Sameness::Identical => "identical",
                Sameness::Different => "different",
                Sameness::Missing => "missing",
                Sameness::Unrecorded => "also written",
            };
            let now = output
                .now
                .as_ref()
                .filter(|_| output.verdict == Sameness::Different);
            let now = now.map_or_else(String::new, |now| format!("  (now {})", now.display()));
            let note = output
                .note
                .map_or_else(String::new, |note| format!("; {note}"));
            let path = output.path.to_string_lossy();
            lines += &format!("  {name}: {}{note}{}\n", visible(&path), visible(&now));
        }
        if let Done::Ran(verdict) = done
            && let Some(printed) = verdict.printed.as_ref().filter(|_| !verdict.is_identical())
        {
            lines += &format!("  its output: {}\n", printed.display());
        }
        crate::ui::answer(&lines)
    }

    fn summary(&self, calls: usize) -> String {
        let mut text = format!(
            "{} of {calls} calls ran again; outputs: {} identical, {} different, {} missing",
            self.ran, self.identical, self.different, self.missing
        );
        for (count, what) in [
            (self.unrecorded, "also written, not in the record"),
            (self.ended, "ended otherwise"),
            (self.failed, "could not be run"),
            (self.gone, "not run, their inputs are gone"),
            (self.without_outputs, "write nothing themselves"),
            (self.refused, "had been refused"),
            (self.unfinished, "had not ended"),
        ] {
            if count > 0 {
                text += &format!("; {count} {what}");
            }
        }
        text + "\n"
    }
}

impl From<ReplayError> for CliError {
    fn from(error: ReplayError) -> Self {
        Self::Message(error.to_string())
    }
}
