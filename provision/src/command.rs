//! Child programs: their stderr goes to a log in the store, its last lines into the error.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Error;

/// Variables of a build's or a user's environment that would change how the programs we start
/// work: Python's (a cross build sets them for the target), the dynamic linker's, apt's.
const FOREIGN_VARIABLES: &[&str] = &[
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "__PYVENV_LAUNCHER__",
    "_PYTHON_HOST_PLATFORM",
    "_PYTHON_SYSCONFIGDATA_NAME",
    "_PYTHON_SYSCONFIGDATA_PATH",
    "_PYTHON_PROJECT_BASE",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "APT_CONFIG",
];

/// How many of a failed program's last lines an error shows.
const TAIL_LINES: usize = 12;

/// How often a running program's progress is looked at.
const POLL: Duration = Duration::from_millis(250);

/// The log of one provisioning, `log/provision-<name>.log` in the store; each run starts anew.
#[derive(Debug)]
pub(crate) struct Log {
    path: Utf8PathBuf,
    file: File,
}

impl Log {
    pub(crate) fn create(folder: &Utf8Path, name: &str) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let path = folder.join(format!("provision-{name}.log"));
        let open = || {
            // Programs and we write in turn, each at the end.
            File::create(&path)?;
            File::options().append(true).open(&path)
        };
        let file = open().map_err(Error::io("write", &path))?;
        Ok(Self { path, file })
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Adds a line. The log is help for humans: a disk too full for it must not hide the error
    /// that is about to be reported.
    pub(crate) fn line(&self, text: &str) {
        let _ = writeln!(&self.file, "{text}");
    }

    fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.len())
    }

    /// The last lines written after `start`, indented.
    fn tail(&self, start: u64) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        let start = usize::try_from(start).map_or(bytes.len(), |s| s.min(bytes.len()));
        last_lines(&String::from_utf8_lossy(&bytes[start..]))
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(TAIL_LINES);
    let shown: Vec<String> = lines[skipped..]
        .iter()
        .map(|line| format!("  {line}"))
        .collect();
    shown.join("\n")
}

/// One program to run.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    program: Utf8PathBuf,
    args: Vec<OsString>,
    env: Vec<(String, String)>,
    /// Variables of ours that it does not get.
    removed: Vec<OsString>,
    folder: Option<Utf8PathBuf>,
    /// What it is to do, for the error.
    step: &'a str,
    /// What the user can do when it fails, for the error.
    remedy: &'a str,
}

impl<'a> Command<'a> {
    pub(crate) fn new(program: &Utf8Path, step: &'a str, remedy: &'a str) -> Self {
        Self {
            program: program.to_owned(),
            args: Vec::new(),
            // Messages are searched, so they must not be translated.
            env: vec![("LC_ALL".to_owned(), "C.UTF-8".to_owned())],
            removed: Vec::new(),
            folder: None,
            step,
            remedy,
        }
    }

    pub(crate) fn args<I>(mut self, args: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Without these variables of ours; [`env`](Self::env) sets some of them again.
    pub(crate) fn without(mut self, names: Vec<OsString>) -> Self {
        self.removed = names;
        self
    }

    pub(crate) fn dir(mut self, folder: &Utf8Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    fn expression(&self) -> duct::Expression {
        let mut expression = duct::cmd(self.program.as_std_path(), &self.args).stdin_null();
        // duct applies the setting made first last, so ours must come before the removals.
        for (name, value) in &self.env {
            expression = expression.env(name, value);
        }
        for name in FOREIGN_VARIABLES {
            expression = expression.env_remove(name);
        }
        for name in &self.removed {
            if !self.env.iter().any(|(set, _)| name == set.as_str()) {
                expression = expression.env_remove(name);
            }
        }
        if let Some(folder) = &self.folder {
            expression = expression.dir(folder);
        }
        expression
    }

    /// The command as one line for the log.
    fn line(&self) -> String {
        let args: Vec<_> = self.args.iter().map(|a| a.to_string_lossy()).collect();
        format!("$ {} {}", self.program, args.join(" "))
    }

    fn start_error(&self, source: std::io::Error) -> Error {
        Error::Io {
            action: "run",
            path: self.program.clone(),
            source,
        }
    }

    /// Runs the program and returns its stdout; its stderr goes to the log.
    ///
    /// # Errors
    /// It cannot be started, or ends with another status than 0.
    pub(crate) fn output(self, log: &Log) -> Result<String, Error> {
        self.watched(log, &mut || {})
    }

    /// As [`output`](Self::output), calling `look` a few times a second while it runs.
    pub(crate) fn watched(self, log: &Log, look: &mut dyn FnMut()) -> Result<String, Error> {
        log.line(&self.line());
        let start = log.length();
        let file = log
            .file
            .try_clone()
            .map_err(Error::io("open", log.path()))?;
        let handle = self
            .expression()
            .stdout_capture()
            .stderr_file(file)
            .unchecked()
            .start()
            .map_err(|e| self.start_error(e))?;
        let output = loop {
            look();
            match handle.wait_timeout(POLL) {
                Ok(Some(output)) => break output.clone(),
                Ok(None) => {}
                Err(e) => return Err(self.start_error(e)),
            }
        };
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let tail = log.tail(start);
        log.line(&format!("-> {}", output.status));
        Err(Error::Command {
            step: self.step.to_owned(),
            status: output.status.to_string(),
            tail,
            remedy: self.remedy.to_owned(),
            log: log.path().to_owned(),
        })
    }

    /// Runs the program and returns its stdout; `None` when it cannot run or fails. For looking at
    /// the machine, where a failing program counts as not there.
    pub(crate) fn query(self) -> Option<String> {
        let output = self
            .expression()
            .stdout_capture()
            .stderr_null()
            .run()
            .ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts the program and returns a reader of its stdout; reading to the end fails when the
    /// program fails.
    pub(crate) fn reader(&self, log: &Log) -> Result<duct::ReaderHandle, Error> {
        let file = log
            .file
            .try_clone()
            .map_err(Error::io("open", log.path()))?;
        self.expression()
            .stderr_file(file)
            .reader()
            .map_err(|e| self.start_error(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command<'static> {
        Command::new("/bin/sh".into(), "testing", "look at the test").args(["-c", script])
    }

    #[test]
    fn a_failure_shows_the_last_lines_and_keeps_all_in_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::create(dir.path().try_into().unwrap(), "x").unwrap();
        assert_eq!(
            shell("echo out; echo earlier >&2").output(&log).unwrap(),
            "out\n"
        );
        let error = shell("for i in $(seq 30); do echo line $i >&2; done; exit 3").output(&log);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("testing failed (exit status: 3); look at the test"),
            "{error}"
        );
        assert!(
            error.contains("\n  line 19\n") && error.contains("\n  line 30\n"),
            "{error}"
        );
        assert!(
            !error.contains("line 18") && !error.contains("earlier"),
            "{error}"
        );
        assert!(error.contains(log.path().as_str()), "{error}");
        let all = fs::read_to_string(log.path()).unwrap();
        assert!(all.contains("earlier") && all.contains("line 1\n") && all.contains("seq 30"));
    }

    #[test]
    fn a_reader_fails_at_the_end_of_a_program_that_fails() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::create(dir.path().try_into().unwrap(), "x").unwrap();
        let read = |script: &str| {
            let mut text = String::new();
            let mut reader = shell(script).reader(&log).unwrap();
            std::io::Read::read_to_string(&mut reader, &mut text).map(|_| text)
        };
        assert_eq!(read("echo all").unwrap(), "all\n");
        assert!(read("echo some; exit 1").is_err());
        assert!(shell("exit 1").query().is_none());
    }

    #[test]
    fn a_program_that_cannot_start_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::create(dir.path().try_into().unwrap(), "x").unwrap();
        let missing = dir.path().join("no-such-program");
        let error = Command::new(Utf8Path::from_path(&missing).unwrap(), "", "")
            .output(&log)
            .unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }

    #[test]
    fn a_cross_builds_variables_do_not_reach_programs() {
        let expression = shell("echo \"$A|$APT_CONFIG|$PYTHONPATH\"")
            .env("A", "b")
            .env("APT_CONFIG", "ours")
            .expression()
            .env("PYTHONPATH", "/target");
        let out = expression.read().unwrap();
        assert_eq!(out, "b|ours|");
    }
}
