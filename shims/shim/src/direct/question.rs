//! Questions whose answer is fixed for the toolchain: it is asked once, and then answers from
//! memory, to the byte.

use crate::direct::answer_cache::AnswerCache;
use crate::direct::toolchain::{StepEnv, Toolchain};
use flags::parse::{self, Dashes};
use flags::rules::{Phase, Role};
use flags::{classify, tables};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::process::{Command, Stdio};
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::job::Job;
use toolcall::plan::Step;

/// Questions whose answer lies in the toolchain alone. The answer to `-print-file-name` is not
/// among them: it depends on the libraries that are built so far.
const FIXED: &[&str] = &[
    "--print-libgcc-file-name",
    "--print-search-dirs",
    "--print-target-triple",
    "--version",
    "-dumpmachine",
    "-dumpversion",
    "-print-libgcc-file-name",
    "-print-resource-dir",
    "-print-search-dirs",
    "-print-target-triple",
    "-v",
];

/// Flags that make even an empty source read files, or write some.
const FILES: &[&str] = &["-imacros", "-include", "-include-pch", "-save-temps", "-v"];

/// Whether the answer to a driver's command, its program left out, is fixed.
#[must_use]
pub fn is_fixed(words: &[OsString]) -> bool {
    let args = parse::parse(tables::DRIVER, Dashes::Named, words);
    let command = classify::classify(&args);
    match command.job {
        Job::Query => {
            let asks = |word: &OsString| FIXED.iter().any(|fixed| word == fixed);
            command.inputs.is_empty() && words.iter().any(asks)
        }
        Job::Preprocess => {
            let nothing = command.inputs.iter().all(|input| input.path == "/dev/null");
            let reads = |arg: &parse::Arg| {
                let named = arg.rule().is_some_and(|rule| FILES.contains(&rule.name));
                let written = matches!(
                    arg.role(),
                    Some(Role::Output | Role::DependencyFile | Role::DependencyOutput)
                );
                named || written
            };
            let to_stdout = command.phase == Some(Phase::Preprocess) && !args.iter().any(reads);
            nothing && !command.inputs.is_empty() && to_stdout
        }
        _ => false,
    }
}

/// What a question was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What stood on stdout.
    pub stdout: String,
    /// What stood on stderr.
    pub stderr: String,
}

/// The answer to a step's question, from memory or by asking; `None` where it cannot be had or
/// kept, and the step has to run like any other.
#[must_use]
pub fn reply(config: &ShimConfig, invocation: &Invocation, step: &Step) -> Option<Reply> {
    let env = StepEnv {
        env: &invocation.env,
        changes: &step.env,
    };
    let cache = AnswerCache::of(&invocation.shim_dir);
    let toolchain = Toolchain::of(config, env);
    let key = toolchain.key(&step.argv);
    if let Some(reply) = cache.read(&key) {
        return Some(reply);
    }
    cache.scratch().ok()?;
    let witnesses = toolchain.witnesses(Vec::new());
    let mut command = Command::new(&step.argv[0]);
    command
        .args(&step.argv[1..])
        .current_dir(&invocation.cwd)
        .stdin(Stdio::null());
    step.change_env(&mut command);
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let reply = Reply {
        stdout: String::from_utf8(output.stdout).ok()?,
        stderr: String::from_utf8(output.stderr).ok()?,
    };
    cache.keep(&key, witnesses, &reply).ok()?;
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_toolchain_alone_decides_is_fixed() {
        let fixed = |line: &str| is_fixed(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for line in [
            "--version",
            "-v",
            "-dumpmachine",
            "-O2 -print-search-dirs",
            "-dM -E -x c /dev/null",
            "-E -dM -x c++ -std=c++17 -Iinc /dev/null",
        ] {
            assert!(fixed(line), "{line}");
        }
        for line in [
            "-print-file-name=libc.a",
            "--version a.c",
            "-v -c a.c",
            "-E /dev/null -o x",
            "-E -include a.h /dev/null",
            "-E -dM -",
            "-E -dM a.c",
            "-M /dev/null",
            "-c /dev/null",
            "-Wl,--version",
        ] {
            assert!(!fixed(line), "{line}");
        }
    }
}
