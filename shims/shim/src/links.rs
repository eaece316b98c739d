//! Links by the commands that emcc would run, and by emcc where these, or a program's JavaScript, are not
//! known or do not work.

use crate::again::Output;
use crate::direct::{Link, Reason, Script, Work};
use crate::execute::{Executor, listening};
use crate::signals::Forwarder;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::process::Command;
use steps::work;
use toolcall::outcome::{Argv, Exit, LinkRan};
use toolcall::plan::Step;
use toolcall::variables::CALLER;

/// Why the commands of a link did not do.
enum Stopped {
    /// emcc has to run itself.
    Because(Reason),
    /// Somebody has asked us to end, and this is how the command did.
    Asked(Exit),
    /// One failed, and has said why.
    Failed(Argv, Exit),
    /// They did, but the program's JavaScript is not known.
    Unknown(Box<Script>),
}

impl From<Reason> for Stopped {
    fn from(why: Reason) -> Self {
        Self::Because(why)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Because(format!("its commands cannot be run: {error}").into())
    }
}

const ENDED: &str = "ended by a signal";
const UNKNOWN: &str = "its JavaScript was not known";
/// What wasm-ld says of an error, and of those of which emcc may know no more.
const ERROR: &str = "wasm-ld: error:";
const UNDEFINED: &str = ": undefined symbol: ";
const NO_LIBRARY: &str = " unable to find library -l";

impl Executor<'_> {
    /// Carries out a step that links. What the commands have to say is kept back until all of them
    /// worked: where one fails, emcc does it all again and says so itself, unless it would know no more.
    pub(crate) fn link(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        probe: bool,
    ) -> (Exit, LinkRan) {
        let mut said = match tempfile::tempfile() {
            Ok(said) => said,
            Err(error) => {
                let why = format!("its commands cannot be run: {error}");
                return (
                    self.as_planned(step, number, forwarder, probe),
                    LinkRan::Driver(why),
                );
            }
        };
        let mut ran = Vec::new();
        let done = self.by_commands(step, number, forwarder, &said, &mut ran);
        let why = match done {
            Ok(()) => {
                show(&mut said);
                return (Exit::Exit(0), LinkRan::Commands(ran));
            }
            Err(Stopped::Asked(exit)) => return (exit, LinkRan::Driver(ENDED.into())),
            Err(Stopped::Failed(argv, exit)) => {
                show(&mut said);
                ran.push(argv);
                return (exit, LinkRan::Commands(ran));
            }
            Err(Stopped::Unknown(script)) => {
                let exit = self.by_driver(step, number, forwarder, &mut said, &script);
                return (exit, LinkRan::Driver(UNKNOWN.into()));
            }
            Err(Stopped::Because(why)) => why,
        };
        let exit = self.as_planned(step, number, forwarder, probe);
        (exit, LinkRan::Driver(why.into_owned()))
    }

    /// Has emcc do it all.
    fn as_planned(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        probe: bool,
    ) -> Exit {
        match probe {
            true => self.program(step, number, forwarder, &Output::Streamed),
            false => self.tool(step, number, forwarder),
        }
    }

    /// Has emcc link a program whose JavaScript is not known, and keeps that, unless emcc has something to
    /// say of it.
    fn by_driver(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        said: &mut File,
        script: &Script,
    ) -> Exit {
        let driver = tempfile::tempfile().and_then(|file| Ok((file.try_clone()?, file)));
        let (to, mut by_emcc) = match driver {
            Ok(files) => files,
            Err(error) => return self.unable(&error),
        };
        let exit = self.program(step, number, forwarder, &Output::Kept(to));
        let emccs = contents(&mut by_emcc);
        show(&mut by_emcc);
        if exit.is_success() && emccs.is_some() && emccs == contents(said) {
            script.learn();
        }
        exit
    }

    fn by_commands(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        said: &File,
        ran: &mut Vec<Argv>,
    ) -> Result<(), Stopped> {
        let link = Link::of(self.config, self.invocation, step, self.work_dir)?;
        let mut script = link.script()?;
        let program = script.is_some();
        let forwarder = listening(forwarder)?;
        let cwd = &self.invocation.cwd;
        let mut note = |argv: Argv| -> Result<(), Stopped> {
            ran.push(argv);
            script.as_mut().map_or(Ok(()), |script| link.look(script))?;
            Ok(())
        };
        note(self.linker(&link, step, number, forwarder, said).map_err(
            |stopped| match stopped {
                Stopped::Failed(argv, exit) if program && only_missing(&link, &argv, said) => {
                    Stopped::Failed(argv, exit)
                }
                other => emccs(other),
            },
        )?)?;
        for work in link.rest()? {
            let argv = match work {
                Work::Program(argv) => {
                    let done = self.command(step, number, &argv, forwarder, said);
                    done.map_err(emccs)?;
                    argv
                }
                Work::Own(argv) => {
                    let done = work::run(&argv, cwd);
                    done.map_err(|error| Reason::from(error.to_string()))?;
                    if let Some(signal) = forwarder.ending() {
                        return Err(Stopped::Asked(Exit::Signal(signal)));
                    }
                    argv
                }
            };
            note(Argv(argv))?;
        }
        let mut said = said;
        said.write_all(link.told().as_bytes())?;
        match script {
            Some(script) if !script.write()? => Err(Stopped::Unknown(Box::new(script))),
            _ => Ok(()),
        }
    }

    /// Runs wasm-ld. What a program's libraries have for others it need not read, and what it says is said of the
    /// libraries themselves; where that is not certain, it runs again with all.
    fn linker(
        &self,
        link: &Link,
        step: &Step,
        number: usize,
        forwarder: &mut Forwarder,
        mut said: &File,
    ) -> Result<Argv, Stopped> {
        let whole = link.linker()?;
        if let Some(shorter) = link.shorter(&whole) {
            let done = self.command(step, number, &shorter.argv, forwarder, said);
            let told = contents(&mut said.try_clone()?).unwrap_or_default();
            let as_whole = shorter.as_whole(told);
            said.set_len(0)?;
            said.rewind()?;
            if let Some(told) = &as_whole {
                said.write_all(told)?;
            }
            if as_whole.is_some() || matches!(done, Err(Stopped::Asked(_))) {
                return done.map(|()| Argv(shorter.argv));
            }
        }
        self.command(step, number, &whole, forwarder, said)?;
        Ok(Argv(whole))
    }

    /// Runs one command, in the step's environment.
    fn command(
        &self,
        step: &Step,
        number: usize,
        argv: &[OsString],
        forwarder: &mut Forwarder,
        said: &File,
    ) -> Result<(), Stopped> {
        let step = Step {
            argv: argv.to_vec(),
            ..step.clone()
        };
        let argv = self.shortened(&step, number)?;
        let mut command = Command::new(&argv[0]);
        command
            .args(&argv[1..])
            .env(CALLER, self.call)
            .stderr(said.try_clone()?);
        step.change_env(&mut command);
        let mut child = command.spawn()?;
        let exit = Exit::from(forwarder.wait(&mut child)?);
        if forwarder.ending().is_some() {
            return Err(Stopped::Asked(exit));
        }
        if !exit.is_success() {
            return Err(Stopped::Failed(Argv(argv), exit));
        }
        Ok(())
    }
}

/// A command that failed is emcc's, which does it all.
fn emccs(stopped: Stopped) -> Stopped {
    match stopped {
        Stopped::Failed(argv, _) => {
            let program = argv.0[0].display();
            Reason::from(format!("{program} failed, and emcc says why")).into()
        }
        other => other,
    }
}

/// What was written to a file, whole.
fn contents(file: &mut File) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind().ok()?;
    file.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn show(said: &mut File) {
    // Ignore EPIPE: stderr may be closed.
    let _ = said.rewind();
    let _ = std::io::copy(said, &mut std::io::stderr());
    let _ = std::io::stderr().flush();
}

/// Whether a command failed for symbols and libraries that are not there, and nothing else: emcc would run the
/// same one, and know no more.
fn only_missing(link: &Link, argv: &Argv, said: &File) -> bool {
    let said = said
        .try_clone()
        .ok()
        .and_then(|mut said| contents(&mut said));
    let said = said.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let mut errors = said
        .lines()
        .filter(|line| line.starts_with(ERROR))
        .peekable();
    let missing = |line: &str| match line.split_once(NO_LIBRARY) {
        Some((_, name)) => link.lacks(name, &argv.0),
        None => line.contains(UNDEFINED),
    };
    errors.peek().is_some() && errors.all(missing)
}
