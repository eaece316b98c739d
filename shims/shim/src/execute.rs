//! Runs a plan's steps: streams untouched, exit status and signals passed through.

use crate::again::{self, Failed, Output};
use crate::direct::question;
use crate::files::Disk;
use crate::interruptible::{self, Worked};
use crate::signals::Forwarder;
use crate::{unreadable, waiting};
use planner::expand;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use steps::translations::Cached;
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::message::{complain, warn};
use toolcall::outcome::{Exit, Outcome, Ran};
use toolcall::plan::{Plan, Step, StepKind};
use toolcall::variables::CALLER;

/// Longest command line given to `execve`; longer ones go into a response file of ours. Well below
/// the least limit of the systems we run on, a megabyte with the environment.
pub const LONGEST_LINE: usize = 256 * 1024;

/// What any output takes besides what its inputs do.
const ROOM: u64 = 64 << 10;

/// Bytes that are left for this user on the disk of a folder.
fn left(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder)
        .ok()
        .filter(|disk| disk.f_blocks > 0)?;
    // Some of it is kept for root.
    let blocks = match rustix::process::geteuid().is_root() {
        true => disk.f_bfree,
        false => disk.f_bavail,
    };
    Some(blocks.saturating_mul(disk.f_frsize))
}

/// Longest word given to `execve`, well below Linux's limit of 128 KiB.
const LONGEST_WORD: usize = 100 * 1024;

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
        // Signal handlers are installed only once a child runs; cached answers start none.
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
            let mut link = None;
            let (exit, done) = match step.kind {
                StepKind::Run if plan.probe => (
                    self.program(step, number, &mut forwarder, &Output::Streamed),
                    Cached::Miss,
                ),
                StepKind::Run => (self.tool(step, number, &mut forwarder), Cached::Miss),
                StepKind::Link => {
                    let (exit, ran) = self.link(step, number, &mut forwarder, plan.probe);
                    link = Some(ran);
                    (exit, Cached::Miss)
                }
                StepKind::Ask => (self.ask(step, number, &mut forwarder), Cached::Miss),
                StepKind::Print => (self.print(step, &mut std::io::stdout()), Cached::Miss),
                StepKind::Say => (self.print(step, &mut std::io::stderr()), Cached::Miss),
                StepKind::BuiltIn => self.built_in(step, &mut forwarder),
                StepKind::Show => (show(step), Cached::Miss),
            };
            steps.push(Ran {
                start,
                took: self.began.elapsed() - start,
                exit,
                from_cache: done == Cached::Hit,
                link,
            });
            if !exit.is_success() {
                if step.kind.runs() && !plan.probe {
                    self.say_if_full(plan, step);
                }
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

    /// Says that a disk which a failed tool wrote to has no room for what it read, if so: wasm-ld ends
    /// by a signal then, removes what it wrote, and names no cause.
    fn say_if_full(&self, plan: &Plan, step: &Step) {
        let at = |path: &OsString| self.invocation.cwd.join(path);
        let sizes = plan
            .inputs
            .iter()
            .filter_map(|path| Some(at(path).metadata().ok()?.len()));
        let takes = ROOM + sizes.sum::<u64>();
        let folders = step
            .outputs
            .iter()
            .map(|path| at(path).parent().map(Path::to_owned));
        for folder in folders.flatten().chain([self.work_dir.to_owned()]) {
            if let Some(left) = left(&folder).filter(|left| *left < takes) {
                let why = format!(
                    "the disk of {} has no room: {} kB are left; free some, or write elsewhere",
                    folder.display(),
                    left >> 10
                );
                return complain(&self.invocation.name, &why);
            }
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

    /// Runs a tool whose result somebody keeps; where it may have crashed it is tried again without what it most often crashes
    /// over.
    pub(crate) fn tool(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
    ) -> Exit {
        let exit = self.program(step, number, forwarder, &Output::Streamed);
        if exit.is_success() {
            return exit;
        }
        let failed = Failed {
            step,
            exit,
            cwd: &self.invocation.cwd,
            config: self.config,
        };
        let Some((way, flags)) = again::way(failed) else {
            return exit;
        };
        let mut again = step.clone();
        again.argv.extend(flags.iter().map(OsString::from));
        let second = self.program(&again, number, forwarder, &way.output);
        if !second.is_success() {
            return exit;
        }
        warn(
            &self.invocation.name,
            &format!("warning: {}; made with {}", way.what, flags.join(" ")),
        );
        second
    }

    pub(crate) fn program(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        output: &Output,
    ) -> Exit {
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
        if let Some(word) = unreadable::word(&argv, &self.invocation.cwd, self.config) {
            let why = format!(
                "{}: Emscripten reads names in UTF-8 alone; give the file another",
                word.display()
            );
            return self.fail(&why, 1).exit;
        }
        let mut command = Command::new(&argv[0]);
        // It has our working directory, which is the call's.
        command.args(&argv[1..]).env(CALLER, self.call);
        step.change_env(&mut command);
        match output {
            Output::Streamed => {}
            Output::Unseen => {
                command.stdout(Stdio::null()).stderr(Stdio::null());
            }
            Output::Kept(file) => match file.try_clone() {
                Ok(file) => {
                    command.stderr(file);
                }
                Err(error) => return self.unable(&error),
            },
        }
        if matches!(output, Output::Streamed)
            && waiting::is_unheard(step, self.config, self.invocation)
        {
            command.stderr(Stdio::piped());
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let program = argv[0].to_string_lossy();
                let why =
                    format!("cannot run {program}: {error}; `emshim doctor` says what is missing");
                return self.fail(&why, 127).exit;
            }
        };
        let handing_on = waiting::hand_on(&mut child, self.invocation);
        let waited = forwarder.wait(&mut child);
        if let Some(handing_on) = handing_on {
            handing_on.end();
        }
        match waited {
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
    pub(crate) fn shortened(&self, step: &Step, number: usize) -> std::io::Result<Vec<OsString>> {
        if !is_long(step) || !reads_response_files(step, self.config) {
            return Ok(step.argv.clone());
        }
        let file = self.work_dir.join(format!("args-{number}"));
        // emcc reads no response file that another one names.
        let words = expand::expand(&step.argv[1..], &self.invocation.cwd, &Disk)
            .map_err(std::io::Error::other)?;
        std::fs::write(&file, expand::quote(&words.args))?;
        let mut at = OsString::from("@");
        at.push(&file);
        Ok(vec![step.argv[0].clone(), at])
    }

    fn ask(&self, step: &Step, number: usize, forwarder: &mut Option<Forwarder>) -> Exit {
        let Some(reply) = question::reply(self.config, self.invocation, step) else {
            return self.program(step, number, forwarder, &Output::Streamed);
        };
        // Ignore EPIPE: stderr may be closed.
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

    fn built_in(&self, step: &Step, forwarder: &mut Option<Forwarder>) -> (Exit, Cached) {
        let forwarder = match listening(forwarder) {
            Ok(forwarder) => forwarder,
            Err(error) => return (self.deaf(&error), Cached::Miss),
        };
        let worked = match interruptible::run(forwarder, &step.argv, &self.invocation.cwd) {
            Ok(Worked::Through(result)) => result,
            Ok(Worked::Interrupted(signal)) => return (Exit::Signal(signal), Cached::Miss),
            Err(error) => {
                let why = format!("cannot carry out a step: {error}");
                return (self.fail(&why, 1).exit, Cached::Miss);
            }
        };
        let exit = match worked {
            Ok(cached) => return (Exit::Exit(0), cached),
            Err(error) if error.is_about_a_source() => {
                let _ = writeln!(std::io::stderr(), "{error}");
                Exit::Exit(1)
            }
            Err(error) => self.fail(&error.to_string(), 1).exit,
        };
        (exit, Cached::Miss)
    }

    /// How a step ends for which there is no file to keep something in.
    pub(crate) fn unable(&self, error: &std::io::Error) -> Exit {
        let why =
            format!("cannot make a temporary file: {error}; set TMPDIR to a folder with room");
        self.fail(&why, 1).exit
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
    plan.steps.iter().any(is_long)
}

/// Too long as a whole, or in one word, which has a limit of its own.
fn is_long(step: &Step) -> bool {
    let lengths = || step.argv.iter().map(|word| word.len() + 1);
    lengths().sum::<usize>() > LONGEST_LINE || lengths().any(|length| length > LONGEST_WORD)
}

/// Emscripten's and LLVM's tools do; build systems do not.
fn reads_response_files(step: &Step, config: &ShimConfig) -> bool {
    let program = Path::new(&step.argv[0]);
    program.starts_with(&config.emscripten.root) || program.starts_with(&config.emscripten.llvm_bin)
}

/// The signal forwarder, started at its first use.
pub(crate) fn listening(forwarder: &mut Option<Forwarder>) -> std::io::Result<&mut Forwarder> {
    match forwarder {
        Some(forwarder) => Ok(forwarder),
        None => Ok(forwarder.insert(Forwarder::start()?)),
    }
}
