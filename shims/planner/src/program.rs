//! Programs: run by their own names under Node, as a native linker's are.

use crate::driver_call::{DriverCall, Line};
use flags::classify;
use std::ffi::{OsStr, OsString};
use toolcall::decision::Decision;
use toolcall::plan::EnvChange;
use toolcall::sources;

/// Adds what makes emcc's result such a program.
pub(crate) fn flags(call: &DriverCall, line: &mut Line, env: &mut Vec<EnvChange>) {
    if classify::setting(&call.args, "ALLOW_MEMORY_GROWTH").is_none() {
        let words = vec!["-sALLOW_MEMORY_GROWTH=1".into()];
        line.add(words, "link/memory", PROGRAM);
    }
    if classify::setting(&call.args, "STACK_SIZE").is_none() {
        let words = vec!["-sSTACK_SIZE=8MB".into()];
        line.add(words, "link/stack", STACK);
    }
    if is_one_file(call) && classify::setting(&call.args, "SINGLE_FILE").is_none() {
        line.add(vec!["-sSINGLE_FILE=1".into()], "link/one-file", ONE_FILE);
    }
    let script = EnvChange::set("EMMAKEN_JUST_CONFIGURE", "1");
    let word = OsString::from("EMMAKEN_JUST_CONFIGURE=1");
    line.added
        .push(Decision::add(&[word], "link/program", SCRIPT));
    env.push(script);
}

/// A program that its user runs by its own name, as compilers make them; not one of the forms of
/// emcc's own that a suffix asks for.
pub(crate) fn is_native(call: &DriverCall) -> bool {
    let suffix = suffix(call);
    let set = |name: &&str| classify::setting(&call.args, name).is_some();
    // Meson, which knows our compilers by clang's names, calls all its programs for Emscripten scripts.
    let of_meson = suffix == SCRIPTS
        && call.context.invocation.name.contains("clang")
        && !OF_SCRIPTS.iter().any(set);
    (of_meson || !EMCCS.iter().any(|own| suffix == *own))
        && call.context.tool.is_native()
        && !set(&"MAIN_MODULE")
}

/// Whether a program's code is inside its script, so that it is one file, as a native linker's is:
/// `install`, `cp` and `mv` take it whole, and a program `t.2` beside `t.1` has code of its own.
/// Links and runs take as long as with two files; the script is a few per cent longer than both.
pub(crate) fn is_one_file(call: &DriverCall) -> bool {
    let asked = classify::setting(&call.args, "SINGLE_FILE");
    let native = || is_native(call) && suffix(call) != SCRIPTS;
    asked.map_or_else(native, |value| value != "0")
}

fn suffix<'c>(call: &'c DriverCall) -> &'c OsStr {
    let output = call.command.output.as_deref().unwrap_or_default();
    sources::suffix(output)
}

/// Suffixes that ask emcc for forms of its own.
const EMCCS: [&str; 4] = [SCRIPTS, "mjs", "html", "wasm"];
/// The suffix of scripts, and settings that say that one is for something else than to be run by Node.
const SCRIPTS: &str = "js";
const OF_SCRIPTS: [&str; 7] = [
    "ENVIRONMENT",
    "EXIT_RUNTIME",
    "EXPORTED_FUNCTIONS",
    "EXPORTED_RUNTIME_METHODS",
    "EXPORT_NAME",
    "MODULARIZE",
    "NODERAWFS",
];

const PROGRAM: &str = "a native program's memory is the system's; this one's has to grow";
const STACK: &str = "a native program's stack has 8 MB; Emscripten's has 64 kB, which an array of \
                     Fortran's or a recursion soon overruns";
const ONE_FILE: &str = "a native program is one file, and is installed, moved and stripped as one; its \
                        code would be in a .wasm file beside it";
const SCRIPT: &str = "emcc then makes a script that runs by its name under Node, as a native program \
                      would: its exit status and files are the system's";
