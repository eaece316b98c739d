//! `ar`, `nm`, `strip` and the like: LLVM's tools, which read WebAssembly, called directly.

use crate::context::Context;
use crate::special;
use crate::stripped_scripts::{self, DEBUG_LINK, stripped};
use flags::tables::linker::BINARY;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::decision::{Decision, Ruling};
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// Tools whose operands may be pipes, or are no files.
const READ_TEXT: [&str; 3] = ["llvm-addr2line", "llvm-cxxfilt", "llvm-strings"];

/// A tool that takes its arguments as they are. Emscripten's own wrappers of them (`emar`) only
/// start Python first.
pub(crate) fn plan(context: &Context, tool: &str) -> Plan {
    let args = &context.expanded.args;
    if !READ_TEXT.contains(&tool)
        && let Some(why) = special::cannot_read(context, special::operands(args))
    {
        return Plan::refuse(Job::Forward, why);
    }
    let (job, outputs) = match tool {
        "llvm-ar" => (Job::Archive, written_archive(args)),
        "llvm-ranlib" => (Job::Archive, operands(context, args)),
        _ => (Job::Forward, Vec::new()),
    };
    let mut argv = vec![context.llvm(tool)];
    argv.extend(args.iter().cloned());
    let mut plan = Plan::of(job, vec![Step::run(argv, Vec::new()).writes(outputs)]);
    if job == Job::Archive {
        plan.inputs = operands(context, args);
    }
    plan
}

/// The arguments that are files.
fn operands(context: &Context, args: &[OsString]) -> Vec<OsString> {
    let file = |arg: &&OsString| {
        !is_option(arg) && context.files.exists(&context.invocation.cwd.join(arg))
    };
    args.iter().filter(file).cloned().collect()
}

/// The archive that a call of `ar` writes, if its operation writes one.
fn written_archive(args: &[OsString]) -> Vec<OsString> {
    let mut words = args.iter().filter(|arg| !arg.as_bytes().starts_with(b"--"));
    let Some(operation) = words.next().map(|word| word.as_bytes()) else {
        return Vec::new();
    };
    let letters = operation.strip_prefix(b"-").unwrap_or(operation);
    let has = |wanted: &[u8]| letters.iter().any(|letter| wanted.contains(letter));
    if !has(b"rqsdm") || has(b"tpx") {
        return Vec::new();
    }
    // `a`, `b`, `i` name a member before the archive, `N` a count.
    let before = usize::from(has(b"abi")) + usize::from(has(b"N"));
    words.nth(before).cloned().into_iter().collect()
}

/// Options of GNU `strip` and `objcopy` that LLVM refuses for WebAssembly, with their values.
const NOT_FOR_WASM: &[(&str, bool)] = &[
    ("--discard-all", false),
    ("--discard-locals", false),
    ("--keep-symbol", true),
    ("--strip-symbol", true),
    ("-K", true),
    ("-N", true),
    ("-X", false),
    ("-v", false),
    ("-x", false),
];
const NAMES: &str = "LLVM strips whole sections of a WebAssembly file, not single symbols";
const DEBUG_ONLY: &str = "the nearest that LLVM does for WebAssembly";
const DYLINK: &str = "a side module cannot be loaded without it";

/// `strip` and `objcopy`: the section that makes a file a side module stays.
pub(crate) fn plan_strip(context: &Context, tool: &str) -> Plan {
    let args = &context.expanded.args;
    let mut kept: Vec<OsString> = Vec::new();
    let mut decisions = Vec::new();
    if tool == "llvm-objcopy" && reads_binary(args) {
        let why = Decision::about(args, "objcopy/binary", &Ruling::refuse(BINARY));
        return Plan::of(Job::Forward, Vec::new()).decide(vec![why]);
    }
    // The last of two is what `objcopy` writes.
    let read = match tool {
        "llvm-objcopy" => 1,
        _ => usize::MAX,
    };
    if let Some(why) = special::cannot_read(context, special::operands(args).take(read)) {
        return Plan::refuse(Job::Forward, why);
    }
    if let Some(plan) = stripped_scripts::plan(context, tool) {
        return plan;
    }
    let (mut scripts, mut selective) = (0, false);
    // LLVM says of two files that are made one that a script is no object.
    let in_place =
        tool == "llvm-strip" && !args.iter().any(|arg| arg.as_bytes().starts_with(b"-o"));
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        let refused = NOT_FOR_WASM.iter().find(|(name, value)| {
            word == name
                || *value && os_str::strip_prefix(word, name).is_some_and(|v| !v.is_empty())
        });
        if tool == "llvm-objcopy" && os_str::starts_with(word, DEBUG_LINK) {
            let mut words = vec![word.clone()];
            if word == DEBUG_LINK {
                words.extend(rest.next().cloned());
            }
            let ruling = Ruling::drop(NO_LINK);
            decisions.push(Decision::about(&words, DEBUG_LINK, &ruling));
            continue;
        }
        let Some(&(name, takes_value)) = refused.filter(|_| tool == "llvm-strip") else {
            match stripped(context, word) {
                Ruling::Drop(_) if !in_place => kept.push(word.clone()),
                Ruling::Keep => kept.push(word.clone()),
                ruling => {
                    decisions.push(Decision::about(
                        std::slice::from_ref(word),
                        "strip/program",
                        &ruling,
                    ));
                    match ruling {
                        Ruling::Replace(words, _) => kept.extend(words),
                        _ => scripts += 1,
                    }
                }
            }
            continue;
        };
        selective = true;
        let mut words = vec![word.clone()];
        if takes_value && word == name {
            words.extend(rest.next().cloned());
        }
        decisions.push(Decision::about(&words, name, &Ruling::Drop(NAMES.into())));
    }
    if scripts > 0 && operands(context, &kept).is_empty() {
        return Plan::of(Job::Forward, Vec::new()).decide(decisions);
    }
    let chooses = kept.iter().any(|word| {
        let known = [
            "-s",
            "-g",
            "-d",
            "-S",
            "--strip-all",
            "--strip-debug",
            "--strip-unneeded",
        ];
        known.iter().any(|flag| word == flag)
    });
    let mut argv = vec![context.llvm(tool)];
    let add = |argv: &mut Vec<OsString>, decisions: &mut Vec<Decision>, word: &str, rule, why| {
        let words = vec![OsString::from(word)];
        decisions.push(Decision::add(&words, rule, why));
        argv.extend(words);
    };
    if selective && !chooses {
        add(
            &mut argv,
            &mut decisions,
            "--strip-debug",
            "strip/names",
            DEBUG_ONLY,
        );
    }
    add(
        &mut argv,
        &mut decisions,
        "--keep-section=dylink.0",
        "strip/dylink",
        DYLINK,
    );
    argv.extend(kept.iter().cloned());
    let step = Step::run(argv, Vec::new()).writes(edited(context, tool, &kept));
    let plan = Plan::of(Job::Forward, vec![step]).decide(decisions);
    Plan {
        inputs: operands(context, &kept),
        ..plan
    }
}

/// Whether `objcopy` is to make an object of a file that is none.
fn reads_binary(args: &[OsString]) -> bool {
    let named = ["-I", "--input-target"].map(OsString::from);
    let apart = args
        .windows(2)
        .any(|pair| named.contains(&pair[0]) && pair[1] == "binary");
    let joined = ["-Ibinary", "--input-target=binary"].map(OsString::from);
    apart || args.iter().any(|word| joined.contains(word))
}

const NO_LINK: &str = "LLVM writes no such link into a WebAssembly file, where nothing would follow it; \
                       `-gseparate-dwarf` of emcc's makes one that browsers follow";

/// The files that `strip` and `objcopy` write: those named, unless another is named for the result.
fn edited(context: &Context, tool: &str, args: &[OsString]) -> Vec<OsString> {
    let named = args.iter().position(|arg| arg == "-o");
    if let Some(output) = named.and_then(|at| args.get(at + 1)) {
        return vec![output.clone()];
    }
    let mut files: Vec<OsString> = args.iter().filter(|arg| !is_option(arg)).cloned().collect();
    if tool == "llvm-objcopy" {
        return files.split_off(files.len().saturating_sub(1));
    }
    operands(context, &files)
}

fn is_option(arg: &OsStr) -> bool {
    arg.as_bytes().starts_with(b"-")
}

/// `install_name_tool` edits Mach-O load commands; WebAssembly has none, so all is done.
pub(crate) fn nothing(context: &Context) -> Plan {
    let why = "a side module has no install names or run paths to edit";
    let ruling = Ruling::Drop(why.into());
    let decision = Decision::about(&context.expanded.args, "install_name_tool", &ruling);
    Plan::of(Job::Forward, Vec::new()).decide(vec![decision])
}

/// `otool -L` lists the libraries a file needs: none, for a side module.
pub(crate) fn otool(context: &Context) -> Plan {
    let files = context
        .expanded
        .args
        .iter()
        .filter(|arg| !arg.as_bytes().starts_with(b"-"));
    let steps = files.map(|file| Step::print(format!("{}:", file.to_string_lossy())));
    Plan::of(Job::Query, steps.collect())
}
