//! The compiler driver: compile, preprocess, query; links go on in [`crate::link`].

use crate::context::Context;
use crate::driver_call::DriverCall;
use crate::rewrite::{self, Rewriter};
use crate::{compile, fortran, link, native, prefixes, query, special};
use flags::classify::{self, Command};
use flags::parse::{self, Arg, Dashes};
use flags::tables;
use std::ffi::OsString;
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::Plan;
use toolcall::sources;
use toolcall::tool::Tool;

/// Plans a call of a compiler driver.
pub(crate) fn plan(context: &Context, words: &[OsString]) -> Plan {
    let words = as_driver(context, words);
    let args = parse::parse(tables::DRIVER, Dashes::Named, &words);
    let (mut args, mut first) = rewrite::lift(args);
    let mut command = classify::classify(&args);
    if !matches!(command.job, Job::Query | Job::Forward) {
        let (words, decisions) = prefixes::words(context, &args, &command);
        args.extend(parse::parse(tables::DRIVER, Dashes::Named, &words));
        command = classify::classify(&args);
        first.extend(decisions);
    }
    let inputs = command.inputs.iter().map(|input| input.path.as_os_str());
    // Decided before the plan is made: the links of probes are not checked.
    let probe = context.is_probe(command.job, inputs);
    let plan = planned(context, &words, command, args, first, probe);
    Plan { probe, ..plan }
}

fn planned(
    context: &Context,
    words: &[OsString],
    command: Command,
    args: Vec<Arg>,
    first: Vec<Decision>,
    is_probe: bool,
) -> Plan {
    if let Some(missing) = command
        .inputs
        .iter()
        .find(|i| os_str::starts_with(&i.path, "@"))
    {
        // A response file that cannot be read is an input of that name to gcc, and not there.
        let missing = missing.path.to_string_lossy();
        return Plan::refuse(command.job, format!("{missing}: No such file or directory"));
    }
    let job = command.job;
    if command.has_fortran()
        && !job.links()
        && command.output.is_some()
        && command.sources().count() > 1
    {
        return Plan::refuse(job, ONE_OUTPUT);
    }
    if let Some(why) = fortran::cannot(context, &command) {
        return Plan::refuse(job, why);
    }
    // C's compiler says so itself, but a translation comes first.
    let lacking = args.iter().find(|arg| arg.lacks_value());
    if let Some(lacking) = lacking.filter(|_| command.has_fortran()) {
        let flag = lacking.words[0].to_string_lossy();
        return Plan::refuse(job, format!("the argument of {flag} is missing"));
    }
    if job.links() {
        let drawn = rewrite::drawn_from(words);
        let source = |word: &OsString| command.sources().any(|source| source.path == *word);
        let files = drawn
            .iter()
            .filter(|word| !os_str::starts_with(word, "-") && !source(word))
            .map(OsString::as_os_str);
        if let Some(why) = native::cannot_link(context, files.clone())
            .or_else(|| special::cannot_read(context, files))
        {
            return Plan::refuse(job, why);
        }
    }
    match job {
        Job::Query | Job::Forward => query::plan(context, job, &args, words),
        _ => {
            let mut rewriter = Rewriter::new(
                context.config,
                context.files,
                &context.invocation.cwd,
                &command,
                &args,
            );
            let (pieces, decided) = rewriter.apply(&args);
            let decisions = [first, decided].concat();
            let inputs = command.inputs.iter().map(|input| input.path.clone());
            let inputs = inputs.collect();
            let mut call = DriverCall {
                context,
                is_probe,
                command,
                args,
                pieces,
                decisions,
            };
            call.decisions.extend(fortran::keeping(&call));
            call.decisions.extend(fortran::corrections(&call));
            fortran::replace_sources(&mut call);
            let steps = if job.links() {
                link::steps(&mut call)
            } else {
                compile::steps(&mut call)
            };
            Plan {
                inputs,
                ..Plan::of(job, steps)
            }
            .decide(call.decisions)
        }
    }
}

/// `cpp` is the driver with `-E`, its second operand the output.
fn as_driver(context: &Context, words: &[OsString]) -> Vec<OsString> {
    if context.tool != Tool::Cpp {
        return words.to_vec();
    }
    let mut driver: Vec<OsString> = vec!["-E".into()];
    let mut operands = 0;
    for arg in parse::parse(tables::DRIVER, Dashes::Named, words) {
        operands += usize::from(arg.input().is_some());
        match arg.input() {
            Some(source) if operands == 1 && !sources::kind(source).is_source() => {
                driver.extend(["-x".into(), "c".into(), source.to_owned()]);
            }
            Some(output) if operands == 2 => {
                driver.extend(["-o".into(), output.to_owned()]);
            }
            _ => driver.extend(arg.words),
        }
    }
    driver
}

const ONE_OUTPUT: &str = "cannot use -o with -c, -S or -E and several sources";
