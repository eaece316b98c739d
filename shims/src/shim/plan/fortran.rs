//! Fortran: each source becomes C in the work folder, which is then compiled as any C is; and what
//! `gfortran` says of itself.

use super::driver::{self, Line, Request};
use super::{Context, Plan, Step, StepKind, beside, query};
use crate::shim::classify::{self, Command, Input, Job};
use crate::shim::commons;
use crate::shim::fortran::{self, Makes};
use crate::shim::parse::{self, Arg, Dashes};
use crate::shim::rewrite::{Decision, Outcome};
use crate::shim::rules::{Phase, Policy, Role};
use crate::shim::tables::{self, fortran as table, sources::Kind};
use crate::shim::text;
use crate::shim::tool::Tool;
use crate::shim::translations;
use camino::Utf8Path;
use f2c_driver::header;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A Fortran driver: the C driver, except for questions about itself.
pub(super) fn plan(context: &Context) -> Plan {
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

/// Why a command cannot be carried out that translates Fortran or links its runtime, where either
/// could not be had.
pub(super) fn cannot(context: &Context, command: &Command) -> Option<String> {
    let why = context.config.fortran.refusal()?;
    let asks = command.has_fortran() || context.tool == Tool::Fortran && command.job.links();
    asks.then_some(why)
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
            unpacked.push(text::os(word));
        }
        let outcome = Outcome::Replace(unpacked.clone(), UNPACKED.into());
        decisions.push(Decision::about(&arg.words, "fortran/cpp", &outcome));
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
            let runtime = library == LIBRARY || library == "libgfortran.so";
            runtime.then(|| Step::print(self::runtime(context)))
        }
    }
}

const LIBRARY: &str = "libgfortran.a";

/// The runtime library.
fn runtime(context: &Context) -> OsString {
    context.config.fortran.runtime.join(LIBRARY).into()
}

/// The C made of a source.
pub(super) fn generated(context: &Context, source: &Input) -> OsString {
    let name = beside(&source.path, &format!("-{}.c", source.at));
    let name = Path::new(&name).file_name().unwrap_or(&name).to_owned();
    context.work_dir.join(name).into_os_string()
}

/// Puts the generated C in the place of each Fortran source.
pub(super) fn replace_sources(request: &mut Request) {
    for source in &request.command.inputs {
        if source.kind == Kind::Fortran {
            request.pieces[source.at].words = vec![generated(request.context, source)];
        }
    }
}

/// What is said of sources whose C is kept.
pub(super) fn keeping(request: &Request) -> Vec<Decision> {
    let fortran = |source: &&Input| source.kind == Kind::Fortran;
    let sources = request.command.inputs.iter().filter(fortran);
    let kept = sources.filter(|_| cache(request.context).is_some() && !ends_early(request));
    let said = |source: &Input| {
        let words = std::slice::from_ref(&source.path);
        Decision::about(words, "fortran/cache", &Outcome::Translate(KEPT.into()))
    };
    kept.map(said).collect()
}

/// Where translations are kept.
fn cache(context: &Context) -> Option<OsString> {
    let folder = context.invocation.shim_dir.join(translations::FOLDER);
    (!context.settings.launcher.is_empty()).then(|| folder.into())
}

/// What is corrected in known sources.
pub(super) fn corrections(request: &Request) -> Vec<Decision> {
    let Context {
        settings,
        files,
        invocation,
        ..
    } = request.context;
    let correction = |source: &Input| {
        let path = Utf8Path::from_path(Path::new(&source.path))?;
        if source.kind != Kind::Fortran || !settings.patches.concern(path) {
            return None;
        }
        let bytes = files.read(&invocation.cwd.join(path))?;
        // The translation tells of a file that a set asked for is not made for.
        let fitting = settings.patches.find(path, &bytes).ok().flatten()?;
        let why = format!("patch set {}: {}", fitting.set, fitting.patch.why);
        let outcome = Outcome::Translate(why.into());
        let words = std::slice::from_ref(&source.path);
        Some(Decision::about(words, "fortran/patch", &outcome))
    };
    let sources = request.command.inputs.iter();
    sources.filter_map(correction).collect()
}

/// Whether a step of a compile job reads nothing but the source: preprocessing ends before C.
pub(super) fn ends_early(request: &Request) -> bool {
    let phase = request.command.phase;
    matches!(phase, Some(Phase::Preprocess | Phase::Dependencies))
}

/// The step that reads a source, for a command whose object, or other result, is `result`.
pub(super) fn translate(request: &Request, source: &Input, result: &OsString) -> Step {
    let context = request.context;
    let early = ends_early(request);
    let named = |name: &str| {
        let fits = |arg: &&Arg| arg.words[0] == name;
        request.args.iter().any(|arg| fits(&arg))
    };
    let makes = match request.command.phase {
        Some(Phase::Dependencies) => Makes::Rule,
        Some(Phase::Preprocess) if named("-dM") => Makes::Macros,
        Some(Phase::Preprocess) => Makes::Text,
        _ => Makes::C,
    };
    let value = |role: Role| {
        let found = request
            .args
            .iter()
            .rev()
            .find(|arg| arg.role() == Some(role));
        found.and_then(|arg| arg.value()).map(ToOwned::to_owned)
    };
    let dependencies = value(Role::DependencyOutput).or_else(|| {
        let file = || Path::new(result).with_extension("d").into_os_string();
        request.has(Role::DependencyFile).then(file)
    });
    let to_file = makes == Makes::Rule;
    let stdout = || OsString::from("-");
    let output = match (&request.command.output, early) {
        (_, false) => generated(context, source),
        (_, true) if to_file && dependencies.is_some() => {
            dependencies.clone().unwrap_or_else(stdout)
        }
        (output, true) => output.clone().unwrap_or_else(stdout),
    };
    let step = fortran::Request {
        makes,
        f2c: context.config.fortran.f2c.clone().into(),
        language: source.language.clone(),
        warnings: !request.has(Role::Silence) && warns(request),
        patches: context.settings.patches.clone(),
        lines: context.settings.launcher.is_empty() || debugs(request),
        cache: cache(context).filter(|_| makes == Makes::C),
        targets: targets(request, source, result),
        dependencies: dependencies.filter(|_| !to_file),
        output: output.clone(),
        source: source.path.clone(),
        switches: switches(request),
    };
    let mut outputs: Vec<OsString> = step.dependencies.iter().cloned().collect();
    outputs.extend((output != "-").then_some(output));
    if request.has(Role::DryRun) {
        return Step {
            kind: StepKind::Show,
            ..Step::own(step.argv(), Vec::new())
        };
    }
    Step::own(step.argv(), outputs)
}

/// What the rule for make is about: `-MT`, `-MQ`, else the object.
fn targets(request: &Request, source: &Input, result: &OsString) -> Vec<OsString> {
    let writes = request.has(Role::DependencyFile) || request.has(Role::DependencyOutput);
    if !writes && request.command.phase != Some(Phase::Dependencies) {
        return Vec::new();
    }
    let given = request.args.iter().filter_map(|arg| {
        let value = arg.value()?;
        match arg.rule()?.name {
            "-MT" => Some(value.to_owned()),
            "-MQ" => Some(fortran::escaped(&value.to_string_lossy()).into()),
            _ => None,
        }
    });
    let given: Vec<OsString> = given.collect();
    match given.is_empty() {
        false => given,
        true if ends_early(request) => vec![beside(&source.path, ".o")],
        true => vec![result.clone()],
    }
}

/// Whether the caller asked for warnings; gfortran gives few by itself.
fn warns(request: &Request) -> bool {
    let asks = |arg: &Arg| {
        let warning = arg.rule().is_some_and(|rule| rule.name == "-W");
        warning && !text::starts_with(&arg.words[0], "-Wno")
    };
    request.args.iter().any(asks)
}

/// Whether debug information is asked for. Without it a compiler cache need not see the source's
/// path, which differs from tree to tree.
fn debugs(request: &Request) -> bool {
    let mut levels = request
        .args
        .iter()
        .rev()
        .filter(|arg| arg.role() == Some(Role::Debug));
    levels.next().is_some_and(|last| last.words[0] != "-g0")
}

/// The words that the translation reads: gfortran's own switches as given, and the macros and
/// folders that are left after rewriting.
fn switches(request: &Request) -> Vec<OsString> {
    let mut words = Vec::new();
    for (arg, piece) in request.args.iter().zip(&request.pieces) {
        let Some(rule) = arg.rule() else { continue };
        match rule.policy {
            Policy::Fortran => words.extend(arg.words.iter().cloned()),
            _ if table::effect(rule.name).is_some() => words.extend(piece.words.iter().cloned()),
            _ => {}
        }
    }
    words
}

/// Whether the argument at `at` speaks of Fortran, so that the generated C must not get it.
pub(super) fn is_not_for_c(request: &Request, at: usize) -> bool {
    let arg = &request.args[at];
    let dependency = matches!(
        arg.role(),
        Some(Role::Dependency | Role::DependencyFile | Role::DependencyOutput)
    );
    dependency
        || arg
            .rule()
            .is_some_and(|rule| table::NOT_FOR_C.contains(&rule.name))
}

/// What the generated C needs besides the caller's flags.
pub(super) fn c_flags(request: &Request, line: &mut Line) {
    let words = |flags: &[&str]| flags.iter().map(Into::into).collect::<Vec<OsString>>();
    // What clang would warn of is not the user's code.
    line.add(
        words(&[header::FLAGS, &["-w"]].concat()),
        "fortran/c",
        GENERATED,
    );
    if optimises(request) {
        line.add(words(&header::TUNING.concat()), "fortran/speed", SPEED);
        if request.args.iter().any(|arg| arg.words[0] == "-msimd128") {
            line.add(words(&header::SIMD_TUNING.concat()), "fortran/speed", SPEED);
        }
    }
    let folder = text::joined("-I", request.context.config.fortran.runtime.as_os_str());
    line.add(vec![folder], "fortran/headers", HEADERS);
    if request.has(Role::Debug) {
        let mut map = text::joined("-ffile-prefix-map=", request.context.work_dir.as_os_str());
        map.push("=.");
        line.add(vec![map], "fortran/debug", DEBUG);
    }
}

/// Whether the caller wants speed before size.
fn optimises(request: &Request) -> bool {
    let levels = request.args.iter().rev();
    let last = levels
        .into_iter()
        .find(|arg| arg.role() == Some(Role::Optimise));
    last.is_some_and(|arg| arg.words[0] == "-O3" || arg.words[0] == "-Ofast")
}

/// The arguments left out of the compile of the generated C.
pub(super) fn left_out(words: &[OsString]) -> Decision {
    Decision::left_out(words, "fortran/c", NOT_FOR_C)
}

/// gfortran links its runtime by itself.
pub(super) fn add_runtime(request: &Request, line: &mut Line) {
    let without = ["-nostdlib", "-nodefaultlibs", "-nolibc"];
    let refused = request
        .args
        .iter()
        .any(|arg| without.iter().any(|no| arg.words[0] == *no));
    let library = runtime(request.context);
    if !refused && !line.argv.contains(&library) {
        line.add(vec![library], "link/gfortran", RUNTIME);
    }
}

/// The step that looks after COMMON blocks in a link of objects, which may be Fortran's although
/// nothing else says so, and the list it writes.
pub(super) fn list_commons(
    request: &Request,
    drawn: impl FnOnce() -> Vec<OsString>,
) -> Option<(OsString, Step)> {
    let context = request.context;
    let library = runtime(context);
    let named = request
        .pieces
        .iter()
        .any(|piece| piece.words.contains(&library));
    let objects = request
        .command
        .inputs
        .iter()
        .any(|input| input.kind == Kind::Linkable);
    let links = request.command.job != Job::LinkRelocatable;
    (links && (named || objects || context.tool == Tool::Fortran)).then(|| {
        let list = context.work_dir.join("commons").into_os_string();
        let definitions = context.work_dir.join("commons.c").into_os_string();
        let step = commons::Request {
            list: list.clone(),
            definitions: definitions.clone(),
            words: drawn(),
        };
        let step = Step::own(step.argv(), vec![list.clone()]);
        (list, step)
    })
}

const UNPACKED: &str = "for the preprocessor, which is part of the translation";
const KEPT: &str = "a launcher is asked for: the C is kept, and comes from there while the source, \
                    what it includes, its switches, f2c and emshim are the same";
const GENERATED: &str = "f2c's C is older than C23, shares storage between types, and its warnings \
                         are not the user's";
const SPEED: &str = "numeric loops gain from it, and no result changes";
const HEADERS: &str = "the header of the generated C";
const DEBUG: &str = "debug information names the Fortran source, not a passing folder";
const NOT_FOR_C: &str = "said for Fortran; the generated C must not change by it";
const RUNTIME: &str = "gfortran links its runtime library by itself";
