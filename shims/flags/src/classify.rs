//! What a compiler driver's command is for: from mode flags and inputs, never from the output's
//! suffix alone.

use crate::parse::{Arg, What};
use crate::rules::{Phase, Role};
use std::ffi::{OsStr, OsString};
use toolcall::job::Job;
use toolcall::sources::{self, Kind};

/// An input file of a driver's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its place among the arguments.
    pub at: usize,
    /// As given; `-` is stdin.
    pub path: OsString,
    /// What it is, by `-x` or by its suffix.
    pub kind: Kind,
    /// The language `-x` gave it.
    pub language: Option<OsString>,
}

/// A driver's command, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub job: Job,
    /// Where the driver stops, if a flag says so.
    pub phase: Option<Phase>,
    /// Its inputs, in order.
    pub inputs: Vec<Input>,
    /// The last `-o`.
    pub output: Option<OsString>,
    /// Why a link without `-shared` is taken for one of a side module.
    pub shared_by_name: bool,
}

impl Command {
    /// Whether any input is a Fortran source.
    #[must_use]
    pub fn has_fortran(&self) -> bool {
        self.inputs.iter().any(|input| input.kind == Kind::Fortran)
    }

    /// The inputs the compiler reads.
    pub fn sources(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|input| input.kind.is_source())
    }
}

/// Understands a driver's command.
#[must_use]
pub fn classify(args: &[Arg]) -> Command {
    let inputs = inputs(args);
    let has = |role: Role| args.iter().any(|arg| arg.role() == Some(role));
    let phase = args
        .iter()
        .filter_map(|arg| match arg.role() {
            Some(Role::Stop(phase)) => Some(phase),
            _ => None,
        })
        .min();
    let output = args
        .iter()
        .rev()
        .find(|arg| arg.role() == Some(Role::Output))
        .and_then(|arg| arg.value().map(OsStr::to_owned));
    let by_name = output.as_deref().is_some_and(sources::names_shared_library)
        && setting(args, "MAIN_MODULE").is_none();
    let asked = has(Role::Shared) || setting(args, "SIDE_MODULE").is_some_and(|value| value != "0");
    let shared_by_name = by_name && !asked && !has(Role::Relocatable);
    let shared = asked || shared_by_name;

    let sources = inputs.iter().any(|input| input.kind.is_source());
    let headers = sources && inputs.iter().all(|input| input.kind == Kind::Header);
    let links_something = args.iter().any(|arg| {
        matches!(
            arg.role(),
            Some(Role::Link | Role::Shared | Role::Relocatable)
        )
    });
    let job = match phase {
        _ if has(Role::Query) || is_only_v(args) => Job::Query,
        _ if inputs.is_empty() && asks_linker(args) => Job::Query,
        Some(Phase::Preprocess | Phase::Dependencies) => Job::Preprocess,
        Some(Phase::Assembly) => Job::Assemble,
        Some(Phase::Object | Phase::Check) => Job::Compile,
        None if headers => Job::Compile,
        None if inputs.is_empty() && !links_something => Job::Forward,
        None if has(Role::Relocatable) => Job::LinkRelocatable,
        None => match (shared, sources) {
            (true, true) => Job::CompileAndLinkShared,
            (true, false) => Job::LinkShared,
            (false, true) => Job::CompileAndLinkProgram,
            (false, false) => Job::LinkProgram,
        },
    };
    Command {
        job,
        phase,
        inputs,
        output,
        shared_by_name: shared_by_name && job.makes_module(),
    }
}

/// The value of one of emcc's settings, the last one given; `1` where it was given without.
#[must_use]
pub fn setting(args: &[Arg], name: &str) -> Option<String> {
    args.iter().rev().find_map(|arg| {
        let given = arg.value().filter(|_| arg.role() == Some(Role::Setting))?;
        let given = given.to_string_lossy();
        let (given, value) = given.split_once('=').unwrap_or((&given, "1"));
        (given == name).then(|| value.to_owned())
    })
}

fn inputs(args: &[Arg]) -> Vec<Input> {
    let mut language: Option<OsString> = None;
    let mut inputs = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        if arg.role() == Some(Role::Language) {
            language = arg
                .value()
                .map(OsStr::to_owned)
                .filter(|value| value != "none");
        } else if let Some(path) = arg.input() {
            let kind = match &language {
                Some(language) => sources::language(&language.to_string_lossy()),
                None => None,
            };
            inputs.push(Input {
                at,
                path: path.to_owned(),
                kind: kind.unwrap_or_else(|| sources::kind(path)),
                language: language.clone(),
            });
        }
    }
    inputs
}

/// `gcc -v` alone asks for the version; with more it only talks while it works.
fn is_only_v(args: &[Arg]) -> bool {
    matches!(args, [only] if only.words == ["-v"])
}

/// `-Wl,--version` and the like, with nothing to link: Meson asks so which linker there is.
fn asks_linker(args: &[Arg]) -> bool {
    const QUESTIONS: [&str; 4] = ["--version", "-version", "-v", "-V"];
    args.iter().any(|arg| {
        let Some(value) = arg.value() else {
            return false;
        };
        matches!(&arg.what, What::Flag(rule, _) if rule.name == "-Wl," || rule.name == "-Xlinker")
            && QUESTIONS.iter().any(|question| value == *question)
    })
}
