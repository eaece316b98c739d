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
    BUILD,
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
/// Makes a build folder anew, its cache forgotten.
const FRESH: &str = "--fresh";
/// Builds in the folder that follows.
const BUILD: &str = "--build";
/// What our toolchain files are called in every shim folder.
const TOOLCHAIN_FILE: &str = "emshim-toolchain.cmake";
const TOOLCHAIN: &str = "the target's compilers, for every CMake project";
const REMEDY: &str = "install it, for example with pip install cmake";

pub(crate) fn plan(context: &Context) -> Plan {
    let args = &context.expanded.args;
    let program = match context.real(&["cmake", "cmake3"], REMEDY) {
        Ok(program) => program,
        Err(why) => return Plan::refuse(Job::Forward, why),
    };
    if let Some(gone) = shims_that_are_gone(context) {
        return Plan::refuse(Job::Configure, gone);
    }
    let mut argv = vec![program.into_os_string()];
    if args.is_empty() || args.iter().any(is_other_mode) {
        argv.extend(args.iter().cloned());
        return Plan::of(Job::Forward, vec![Step::run(argv, Vec::new())]);
    }
    let mut decisions = Vec::new();
    if !names_toolchain(args) && cached_toolchain(context).is_none() {
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

/// Why a build folder cannot be used any more, if so: CMake and its generators say that a file is not
/// there, and not what to do.
fn shims_that_are_gone(context: &Context) -> Option<String> {
    let (cache, toolchain) = cached_toolchain(context)?;
    let ours = toolchain.ends_with(TOOLCHAIN_FILE);
    (ours && !context.files.exists(&toolchain)).then(|| {
        format!(
            "{} was made with shims that are gone, such as those of another emshim ({} is not there): set \
             the folder up again, with cmake --fresh or in another folder",
            cache.display(),
            toolchain.display()
        )
    })
}

/// The cache of the build folder that a call is about, and the toolchain file with which it was set up:
/// CMake keeps it, and warns when it is given again.
fn cached_toolchain(context: &Context) -> Option<(PathBuf, PathBuf)> {
    let args = &context.expanded.args;
    let cwd = &context.invocation.cwd;
    if args.iter().any(|arg| arg == FRESH) {
        return None;
    }
    let mut folders = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        let next = || args.get(at + 1).map(PathBuf::from);
        match os_str::strip_prefix(arg, "-B") {
            Some(dir) if dir.is_empty() => folders.extend(next()),
            Some(dir) => folders.push(dir.into()),
            None if arg == BUILD => folders.extend(next()),
            None => {}
        }
    }
    if folders.is_empty() && !args.iter().any(is_other_mode) {
        folders.push(cwd.clone());
        folders.extend(args.last().map(PathBuf::from));
    }
    folders.iter().find_map(|folder| {
        let cache = cwd.join(folder).join("CMakeCache.txt");
        let text = context.files.read(&cache)?;
        let named = text
            .split(|&b| b == b'\n')
            .filter_map(|line| line.strip_prefix(b"CMAKE_TOOLCHAIN_FILE:"))
            .find_map(|line| line.splitn(2, |&b| b == b'=').nth(1))?;
        Some((cache, PathBuf::from(os_str::os(named))))
    })
}
