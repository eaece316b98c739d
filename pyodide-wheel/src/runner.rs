//! Running Python in Pyodide under Node, as a normal `python` would.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::python::Env;

const RUNNER: &str = include_str!("../assets/runner.cjs");

/// `sys.executable` of the program. There is no such file: the interpreter cannot start itself.
const EXECUTABLE: &str = "/lib/python";

/// Node and an unpacked npm package of Pyodide.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The `node` program.
    pub node: Utf8PathBuf,
    /// Folder of the npm package.
    pub pyodide: Utf8PathBuf,
}

/// One run of Python.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// What a `python` command line has after the program name: options, then `-c CODE`,
    /// `-m MODULE` or a script, then its arguments.
    pub args: &'a [&'a OsStr],
    /// Folder to use as site-packages.
    pub site: Option<&'a Utf8Path>,
    /// Working directory.
    pub cwd: &'a Utf8Path,
    /// The whole environment of the program.
    pub env: &'a Env,
}

/// A run could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// JavaScript strings, and so Pyodide's command line, cannot hold it.
    #[error("argument {argument:?} is not UTF-8, which Python in Pyodide cannot receive")]
    Argument {
        /// The argument.
        argument: std::ffi::OsString,
    },
    /// Node could not be started.
    #[error("cannot run {node}: {source}")]
    Start {
        /// The program.
        node: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

#[derive(Serialize)]
struct Request<'a> {
    pyodide: &'a Utf8Path,
    args: Vec<&'a str>,
    site: Option<&'a Utf8Path>,
    executable: &'a str,
}

impl Runner {
    /// The command that runs Python; its streams are the caller's to set.
    ///
    /// Exit statuses are those of `python`, 130 after a keyboard interrupt included; 134 stands
    /// for a fatal error of the runtime.
    ///
    /// # Errors
    /// An argument is not UTF-8.
    pub fn command(&self, run: &Run<'_>) -> Result<Command, RunError> {
        let utf8 = |argument: &&'_ OsStr| {
            argument
                .to_str()
                .map(str::to_owned)
                .ok_or_else(|| RunError::Argument {
                    argument: (*argument).to_owned(),
                })
        };
        let args = run.args.iter().map(utf8).collect::<Result<Vec<_>, _>>()?;
        let request = Request {
            pyodide: &self.pyodide,
            args: args.iter().map(String::as_str).collect(),
            site: run.site,
            executable: EXECUTABLE,
        };
        let request = serde_json::to_string(&request).expect("strings are JSON");
        let mut command = Command::new(&self.node);
        command.args(["-e", RUNNER, "--", &request]);
        command.current_dir(run.cwd).env_clear().envs(run.env);
        Ok(command)
    }

    /// Runs Python on the caller's own streams and waits for it.
    ///
    /// # Errors
    /// An argument is not UTF-8, or Node cannot be started.
    pub fn run(&self, run: &Run<'_>) -> Result<ExitStatus, RunError> {
        let start = |source| RunError::Start {
            node: self.node.clone(),
            source,
        };
        self.command(run)?.status().map_err(start)
    }
}
