//! The build machine's own tools: called by the names of ours for them, or taken for the target's
//! because the shims come first in PATH.
//!
//! gcc finds `ld` in PATH, `gcc-ar` finds `ar` there, and a makefile calls `ar`, `nm` and `strip` for
//! everything it makes. What such a call is about tells whose it is: ELF files are the build machine's.

use crate::context::Context;
use crate::machine::{self, Machine};
use flags::parse::Arg;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::build_machine::BuildTool;
use toolcall::config::FILE_NAME;
use toolcall::decision::{Decision, Ruling};
use toolcall::job::Job;
use toolcall::plan::{EnvChange, Plan, Step};
use toolcall::tool::TRIPLET;

/// Plans a call of one of the build machine's tools by our name for it.
pub(crate) fn plan(context: &Context, tool: &BuildTool) -> Plan {
    match context.real(tool.programs, REMEDY) {
        Ok(program) => {
            let (args, decision) = without_target_flags(context, tool);
            run(program, &args, for_build_machine(context)).decide(decision.into_iter().collect())
        }
        Err(why) => Plan::refuse(Job::Native, why),
    }
}

/// The arguments without the target's flags. The cc crate puts what `CFLAGS` has into every compile of a
/// build script, those for the build machine too.
fn without_target_flags(context: &Context, tool: &BuildTool) -> (Vec<OsString>, Option<Decision>) {
    let given = &context.invocation.args;
    let env = &context.invocation.env;
    let in_build_script = ["CARGO_MANIFEST_DIR", "HOST", "OUT_DIR"]
        .iter()
        .all(|name| env.get(name).is_some());
    let flags = tool.flags.and_then(|name| env.text(name));
    let flags: Vec<&OsStr> = flags
        .unwrap_or_default()
        .split_ascii_whitespace()
        .map(OsStr::new)
        .collect();
    let found = (in_build_script && !flags.is_empty())
        .then(|| given.windows(flags.len()).position(|words| words == flags))
        .flatten();
    let Some(at) = found else {
        return (given.clone(), None);
    };
    let mut kept = given.clone();
    let dropped: Vec<OsString> = kept.drain(at..at + flags.len()).collect();
    let ruling = Ruling::Drop(CRATE_FLAGS.into());
    (
        kept,
        Some(Decision::about(&dropped, "build-machine/flags", &ruling)),
    )
}

/// Hands a linker's call over that is for the build machine; refuses one that is for both.
pub(crate) fn link(context: &Context, args: &[Arg]) -> Option<Plan> {
    let driver = context.invocation.env.text("COLLECT_GCC");
    let (build, target) = objects(context, args.iter().filter_map(Arg::input));
    match (build, target, driver) {
        (Some(ours), Some(theirs), None) => Some(refuse(&mixed(&ours, &theirs, context))),
        (_, Some(theirs), Some(driver)) => Some(refuse(&foreign(driver, &theirs, context))),
        (None, Some(_), None) => None,
        (Some(_), None, _) => Some(hand_over(context, INPUTS)),
        (None, None, Some(_)) => Some(hand_over(context, COLLECT)),
        (None, None, None) => {
            // `-m` in a makefile is often a guess; without ELF inputs wasm-ld ignores it.
            let elf = emulation(args) && !reads_bytes(args);
            let there = context.real(&[own_name(context)], "").is_ok();
            (elf && there).then(|| hand_over(context, EMULATION))
        }
    }
}

/// Hands a call of `ar`, `nm`, `strip` and the like over that is about the build machine's files
/// alone. LLVM's tools, called by their own names, are what the caller wants.
pub(crate) fn binutils(context: &Context) -> Option<Plan> {
    let name = own_name(context);
    if ["llvm-", "em", "wasm-"]
        .iter()
        .any(|own| name.starts_with(own))
    {
        return None;
    }
    let operands = context.expanded.args.iter().map(OsString::as_os_str);
    let (build, target) = objects(context, operands.filter(|arg| !is_option(arg)));
    let there = context.real(&[name], "").is_ok();
    (build.is_some() && target.is_none() && there).then(|| hand_over(context, INPUTS))
}

/// Why a driver of ours cannot link these inputs, if one is the build machine's.
pub(crate) fn cannot_link<'i>(
    context: &Context,
    inputs: impl IntoIterator<Item = &'i OsStr>,
) -> Option<String> {
    let (build, _) = objects(context, inputs);
    let file = build?;
    let file = file.to_string_lossy();
    Some(format!(
        "{file} is for the build machine (ELF), and this link is for the target (WebAssembly): \
         compile it with this compiler, or, if it belongs to a program that the build runs, link it \
         with the build machine's compiler, {}",
        context.invocation.shim_dir.join("build-cc")
    ))
}

/// The first of these files that is the build machine's, and the first that is the target's.
fn objects<'i>(
    context: &Context,
    paths: impl IntoIterator<Item = &'i OsStr>,
) -> (Option<OsString>, Option<OsString>) {
    let (mut build, mut target) = (None, None);
    for path in paths {
        let found = match machine::of(context.files, &context.invocation.cwd.join(path)) {
            Some(Machine::Build) => &mut build,
            Some(Machine::Target) => &mut target,
            None => continue,
        };
        found.get_or_insert_with(|| path.to_owned());
        if build.is_some() && target.is_some() {
            break;
        }
    }
    (build, target)
}

pub(crate) fn hand_over(context: &Context, why: &'static str) -> Plan {
    let name = own_name(context);
    match context.real(&[name], REMEDY) {
        Ok(program) => {
            let words = [program.clone().into_os_string()];
            let decision = Decision::add(&words, "build-machine", why);
            let env = path(context).into_iter().collect();
            run(program, &context.invocation.args, env).decide(vec![decision])
        }
        Err(missing) => refuse(&format!("{why}; {missing}")),
    }
}

/// `args` have response files as given: the tool reads them by itself.
fn run(program: PathBuf, args: &[OsString], env: Vec<EnvChange>) -> Plan {
    let mut argv = vec![program.into_os_string()];
    argv.extend(args.iter().cloned());
    Plan::of(Job::Native, vec![Step::run(argv, env)])
}

fn refuse(why: &str) -> Plan {
    Plan::refuse(Job::Native, why)
}

/// The name called by, without the target's triplet.
fn own_name<'c>(context: &'c Context) -> &'c str {
    let name = &context.invocation.name;
    let bare = name.strip_prefix(TRIPLET);
    bare.and_then(|bare| bare.strip_prefix('-')).unwrap_or(name)
}

/// PATH without any shim folder, if it has one.
fn path(context: &Context) -> Option<EnvChange> {
    let path = context.invocation.env.get("PATH")?;
    let shims = |dir: &Path| {
        dir == context.invocation.shim_dir
            || context
                .files
                .exists(&context.invocation.cwd.join(dir).join(FILE_NAME))
    };
    let all: Vec<PathBuf> = std::env::split_paths(path).collect();
    let kept: Vec<&PathBuf> = all.iter().filter(|dir| !shims(dir)).collect();
    if kept.len() == all.len() {
        return None;
    }
    let kept = std::env::join_paths(kept).ok()?;
    Some(EnvChange::set("PATH", kept.into_string().ok()?))
}

/// What a tool of the build machine sees: no shims, and no settings that are for the target.
fn for_build_machine(context: &Context) -> Vec<EnvChange> {
    let env = &context.invocation.env;
    let mut changes: Vec<EnvChange> = path(context).into_iter().collect();
    for (name, of_build) in TARGETS {
        match of_build.and_then(|of_build| env.text(of_build)) {
            Some(value) => changes.push(EnvChange::set(name, value)),
            None if env.get(name).is_some() => changes.push(EnvChange::unset(name)),
            None => {}
        }
    }
    changes
}

/// Whether the linker is asked for another output format than WebAssembly.
fn emulation(args: &[Arg]) -> bool {
    let given = |arg: &&Arg| arg.rule().is_some_and(|rule| rule.name == "m");
    let last = args.iter().rfind(given).and_then(Arg::value);
    last.is_some_and(|value| !value.as_bytes().starts_with(b"wasm"))
}

/// Whether inputs are taken as bytes, to be put into an object of whatever machine.
fn reads_bytes(args: &[Arg]) -> bool {
    args.iter().any(|arg| {
        let format = arg
            .rule()
            .is_some_and(|rule| ["b", "format"].contains(&rule.name));
        format && arg.value().is_some_and(|value| value == "binary")
    })
}

fn is_option(arg: &OsStr) -> bool {
    arg.as_bytes().starts_with(b"-")
}

fn mixed(ours: &OsStr, theirs: &OsStr, context: &Context) -> String {
    format!(
        "{} is for the build machine (ELF) and {} for the target (WebAssembly): they cannot be linked \
         together; compile both with {}, or both with {}",
        ours.to_string_lossy(),
        theirs.to_string_lossy(),
        context.invocation.shim_dir.join("cc"),
        context.invocation.shim_dir.join("build-cc"),
    )
}

fn foreign(driver: &str, theirs: &OsStr, context: &Context) -> String {
    format!(
        "{} is for the target (WebAssembly), and {driver} links for the build machine: compile it with \
         {driver} too, or link it with {}",
        theirs.to_string_lossy(),
        context.invocation.shim_dir.join("cc"),
    )
}

/// Variables by which a build says what is for the target, with the one that is for the build
/// machine in its place, if builds have one.
#[rustfmt::skip]
const TARGETS: &[(&str, Option<&str>)] = &[
    ("CFLAGS", Some("CFLAGS_FOR_BUILD")),
    ("CPPFLAGS", Some("CPPFLAGS_FOR_BUILD")),
    ("CXXFLAGS", Some("CXXFLAGS_FOR_BUILD")),
    ("FCFLAGS", None),
    ("FFLAGS", None),
    ("LDFLAGS", Some("LDFLAGS_FOR_BUILD")),
    ("PKG_CONFIG_LIBDIR", Some("PKG_CONFIG_LIBDIR_FOR_BUILD")),
    ("PKG_CONFIG_PATH", Some("PKG_CONFIG_PATH_FOR_BUILD")),
    ("PKG_CONFIG_SYSROOT_DIR", None),
];

const CRATE_FLAGS: &str = "they are what the environment has for the target, which the cc crate gives every \
                           compile of a build script";
const REMEDY: &str = "it is for a program that the build runs itself: install a compiler for this \
                      machine, such as gcc, with its binutils";
pub(crate) const INPUTS: &str = "its files are the build machine's (ELF): the build machine's tool";
const COLLECT: &str = "gcc calls it for the build machine (COLLECT_GCC): the build machine's tool";
const EMULATION: &str = "asked for another format than WebAssembly (-m): the build machine's tool";
