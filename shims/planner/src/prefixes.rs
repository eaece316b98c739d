//! Prefixes with libraries for the target: what a compiler searches after all that its caller names, as a
//! native one searches the system's folders.

use crate::context::Context;
use crate::rewrite::below_host_headers;
use flags::classify::Command;
use flags::parse::Arg;
use flags::rules::{Policy, Question};
use std::ffi::OsString;
use std::path::Path;
use toolcall::decision::Decision;
use toolcall::needs;
use toolcall::os_str;
use toolcall::sources::Kind;

/// The words for one command, and the decision about them.
pub(crate) fn words(
    context: &Context,
    args: &[Arg],
    command: &Command,
) -> (Vec<OsString>, Vec<Decision>) {
    let prefixes = &context.settings.prefixes;
    let mut words: Vec<OsString> = Vec::new();
    for prefix in prefixes {
        let include = prefix.join("include");
        let has = |is: fn(Kind) -> bool| command.sources().any(|source| is(source.kind));
        // An assembler's source includes nothing, and clang would warn.
        if has(|kind| !matches!(kind, Kind::Assembly | Kind::Fortran)) {
            let below = host_headers(args).map(|below| include.join(below));
            let below = below.filter(|folder| context.files.exists(folder.as_std_path()));
            for folder in below.chain([include.clone()]) {
                words.extend(["-isystem".into(), folder.into()]);
            }
        }
        if has(|kind| kind == Kind::Fortran) {
            words.push(os_str::joined("-I", include.as_os_str()));
        }
    }
    if command.job.links() {
        let folders = prefixes.iter().map(|prefix| prefix.join("lib"));
        words.extend(folders.map(|folder| os_str::joined("-L", folder.as_os_str())));
    }
    let mut decisions = match words.is_empty() {
        true => Vec::new(),
        false => vec![Decision::add(&words, "target/prefix", PREFIX)],
    };
    let needed = match command.job.links() {
        true => needed(context, args, command),
        false => Vec::new(),
    };
    if !needed.is_empty() {
        decisions.push(Decision::add(&needed, "target/needed", NEEDED));
        words.extend(needed);
    }
    (words, decisions)
}

/// What callers name below the build machine's folders of headers: where a library of the target keeps its
/// headers in a folder of its own, callers name the one that the build machine would have.
fn host_headers(args: &[Arg]) -> impl Iterator<Item = String> {
    let folders = args.iter().filter(|arg| {
        arg.rule()
            .is_some_and(|rule| matches!(rule.policy, Policy::Depends(Question::IncludeDir)))
    });
    folders.filter_map(|arg| below_host_headers(arg.value()?))
}

/// What the static libraries need that a link names, and that it does not name itself.
fn needed(context: &Context, args: &[Arg], command: &Command) -> Vec<OsString> {
    let named: Vec<&str> = named(args, command).collect();
    let mut words: Vec<OsString> = Vec::new();
    for prefix in &context.settings.prefixes {
        let file = prefix.join(needs::FILE);
        let text = context.files.read(file.as_std_path()).unwrap_or_default();
        let needs = needs::read(&String::from_utf8_lossy(&text));
        let all = named.iter().filter_map(|name| needs.get(*name)).flatten();
        for name in all.filter(|name| !named.contains(&name.as_str())) {
            let word = OsString::from(format!("-l{name}"));
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

/// The libraries that a link names, by `-l` or as archives.
fn named<'a>(args: &'a [Arg], command: &'a Command) -> impl Iterator<Item = &'a str> {
    let by_flag = args
        .iter()
        .filter(|arg| arg.rule().is_some_and(|rule| rule.name == "-l"))
        .filter_map(|arg| arg.value()?.to_str());
    let by_path = command.inputs.iter().filter_map(|input| {
        let name = Path::new(&input.path).file_name()?.to_str()?;
        name.strip_prefix("lib")?.strip_suffix(".a")
    });
    by_flag.chain(by_path)
}

const PREFIX: &str = "where libraries for the target are: those of EMSHIM_PREFIX, and those that emshim \
                      has built";

const NEEDED: &str =
    "what the static libraries of that prefix need, which a shared library would name itself";
