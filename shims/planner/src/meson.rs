//! Meson: the cross file, when a build folder is set up.

use crate::context::Context;
use camino::Utf8Path;
use std::ffi::{OsStr, OsString};
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// Meson's commands other than `setup`; a first argument that is none of them is the build folder
/// of an implied `setup`.
const COMMANDS: &[&str] = &[
    "compile",
    "configure",
    "devenv",
    "dist",
    "env2mfile",
    "format",
    "help",
    "init",
    "install",
    "introspect",
    "reprotest",
    "rewrite",
    "runpython",
    "subprojects",
    "test",
    "unstable-coredata",
    "wrap",
];
const CROSS: &str = "the target's machine and compilers, for every Meson project";
const NATIVE: &str = "the build machine's own compilers, for programs that the build runs itself";
const REMEDY: &str = "install it, for example with pip install meson";

pub(crate) fn plan(context: &Context) -> Plan {
    let args = &context.expanded.args;
    let program = match context.real(&["meson"], REMEDY) {
        Ok(program) => program,
        Err(why) => return Plan::refuse(Job::Forward, why),
    };
    let mut argv = vec![program.into_os_string()];
    let first = args.first().map(|arg| arg.to_string_lossy().into_owned());
    let first = first.as_deref().unwrap_or_default();
    let asks = args.iter().any(|arg| {
        ["--version", "-v", "--help", "-h"]
            .iter()
            .any(|question| arg == question)
    });
    if first.is_empty() || COMMANDS.contains(&first) || first.starts_with("--internal") || asks {
        argv.extend(args.iter().cloned());
        return Plan::of(Job::Forward, vec![Step::run(argv, Vec::new())]);
    }
    let (command, rest) = args.split_at(usize::from(first == "setup"));
    argv.extend(command.iter().cloned());
    let mut decisions = Vec::new();
    let mut rest = rest.to_vec();
    let config = context.config;
    // Meson takes each file's values over those of the files before it, and a native file's tools over
    // those that variables name.
    let named = context.invocation.env.text("CC_FOR_BUILD").is_some();
    for (option, file, rule, why) in [
        (
            "--cross-file",
            &config.meson_cross,
            "meson/cross-file",
            CROSS,
        ),
        (
            "--native-file",
            &config.meson_native,
            "meson/native-file",
            NATIVE,
        ),
    ] {
        if option == "--native-file" && named || is_kept(context, &rest, option, file) {
            continue;
        }
        let words: Vec<OsString> = vec![option.into(), file.as_str().into()];
        rest = without(&rest, &words);
        decisions.push(Decision::add(&words, rule, why));
        argv.extend(words);
    }
    argv.extend(rest);
    Plan::of(Job::Configure, vec![Step::run(argv, Vec::new())]).decide(decisions)
}

/// Whether `--wipe` sets a build folder up again by an option of its first setup: Meson does so for an
/// option that is not given now, and forgets the user's own files if it is.
fn is_kept(context: &Context, args: &[OsString], option: &str, file: &Utf8Path) -> bool {
    let given = args.iter().any(|arg| os_str::starts_with(arg, option));
    let recorded = |folder: &OsStr| {
        let lines = context.invocation.cwd.join(folder).join(COMMAND_LINE);
        let lines = context.files.read(&lines).unwrap_or_default();
        memchr::memmem::find(&lines, file.as_str().as_bytes()).is_some()
    };
    let mut folders = args
        .iter()
        .map(OsString::as_os_str)
        .chain([OsStr::new(".")]);
    args.iter().any(|arg| arg == "--wipe") && !given && folders.any(recorded)
}

/// Where Meson keeps the options of a build folder's first setup.
const COMMAND_LINE: &str = "meson-private/cmd_line.txt";

/// `args` without the option `words`, in either form: back ends give it, too.
fn without(args: &[OsString], words: &[OsString]) -> Vec<OsString> {
    let joined = words.join(OsStr::new("="));
    let mut kept: Vec<OsString> = Vec::with_capacity(args.len());
    for arg in args {
        kept.push(arg.clone());
        if kept.ends_with(words) {
            kept.truncate(kept.len() - words.len());
        } else if *arg == joined {
            kept.pop();
        }
    }
    kept
}
