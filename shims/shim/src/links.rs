//! Links by the commands that emcc would run, and by emcc where these are not known or do not work.

use crate::again::Output;
use crate::direct::{Link, Reason};
use crate::execute::{Executor, listening};
use crate::signals::Forwarder;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek, Write};
use std::process::Command;
use toolcall::outcome::{Argv, Exit, LinkRan};
use toolcall::plan::Step;
use toolcall::variables::CALLER;

/// Why the commands of a link did not do.
enum Stopped {
    /// emcc has to run itself.
    Because(Reason),
    /// Somebody has asked us to end, and this is how the command did.
    Asked(Exit),
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

impl Executor<'_> {
    /// Carries out a step that links. What the commands have to say is kept back until all of them
    /// worked: where one fails, emcc does it all again and says so itself.
    pub(crate) fn link(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
        probe: bool,
    ) -> (Exit, LinkRan) {
        let why = match self.by_commands(step, number, forwarder) {
            Ok(commands) => return (Exit::Exit(0), LinkRan::Commands(commands)),
            Err(Stopped::Asked(exit)) => return (exit, LinkRan::Driver(ENDED.into())),
            Err(Stopped::Because(why)) => why,
        };
        let exit = match probe {
            true => self.program(step, number, forwarder, Output::Streamed),
            false => self.tool(step, number, forwarder),
        };
        (exit, LinkRan::Driver(why.into_owned()))
    }

    fn by_commands(
        &self,
        step: &Step,
        number: usize,
        forwarder: &mut Option<Forwarder>,
    ) -> Result<Vec<Argv>, Stopped> {
        let link = Link::of(self.config, self.invocation, step)?;
        let mut said = tempfile::tempfile()?;
        let forwarder = listening(forwarder)?;
        let mut ran = Vec::new();
        let mut run = |argv: Vec<OsString>| -> Result<(), Stopped> {
            self.command(step, number, &argv, forwarder, &said)?;
            ran.push(Argv(argv));
            Ok(())
        };
        run(link.linker()?)?;
        for argv in link.rest()? {
            run(argv)?;
        }
        said.rewind()?;
        // Ignore EPIPE: stderr may be closed.
        let _ = std::io::copy(&mut said, &mut std::io::stderr());
        let _ = std::io::stderr().flush();
        Ok(ran)
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
            let program = argv[0].display();
            return Err(Reason::from(format!("{program} failed, and emcc says why")).into());
        }
        Ok(())
    }
}
