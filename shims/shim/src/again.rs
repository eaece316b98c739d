//! Other ways to what a tool crashed over.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use toolcall::config::ShimConfig;
use toolcall::outcome::Exit;
use toolcall::plan::Step;

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
    /// A flag more.
    pub(crate) flag: &'static str,
    /// What to say if it works.
    pub(crate) what: &'static str,
    /// What becomes of what the tool says on this way.
    pub(crate) output: Output,
    applies: fn(&Step, Exit, &ShimConfig) -> bool,
}

/// By this clang does not crash over a long double function that it would fold once it is inlined
/// (LLVM 19), nor over most of what goes wrong between functions.
const CALMER: &str = "-fno-inline";

/// The ways.
const WAYS: &[Way] = &[
    Way {
        flag: CALMER,
        what: "clang crashed, as told above",
        output: Output::Streamed,
        applies: |step, exit, config| is_crash(exit) && is_compile(step, config),
    },
    // The same where emcc runs clang and gives 1 for everything, as clang++ 19 does by itself.
    Way {
        flag: CALMER,
        what: "the compile failed, as told above, and works",
        output: Output::Unseen,
        applies: |step, exit, config| {
            let compiles = is_compile(step, config) || is_compile_by_emcc(step, config);
            exit == Exit::Exit(1) && compiles && optimises(step)
        },
    },
    // Emscripten 6.0.5's wasm-opt stops at an assertion (`AddrExprMap::add`) over some debug information that
    // it carries along while it optimises. emcc gives 1 for that as for everything, so that this is tried
    // after every failed link with debug information; it says nothing that the first did not.
    Way {
        flag: "-g0",
        what: "the link failed, as told above, and works without debug information",
        output: Output::Unseen,
        applies: |step, exit, config| {
            exit == Exit::Exit(1) && is_optimised_link_with_debug_information(step, config)
        },
    },
];

/// The way that is tried after a step ended so, if there is one.
pub(crate) fn way(step: &Step, exit: Exit, config: &ShimConfig) -> Option<&'static Way> {
    let mut ways = WAYS.iter();
    ways.find(|way| (way.applies)(step, exit, config))
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
fn is_compile(step: &Step, config: &ShimConfig) -> bool {
    let clang = Path::new(&step.argv[0]).starts_with(&config.emscripten.llvm_bin);
    clang && step.argv.iter().any(|word| word == "-c")
}

/// What makes emcc stop before a link.
const NO_LINK: [&str; 5] = ["-c", "-S", "-E", "-fsyntax-only", "-r"];

/// Whether emcc links, with debug information and optimisation.
fn is_optimised_link_with_debug_information(step: &Step, config: &ShimConfig) -> bool {
    let debug = last(step, "-g").is_some_and(|word| word != "-g0");
    let links = !step
        .argv
        .iter()
        .any(|word| NO_LINK.iter().any(|no| word == no));
    is_emcc(step, config) && debug && optimises(step) && links
}

/// Whether emcc makes an object of a source.
fn is_compile_by_emcc(step: &Step, config: &ShimConfig) -> bool {
    is_emcc(step, config) && step.argv.iter().any(|word| word == "-c")
}

fn is_emcc(step: &Step, config: &ShimConfig) -> bool {
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
