//! Inputs that a record does not hold, asked for when they are needed: headers, by the compiler's
//! own `-M`. Recording them would cost every compile more than all else in its record; a header
//! that has another time than before the call is found without that.

use crate::driver;
use crate::select::{Chosen, Selection, Source};
use call_log::read::log::Log;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use toolcall::config::ShimConfig;
use toolcall::plan::Step;

/// For each call, by its place in the selection, what of its headers is not as it was.
pub type Newer = BTreeMap<usize, Vec<String>>;

/// Looks at the headers of every call that is to run, `jobs` calls at a time.
#[must_use]
pub fn look(log: &Log, selection: &Selection, jobs: usize) -> Newer {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Newer::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some((number, chosen)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    selection.calls.get(number).map(|chosen| (number, chosen))
                } {
                    let newer = of_call(log, chosen);
                    if !newer.is_empty() {
                        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                        found.insert(number, newer);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What cannot be read of the log shows when the call runs.
fn of_call(log: &Log, chosen: &Chosen) -> Vec<String> {
    let begin = &chosen.call.begin;
    let from_disk = |source: Source| matches!(source, Source::Disk | Source::Changed);
    // Where the folder of a probe is gone, so are the headers in it.
    let there =
        Path::new(&begin.cwd).is_dir() && chosen.inputs.iter().all(|input| from_disk(input.source));
    let ended_well = chosen.end().is_some_and(|end| end.exit.is_success());
    if chosen.skipped.is_some() || !there || !begin.job.compiles() || !ended_well {
        return Vec::new();
    }
    let (Ok(toolchain), Ok(env)) = (log.toolchain(begin), log.env(begin)) else {
        return Vec::new();
    };
    let tools = self::toolchain(&toolchain.config);
    let mut newer = Vec::new();
    for step in &begin.steps {
        let Ok(step) = log.step(step) else { continue };
        match headers(&step, Path::new(&begin.cwd), &env) {
            None => {}
            Some(Err(why)) => newer.push(why),
            Some(Ok(files)) => {
                let ours = |file: &PathBuf| !tools.iter().any(|folder| file.starts_with(folder));
                let files = files.into_iter().filter(ours);
                let later = files.filter(|file| is_later(file, begin.time_us));
                newer.extend(later.map(|file| file.to_string_lossy().into_owned()));
            }
        }
    }
    newer
}

/// The folders of a toolchain, which has a version of its own: by the names in the configuration,
/// and by those that its tools give them, links resolved.
#[must_use]
pub fn toolchain(config: &ShimConfig) -> Vec<PathBuf> {
    let emscripten = &config.emscripten;
    let named = [&emscripten.root, &emscripten.llvm_bin];
    let named = named.map(|folder| folder.clone().into_std_path_buf());
    let real = named.iter().filter_map(|folder| folder.canonicalize().ok());
    named.iter().cloned().chain(real).collect()
}

/// The folders of a toolchain, and its cache, where Emscripten builds what it needs.
#[must_use]
pub fn tools(config: &ShimConfig) -> Vec<PathBuf> {
    let cache = config.emscripten.cache.clone().into_std_path_buf();
    let real = cache.canonicalize();
    let mut folders = toolchain(config);
    folders.extend([cache]);
    folders.extend(real);
    folders
}

/// Whether a file's contents or place are of a later time, in microseconds since 1970.
fn is_later(file: &Path, time_us: u64) -> bool {
    let Ok(meta) = file.metadata() else {
        return true;
    };
    let us = |seconds: i64, nanoseconds: i64| seconds * 1_000_000 + nanoseconds / 1000;
    let mtime = us(meta.mtime(), meta.mtime_nsec());
    let ctime = us(meta.ctime(), meta.ctime_nsec());
    mtime.max(ctime) > i64::try_from(time_us).unwrap_or(i64::MAX)
}

/// The files that a compile or translation reads besides its sources, absolute; what the compiler said if it
/// could not tell; `None` for a step that compiles no source that is there.
#[must_use]
pub fn headers(
    step: &Step,
    cwd: &Path,
    env: &BTreeMap<String, String>,
) -> Option<Result<Vec<PathBuf>, String>> {
    let (sources, argv) = match driver::fortran_rule(step) {
        Some((source, argv)) => (vec![source], argv),
        None => {
            let sources = driver::sources(step);
            let argv = driver::rule(step, &sources);
            (sources, argv)
        }
    };
    if sources.is_empty() || !sources.iter().all(|source| cwd.join(source).is_file()) {
        return None;
    }
    let mut command = Command::new(&argv[0]);
    command
        .args(&argv[1..])
        .env_clear()
        .envs(env)
        .current_dir(cwd)
        .stdin(Stdio::null());
    step.change_env(&mut command);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return Some(Err(format!("{}: {error}", argv[0].to_string_lossy()))),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| line.contains("error"));
        return Some(Err(first
            .or(said.lines().next())
            .unwrap_or("no headers")
            .to_owned()));
    }
    let files = prerequisites(&output.stdout);
    Some(Ok(files.iter().map(|file| cwd.join(file)).collect()))
}

/// The words after the colon of a rule for make, each rule of several.
fn prerequisites(rules: &[u8]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut word: Vec<u8> = Vec::new();
    let mut in_targets = true;
    let mut bytes = rules.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(b'\n')) => {
                bytes.next();
                end(&mut word, in_targets, &mut files);
            }
            (b'\\', Some(b' ' | b'#')) => word.extend(bytes.next()),
            (b'$', Some(b'$')) => word.extend(bytes.next()),
            (b':', Some(b' ' | b'\n' | b'\\')) if in_targets => {
                word.clear();
                in_targets = false;
            }
            (b'\n', _) => {
                end(&mut word, in_targets, &mut files);
                in_targets = true;
            }
            (b' ' | b'\t' | b'\r', _) => end(&mut word, in_targets, &mut files),
            _ => word.push(byte),
        }
    }
    end(&mut word, in_targets, &mut files);
    files
}

fn end(word: &mut Vec<u8>, in_targets: bool, files: &mut Vec<PathBuf>) {
    if !in_targets && !word.is_empty() {
        files.push(std::ffi::OsStr::from_bytes(word).into());
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_make_are_read() {
        let rule = b"a\\ b.o: d/a\\ b.c \\\n  inc/x.h $$y.h\nother.o: z.c\n";
        let files: Vec<String> = prerequisites(rule)
            .iter()
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        assert_eq!(files, ["d/a b.c", "inc/x.h", "$y.h", "z.c"]);
    }
}
