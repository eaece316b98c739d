//! The compiler driver: compile, preprocess, query; links go on in [`super::link`].

use super::{Context, Plan, Step, StepKind, beside, fortran, link, os_list, query};
use crate::shim::classify::{self, Command, Input, Job};
use crate::shim::parse::{self, Arg, Dashes};
use crate::shim::rewrite::{self, Decision, Piece, Rewriter};
use crate::shim::rules::{Phase, Role};
use crate::shim::tables;
use crate::shim::tables::sources::{self, Kind};
use crate::shim::text;
use crate::shim::tool::Tool;
use std::ffi::OsString;
use std::path::Path;

/// A driver's command with everything decided, ready to be put together.
pub(super) struct Request<'a> {
    pub context: &'a Context<'a>,
    pub command: Command,
    pub args: Vec<Arg>,
    /// What is left of each argument, at its place.
    pub pieces: Vec<Piece>,
    pub decisions: Vec<Decision>,
}

/// Plans a call of a compiler driver.
pub(super) fn plan(context: &Context, words: &[OsString]) -> Plan {
    let words = as_driver(context, words);
    let args = parse::parse(tables::DRIVER, Dashes::Named, &words);
    let (args, lifted) = rewrite::lift(args);
    let command = classify::classify(&args);
    let inputs = command
        .inputs
        .iter()
        .map(|input| input.path.clone())
        .collect();
    if let Some(missing) = command
        .inputs
        .iter()
        .find(|i| text::starts_with(&i.path, "@"))
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
    match job {
        Job::Query | Job::Forward => query::plan(context, job, &args, &words),
        _ => {
            let mut rewriter = Rewriter::new(context.config, context.files, &command, &args);
            let (pieces, decided) = rewriter.apply(&args);
            let decisions = [lifted, decided].concat();
            let mut request = Request {
                context,
                command,
                args,
                pieces,
                decisions,
            };
            request.decisions.extend(fortran::keeping(&request));
            request.decisions.extend(fortran::corrections(&request));
            fortran::replace_sources(&mut request);
            let steps = if job.links() {
                link::steps(&mut request)
            } else {
                compile(&mut request)
            };
            Plan {
                inputs,
                ..Plan::of(job, steps)
            }
            .decide(request.decisions)
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

/// The path of emcc or em++.
pub(super) fn name(context: &Context, cxx: bool) -> OsString {
    context.emscripten(if cxx { "em++" } else { "emcc" })
}

/// Sources that one step can compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    flavour: Flavour,
    /// Their `-x`.
    language: Option<OsString>,
}

/// Which flags sources take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    C,
    Cxx,
    Assembly,
    /// The Fortran source at this place, by itself: each is a translation of its own.
    Fortran(usize),
}

impl Group {
    /// `gcc` goes by the file; `g++` takes C files for C++, which clang is told with `-x`, since it
    /// warns when it finds out by itself.
    pub(super) fn of(input: &Input, tool: Tool) -> Self {
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

    pub(super) fn is_cxx(&self) -> bool {
        self.flavour == Flavour::Cxx
    }

    /// Whether it is a Fortran source.
    pub(super) fn is_fortran(&self) -> bool {
        matches!(self.flavour, Flavour::Fortran(_))
    }

    /// Whether it needs an `-x`.
    pub(super) fn is_named(&self) -> bool {
        self.language.is_some()
    }
}

/// The groups of a command's sources, in order of their first.
pub(super) fn groups<'r>(request: &'r Request) -> Vec<(Group, Vec<&'r Input>)> {
    let mut groups: Vec<(Group, Vec<&Input>)> = Vec::new();
    for input in request.command.sources() {
        let group = Group::of(input, request.context.tool);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, inputs)) => inputs.push(input),
            None => groups.push((group, vec![input])),
        }
    }
    groups
}

/// Steps for a job that ends before the link: one for each group of sources.
fn compile(request: &mut Request) -> Vec<Step> {
    let groups = groups(request);
    // With one name for several outputs the command is wrong; emcc says so.
    let whole = groups.len() < 2 || request.command.output.is_some();
    let parts: Vec<(Vec<Step>, Vec<Decision>)> = if whole {
        let all: Vec<&Input> = request.command.inputs.iter().collect();
        vec![one_compile(
            request,
            groups.first().map(|(group, _)| group),
            &all,
        )]
    } else {
        let one =
            |(group, inputs): &(Group, Vec<&Input>)| one_compile(request, Some(group), inputs);
        groups.iter().map(one).collect()
    };
    let mut steps = Vec::new();
    for (part, added) in parts {
        steps.extend(part);
        request.note(added);
    }
    steps
}

fn one_compile(
    request: &Request,
    group: Option<&Group>,
    inputs: &[&Input],
) -> (Vec<Step>, Vec<Decision>) {
    let mut outputs = outputs(request, inputs);
    let mut steps = Vec::new();
    let source = inputs.iter().find(|input| input.kind == Kind::Fortran);
    let mut named = None;
    if let Some(source) = source {
        let object = beside(&source.path, ".o");
        steps.push(fortran::translate(
            request,
            source,
            outputs.first().unwrap_or(&object),
        ));
        if fortran::ends_early(request) {
            return (steps, Vec::new());
        }
        // The dependency file is the translation's.
        outputs.truncate(1);
        named = outputs.first().filter(|_| request.command.output.is_none());
    }
    let mut line = compile_line(request, group, inputs);
    if let Some(output) = named {
        line.argv.extend(["-o".into(), output.clone()]);
    }
    let mut step = Step::run(line.argv, request.context.emscripten_env()).writes(outputs);
    if source.is_some() && request.has(Role::DryRun) {
        // There is no C that clang could show its command for.
        step.kind = StepKind::Show;
    }
    steps.push(step);
    (steps, line.added)
}

/// A command that reads sources: defaults, the user's arguments, the target's flags.
pub(super) fn compile_line(request: &Request, group: Option<&Group>, inputs: &[&Input]) -> Line {
    let Request {
        context,
        command,
        pieces,
        ..
    } = request;
    let config = context.config;
    let cxx = group.is_some_and(Group::is_cxx);
    let assembly = group.is_some_and(|group| group.flavour == Flavour::Assembly);
    let from_fortran = group.is_some_and(Group::is_fortran);
    let mut line = Line::new(name(context, cxx || context.tool.is_cxx()));
    if !assembly {
        line.add(defaults(request), "target/defaults", DEFAULTS);
        let silent = pieces.iter().any(|piece| piece.role == Some(Role::Silence));
        if !silent && !from_fortran && command.job != Job::Preprocess && !request.makes_program() {
            line.add(vec![RETURN_TYPE.into()], "target/diagnostics", TRAP);
        }
    }
    if let Some(language) = group.and_then(|group| group.language.as_ref()) {
        line.argv.extend(["-x".into(), language.clone()]);
    }
    let mut left_out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if from_fortran && fortran::is_not_for_c(request, at) {
            left_out.extend(piece.words.iter().cloned());
            continue;
        }
        let foreign = command.inputs.iter().any(|input| input.at == at)
            && !inputs.iter().any(|input| input.at == at);
        let named = group.is_some() && piece.role == Some(Role::Language);
        if !foreign && !named {
            line.argv.extend(piece.words.iter().cloned());
        }
    }
    if !left_out.is_empty() {
        line.added.push(fortran::left_out(&left_out));
    }
    if from_fortran {
        fortran::c_flags(request, &mut line);
    }
    line.add(
        context.settings.cflags.clone(),
        "EMSHIM_CFLAGS",
        "EMSHIM_CFLAGS asks for it",
    );
    if !assembly {
        line.add(os_list(&config.cflags), "target/abi", ABI);
        if cxx {
            line.add(os_list(&config.cxxflags), "target/abi-c++", ABI);
        }
    }
    line
}

impl Request<'_> {
    /// Adds decisions that are not there yet.
    pub(super) fn note(&mut self, decisions: Vec<Decision>) {
        for decision in decisions {
            if !self.decisions.contains(&decision) {
                self.decisions.push(decision);
            }
        }
    }

    /// Whether an argument has this role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.args.iter().any(|arg| arg.role() == Some(role))
    }

    /// Whether the job ends in a program.
    pub(super) fn makes_program(&self) -> bool {
        matches!(
            self.command.job,
            Job::LinkProgram | Job::CompileAndLinkProgram
        )
    }
}

/// A command line being put together, and the decisions about what is added to it.
pub(super) struct Line {
    pub argv: Vec<OsString>,
    pub added: Vec<Decision>,
}

impl Line {
    pub(super) fn new(program: OsString) -> Self {
        Self {
            argv: vec![program],
            added: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, words: Vec<OsString>, rule: &'static str, why: &'static str) {
        if !words.is_empty() {
            self.added.push(Decision::add(&words, rule, why));
            self.argv.extend(words);
        }
    }
}

pub(super) const DEFAULTS: &str = "the target's default, since the command gives none of its own";
pub(super) const ABI: &str = "the target's ABI: every object of a module must agree";
const ONE_OUTPUT: &str = "cannot use -o with -c, -S or -E and several sources";
const RETURN_TYPE: &str = "-Werror=return-type";
const TRAP: &str =
    "a function that ends without its value traps in WebAssembly; -Wno-error=return-type undoes it";

/// The target's defaults of a class (optimisation, debug) of which the command has no flag. A
/// program gets none: nothing of it goes into a wheel, and a probe's functions must not be
/// optimised away.
pub(super) fn defaults(request: &Request) -> Vec<OsString> {
    if request.makes_program() {
        return Vec::new();
    }
    let given = |role: Role| request.args.iter().any(|arg| arg.role() == Some(role));
    let words = os_list(&request.context.config.defaults);
    let parsed = parse::parse(tables::DRIVER, Dashes::Named, &words);
    let missing = parsed.into_iter().filter(|default| match default.role() {
        Some(role @ (Role::Optimise | Role::Debug)) => !given(role),
        _ => true,
    });
    missing.flat_map(|default| default.words).collect()
}

/// The files a compile writes, by clang's naming.
fn outputs(request: &Request, inputs: &[&Input]) -> Vec<OsString> {
    let command = &request.command;
    if request.has(Role::DryRun) {
        return Vec::new();
    }
    let suffix = match command.phase {
        Some(Phase::Assembly) => ".s",
        Some(Phase::Object) => ".o",
        Some(Phase::Preprocess | Phase::Dependencies | Phase::Check) => "",
        None => ".pch",
    };
    let mut outputs: Vec<OsString> = match &command.output {
        Some(output) if output == "-" => Vec::new(),
        Some(output) => vec![output.clone()],
        None if suffix.is_empty() => Vec::new(),
        None => {
            let sources = inputs.iter().filter(|input| input.kind.is_source());
            let name = |input: &&Input| match input.kind {
                Kind::Header => text::joined(&input.path.to_string_lossy(), suffix.as_ref()),
                _ => beside(&input.path, suffix),
            };
            sources.map(name).collect()
        }
    };
    outputs.extend(dependency_files(request, &outputs));
    outputs
}

/// The dependency files a compile writes beside its outputs.
fn dependency_files(request: &Request, outputs: &[OsString]) -> Vec<OsString> {
    let named = request
        .args
        .iter()
        .rev()
        .find(|arg| arg.role() == Some(Role::DependencyOutput));
    match named.and_then(|arg| arg.value()) {
        Some(file) if file != "-" => vec![file.to_owned()],
        None if request.has(Role::DependencyFile) => {
            let files = outputs
                .iter()
                .map(|output| Path::new(output).with_extension("d"));
            files.map(Into::into).collect()
        }
        _ => Vec::new(),
    }
}
