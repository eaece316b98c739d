//! Fortran: each source becomes C in the work folder, which is then compiled as any C is.

use crate::context::{Context, beside};
use crate::driver_call::{DriverCall, Line};
use camino::Utf8Path;
use f2c_driver::header;
use f2c_driver::patches::Patches;
use flags::classify::{Command, Input};
use flags::parse::Arg;
use flags::rules::{Phase, Policy, Role};
use flags::tables::fortran as table;
use std::ffi::OsString;
use std::path::Path;
use toolcall::builtin::{Makes, SizeCommons, Translate};
use toolcall::decision::{Decision, Ruling};
use toolcall::display;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Step, StepKind};
use toolcall::shim_folder;
use toolcall::sources::Kind;
use toolcall::tool::Tool;

/// The name of the runtime library.
pub(crate) const LIBRARY: &str = "libgfortran.a";

/// Why a command cannot be carried out that translates Fortran or links its runtime, where either
/// could not be had.
pub(crate) fn cannot(context: &Context, command: &Command) -> Option<String> {
    let why = context.config.fortran.refusal()?;
    let asks = command.has_fortran() || context.tool == Tool::Fortran && command.job.links();
    asks.then_some(why)
}

/// The runtime library.
pub(crate) fn runtime(context: &Context) -> OsString {
    context.config.fortran.runtime.join(LIBRARY).into()
}

/// The C made of a source.
pub(crate) fn generated(context: &Context, source: &Input) -> OsString {
    let name = beside(&source.path, &format!("-{}.c", source.at));
    let name = Path::new(&name).file_name().unwrap_or(&name).to_owned();
    context.work_dir.join(name).into_os_string()
}

/// Puts the generated C in the place of each Fortran source.
pub(crate) fn replace_sources(call: &mut DriverCall) {
    for source in &call.command.inputs {
        if source.kind == Kind::Fortran {
            call.pieces[source.at].words = vec![generated(call.context, source)];
        }
    }
}

/// What is said of sources whose C is kept.
pub(crate) fn keeping(call: &DriverCall) -> Vec<Decision> {
    let fortran = |source: &&Input| source.kind == Kind::Fortran;
    let sources = call.command.inputs.iter().filter(fortran);
    let kept = sources.filter(|_| cache(call.context).is_some() && !ends_early(call));
    let said = |source: &Input| {
        let words = std::slice::from_ref(&source.path);
        Decision::about(words, "fortran/cache", &Ruling::Translate(KEPT.into()))
    };
    kept.map(said).collect()
}

/// Where translations are kept.
fn cache(context: &Context) -> Option<OsString> {
    let folder = context.invocation.shim_dir.join(shim_folder::TRANSLATIONS);
    (!context.settings.launcher.is_empty()).then(|| folder.into())
}

/// What is corrected in known sources.
pub(crate) fn corrections(call: &DriverCall) -> Vec<Decision> {
    let Context {
        settings,
        files,
        invocation,
        ..
    } = call.context;
    let correction = |source: &Input| {
        let path = Utf8Path::from_path(Path::new(&source.path))?;
        if source.kind != Kind::Fortran || !settings.patches.concern(path) {
            return None;
        }
        let bytes = files.read(&invocation.cwd.join(path))?;
        // The translation tells of a file that a set asked for is not made for.
        let fitting = settings.patches.find(path, &bytes).ok().flatten()?;
        let why = format!("patch set {}: {}", fitting.set, fitting.patch.why);
        let ruling = Ruling::Translate(why.into());
        let words = std::slice::from_ref(&source.path);
        Some(Decision::about(words, "fortran/patch", &ruling))
    };
    let sources = call.command.inputs.iter();
    sources.filter_map(correction).collect()
}

/// Whether a step of a compile job reads nothing but the source: preprocessing ends before C.
pub(crate) fn ends_early(call: &DriverCall) -> bool {
    let phase = call.command.phase;
    matches!(phase, Some(Phase::Preprocess | Phase::Dependencies))
}

/// The step that reads a source, for a command whose object, or other result, is `result`.
pub(crate) fn translate(call: &DriverCall, source: &Input, result: &OsString) -> Step {
    let context = call.context;
    let early = ends_early(call);
    let named = |name: &str| {
        let fits = |arg: &&Arg| arg.words[0] == name;
        call.args.iter().any(|arg| fits(&arg))
    };
    let makes = match call.command.phase {
        Some(Phase::Dependencies) => Makes::Rule,
        Some(Phase::Preprocess) if named("-dM") => Makes::Macros,
        Some(Phase::Preprocess) => Makes::Text,
        _ => Makes::C,
    };
    let value = |role: Role| {
        let found = call.args.iter().rev().find(|arg| arg.role() == Some(role));
        found.and_then(|arg| arg.value()).map(ToOwned::to_owned)
    };
    let dependencies = value(Role::DependencyOutput).or_else(|| {
        let file = || Path::new(result).with_extension("d").into_os_string();
        call.has(Role::DependencyFile).then(file)
    });
    let to_file = makes == Makes::Rule;
    let stdout = || OsString::from("-");
    let output = match (&call.command.output, early) {
        (_, false) => generated(context, source),
        (_, true) if to_file && dependencies.is_some() => {
            dependencies.clone().unwrap_or_else(stdout)
        }
        (output, true) => output.clone().unwrap_or_else(stdout),
    };
    let step = Translate {
        makes,
        f2c: context.config.fortran.f2c.clone().into(),
        language: source.language.clone(),
        warnings: !call.has(Role::Silence) && warns(call),
        patches: patches(context),
        no_lines: !context.settings.launcher.is_empty() && !debugs(call),
        cache: cache(context).filter(|_| makes == Makes::C),
        targets: targets(call, source, result),
        dependencies: dependencies.filter(|_| !to_file),
        output: output.clone(),
        source: source.path.clone(),
        switches: switches(call),
    };
    let mut outputs: Vec<OsString> = step.dependencies.iter().cloned().collect();
    outputs.extend((output != "-").then_some(output));
    if call.has(Role::DryRun) {
        return Step {
            kind: StepKind::Show,
            ..Step::built_in(step.argv(), Vec::new())
        };
    }
    Step::built_in(step.argv(), outputs)
}

/// The setting's words, where it says anything.
fn patches(context: &Context) -> Option<String> {
    let patches = &context.settings.patches;
    (*patches != Patches::default()).then(|| patches.to_string())
}

/// What the rule for make is about: `-MT`, `-MQ`, else the object.
fn targets(call: &DriverCall, source: &Input, result: &OsString) -> Vec<OsString> {
    let writes = call.has(Role::DependencyFile) || call.has(Role::DependencyOutput);
    if !writes && call.command.phase != Some(Phase::Dependencies) {
        return Vec::new();
    }
    let given = call.args.iter().filter_map(|arg| {
        let value = arg.value()?;
        match arg.rule()?.name {
            "-MT" => Some(value.to_owned()),
            "-MQ" => Some(display::escaped_for_make(&value.to_string_lossy()).into()),
            _ => None,
        }
    });
    let given: Vec<OsString> = given.collect();
    match given.is_empty() {
        false => given,
        true if ends_early(call) => vec![beside(&source.path, ".o")],
        true => vec![result.clone()],
    }
}

/// Whether the caller asked for warnings; gfortran gives few by itself.
fn warns(call: &DriverCall) -> bool {
    let asks = |arg: &Arg| {
        let warning = arg.rule().is_some_and(|rule| rule.name == "-W");
        warning && !os_str::starts_with(&arg.words[0], "-Wno")
    };
    call.args.iter().any(asks)
}

/// Whether debug information is asked for. Without it a compiler cache need not see the source's
/// path, which differs from tree to tree.
fn debugs(call: &DriverCall) -> bool {
    let mut levels = call
        .args
        .iter()
        .rev()
        .filter(|arg| arg.role() == Some(Role::Debug));
    levels.next().is_some_and(|last| last.words[0] != "-g0")
}

/// The words that the translation reads: gfortran's own switches as given, and the macros and
/// folders that are left after rewriting.
fn switches(call: &DriverCall) -> Vec<OsString> {
    let mut words = Vec::new();
    for (arg, piece) in call.args.iter().zip(&call.pieces) {
        let Some(rule) = arg.rule() else { continue };
        if rule.policy == Policy::Fortran {
            words.extend(arg.words.iter().cloned());
        } else if table::is_for_translation(rule) {
            words.extend(piece.words.iter().cloned());
        }
    }
    words
}

/// Whether the argument at `at` is about Fortran, so that the generated C must not get it.
pub(crate) fn is_not_for_c(call: &DriverCall, at: usize) -> bool {
    let arg = &call.args[at];
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
pub(crate) fn c_flags(call: &DriverCall, line: &mut Line) {
    let words = |flags: &[&str]| flags.iter().map(Into::into).collect::<Vec<OsString>>();
    // What clang would warn of is not the user's code.
    line.add(
        words(&[header::FLAGS, &["-w"]].concat()),
        "fortran/c",
        GENERATED,
    );
    if optimises(call) {
        line.add(words(&header::TUNING.concat()), "fortran/speed", SPEED);
        if call.args.iter().any(|arg| arg.words[0] == "-msimd128") {
            line.add(words(&header::SIMD_TUNING.concat()), "fortran/speed", SPEED);
        }
    }
    let folder = os_str::joined("-I", call.context.config.fortran.runtime.as_os_str());
    line.add(vec![folder], "fortran/headers", HEADERS);
    if call.has(Role::Debug) {
        let mut map = os_str::joined("-ffile-prefix-map=", call.context.work_dir.as_os_str());
        map.push("=.");
        line.add(vec![map], "fortran/debug", DEBUG);
    }
}

/// Whether the caller wants speed before size.
fn optimises(call: &DriverCall) -> bool {
    let levels = call.args.iter().rev();
    let last = levels
        .into_iter()
        .find(|arg| arg.role() == Some(Role::Optimise));
    last.is_some_and(|arg| arg.words[0] == "-O3" || arg.words[0] == "-Ofast")
}

/// The arguments left out of the compile of the generated C.
pub(crate) fn left_out(words: &[OsString]) -> Decision {
    Decision::left_out(words, "fortran/c", NOT_FOR_C)
}

/// gfortran links its runtime by itself. So does any link with libraries of a prefix, which may be Fortran:
/// natively a shared one draws in the runtime, and its callers do not know.
pub(crate) fn add_runtime(call: &DriverCall, line: &mut Line) {
    let context = call.context;
    let (rule, why) = match context.tool {
        Tool::Fortran => ("link/gfortran", RUNTIME),
        _ if context.settings.prefixes.is_empty() || context.config.fortran.missing.is_some() => {
            return;
        }
        _ => ("link/prefix-fortran", PREFIX_RUNTIME),
    };
    let without = ["-nostdlib", "-nodefaultlibs", "-nolibc"];
    let refused = call
        .args
        .iter()
        .any(|arg| without.iter().any(|no| arg.words[0] == *no));
    let library = runtime(call.context);
    if !refused && !line.argv.contains(&library) {
        line.add(vec![library], rule, why);
    }
}

/// The step that looks after COMMON blocks in a link of objects, which may be Fortran's although
/// nothing else says so, and the list it writes.
pub(crate) fn list_commons(
    call: &DriverCall,
    drawn: impl FnOnce() -> Vec<OsString>,
) -> Option<(OsString, Step)> {
    let context = call.context;
    let library = runtime(context);
    let named = call
        .pieces
        .iter()
        .any(|piece| piece.words.contains(&library));
    let objects = call
        .command
        .inputs
        .iter()
        .any(|input| input.kind == Kind::Linkable);
    let links = call.command.job != Job::LinkRelocatable;
    let common = call.has_commons() || context.tool == Tool::Fortran;
    (links && (named || objects || common)).then(|| {
        let list = context.work_dir.join("commons").into_os_string();
        let definitions = context.work_dir.join("commons.c").into_os_string();
        let step = SizeCommons {
            list: list.clone(),
            definitions: definitions.clone(),
            words: drawn(),
        };
        let step = Step::built_in(step.argv(), vec![list.clone()]);
        (list, step)
    })
}

const KEPT: &str = "a launcher is asked for: the C is kept, and comes from there while the source, \
                    what it includes, its switches, f2c and emshim are the same";
const GENERATED: &str = "f2c's C is older than C23, shares storage between types, and its warnings \
                         are not the user's";
const SPEED: &str = "numeric loops gain from it, and no result changes";
const HEADERS: &str = "the header of the generated C";
const DEBUG: &str = "debug information names the Fortran source, not a passing folder";
const NOT_FOR_C: &str = "said for Fortran; the generated C must not change by it";
const RUNTIME: &str = "gfortran links its runtime library by itself";
const PREFIX_RUNTIME: &str =
    "a library for the target may be Fortran; nothing else is drawn from its runtime";
