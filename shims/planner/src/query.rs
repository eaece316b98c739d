//! Questions about the compiler.

use crate::context::Context;
use flags::parse::Arg;
use std::ffi::OsString;
use toolcall::job::Job;
use toolcall::plan::{Plan, Step};
use toolcall::tool::{self, Tool};

/// gcc's questions that emcc does not answer, dashes left out, and the answers. An empty sysroot
/// is gcc's own answer where none was configured.
const ANSWERS: &[(&str, &str)] = &[
    ("print-multi-directory", "."),
    ("print-multi-lib", ".;"),
    ("print-multi-os-directory", "."),
    ("print-multiarch", "wasm32-emscripten"),
    ("print-sysroot", ""),
];

/// Plans the answer: ours where emcc has none, else emcc's, asked in the caller's own words.
pub(crate) fn plan(context: &Context, job: Job, args: &[Arg], words: &[OsString]) -> Plan {
    let questions = args.iter().filter_map(|arg| arg.words[0].to_str());
    let answer = questions
        .map(|question| question.trim_start_matches('-'))
        .find_map(|question| answer(context, question));
    if let Some(text) = answer {
        return Plan::of(Job::Query, vec![Step::print(text)]);
    }
    if asks_clang(context, args) {
        let argv = vec![
            context.llvm("clang"),
            CLANG_TARGET.into(),
            "--version".into(),
        ];
        return Plan::of(Job::Query, vec![Step::run(argv, context.emscripten_env())]);
    }
    let mut argv = vec![context.compiler(context.tool.is_cxx())];
    argv.extend(words.iter().cloned());
    Plan::of(job, vec![Step::run(argv, context.emscripten_env())])
}

/// Whether a driver called clang is asked who it is: it is clang.
fn asks_clang(context: &Context, args: &[Arg]) -> bool {
    let question = |arg: &Arg| {
        ["--version", "-v"]
            .iter()
            .any(|asked| arg.words[0] == *asked)
    };
    matches!(context.tool, Tool::Cc | Tool::Cxx)
        && context.invocation.name.contains("clang")
        && args.iter().all(question)
}

const CLANG_TARGET: &str = "--target=wasm32-unknown-emscripten";

fn answer(context: &Context, question: &str) -> Option<String> {
    if question == "dumpfullversion" {
        return Some(context.config.emscripten.version.clone());
    }
    if let Some(program) = question.strip_prefix("print-prog-name=") {
        // The tools of the target are the shims; others have no place to name.
        let ours = context.invocation.shim_dir.join(program);
        let known = tool::recognise(program).is_some();
        return Some(if known {
            ours.into_string()
        } else {
            program.to_owned()
        });
    }
    let known = ANSWERS.iter().find(|(name, _)| *name == question);
    known.map(|(_, text)| (*text).to_owned())
}
