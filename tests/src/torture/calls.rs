//! Calls of shims under limits of the system, signals and damage, with tools that copy their inputs:
//! a call ends well and made what it should, or it ends badly, says so, and leaves nothing half made.

use super::{Count, Dice};
use crate::real::emshim;
use crate::shim_folder::{ShimFolder, ended, with_default_signals};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Tries one input; whether it was taken, or what is wrong.
type Trial = fn(&mut Dice) -> Result<bool, String>;

/// Tries each kind so often.
#[must_use]
pub fn run(rounds: usize, seed: u64) -> Vec<Count> {
    let kinds: [(&str, Trial); 3] = [
        ("calls under limits", limited),
        ("calls ended by signals", signalled),
        ("damaged stores", damaged),
    ];
    let mut counts = Vec::new();
    for (kind, try_one) in kinds {
        let mut dice = Dice::new(seed);
        let mut count = Count {
            kind: kind.to_owned(),
            tried: rounds,
            ..Count::default()
        };
        for number in 0..rounds {
            match try_one(&mut dice) {
                Ok(taken) => count.taken += usize::from(taken),
                Err(why) => count.faults.push(format!("{kind} {number}: {why}")),
            }
        }
        counts.push(count);
    }
    counts
}

/// What a source holds, and the object that the tool makes of it.
const SOURCE: &str = "line\n";

fn folder() -> ShimFolder {
    let folder = ShimFolder::new();
    folder.copying_tools();
    std::fs::write(folder.path("work/x.c"), SOURCE).expect("a source");
    folder
}

const COMPILE: [&str; 4] = ["-c", "x.c", "-o", "x.o"];

/// A call ended so: is what it says true?
fn judge(folder: &ShimFolder, well: bool, output: &Output) -> Result<bool, String> {
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("panicked at") || text.contains("RUST_BACKTRACE") {
        return Err(format!("a panic: {text}"));
    }
    let object = std::fs::read(folder.path("work/x.o")).ok();
    match (well, object) {
        (true, Some(object)) if object == SOURCE.as_bytes() => Ok(true),
        (true, object) => Err(format!("it ended well with {object:?}: {text}")),
        (false, None) => Ok(false),
        (false, Some(object)) if object == SOURCE.as_bytes() => Ok(false),
        (false, Some(object)) => Err(format!("it failed and left {object:?}: {text}")),
    }
}

/// Few files, short files, little memory.
fn limited(dice: &mut Dice) -> Result<bool, String> {
    let folder = folder();
    let limit = match dice.below(3) {
        0 => format!("-n {}", 3 + dice.below(20)),
        1 => format!("-f {}", dice.below(4)),
        _ => format!("-v {}", 4_000 + 2_000 * dice.below(40)),
    };
    let call = folder.command("gcc", "");
    let mut command = Command::new("sh");
    let script = format!("ulimit {limit} || exit 99; exec \"$@\"");
    command
        .args(["-c", &script, "sh"])
        .arg(call.get_program())
        .args(COMPILE);
    command
        .env_clear()
        .current_dir(folder.path("work"))
        .stdin(Stdio::null());
    command.envs(
        call.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = command.output().expect("sh");
    judge(&folder, output.status.success(), &output).map_err(|why| format!("ulimit {limit}: {why}"))
}

/// A signal at any time, and the same call again.
fn signalled(dice: &mut Dice) -> Result<bool, String> {
    use rustix::process::{Pid, Signal, kill_process};
    let folder = folder();
    let mut call = folder.command("gcc", "");
    call.args(COMPILE);
    let mut call = with_default_signals(&call);
    let mut child = call.stderr(Stdio::null()).spawn().expect("a shim");
    let signals = [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP];
    let signal = *dice.of(&signals);
    std::thread::sleep(Duration::from_micros(dice.below(60_000) as u64));
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let _ = kill_process(pid.expect("a process"), signal);
    let well = ended(&mut child).success();
    // What a killed call's tool writes, it may write after the call.
    std::thread::sleep(Duration::from_millis(100));
    let again = folder.run("gcc", &COMPILE, "");
    judge(&folder, again.status.success(), &again)?;
    let list = emshim_of(&folder, &["log", "list"]);
    if !list.status.success() {
        return Err(format!(
            "{signal:?}: {}",
            String::from_utf8_lossy(&list.stderr)
        ));
    }
    Ok(well)
}

/// Damage to any file that calls have left, which later calls read.
fn damaged(dice: &mut Dice) -> Result<bool, String> {
    let folder = folder();
    for words in [
        &COMPILE[..],
        &["-c", "x.c", "-o", "y.o"],
        &["x.o", "y.o", "-o", "prog"],
    ] {
        if !folder.run("gcc", words, "").status.success() {
            return Err("a call failed before the damage".into());
        }
    }
    std::fs::remove_file(folder.path("work/x.o")).expect("an object");
    let mut files = walk(folder.path("log").as_std_path());
    files.sort();
    let file = dice.of(&files).clone();
    let bytes = std::fs::read(&file).expect("a file");
    let what = dice.below(4);
    let done = match what {
        0 => std::fs::write(&file, dice.mutant(&bytes)),
        1 => std::fs::write(&file, ""),
        2 => std::fs::remove_file(&file),
        _ => std::fs::remove_file(&file).and_then(|()| std::fs::create_dir(&file)),
    };
    done.expect("a damaged file");
    let mut all_well = true;
    for words in [
        &["log", "list"][..],
        &["log", "show", "last"],
        &["log", "stats"],
        &["explain", "last"],
        &["replay", "all", "--verify", "-k"],
    ] {
        let output = emshim_of(&folder, words);
        let text = String::from_utf8_lossy(&output.stderr);
        all_well &= output.status.success();
        let status = output.status.code();
        if text.contains("panicked at") || !matches!(status, Some(0..=2)) {
            return Err(format!(
                "{} ({what}), {words:?}: {status:?} {text}",
                file.display()
            ));
        }
    }
    let again = folder.run("gcc", &COMPILE, "");
    let well = judge(&folder, again.status.success(), &again)?;
    if !well {
        return Err(format!("{} ({what}): the next call fails", file.display()));
    }
    Ok(all_well)
}

fn emshim_of(folder: &ShimFolder, words: &[&str]) -> Output {
    let mut command = Command::new(emshim());
    let command = command.args(words).env("EMSHIM_LOG", folder.path("log"));
    command
        .env("TMPDIR", folder.path("tmp"))
        .output()
        .expect("emshim")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found
}
