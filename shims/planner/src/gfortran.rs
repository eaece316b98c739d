//! `gfortran` by its name: the C driver, except for what it says of itself.

use crate::context::Context;
use crate::{driver, fortran, query};
use flags::classify;
use flags::parse::{self, Arg, Dashes};
use flags::tables::{self, fortran as table};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use toolcall::decision::{Decision, Ruling};
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// A Fortran driver: the C driver, except for questions about itself.
pub(crate) fn plan(context: &Context) -> Plan {
    let words = &context.expanded.args;
    let args = parse::parse(tables::DRIVER, Dashes::Named, words);
    if classify::classify(&args).job != Job::Query {
        let (words, unpacked) = unpack(&args);
        return driver::plan(context, &words).decide(unpacked);
    }
    let questions = args.iter().filter_map(|arg| arg.words[0].to_str());
    let answer = questions
        .map(|question| question.trim_start_matches('-'))
        .find_map(|question| answer(context, question));
    match answer {
        Some(step) => Plan::of(Job::Query, vec![step]),
        None => query::plan(context, Job::Query, &args, words),
    }
}

/// The words of a command with those that `-Wp,` holds for the preprocessor in its place: the
/// translation preprocesses. There `-MD` and `-MMD` have the file as their value (GCC's manual,
/// "Preprocessor Options").
fn unpack(args: &[Arg]) -> (Vec<OsString>, Vec<Decision>) {
    let (mut words, mut decisions) = (Vec::new(), Vec::new());
    for arg in args {
        let held = arg.rule().filter(|rule| rule.name == "-Wp,");
        let Some(held) = held.and_then(|_| arg.value()) else {
            words.extend(arg.words.iter().cloned());
            continue;
        };
        let mut unpacked: Vec<OsString> = Vec::new();
        let mut writes = false;
        for word in held.as_bytes().split(|&byte| byte == b',') {
            if std::mem::take(&mut writes) {
                unpacked.push("-MF".into());
            }
            writes = word == b"-MD" || word == b"-MMD";
            unpacked.push(os_str::os(word));
        }
        let ruling = Ruling::Replace(unpacked.clone(), UNPACKED.into());
        decisions.push(Decision::about(&arg.words, "fortran/cpp", &ruling));
        words.extend(unpacked);
    }
    (words, decisions)
}

/// gfortran's answers, by the question without its dashes.
fn answer(context: &Context, question: &str) -> Option<Step> {
    let version = table::VERSION;
    let own = env!("CARGO_PKG_VERSION");
    match question {
        "version" => Some(Step::print(format!(
            "GNU Fortran (emshim {own}: FORTRAN 77 through f2c) {version}"
        ))),
        "v" | "V" => Some(Step::say(format!("gcc version {version} (emshim {own})"))),
        "dumpversion" | "dumpfullversion" => Some(Step::print(version)),
        _ => {
            let library = question.strip_prefix("print-file-name=")?;
            let runtime = library == fortran::LIBRARY || library == "libgfortran.so";
            runtime.then(|| Step::print(fortran::runtime(context)))
        }
    }
}

const UNPACKED: &str = "for the preprocessor, which is part of the translation";
