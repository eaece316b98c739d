//! Outputs that are made in the work folder, and put in their place by a step of ours.
//!
//! A device, a pipe or `/dev/stdout` is written into and never replaced: clang and LLVM's tools write a
//! file beside their output and rename it, which puts a file where the device was, where root calls them;
//! and emcc looks for what it has written. And emcc goes by an output's name: where that is a program's,
//! it makes a program though it is asked for a relocatable object (Emscripten 3.1.69 and 6.0.5).

use crate::context::Context;
use flags::parse::{self, Dashes};
use flags::tables;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use toolcall::builtin::PlaceOutput;
use toolcall::decision::{Decision, Ruling};
use toolcall::invocation::Expanded;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};
use toolcall::sources;
use toolcall::tool::Tool;

/// An output of a call, and the word that names it.
#[derive(Clone, Copy)]
struct Output {
    /// Which argument.
    at: usize,
    /// Where in it the name begins.
    from: usize,
}

/// Plans a call by `planner`, whose outputs are files.
pub(crate) fn around(context: &Context, planner: fn(&Context) -> Plan) -> Plan {
    let mut expanded = Expanded::default();
    let mut decisions = Vec::new();
    let mut written: Vec<(PathBuf, OsString)> = Vec::new();
    for Output { at, from } in outputs(context) {
        let word = &context.expanded.args[at];
        let (flag, name) = word.as_bytes().split_at(from);
        let name = OsStr::from_bytes(name);
        let Some((why, suffix)) = reason(context, name) else {
            continue;
        };
        if expanded.args.is_empty() {
            expanded = context.expanded.clone();
        }
        let file = file_for(context, name, suffix);
        let new = os_str::os(&[flag, file.as_os_str().as_bytes()].concat());
        let ruling = Ruling::Replace(vec![new.clone()], why.into());
        decisions.push(Decision::about(
            std::slice::from_ref(word),
            "output/placed",
            &ruling,
        ));
        written.push((file, name.to_owned()));
        expanded.args[at] = new;
    }
    if written.is_empty() {
        return planner(context);
    }
    let mut plan = planner(&Context {
        expanded: &expanded,
        ..*context
    });
    if plan.refusal.is_some() {
        return plan;
    }
    for (file, output) in written {
        let name = file.as_os_str().as_bytes();
        let writes =
            |step: &&mut Step| step.argv.iter().any(|word| word.as_bytes().ends_with(name));
        // What another program does, such as the build machine's, is its own matter.
        let Some(step) = plan.steps.iter_mut().rev().find(writes) else {
            continue;
        };
        let file = file.into_os_string();
        if !step.outputs.contains(&file) {
            step.outputs.push(file.clone());
        }
        let into = PlaceOutput {
            output: output.clone(),
            words: vec![file],
        };
        plan.steps.push(Step::built_in(into.argv(), vec![output]));
    }
    plan.decisions.splice(..0, decisions);
    plan
}

/// Why a tool is not let write this output, if so, and what its name must end in.
fn reason(context: &Context, name: &OsStr) -> Option<(&'static str, &'static str)> {
    let path = context.invocation.cwd.join(name);
    if name != "-" && context.files.takes_writes(&path) {
        return Some((DEVICE, ""));
    }
    let asked = |word: &OsString| RELOCATABLE.iter().any(|flag| word == flag);
    let links = !matches!(context.tool, Tool::Strip(_) | Tool::Emcc | Tool::Emxx);
    let of_program = || PROGRAMS.iter().any(|own| sources::suffix(name) == *own);
    let object = links && context.expanded.args.iter().any(asked) && of_program();
    object.then_some((OBJECT, ".o"))
}

const RELOCATABLE: [&str; 6] = ["-r", "-i", "-Ur", "-relocatable", "--relocatable", "-Wl,-r"];

/// Suffixes of what emcc takes for programs.
const PROGRAMS: [&str; 5] = ["", "js", "mjs", "html", "wasm"];

/// Named alike, since emcc goes by suffixes, and as no other file of ours is.
fn file_for(context: &Context, name: &OsStr, suffix: &str) -> PathBuf {
    let name = Path::new(name).file_name().unwrap_or_default();
    let mut file = os_str::joined("placed-", name);
    file.push(suffix);
    context.work_dir.join(file)
}

/// The words that name outputs, if they name one. What is taken for one is looked at before anything
/// comes of it.
fn outputs(context: &Context) -> Vec<Output> {
    let args = &context.expanded.args;
    match context.tool {
        Tool::Cpp => [flagged(args), second_input(args)].concat(),
        Tool::Cc | Tool::Cxx | Tool::Emcc | Tool::Emxx | Tool::Fortran | Tool::Ld => flagged(args),
        Tool::Strip("llvm-strip") => flagged(args),
        Tool::Strip(_) => second_operand(args),
        _ => Vec::new(),
    }
}

fn flagged(args: &[OsString]) -> Vec<Output> {
    let mut outputs = Vec::new();
    for (at, word) in args.iter().enumerate() {
        let apart = at > 0 && APART.iter().any(|flag| args[at - 1] == *flag);
        let joined = JOINED.iter().find(|flag| os_str::starts_with(word, flag));
        let from = match joined {
            _ if apart => 0,
            Some(flag) if word.len() > flag.len() && !APART.iter().any(|flag| word == flag) => {
                flag.len()
            }
            _ => continue,
        };
        outputs.push(Output { at, from });
    }
    outputs
}

const APART: [&str; 3] = ["-o", "-output", "--output"];
const JOINED: [&str; 3] = ["-output=", "--output=", "-o"];

/// What `cpp` writes.
fn second_input(args: &[OsString]) -> Vec<Output> {
    let mut at = 0;
    let mut inputs = Vec::new();
    for arg in parse::parse(tables::DRIVER, Dashes::Named, args) {
        if arg.input().is_some() {
            inputs.push(Output { at, from: 0 });
        }
        at += arg.words.len();
    }
    inputs.into_iter().skip(1).take(1).collect()
}

/// What `objcopy` writes, where it does not write into what it reads.
fn second_operand(args: &[OsString]) -> Vec<Output> {
    let operand = |word: &OsString| !os_str::starts_with(word, "-");
    let more = args.iter().filter(|word| operand(word)).count() > 1;
    let last = args.len().wrapping_sub(1);
    let there = more && args.last().is_some_and(operand);
    there
        .then_some(Output { at: last, from: 0 })
        .into_iter()
        .collect()
}

const DEVICE: &str = "it is no file: the tools would put one in its place, so theirs is made in the work \
                      folder and its contents are written there";
const OBJECT: &str = "emcc would make a program of that name, and is asked for a relocatable object: it is \
                      made in the work folder and put in its place";
