//! CMake: the toolchain file, when a build folder is set up.

use crate::context::Context;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{EnvChange, Plan, Step};

/// Arguments by which a call of CMake does something else than set up a build folder.
const OTHER_MODES: &[&str] = &[
    "--build",
    "--find-package",
    "--help",
    "--install",
    "--open",
    "--system-information",
    "--version",
    "--workflow",
    "-E",
    "-N",
    "-P",
    "-h",
    "-help",
    "-version",
    "/?",
    "/V",
];
const TOOLCHAIN: &str = "the target's compilers, for every CMake project";
const REMEDY: &str = "install it, for example with pip install cmake";

pub(crate) fn plan(context: &Context) -> Plan {
    let args = &context.expanded.args;
    let program = match context.real(&["cmake", "cmake3"], REMEDY) {
        Ok(program) => program,
        Err(why) => return Plan::refuse(Job::Forward, why),
    };
    let mut argv = vec![program.into_os_string()];
    if args.is_empty() || args.iter().any(is_other_mode) {
        argv.extend(args.iter().cloned());
        return Plan::of(Job::Forward, vec![Step::run(argv, Vec::new())]);
    }
    let mut decisions = Vec::new();
    if !names_toolchain(args) && !cached_toolchain(context) {
        let file = &context.config.cmake_toolchain;
        let words = vec![OsString::from(format!("-DCMAKE_TOOLCHAIN_FILE={file}"))];
        decisions.push(Decision::add(&words, "cmake/toolchain", TOOLCHAIN));
        argv.extend(words);
    }
    argv.extend(args.iter().cloned());
    let env: Vec<EnvChange> = Vec::new();
    Plan::of(Job::Configure, vec![Step::run(argv, env)]).decide(decisions)
}

fn is_other_mode(arg: &OsString) -> bool {
    let text = arg.to_string_lossy();
    let name = text.split('=').next().unwrap_or_default();
    OTHER_MODES.contains(&name) || name.starts_with("--help-") || name.starts_with("--print-config")
}

/// Whether the caller chose a toolchain: `--toolchain F`, `-DCMAKE_TOOLCHAIN_FILE[:TYPE]=F`.
fn names_toolchain(args: &[OsString]) -> bool {
    let variable = |text: &[u8]| {
        text.strip_prefix(b"CMAKE_TOOLCHAIN_FILE")
            .is_some_and(|rest| matches!(rest.first(), Some(b'=' | b':')))
    };
    args.iter().enumerate().any(|(at, arg)| {
        let after_d = os_str::strip_prefix(arg, "-D");
        let next = args.get(at + 1);
        arg == "--toolchain"
            || os_str::starts_with(arg, "--toolchain=")
            || after_d.is_some_and(|rest| variable(rest.as_bytes()))
            || arg == "-D" && next.is_some_and(|next| variable(next.as_bytes()))
    })
}

/// Whether the build folder was set up with a toolchain before: CMake keeps it, and warns when it
/// is given again.
fn cached_toolchain(context: &Context) -> bool {
    let args = &context.expanded.args;
    let cwd = &context.invocation.cwd;
    let mut folders = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        match os_str::strip_prefix(arg, "-B") {
            Some(dir) if dir.is_empty() => folders.extend(args.get(at + 1).map(PathBuf::from)),
            Some(dir) => folders.push(dir.into()),
            None => {}
        }
    }
    if folders.is_empty() {
        folders.push(cwd.clone());
        folders.extend(args.last().map(PathBuf::from));
    }
    folders.iter().any(|folder| {
        let cache = context.files.read(&cwd.join(folder).join("CMakeCache.txt"));
        cache.is_some_and(|cache| {
            cache
                .split(|&b| b == b'\n')
                .any(|line| line.starts_with(b"CMAKE_TOOLCHAIN_FILE:"))
        })
    })
}
