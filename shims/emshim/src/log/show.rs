//! `emshim log show`.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::args::{Folder, warn};
use super::table::{clock, time};
use crate::error::CliError;
use crate::ui;
use call_log::format::schema::{End, FileFact};
use call_log::read::error::LogError;
use call_log::read::log::Log;
use call_log::read::view::{FullCall, status};
use toolcall::display;
use toolcall::display::{visible, visible_lines};
use toolcall::outcome::LinkRan;

/// `emshim log show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    folder: Folder,
    /// The call: its id, a beginning or an end of it, or `last`
    id: String,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Prints all about a call.
///
/// # Errors
/// There is no such call.
pub fn run(args: &ShowArgs) -> Result<(), CliError> {
    let log = args.folder.open()?;
    let (call, problems) = log.find(&args.id)?;
    if args.json {
        ui::answer(&format!("{:#}\n", object(&log, &call)?))?;
    } else {
        ui::answer(&text(&log, &call))?;
    }
    warn(&log.file(), &problems);
    Ok(())
}

/// A record as JSON, as `emshim log show --json` prints it.
///
/// # Errors
/// What it shares with other records is lost.
pub(crate) fn json(log: &Log, call: &FullCall) -> Result<String, CliError> {
    Ok(format!("{:#}\n", object(log, call)?))
}

/// The record as it is, what it shares with others put in.
fn object(log: &Log, call: &FullCall) -> Result<Value, CliError> {
    let unwritten = |error| CliError::Message(format!("cannot write JSON: {error}"));
    let explanation = log.explain(&call.begin)?;
    let mut value = serde_json::to_value(&call.begin).map_err(unwritten)?;
    for field in ["record", "schema"] {
        value
            .as_object_mut()
            .and_then(|object| object.shift_remove(field));
    }
    value["env"] = serde_json::to_value(log.env(&call.begin)?).map_err(unwritten)?;
    // As it was written: an older emshim had another configuration.
    value["toolchain"] = log.parsed(&call.begin.toolchain)?;
    value["decisions"] = serde_json::to_value(&explanation.decisions).map_err(unwritten)?;
    value["steps"] = serde_json::to_value(&explanation.steps).map_err(unwritten)?;
    let files = call.begin.response_files.iter();
    let files: Result<Vec<Value>, LogError> = files
        .map(|file| {
            let contents = log.blob(&file.contents)?;
            let path = file.path.to_string_lossy();
            Ok(json!({"path": path, "contents": String::from_utf8_lossy(&contents)}))
        })
        .collect();
    value["response_files"] = Value::Array(files?);
    if let Some(end) = &call.end {
        let (exit, signal) = match end.exit {
            toolcall::outcome::Exit::Exit(exit) => (json!(exit), Value::Null),
            toolcall::outcome::Exit::Signal(signal) => (Value::Null, json!(signal)),
        };
        value["exit"] = exit;
        value["signal"] = signal;
        value["duration_us"] = json!(end.duration_us);
        value["ran"] = serde_json::to_value(&end.steps).map_err(unwritten)?;
        value["warnings"] = json!(end.warnings);
        value["inputs"] = serde_json::to_value(&end.inputs).map_err(unwritten)?;
        value["outputs"] = serde_json::to_value(&end.outputs).map_err(unwritten)?;
    }
    Ok(value)
}

fn text(log: &Log, call: &FullCall) -> String {
    let begin = &call.begin;
    let end = call.end.as_ref();
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:10} {}", visible(value));
    };
    field("call", &begin.id);
    field("command", &display::shell(&begin.argv));
    field("folder", &begin.cwd.to_string_lossy());
    field("began", &format!("{} UTC", clock(begin.time_us)));
    field(
        "ended",
        &match end {
            Some(end) => format!("{} after {}", how(end), time(end.duration_us)),
            None => "not: killed, or still running".to_owned(),
        },
    );
    if let Some(build) = &begin.build {
        field("build", build);
    }
    let parent = begin.parent.as_deref().unwrap_or("a process that is gone");
    field(
        "called by",
        &format!(
            "{parent} (process {}), as process {}",
            begin.ppid, begin.pid
        ),
    );
    if let Some(caller) = &begin.caller {
        field(
            "",
            &format!("within call {caller}; `emshim log show {caller}`"),
        );
    }
    if begin.probe {
        field("probe", "a build system only tried something out");
    }
    match log.toolchain(begin) {
        Ok(toolchain) => field(
            "tools",
            &format!(
                "emshim {}, Emscripten {} for {}, ABI {}",
                toolchain.emshim,
                toolchain.config.emscripten.version,
                toolchain.config.target,
                toolchain.config.abi
            ),
        ),
        Err(error) => field("tools", &format!("unreadable: {error}")),
    }
    text.push('\n');
    match log.explain(begin) {
        Ok(explanation) => text += &explanation.to_string(),
        Err(error) => {
            let _ = writeln!(text, "decisions and steps are unreadable: {error}");
        }
    }
    for file in &begin.response_files {
        let _ = write!(text, "\n@{}:\n", visible(&file.path.to_string_lossy()));
        match log.blob(&file.contents) {
            Ok(contents) => text += &visible_lines(&String::from_utf8_lossy(&contents)),
            Err(error) => text += &format!("unreadable: {error}\n"),
        }
    }
    if let Some(end) = end {
        for (number, step) in end.steps.iter().enumerate() {
            let kept = if step.from_cache {
                ", kept from an earlier call"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "step {}: {} after {}{kept}",
                number + 1,
                status(Some(step.exit)),
                time(step.duration_us)
            );
            match &step.link {
                Some(LinkRan::Commands(commands)) => {
                    for command in commands {
                        let _ = writeln!(text, "  ran: {}", display::shell(&command.0));
                    }
                }
                Some(LinkRan::Driver(why)) => {
                    let _ = writeln!(text, "  as planned: {}", visible_lines(why));
                }
                None => {}
            }
        }
    }
    for warning in end.iter().flat_map(|end| &end.warnings) {
        let _ = writeln!(text, "{}", visible_lines(warning));
    }
    let inputs = end.map_or(&[][..], |end| &end.inputs);
    let outputs = end.map_or(&[][..], |end| &end.outputs);
    for (title, files) in [
        ("before", &begin.before[..]),
        ("read", inputs),
        ("wrote", outputs),
    ] {
        for file in files {
            let _ = writeln!(text, "{title}: {}", fact(file));
        }
    }
    text += "\nenvironment recorded:\n";
    match log.env(begin) {
        Ok(env) => {
            for (name, value) in env {
                let _ = writeln!(text, "  {name}={}", visible(&value));
            }
        }
        Err(error) => {
            let _ = writeln!(text, "  unreadable: {error}");
        }
    }
    text
}

fn how(end: &End) -> String {
    match end.exit {
        toolcall::outcome::Exit::Exit(status) => format!("with status {status}"),
        toolcall::outcome::Exit::Signal(signal) => format!("by signal {signal}"),
    }
}

fn fact(file: &FileFact) -> String {
    let path = file.path.to_string_lossy();
    let path = visible(&path);
    match (file.size, &file.blake3) {
        (Some(size), Some(hash)) => format!("{path}  {}  blake3 {hash}", ui::bytes(size)),
        _ => format!("{path}  (no such file)"),
    }
}
