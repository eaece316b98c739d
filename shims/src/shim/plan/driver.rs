//! The compiler driver: compile, preprocess, query; links go on in [`super::link`].

use super::{Context, Plan, Step, beside, link, os_list};
use crate::shim::classify::{self, Command, Input, Job};
use crate::shim::parse::{self, Arg, Dashes};
use crate::shim::rewrite::{Decision, Piece, Rewriter};
use crate::shim::rules::{Phase, Role};
use crate::shim::tables::compiler;
use crate::shim::tables::sources::{self, Kind};
use crate::shim::text;
use crate::shim::tool::{self, Tool};
use std::ffi::{OsStr, OsString};

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
    let args = parse::parse(compiler::RULES, Dashes::Named, &words);
    let command = classify::classify(&args);
    let inputs = command
        .inputs
        .iter()
        .map(|input| input.path.clone())
        .collect();
    if let Some(source) = command
        .sources()
        .find(|source| source.kind == Kind::Fortran)
    {
        return super::fortran::not_yet(command.job, &source.path);
    }
    let job = command.job;
    match job {
        Job::Query | Job::Forward => query(context, job, &args, &words),
        _ => {
            let mut rewriter = Rewriter::new(context.config, context.files, &command, &args);
            let (pieces, decisions) = rewriter.apply(&args);
            let mut request = Request {
                context,
                command,
                args,
                pieces,
                decisions,
            };
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
    for arg in parse::parse(compiler::RULES, Dashes::Named, words) {
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

/// Answers that emcc does not have, and the questions it is asked as they are.
fn query(context: &Context, job: Job, args: &[Arg], words: &[OsString]) -> Plan {
    let asked = |name: &str| {
        let named = |arg: &&Arg| {
            arg.words[0]
                .to_str()
                .is_some_and(|w| w.trim_start_matches('-') == name)
        };
        args.iter().find(named)
    };
    let prefixed = |prefix: &str| {
        args.iter().find_map(|arg| {
            let word = arg.words[0].to_str()?.trim_start_matches('-');
            word.strip_prefix(prefix).map(str::to_owned)
        })
    };
    let answer = |text: &str| Plan::of(Job::Query, vec![Step::print(text)]);
    if asked("print-multiarch").is_some() {
        return answer("wasm32-emscripten");
    }
    if asked("dumpfullversion").is_some() {
        return answer(&context.config.emscripten.version);
    }
    if asked("print-multi-os-directory").is_some() || asked("print-multi-directory").is_some() {
        return answer(".");
    }
    if asked("print-multi-lib").is_some() {
        return answer(".;");
    }
    if asked("print-sysroot").is_some() {
        return answer("");
    }
    if let Some(program) = prefixed("print-prog-name=") {
        let ours = context.invocation.shim_dir.join(&program);
        let known = tool::recognise(&program).is_some();
        return answer(if known { ours.as_str() } else { &program });
    }
    let mut argv = vec![driver_name(context, context.tool == Tool::Cxx)];
    argv.extend(words.iter().cloned());
    Plan::of(job, vec![Step::run(argv, context.emscripten_env())])
}

pub(super) fn driver_name(context: &Context, cxx: bool) -> OsString {
    context.emscripten(if cxx { "em++" } else { "emcc" })
}

/// Sources that one step can compile: the same driver, the same `-x`.
#[derive(PartialEq, Eq)]
struct Group<'i> {
    cxx: bool,
    language: Option<&'i OsStr>,
}

impl<'i> Group<'i> {
    fn of(input: &'i Input, tool: Tool) -> Self {
        Self {
            cxx: is_cxx(input, tool),
            language: input.language.as_deref(),
        }
    }
}

/// Whether a source is compiled as C++: `g++` takes C files for C++, `gcc` goes by the file.
pub(super) fn is_cxx(input: &Input, tool: Tool) -> bool {
    match input.kind {
        Kind::Cxx => true,
        Kind::C | Kind::Header => tool == Tool::Cxx && input.language.is_none(),
        Kind::Assembly | Kind::Fortran | Kind::Linkable => false,
    }
}

/// Steps for a job that ends before the link. One, unless the sources need different flags.
fn compile(request: &mut Request) -> Vec<Step> {
    let Request {
        context, command, ..
    } = &*request;
    let mut groups: Vec<(Group, Vec<&Input>)> = Vec::new();
    for input in command.sources() {
        let group = Group::of(input, context.tool);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, inputs)) => inputs.push(input),
            None => groups.push((group, vec![input])),
        }
    }
    let same_flags = context.config.cxxflags.is_empty()
        && groups.iter().all(|(group, _)| group.language.is_none());
    let split = groups.len() > 1 && command.output.is_none() && !same_flags;
    let (steps, added): (Vec<Step>, Vec<Vec<Decision>>) = if split {
        groups
            .iter()
            .map(|(group, inputs)| one_compile(request, inputs, Some(group)))
            .collect()
    } else {
        let inputs: Vec<&Input> = command.inputs.iter().collect();
        let (step, added) = one_compile(request, &inputs, None);
        (vec![step], vec![added])
    };
    for decision in added.concat() {
        if !request.decisions.contains(&decision) {
            request.decisions.push(decision);
        }
    }
    steps
}

fn one_compile(
    request: &Request,
    inputs: &[&Input],
    group: Option<&Group>,
) -> (Step, Vec<Decision>) {
    let Request {
        context, command, ..
    } = request;
    let cxx = group.map_or_else(|| all_cxx(request), |group| group.cxx);
    let compile = Compile {
        cxx,
        language: group.and_then(|group| group.language),
        inputs: Some(inputs),
    };
    let (argv, added) = compile.argv(request);
    let step = Step::run(argv, context.emscripten_env()).writes(outputs(command, inputs));
    (step, added)
}

/// Whether there are sources, and all are C++.
pub(super) fn all_cxx(request: &Request) -> bool {
    let tool = request.context.tool;
    let mut sources = request.command.sources().peekable();
    sources.peek().is_some() && sources.all(|input| is_cxx(input, tool))
}

/// A command that reads sources.
pub(super) struct Compile<'r> {
    /// Whether they are C++.
    pub cxx: bool,
    /// Their `-x`, where it is not in place already.
    pub language: Option<&'r OsStr>,
    /// Which of the inputs it gets.
    pub inputs: Option<&'r [&'r Input]>,
}

impl Compile<'_> {
    /// The command: defaults, the user's arguments, the target's flags.
    pub(super) fn argv(&self, request: &Request) -> (Vec<OsString>, Vec<Decision>) {
        let Request {
            context,
            command,
            pieces,
            ..
        } = request;
        let config = context.config;
        let mut line = Line::new(driver_name(context, self.cxx || context.tool == Tool::Cxx));
        line.add(defaults(request), "target/defaults", DEFAULTS);
        let silent = pieces.iter().any(|piece| piece.role == Some(Role::Silence));
        if !silent && command.job != Job::Preprocess {
            line.add(vec![RETURN_TYPE.into()], "target/diagnostics", TRAP);
        }
        if let Some(language) = self.language {
            line.argv.extend(["-x".into(), language.to_owned()]);
        }
        for (at, piece) in pieces.iter().enumerate() {
            let foreign = command.inputs.iter().any(|input| input.at == at)
                && !self
                    .inputs
                    .is_none_or(|mine| mine.iter().any(|input| input.at == at));
            let renamed = self.language.is_some() && piece.role == Some(Role::Language);
            if !foreign && !renamed {
                line.argv.extend(piece.words.iter().cloned());
            }
        }
        line.add(
            context.settings.cflags.clone(),
            "EMSHIM_CFLAGS",
            "EMSHIM_CFLAGS asks for it",
        );
        line.add(os_list(&config.cflags), "target/abi", ABI);
        if self.cxx {
            line.add(os_list(&config.cxxflags), "target/abi-c++", ABI);
        }
        (line.argv, line.added)
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
const RETURN_TYPE: &str = "-Werror=return-type";
const TRAP: &str =
    "a function that ends without its value traps in WebAssembly; -Wno-error=return-type undoes it";

/// The target's defaults of a class (optimisation, debug) of which the command has no flag.
pub(super) fn defaults(request: &Request) -> Vec<OsString> {
    let given = |role: Role| request.args.iter().any(|arg| arg.role() == Some(role));
    let words = os_list(&request.context.config.defaults);
    let parsed = parse::parse(compiler::RULES, Dashes::Named, &words);
    let missing = parsed.into_iter().filter(|default| match default.role() {
        Some(role @ (Role::Optimise | Role::Debug)) => !given(role),
        _ => true,
    });
    missing.flat_map(|default| default.words).collect()
}

/// The files a compile writes, by gcc's naming.
fn outputs(command: &Command, inputs: &[&Input]) -> Vec<OsString> {
    if let Some(output) = &command.output {
        return vec![output.clone()];
    }
    let suffix = match command.phase {
        Some(Phase::Assembly) => ".s",
        Some(Phase::Object) => ".o",
        Some(Phase::Preprocess | Phase::Dependencies | Phase::Check) => return Vec::new(),
        None => {
            let headers = inputs.iter().filter(|input| input.kind == Kind::Header);
            return headers
                .map(|input| text::joined(&input.path.to_string_lossy(), ".gch".as_ref()))
                .collect();
        }
    };
    let sources = inputs.iter().filter(|input| input.kind.is_source());
    sources.map(|input| beside(&input.path, suffix)).collect()
}
