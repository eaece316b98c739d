//! A compiler driver's call with everything decided about its arguments, and what is put together
//! from it: groups of sources, and command lines.

use crate::context::{Context, os_list};
use crate::rewrite::Piece;
use flags::classify::{Command, Input};
use flags::parse::{self, Arg, Dashes};
use flags::rules::{Phase, Role};
use flags::tables;
use std::ffi::OsString;
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::sources::{self, Kind};
use toolcall::tool::Tool;

/// Asks for common symbols in C.
pub(crate) const COMMON: &str = "-fcommon";
const NO_COMMON: &str = "-fno-common";

/// A driver's command with everything decided, ready to be put together.
pub(crate) struct DriverCall<'a> {
    pub context: &'a Context<'a>,
    /// Whether a build system only tries something out.
    pub is_probe: bool,
    pub command: Command,
    pub args: Vec<Arg>,
    /// What is left of each argument, at its place.
    pub pieces: Vec<Piece>,
    pub decisions: Vec<Decision>,
}

impl DriverCall<'_> {
    /// Adds decisions that are not there yet.
    pub(crate) fn note(&mut self, decisions: Vec<Decision>) {
        for decision in decisions {
            if !self.decisions.contains(&decision) {
                self.decisions.push(decision);
            }
        }
    }

    /// Whether an argument has this role.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.args.iter().any(|arg| arg.role() == Some(role))
    }

    /// Whether objects of C are to have common symbols.
    pub(crate) fn has_commons(&self) -> bool {
        let ends_in_objects = matches!(self.command.phase, Some(Phase::Object) | None);
        let words = self.args.iter().rev().map(|arg| &arg.words[0]);
        let last = words
            .into_iter()
            .find(|word| *word == COMMON || *word == NO_COMMON);
        ends_in_objects && last.is_some_and(|word| word == COMMON)
    }

    /// Whether the job ends in a program.
    pub(crate) fn makes_program(&self) -> bool {
        matches!(
            self.command.job,
            Job::LinkProgram | Job::CompileAndLinkProgram
        )
    }
}

/// A command line being put together, and the decisions about what is added to it.
pub(crate) struct Line {
    pub argv: Vec<OsString>,
    pub added: Vec<Decision>,
}

impl Line {
    pub(crate) fn new(program: OsString) -> Self {
        Self {
            argv: vec![program],
            added: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, words: Vec<OsString>, rule: &'static str, why: &'static str) {
        if !words.is_empty() {
            self.added.push(Decision::add(&words, rule, why));
            self.argv.extend(words);
        }
    }
}

/// Sources that one step can compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) flavour: Flavour,
    /// Their `-x`.
    pub(crate) language: Option<OsString>,
}

/// Which flags sources take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    C,
    /// The C source at this place, by itself: its common symbols take steps of their own.
    Common(usize),
    Cxx,
    Assembly,
    /// The Fortran source at this place, by itself: each is a translation of its own.
    Fortran(usize),
}

impl Group {
    /// `gcc` goes by the file; `g++` takes C files for C++, which clang is told with `-x`, since it
    /// warns when it finds out by itself.
    pub(crate) fn of(input: &Input, tool: Tool) -> Self {
        let named = input.language.clone();
        let cxx_driver = tool.is_cxx() && named.is_none();
        let (flavour, language) = match input.kind {
            Kind::C if cxx_driver && sources::suffix(&input.path) == "i" => {
                (Flavour::Cxx, Some("c++-cpp-output".into()))
            }
            Kind::C if cxx_driver => (Flavour::Cxx, Some("c++".into())),
            Kind::Header if cxx_driver => (Flavour::Cxx, Some("c++-header".into())),
            Kind::Cxx => (Flavour::Cxx, named),
            Kind::Assembly => (Flavour::Assembly, named),
            Kind::Fortran => (Flavour::Fortran(input.at), None),
            _ => (Flavour::C, named),
        };
        Self { flavour, language }
    }

    pub(crate) fn is_cxx(&self) -> bool {
        self.flavour == Flavour::Cxx
    }

    /// Whether it is a Fortran source.
    pub(crate) fn is_fortran(&self) -> bool {
        matches!(self.flavour, Flavour::Fortran(_))
    }

    /// Whether its common symbols take steps of their own.
    pub(crate) fn is_common(&self) -> bool {
        matches!(self.flavour, Flavour::Common(_))
    }

    /// Whether it needs an `-x`.
    pub(crate) fn is_named(&self) -> bool {
        self.language.is_some()
    }
}

/// The groups of a command's sources, in order of their first.
pub(crate) fn groups<'r>(call: &'r DriverCall) -> Vec<(Group, Vec<&'r Input>)> {
    let mut groups: Vec<(Group, Vec<&Input>)> = Vec::new();
    for input in call.command.sources() {
        let mut group = Group::of(input, call.context.tool);
        if group.flavour == Flavour::C && call.has_commons() {
            group.flavour = Flavour::Common(input.at);
        }
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, inputs)) => inputs.push(input),
            None => groups.push((group, vec![input])),
        }
    }
    groups
}

pub(crate) const DEFAULTS: &str = "the target's default, since the command gives none of its own";
pub(crate) const ABI: &str = "the target's ABI: every object of a module must agree";

/// The target's defaults of a class (optimisation, debug) of which the command has no flag. A
/// program gets none: nothing of it goes into a wheel, and a probe's functions must not be
/// optimised away.
pub(crate) fn defaults(call: &DriverCall) -> Vec<OsString> {
    if call.makes_program() {
        return Vec::new();
    }
    let given = |role: Role| call.args.iter().any(|arg| arg.role() == Some(role));
    let words = os_list(&call.context.config.defaults);
    let parsed = parse::parse(tables::DRIVER, Dashes::Named, &words);
    let missing = parsed.into_iter().filter(|default| match default.role() {
        Some(role @ (Role::Optimise | Role::Debug)) => !given(role),
        _ => true,
    });
    missing.flat_map(|default| default.words).collect()
}
