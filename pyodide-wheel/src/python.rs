//! Calling the embedded Python scripts.
//!
//! A script gets its request as JSON on stdin and writes its answer as JSON to a file, so that
//! stdout and stderr are free for the tools it runs; those go to the log and, on request, to the
//! caller line by line.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitStatus, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{self, Context as _, FileError};

/// A whole process environment.
pub type Env = BTreeMap<OsString, OsString>;

/// Where the output of the tools a script runs goes.
pub struct Output<'a> {
    /// Log file, appended to.
    pub log: &'a Utf8Path,
    /// Gets each line as well, without its line ending.
    pub line: &'a mut dyn FnMut(&str),
}

/// An interpreter, the environment it runs in and the folder it works in.
#[derive(Debug, Clone)]
pub struct Python {
    /// The interpreter.
    pub exe: Utf8PathBuf,
    /// Its whole environment.
    pub env: Env,
}

/// A script did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The interpreter could not be started.
    #[error("cannot run {exe}: {source}")]
    Start {
        /// The interpreter.
        exe: Utf8PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The script ended without an answer.
    #[error(
        "emshim's {script} script failed under {exe} ({status}); its output is in {log}:\n{tail}"
    )]
    Crashed {
        /// Which script.
        script: &'static str,
        /// The interpreter.
        exe: Utf8PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The log file.
        log: Utf8PathBuf,
        /// The end of its output.
        tail: String,
    },
    /// The answer is not what was expected.
    #[error("emshim's {script} script under {exe} gave an answer that makes no sense: {why}")]
    Answer {
        /// Which script.
        script: &'static str,
        /// The interpreter.
        exe: Utf8PathBuf,
        /// What does not fit.
        why: String,
    },
}

/// One of the embedded scripts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub name: &'static str,
    /// Texts that make up the script, after the protocol's.
    pub texts: &'static [&'static str],
}

const PROTOCOL: &str = include_str!("../assets/protocol.py");

/// How many of the last lines of output an error shows.
const TAIL_LINES: usize = 20;

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T, E> {
    Ok(T),
    Error(E),
}

impl Python {
    /// Runs a script. The inner result is the script's own: its answer or its refusal.
    pub(crate) fn call<T: DeserializeOwned, E: DeserializeOwned>(
        &self,
        script: Script,
        request: &impl Serialize,
        output: &mut Output<'_>,
    ) -> Result<Result<T, E>, ScriptError> {
        let nonsense = |why: String| ScriptError::Answer {
            script: script.name,
            exe: self.exe.clone(),
            why,
        };
        let temp = camino_tempdir()?;
        let answer = temp.1.join("answer.json");
        let request = serde_json::to_vec(request).map_err(|e| nonsense(e.to_string()))?;

        // -I: neither PYTHONPATH nor the user's site folder may change what the script imports.
        let mut command = Command::new(&self.exe);
        command
            .args(["-I", "-c"])
            .arg([&[PROTOCOL], script.texts].concat().join("\n\n"))
            .arg(&answer)
            .env_clear()
            .envs(self.env.iter().filter(|(name, _)| !is_cross_variable(name)));
        let (status, tail) =
            run_logged(&mut command, &request, output).map_err(|source| ScriptError::Start {
                exe: self.exe.clone(),
                source,
            })?;
        if !answer.exists() {
            return Err(ScriptError::Crashed {
                script: script.name,
                exe: self.exe.clone(),
                status,
                log: output.log.to_owned(),
                tail,
            });
        }
        let answer = files::read(&answer)?;
        match serde_json::from_slice(&answer).map_err(|e| nonsense(e.to_string()))? {
            Answer::Ok(value) => Ok(Ok(value)),
            Answer::Error(refusal) => Ok(Err(refusal)),
        }
    }
}

/// CPython's private variables make an interpreter answer for another platform. Inside an
/// environment made for cross building, they must not reach what is to run here.
fn is_cross_variable(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"_PYTHON_")
}

fn camino_tempdir() -> Result<(tempfile::TempDir, Utf8PathBuf), FileError> {
    let dir = tempfile::tempdir().context("create a folder in", Utf8Path::new("TMPDIR"))?;
    let path = Utf8PathBuf::from_path_buf(dir.path().to_owned())
        .map_err(|p| io::Error::other(format!("{} is not UTF-8", p.display())))
        .context("use", Utf8Path::new("TMPDIR"))?;
    Ok((dir, path))
}

/// Runs a command with `input` on stdin and both output streams in one, as a terminal shows them.
/// Returns how it ended and the last lines.
fn run_logged(
    command: &mut Command,
    input: &[u8],
    output: &mut Output<'_>,
) -> io::Result<(ExitStatus, String)> {
    if let Some(dir) = output.log.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut log = File::options().create(true).append(true).open(output.log)?;
    let (reader, writer) = io::pipe()?;
    command
        .stdin(Stdio::piped())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn()?;
    // The command holds the writing ends; while it lives, the reader never sees the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input) {
            // It ended before it read its request: its own output says why.
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(e),
            _ => {}
        }
    }
    let mut tail = std::collections::VecDeque::with_capacity(TAIL_LINES);
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        log.write_all(&line)?;
        let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        (output.line)(&text);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        tail.push_back(text);
        line.clear();
    }
    Ok((child.wait()?, Vec::from(tail).join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python() -> Python {
        Python {
            exe: "python3".into(),
            env: std::env::vars_os().collect(),
        }
    }

    fn call(
        texts: &'static [&'static str],
    ) -> (
        Result<Result<i64, String>, ScriptError>,
        Vec<String>,
        String,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("logs/log")).unwrap();
        let mut lines = Vec::new();
        let mut output = Output {
            log: &log,
            line: &mut |line| lines.push(line.to_owned()),
        };
        let script = Script {
            name: "test",
            texts,
        };
        let result = python().call(script, &serde_json::json!({"n": 20}), &mut output);
        let logged = std::fs::read_to_string(&log).unwrap_or_default();
        (result, lines, logged)
    }

    #[test]
    fn answers_and_output_go_separate_ways() {
        let (result, lines, logged) = call(&[
            "print('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\n\
             serve(lambda request: request['n'] + 1)",
        ]);
        assert_eq!(result.unwrap(), Ok(21));
        assert_eq!(lines, ["out", "err"]);
        assert_eq!(logged, "out\nerr\n");
    }

    #[test]
    fn a_cross_environment_around_us_is_left_behind() {
        let mut python = python();
        python.env.insert(
            "_PYTHON_SYSCONFIGDATA_NAME".into(),
            "_sysconfigdata_none".into(),
        );
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("log")).unwrap();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let texts = &["import sysconfig\nserve(lambda _: len(sysconfig.get_config_vars()))"];
        let script = Script {
            name: "test",
            texts,
        };
        let result = python.call::<usize, String>(script, &(), &mut output);
        assert!(result.unwrap().unwrap() > 0);
    }

    #[test]
    fn a_crash_shows_the_end_of_its_output() {
        let error = call(&["raise SystemExit('gone wrong')"]).0.unwrap_err();
        assert!(matches!(error, ScriptError::Crashed { .. }));
        assert!(error.to_string().contains("gone wrong"), "{error}");
    }

    #[test]
    fn a_missing_interpreter_is_named() {
        let python = Python {
            exe: "/nonexistent/python".into(),
            env: Env::new(),
        };
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("log")).unwrap();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let script = Script {
            name: "test",
            texts: &[],
        };
        let result = python.call::<i64, String>(script, &(), &mut output);
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("/nonexistent/python")
        );
    }
}
