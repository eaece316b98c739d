//! Runs a plan's steps: streams untouched, exit status and signals passed through.

use super::capture::Invocation;
use super::config::ShimConfig;
use super::direct::question;
use super::expand;
use super::own::{self, Done};
use super::plan::{Plan, Step, StepKind};
use super::record::CALLER;
use super::signals::Forwarder;
use super::text;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// By itself, with this status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

impl Exit {
    /// Whether it went well.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::Exit(0)
    }
}

/// One step as it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// From the invocation's start to the step's.
    pub start: Duration,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub exit: Exit,
    /// Whether its result was kept from an earlier call.
    pub from_cache: bool,
}

/// A plan as it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the invocation ends.
    pub exit: Exit,
    /// The steps that ran, in order; those that did not are missing at the end.
    pub steps: Vec<Ran>,
}

/// Longest command line given to `execve`; longer ones go into a response file of ours. Well below
/// the least limit of the systems we run on, a megabyte with the environment.
pub const LONGEST_LINE: usize = 256 * 1024;

/// What running a plan needs.
#[derive(Debug)]
pub struct Executor<'a> {
    /// The call.
    pub invocation: &'a Invocation,
    /// The toolchain.
    pub config: &'a ShimConfig,
    /// The folder of intermediate files.
    pub work_dir: &'a Path,
    /// When the invocation began.
    pub began: Instant,
    /// Its name in the log.
    pub call: &'a str,
}

impl Executor<'_> {
    /// Runs the steps, each only if the one before succeeded. What a failed step newly left of its
    /// outputs is removed.
    #[must_use]
    pub fn run(&self, plan: &Plan) -> Outcome {
        // Answers that are known need no one to listen for signals.
        let mut forwarder = None;
        let mut steps = Vec::new();
        for (number, step) in plan.steps.iter().enumerate() {
            if let Some(signal) = forwarder.as_mut().and_then(Forwarder::ending) {
                return Outcome {
                    exit: Exit::Signal(signal),
                    steps,
                };
            }
            let start = self.began.elapsed();
            let absent = self.absent(step);
            let (exit, done) = match step.kind {
                StepKind::Run => (self.program(step, number, &mut forwarder), Done::Anew),
                StepKind::Ask => (self.ask(step, number, &mut forwarder), Done::Anew),
                StepKind::Print => (self.print(step, &mut std::io::stdout()), Done::Anew),
                StepKind::Say => (self.print(step, &mut std::io::stderr()), Done::Anew),
                StepKind::Own => self.own(step, &mut forwarder),
                StepKind::Show => (show(step), Done::Anew),
            };
            steps.push(Ran {
                start,
                took: self.began.elapsed() - start,
                exit,
                from_cache: done == Done::FromCache,
            });
            if !exit.is_success() {
                absent
                    .iter()
                    .filter(|path| path.is_file())
                    .for_each(|path| {
                        let _ = std::fs::remove_file(path);
                    });
                return Outcome { exit, steps };
            }
        }
        Outcome {
            exit: Exit::Exit(0),
            steps,
        }
    }

    /// The outputs of a step that are not there yet.
    fn absent(&self, step: &Step) -> Vec<PathBuf> {
        let paths = step
            .outputs
            .iter()
            .map(|output| self.invocation.cwd.join(output));
        paths
            .filter(|path| path.symlink_metadata().is_err())
            .collect()
    }

    fn program(&self, step: &Step, number: usize, forwarder: &mut Option<Forwarder>) -> Exit {
        let forwarder = match listening(forwarder) {
            Ok(forwarder) => forwarder,
            Err(error) => return self.deaf(&error),
        };
        let argv = match self.shortened(step, number) {
            Ok(argv) => argv,
            Err(error) => {
                return self
                    .fail(&format!("cannot write a response file: {error}"), 1)
                    .exit;
            }
        };
        let mut command = Command::new(&argv[0]);
        // It has our working directory, which is the call's.
        command.args(&argv[1..]).env(CALLER, self.call);
        step.change_env(&mut command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let program = argv[0].to_string_lossy();
                let why =
                    format!("cannot run {program}: {error}; `emshim doctor` says what is missing");
                return self.fail(&why, 127).exit;
            }
        };
        match forwarder.wait(&mut child) {
            Ok(status) => status.into(),
            Err(error) => {
                self.fail(
                    &format!("cannot wait for {}: {error}", argv[0].display()),
                    1,
                )
                .exit
            }
        }
    }

    /// The command itself, or one that names a response file of ours where it is too long.
    fn shortened(&self, step: &Step, number: usize) -> std::io::Result<Vec<OsString>> {
        let length: usize = step.argv.iter().map(|word| word.len() + 1).sum();
        if length <= LONGEST_LINE || !reads_response_files(step, self.config) {
            return Ok(step.argv.clone());
        }
        let file = self.work_dir.join(format!("args-{number}"));
        std::fs::write(&file, expand::quote(&step.argv[1..]))?;
        let mut at = OsString::from("@");
        at.push(&file);
        Ok(vec![step.argv[0].clone(), at])
    }

    fn ask(&self, step: &Step, number: usize, forwarder: &mut Option<Forwarder>) -> Exit {
        let Some(reply) = question::reply(self.config, self.invocation, step) else {
            return self.program(step, number, forwarder);
        };
        // As a tool that nobody listens to.
        let _ = std::io::stderr().write_all(reply.stderr.as_bytes());
        self.write(reply.stdout.as_bytes(), &mut std::io::stdout())
    }

    fn print(&self, step: &Step, to: &mut dyn Write) -> Exit {
        let words = &step.argv[1..];
        let mut line = words.join(std::ffi::OsStr::new(" ")).into_encoded_bytes();
        line.push(b'\n');
        self.write(&line, to)
    }

    fn write(&self, text: &[u8], to: &mut dyn Write) -> Exit {
        match to.write_all(text) {
            Ok(()) => Exit::Exit(0),
            Err(error) => {
                let message = format!("cannot write the answer: {error}");
                self.fail(&message, 1).exit
            }
        }
    }

    fn own(&self, step: &Step, forwarder: &mut Option<Forwarder>) -> (Exit, Done) {
        if let Err(error) = listening(forwarder) {
            return (self.deaf(&error), Done::Anew);
        }
        let exit = match own::run(&step.argv, &self.invocation.cwd) {
            Some(Ok(done)) => return (Exit::Exit(0), done),
            Some(Err(error)) if error.is_about_a_source() => {
                let _ = writeln!(std::io::stderr(), "{error}");
                Exit::Exit(1)
            }
            Some(Err(error)) => self.fail(&error.to_string(), 1).exit,
            None => {
                self.fail(&format!("no such step: {}", text::shell(&step.argv)), 1)
                    .exit
            }
        };
        (exit, Done::Anew)
    }

    fn deaf(&self, error: &std::io::Error) -> Exit {
        self.fail(&format!("cannot handle signals: {error}"), 1)
            .exit
    }

    fn fail(&self, why: &str, status: i32) -> Outcome {
        complain(&self.invocation.name, why);
        Outcome {
            exit: Exit::Exit(status),
            steps: Vec::new(),
        }
    }
}

/// As gcc shows commands for `-###`.
fn show(step: &Step) -> Exit {
    let words = step
        .argv
        .iter()
        .map(|word| format!(" {:?}", word.to_string_lossy()));
    let line = words.collect::<String>() + "\n";
    let _ = std::io::stderr().write_all(line.as_bytes());
    Exit::Exit(0)
}

/// Whether any step's command must go through a response file.
#[must_use]
pub fn has_long_line(plan: &Plan) -> bool {
    plan.steps
        .iter()
        .any(|step| step.argv.iter().map(|w| w.len() + 1).sum::<usize>() > LONGEST_LINE)
}

/// Emscripten's and LLVM's tools do; build systems do not.
fn reads_response_files(step: &Step, config: &ShimConfig) -> bool {
    let program = Path::new(&step.argv[0]);
    program.starts_with(&config.emscripten.root) || program.starts_with(&config.emscripten.llvm_bin)
}

/// The forwarder, which listens from the first use on.
fn listening(forwarder: &mut Option<Forwarder>) -> std::io::Result<&mut Forwarder> {
    match forwarder {
        Some(forwarder) => Ok(forwarder),
        None => Ok(forwarder.insert(Forwarder::start()?)),
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exit(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Exit(1),
        }
    }
}

/// An error of ours, in the form of the tool's own.
pub fn complain(name: &str, why: &str) {
    warn(name, &format!("error: {why}"));
}

/// A line on stderr.
pub(super) fn warn(name: &str, text: &str) {
    let line = format!("{name}: {text}\n");
    // If stderr is gone there is no one left to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
