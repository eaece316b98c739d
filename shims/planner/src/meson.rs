//! Meson: the cross file, when a build folder is set up.

use crate::context::Context;
use std::ffi::OsString;
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::plan::{Plan, Step};
use toolcall::text;

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
    if !rest.iter().any(names_cross_file) {
        let words: Vec<OsString> = vec![
            "--cross-file".into(),
            context.config.meson_cross.as_str().into(),
        ];
        decisions.push(Decision::add(&words, "meson/cross-file", CROSS));
        argv.extend(words);
    }
    argv.extend(rest.iter().cloned());
    Plan::of(Job::Configure, vec![Step::run(argv, Vec::new())]).decide(decisions)
}

fn names_cross_file(arg: &OsString) -> bool {
    arg == "--cross-file" || text::starts_with(arg, "--cross-file=")
}
