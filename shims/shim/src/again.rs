//! Other ways to what a tool failed over.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use toolcall::config::ShimConfig;
use toolcall::outcome::Exit;
use toolcall::plan::Step;

use crate::float_flags;

/// A step that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed<'a> {
    /// It.
    pub(crate) step: &'a Step,
    /// How it ended.
    pub(crate) exit: Exit,
    /// The folder it ran in.
    pub(crate) cwd: &'a Path,
    /// The toolchain.
    pub(crate) config: &'a ShimConfig,
}

/// What becomes of what a tool prints.
#[derive(Debug)]
pub(crate) enum Output {
    /// It goes where ours goes.
    Streamed,
    /// It goes nowhere.
    Unseen,
    /// What it says on stderr goes into a file.
    Kept(File),
}

/// Another way.
#[derive(Debug)]
pub(crate) struct Way {
    /// The flags that are added; none, where it is no way for this step.
    pub(crate) flags: fn(Failed) -> Vec<String>,
    /// What to say if it works.
    pub(crate) what: &'static str,
    /// What becomes of what the tool says on this way.
    pub(crate) output: Output,
}

/// By this clang does not crash over a long double function that it would fold once it is inlined
/// (LLVM 19), nor over most of what goes wrong between functions.
const CALMER: &str = "-fno-inline";

/// The ways; the first that has flags for a step is tried.
const WAYS: &[Way] = &[
    Way {
        flags: |failed| flag(CALMER, is_crash(failed.exit) && is_compile(failed)),
        what: "clang crashed, as told above",
        output: Output::Streamed,
    },
    Way {
        flags: |failed| {
            // Also a command that compiles and links.
            let compiles = is_compile(failed) || is_emcc(failed);
            match failed.exit == Exit::Exit(1) && compiles {
                true => float_flags::definitions(&failed.step.argv, failed.cwd),
                false => Vec::new(),
            }
        },
        what: "WebAssembly has no floating-point flags, so there are none to clear",
        output: Output::Unseen,
    },
    // The first way, where emcc runs clang and gives 1 for everything, as clang++ 19 does by itself.
    Way {
        flags: |failed| {
            let compiles = is_compile(failed) || is_compile_by_emcc(failed);
            let applies = failed.exit == Exit::Exit(1) && compiles && optimises(failed.step);
            flag(CALMER, applies)
        },
        what: "the compile failed, as told above, and works",
        output: Output::Unseen,
    },
    // Emscripten 6.0.5's wasm-opt stops at an assertion (`AddrExprMap::add`) over some debug information that
    // it carries along while it optimises. emcc gives 1 for that as for everything, so that this is tried
    // after every failed link with debug information; it says nothing that the first did not.
    Way {
        flags: |failed| {
            let applies =
                failed.exit == Exit::Exit(1) && is_optimised_link_with_debug_information(failed);
            flag("-g0", applies)
        },
        what: "the link failed, as told above, and works without debug information",
        output: Output::Unseen,
    },
];

fn flag(flag: &str, applies: bool) -> Vec<String> {
    if applies {
        vec![flag.to_owned()]
    } else {
        Vec::new()
    }
}

/// The way that is tried for a step that failed, with its flags, if there is one.
pub(crate) fn way(failed: Failed) -> Option<(&'static Way, Vec<String>)> {
    let mut ways = WAYS.iter().map(|way| (way, (way.flags)(failed)));
    ways.find(|(_, flags)| !flags.is_empty())
}

/// Signals of programs that went wrong by themselves: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV.
const CRASHES: [i32; 6] = [4, 5, 6, 7, 8, 11];

/// Whether a program crashed; clang's driver gives a shell's status for its compiler's signal.
fn is_crash(exit: Exit) -> bool {
    match exit {
        Exit::Signal(signal) => CRASHES.contains(&signal),
        Exit::Exit(status) => CRASHES.contains(&(status - 128)),
    }
}

/// Whether a step is clang's, and makes an object of a source.
fn is_compile(Failed { step, config, .. }: Failed) -> bool {
    let clang = Path::new(&step.argv[0]).starts_with(&config.emscripten.llvm_bin);
    clang && step.argv.iter().any(|word| word == "-c")
}

/// What makes emcc stop before a link.
const NO_LINK: [&str; 5] = ["-c", "-S", "-E", "-fsyntax-only", "-r"];

/// Whether emcc links, with debug information and optimisation.
fn is_optimised_link_with_debug_information(failed: Failed) -> bool {
    let step = failed.step;
    let debug = last(step, "-g").is_some_and(|word| word != "-g0");
    let links = !step
        .argv
        .iter()
        .any(|word| NO_LINK.iter().any(|no| word == no));
    is_emcc(failed) && debug && optimises(step) && links
}

/// Whether emcc makes an object of a source.
fn is_compile_by_emcc(failed: Failed) -> bool {
    is_emcc(failed) && failed.step.argv.iter().any(|word| word == "-c")
}

fn is_emcc(Failed { step, config, .. }: Failed) -> bool {
    Path::new(&step.argv[0]).starts_with(&config.emscripten.root)
}

fn optimises(step: &Step) -> bool {
    last(step, "-O").is_some_and(|word| word != "-O0")
}

/// The last word that begins so.
fn last<'s>(step: &'s Step, start: &str) -> Option<Cow<'s, str>> {
    let mut words = step.argv[1..].iter().map(|word| word.to_string_lossy());
    words.rfind(|word| word.starts_with(start))
}
