//! `ld` called directly: its options translated to the driver's, which knows the target.

use crate::context::Context;
use crate::rewrite::{as_driver_option, for_driver};
use crate::{driver, native};
use flags::parse::{self, Arg, Dashes, What};
use flags::rules::Role;
use flags::tables;
use std::ffi::OsString;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// Plans a direct call of a linker.
pub(crate) fn plan(context: &Context) -> Plan {
    let words = &context.expanded.args;
    let args = parse::parse(tables::LINKER, Dashes::Bare, words);
    if let Some(plan) = native::link(context, &args) {
        return plan;
    }
    let asks = args.iter().any(|arg| arg.role() == Some(Role::Query));
    if asks && args.iter().all(|arg| arg.input().is_none()) {
        return query(context, &args);
    }
    let driver: Vec<OsString> = args.iter().flat_map(translate).collect();
    driver::plan(context, &driver)
}

/// `-v` and `-V`, GNU ld's, are wasm-ld's `--version`. By a name of GNU's it answers as LLD's linker for
/// ELF does: libtool looks for the word GNU, and for the formats in `--help`.
fn query(context: &Context, args: &[Arg]) -> Plan {
    let help = args
        .iter()
        .any(|arg| arg.rule().is_some_and(|rule| rule.name == "help"));
    let question = if help { "--help" } else { "--version" };
    let mut argv = vec![context.llvm("wasm-ld")];
    if !context.invocation.name.contains("wasm-ld") {
        argv.extend(["-flavor".into(), "gnu".into()]);
    }
    argv.push(question.into());
    Plan::of(Job::Query, vec![Step::run(argv, Vec::new())])
}

fn translate(arg: &Arg) -> Vec<OsString> {
    let What::Flag(rule, value) = &arg.what else {
        return if arg.what == What::Input {
            arg.words.clone()
        } else {
            for_driver(&arg.words)
        };
    };
    if let Some(words) = as_driver_option(arg) {
        return words;
    }
    match (rule.name, value) {
        ("L" | "library-path", Some(value)) => vec![os_str::joined("-L", value)],
        ("l" | "library", Some(value)) => vec![os_str::joined("-l", value)],
        _ => for_driver(&arg.words),
    }
}
