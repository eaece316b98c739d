//! One job: a wheel by `emshim build`, with the wheels of the jobs that it needs.

use std::fs::{self, OpenOptions};
use std::process::{Command, Stdio};
use std::time::Instant;

use camino::Utf8Path;
use pyodide_wheel::wheel::WheelName;
use serde_json::Value;
use wheel_build::error::WheelBuildError;

use crate::folder::{Folder, digest, read_json, remove, write, write_json};
use crate::outcome::{Ended, Outcome};
use crate::plan::{Graph, Job, id};

/// Carries a job out, unless what it made before still counts, and says in a line what came out. Whether
/// there is a wheel.
///
/// # Errors
/// There is no such job, or a file of the farm's cannot be read or written.
pub fn run(folder: &Folder, target: &str, name: &str) -> Result<bool, WheelBuildError> {
    let graph: Graph = read_json(&folder.graph())?;
    let id = id(target, name);
    let job = graph
        .jobs
        .get(&id)
        .ok_or_else(|| WheelBuildError::Message(format!("{} has no job {id}", folder.graph())))?;
    let before = folder
        .current(job, &graph)
        .filter(|outcome| outcome.wheel.is_some());
    let outcome = match before {
        Some(outcome) => {
            eprintln!("{id}: as before");
            outcome
        }
        None => {
            let outcome = make(folder, &graph, job)?;
            let (ended, seconds) = (outcome.ended.says(), outcome.seconds);
            eprintln!("{id}: {ended} in {seconds:.0} s");
            if let Some(cause) = &outcome.cause {
                eprintln!(
                    "{id}: {cause}\n{id}: see {}",
                    folder.0.join(Folder::log(&id))
                );
            }
            outcome
        }
    };
    if outcome.wheel.is_none() {
        return Ok(false);
    }
    // New each time, so that Snakemake asks those that need it whether they are as before.
    write(&folder.stamp(&id), outcome.key.as_bytes())?;
    Ok(true)
}

/// Builds.
fn make(folder: &Folder, graph: &Graph, job: &Job) -> Result<Outcome, WheelBuildError> {
    let id = job.id();
    let (log, place) = (folder.0.join(Folder::log(&id)), folder.outcome(&id));
    let key = folder.key(job, graph).ok_or_else(|| {
        WheelBuildError::Message(format!(
            "{id} needs wheels that are not there: run `emshim farm`"
        ))
    })?;
    // Whatever happens now, the last outcome counts no more.
    remove(&place)?;
    if job.cause.is_some() {
        let outcome = Outcome {
            key,
            cause: job.cause.clone(),
            ..read(&Value::Null, "", &log)
        };
        write_json(&place, &outcome)?;
        return Ok(outcome);
    }
    write(&log, b"")?;
    // To append: then calls between that wait for something can add a line of theirs.
    let output = OpenOptions::new().append(true).open(&log);
    let output = output.map_err(WheelBuildError::io("cannot write", log.as_path()))?;
    let wheels = folder.wheels(&job.target);
    let mut command = Command::new(&graph.emshim);
    command.args([
        "build",
        "--json",
        "--target",
        &job.target,
        "--outdir",
        wheels.as_str(),
    ]);
    if let Some(settings) = &job.settings {
        command.args(["--config-file", settings.as_str()]);
    }
    command.arg(&job.source).stderr(output).stdin(Stdio::null());
    let began = Instant::now();
    let done = command
        .output()
        .map_err(WheelBuildError::io("cannot run", graph.emshim.as_path()))?;
    let said: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
    let outcome = Outcome {
        key,
        seconds: began.elapsed().as_secs_f64(),
        ..read(&said, &done.status.to_string(), &log)
    };
    if let Some(wheel) = &outcome.wheel {
        leave_one(&wheels, wheel)?;
    }
    write_json(&place, &outcome)?;
    Ok(outcome)
}

/// What `emshim build --json` says came out.
fn read(said: &Value, status: &str, log: &Utf8Path) -> Outcome {
    let wheel = said["wheel"].as_str().map(Utf8Path::new);
    let failed = said["test_status"] != Value::Null && said["test_status"] != 0;
    // One that a signal ended has a time, and no status.
    let killed = said["test_status"] == Value::Null && said["test_seconds"] != Value::Null;
    let unmade = said["unmade"].get(0).and_then(Value::as_str);
    let ended = match wheel {
        None => Ended::Failed,
        Some(_) if unmade.is_some() && said["compiled"] == false => Ended::NoModules,
        Some(_) if failed || killed => Ended::TestsFailed,
        Some(_) => Ended::Built,
    };
    let cause = match ended {
        Ended::TestsFailed => Some("its tests failed".to_owned()),
        Ended::Failed => {
            let text = fs::read_to_string(log).unwrap_or_default();
            Some(cause(said["error"].as_str(), status, &text))
        }
        Ended::Built | Ended::NoModules => unmade.map(|file| format!("{file} could not be made")),
    };
    Outcome {
        key: String::new(),
        ended,
        wheel: wheel.and_then(Utf8Path::file_name).map(str::to_owned),
        blake3: wheel.and_then(digest),
        size: said["size"].as_u64(),
        seconds: 0.0,
        test_seconds: said["test_seconds"].as_f64(),
        cause,
    }
}

/// What emshim says of a back end that failed begins so: the reason is in what that said.
const BACK_END: &str = "the build back end failed";

/// What went wrong first: the first error of a tool in the log, else the exception with which the back end
/// ended, else what emshim says.
fn cause(error: Option<&str>, status: &str, text: &str) -> String {
    let error = error.and_then(headline);
    let error = error.as_deref();
    let is_error = |line: &&str| {
        [
            ": error: ",
            ": fatal error: ",
            "error: undefined symbol",
            "ERROR: ",
        ]
        .iter()
        .any(|mark| line.contains(mark))
    };
    let first = text.lines().chain(error).find(is_error);
    let of_back_end = error.is_some_and(|error| error.starts_with(BACK_END));
    let first = first.or_else(|| exception(text).filter(|_| of_back_end));
    match (first.or(error), text.lines().last()) {
        (Some(line), _) => line.trim().to_owned(),
        (None, Some(last)) => format!("emshim build ended with {status} after: {}", last.trim()),
        (None, None) => format!("emshim build ended with {status}"),
    }
}

/// The first line of what emshim says, and the first of the things that it announces.
fn headline(error: &str) -> Option<String> {
    let mut lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let thing = lines.find(|line| first.ends_with(':') && line.contains(": "));
    Some(thing.map_or(first.to_owned(), |thing| format!("{first} {thing}")))
}

/// The line of the exception with which Python's last traceback ends.
fn exception(text: &str) -> Option<&str> {
    let (_, traceback) = text.rsplit_once("Traceback (most recent call last):\n")?;
    let mut lines = traceback.lines();
    lines.find(|line| !line.trim().is_empty() && !line.starts_with([' ', '\t']))
}

/// Removes the wheels that other versions of a project left: what needs it is not to find them.
fn leave_one(folder: &Utf8Path, wheel: &str) -> Result<(), WheelBuildError> {
    let project = |file: &str| WheelName::parse(file).ok().map(|name| name.project());
    let own = project(wheel);
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let file = entry.file_name();
        if file != wheel && own.is_some() && project(file) == own {
            remove(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_is_a_tools_then_the_back_ends_then_emshims() {
        let said = "the build back end failed in build_wheel (it exited); the output is in x";
        let failed = Some(said);
        let raised = "Traceback (most recent call last):\n  File \"setup.py\", line 1\n    run()\n    ~~~^^\n\
                      OSError: no pg_config\nemshim: the build back end failed\n";
        assert_eq!(
            cause(failed, "exit status: 1", raised),
            "OSError: no pg_config"
        );
        let compiled = format!("a.c:1:1: error: no\n{raised}");
        assert_eq!(
            cause(failed, "exit status: 1", &compiled),
            "a.c:1:1: error: no"
        );
        // A traceback that nobody minded is no cause of what came later.
        let later = Some("p does not import");
        assert_eq!(cause(later, "exit status: 1", raised), "p does not import");
        assert_eq!(cause(failed, "exit status: 1", "made\n"), said);
        let checked = "p cannot be loaded:\n/x/p.whl(m.so)\n  does not load: f\n    because nothing defines it\n";
        assert_eq!(
            cause(Some(checked), "exit status: 1", ""),
            "p cannot be loaded: does not load: f"
        );
        let killed = cause(None, "signal: 9", "cc a.c\n");
        assert_eq!(killed, "emshim build ended with signal: 9 after: cc a.c");
    }
}
