//! Meson: the cross file, when a build folder is set up.

use crate::context::Context;
use std::ffi::{OsStr, OsString};
use toolcall::decision::Decision;
use toolcall::job::Job;
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
    // Meson takes each file's values over those of the files before it.
    let words: Vec<OsString> = vec![
        "--cross-file".into(),
        context.config.meson_cross.as_str().into(),
    ];
    let mut decisions = vec![Decision::add(&words, "meson/cross-file", CROSS)];
    argv.extend(words.iter().cloned());
    if context.invocation.env.text("CC_FOR_BUILD").is_none() {
        // Meson takes a native file's tools over those that variables name.
        let file = context.config.meson_native.as_str();
        let words: Vec<OsString> = vec!["--native-file".into(), file.into()];
        decisions.push(Decision::add(&words, "meson/native-file", NATIVE));
        argv.extend(words);
    }
    argv.extend(without(rest, &words));
    Plan::of(Job::Configure, vec![Step::run(argv, Vec::new())]).decide(decisions)
}

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
