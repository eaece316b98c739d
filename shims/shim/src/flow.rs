//! One call of a shim from its beginning to its end.

use crate::capture::{self, CaptureError};
use crate::declaration_check;
use crate::direct::{self, Direct};
use crate::execute::{self, Executor};
use crate::files::Disk;
use crate::missing_library;
use crate::probe::Probe;
use crate::undo;
use crate::work_dir::{self, WorkDir, WorkDirError};
use call_log::write::{Planned, Recorder};
use planner::prepare::{PlanError, Prepared, plan_for};
use planner::settings::Recording;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use toolcall::config::{ConfigError, ShimConfig};
use toolcall::invocation::Invocation;
use toolcall::message::complain;
use toolcall::outcome::{Exit, Outcome};

/// A call that cannot be planned or begun.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// The name, the folder or the arguments of this process cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The shim folder's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no plan for it.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// No room for intermediate files.
    #[error(transparent)]
    WorkDir(#[from] WorkDirError),
}

/// Plans a call: reads response files and what else planning asks of the file system, asks emcc for
/// flags it has not been asked for yet, and changes nothing but what is known of those.
///
/// # Errors
/// A tool or setting that does not exist, or response files without end.
pub fn prepare(config: &ShimConfig, invocation: &Invocation) -> Result<Prepared, ShimError> {
    let tmp = invocation.env.get("TMPDIR");
    // As compilers do that are told a folder that is not there.
    let tmp = tmp.filter(|tmp| invocation.cwd.join(tmp).is_dir() && !tmp.is_empty());
    let tmp = Path::new(tmp.unwrap_or("/tmp".as_ref()));
    let mut words = vec![OsString::from(&invocation.name)];
    words.extend(invocation.args.iter().cloned());
    let work_dir = work_dir::name(tmp, &invocation.cwd, &words, &Disk);
    prepare_in(config, invocation, &work_dir)
}

fn prepare_in(
    config: &ShimConfig,
    invocation: &Invocation,
    work_dir: &Path,
) -> Result<Prepared, ShimError> {
    let mut prepared = plan_for(config, invocation, &Disk, work_dir)?;
    let direct = Direct {
        config,
        settings: &prepared.settings,
        invocation,
        work_dir,
    };
    prepared.plan = direct.apply(prepared.plan);
    Ok(prepared)
}

/// The whole flow of one call. Its exit status is the tool's; 1 if the call is refused or cannot
/// be carried out.
#[must_use]
pub fn run() -> ExitCode {
    let began = Instant::now();
    let invocation = match capture::capture() {
        Ok(invocation) => invocation,
        Err(error) => return failed("emshim", &error.into()),
    };
    match run_captured(&invocation, began) {
        Ok(exit) => leave(exit),
        Err(error) => failed(&invocation.name, &error),
    }
}

fn failed(name: &str, error: &ShimError) -> ExitCode {
    complain(name, &error.to_string());
    ExitCode::FAILURE
}

fn run_captured(invocation: &Invocation, began: Instant) -> Result<Exit, ShimError> {
    let config = ShimConfig::load(&invocation.shim_dir)?;
    let mut prepared = prepare(&config, invocation)?;
    let needs_folder = prepared.plan.uses(&prepared.work_dir)
        || execute::has_long_line(&prepared.plan)
        || direct::links_program(&prepared.plan);
    let folder = needs_folder
        .then(|| WorkDir::acquire(&prepared.work_dir))
        .transpose()?;
    if let Some(folder) = &folder
        && folder.path() != prepared.work_dir
    {
        // The same command is running already: plan again with a folder of our own.
        prepared = prepare_in(&config, invocation, folder.path())?;
    }

    let planned = Planned {
        config: &config,
        invocation,
        response_files: &prepared.expanded.files,
        plan: &prepared.plan,
    };
    let recorded = prepared.settings.recording != Recording::Off;
    let log = recorded.then(|| invocation.cwd.join(&prepared.settings.log));
    let mut recorder = Recorder::begin(planned, log);
    if recorder.lost() && prepared.settings.recording == Recording::Required {
        complain(
            &invocation.name,
            "EMSHIM_RECORD=required, and the record cannot be written",
        );
        return Ok(Exit::Exit(1));
    }
    let outcome = match &prepared.plan.refusal {
        Some(why) => {
            complain(&invocation.name, why);
            Outcome {
                exit: Exit::Exit(1),
                steps: Vec::new(),
            }
        }
        None => {
            let executor = Executor {
                invocation,
                config: &config,
                work_dir: &prepared.work_dir,
                began,
                call: recorder.id(),
            };
            let run = || executor.run(&prepared.plan);
            match Probe::of(&config, invocation, &prepared) {
                Some(probe) => probe.recall().unwrap_or_else(|| probe.ask(run)),
                None => run(),
            }
        }
    };
    if let Some(why) = undo::reason(invocation, &prepared, &outcome) {
        complain(&invocation.name, &why);
    }
    if let Some(how) = missing_library::remedy(invocation, &prepared, &outcome) {
        complain(&invocation.name, &how);
    }
    let warnings = declaration_check::find(invocation, &prepared, &outcome);
    declaration_check::tell(&warnings, &prepared);
    recorder.end(&outcome, &warnings, began.elapsed());
    let lost = recorder.lost() && prepared.settings.recording == Recording::Required;
    drop(folder);
    Ok(if lost && outcome.exit.is_success() {
        Exit::Exit(1)
    } else {
        outcome.exit
    })
}

/// Ends this process as the tool ended: with its status, or by its signal.
#[must_use]
pub fn leave(exit: Exit) -> ExitCode {
    match exit {
        Exit::Exit(status) => ExitCode::from(u8::try_from(status & 0xff).unwrap_or(1)),
        Exit::Signal(signal) => {
            // Returns only for signals whose default is not to end the process.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(1))
        }
    }
}
