//! One shim invocation: capture, expand, parse, classify, plan, direct, execute, compare, record.

pub mod capture;
pub mod classify;
pub mod commons;
pub mod config;
pub mod contradictions;
pub mod direct;
pub mod execute;
pub mod expand;
pub mod explain;
pub mod exports;
pub mod files;
pub mod fortran;
pub mod kept;
pub mod own;
pub mod parse;
pub mod plan;
pub mod probe;
pub mod record;
pub mod rewrite;
pub mod rules;
pub mod settings;
pub mod signals;
pub mod signatures;
pub mod tables;
pub mod text;
pub mod tool;
pub mod translations;
pub mod work_dir;

use capture::{CaptureError, Invocation};
use config::{ConfigError, ShimConfig};
use direct::Direct;
use execute::{Executor, Exit, Outcome, complain};
use expand::{Expanded, TooManyFiles};
use plan::{Context, Plan};
use probe::Probe;
use record::Recorder;
use settings::{Recording, SettingError, Settings};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
pub use tool::{Tool, link_names, recognise};
use work_dir::{WorkDir, WorkDirError};

/// A call that cannot be planned or begun.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// The process does not know itself.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The shim folder's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An environment variable of ours.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Response files without end.
    #[error(transparent)]
    Expand(#[from] TooManyFiles),
    /// No room for intermediate files.
    #[error(transparent)]
    WorkDir(#[from] WorkDirError),
    /// A name that no tool has.
    #[error("{0} is not a tool this shim knows; `emshim --help` lists what it does")]
    UnknownTool(String),
}

/// A call that is planned and has not run.
#[derive(Debug)]
pub struct Prepared {
    /// What is to be done.
    pub plan: Plan,
    /// The call's own settings.
    pub settings: Settings,
    /// Its arguments, response files read.
    pub expanded: Expanded,
    /// Where intermediate files go.
    pub work_dir: PathBuf,
}

/// Plans a call: reads response files and what else planning asks of the file system, asks emcc for
/// flags it has not been asked for yet, and changes nothing but what is known of those.
///
/// # Errors
/// A tool or setting that does not exist, or response files without end.
pub fn prepare(config: &ShimConfig, invocation: &Invocation) -> Result<Prepared, ShimError> {
    let tmp = invocation.env.get("TMPDIR").filter(|tmp| !tmp.is_empty());
    let tmp = Path::new(tmp.unwrap_or("/tmp".as_ref()));
    let mut words = vec![OsString::from(&invocation.name)];
    words.extend(invocation.args.iter().cloned());
    let work_dir = work_dir::name(tmp, &invocation.cwd, &words, &files::Disk);
    prepare_in(config, invocation, &work_dir)
}

fn prepare_in(
    config: &ShimConfig,
    invocation: &Invocation,
    work_dir: &Path,
) -> Result<Prepared, ShimError> {
    let mut prepared = plan_for(config, invocation, &files::Disk, work_dir)?;
    let direct = Direct {
        config,
        settings: &prepared.settings,
        invocation,
    };
    prepared.plan = direct.apply(prepared.plan);
    Ok(prepared)
}

/// Plans a call against any file system.
///
/// # Errors
/// As [`prepare`].
pub fn plan_for(
    config: &ShimConfig,
    invocation: &Invocation,
    files: &dyn files::Files,
    work_dir: &Path,
) -> Result<Prepared, ShimError> {
    let unknown = || ShimError::UnknownTool(invocation.name.clone());
    let tool = recognise(&invocation.name).ok_or_else(unknown)?;
    let settings = Settings::resolve(config, &invocation.env)?;
    let expanded = if tool.reads_response_files() {
        expand::expand(&invocation.args, &invocation.cwd, files)?
    } else {
        Expanded {
            args: invocation.args.clone(),
            ..Expanded::default()
        }
    };
    let plan = plan::plan(&Context {
        config,
        settings: &settings,
        invocation,
        tool,
        expanded: &expanded,
        files,
        work_dir,
    });
    Ok(Prepared {
        plan,
        settings,
        expanded,
        work_dir: work_dir.to_owned(),
    })
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
    let needs_folder =
        prepared.plan.uses(&prepared.work_dir) || execute::has_long_line(&prepared.plan);
    let folder = needs_folder
        .then(|| WorkDir::acquire(&prepared.work_dir))
        .transpose()?;
    if let Some(folder) = &folder
        && folder.path() != prepared.work_dir
    {
        // The same command is running already: plan again with a folder of our own.
        prepared = prepare_in(&config, invocation, folder.path())?;
    }

    let mut recorder = Recorder::begin(&config, invocation, &prepared);
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
    let warnings = contradictions::find(invocation, &prepared, &outcome);
    contradictions::tell(&warnings, &prepared);
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
pub(crate) fn leave(exit: Exit) -> ExitCode {
    match exit {
        Exit::Exit(status) => ExitCode::from(u8::try_from(status & 0xff).unwrap_or(1)),
        Exit::Signal(signal) => {
            // Returns only for signals whose default is not to end the process.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(1))
        }
    }
}
