//! Links: side modules, programs, relocatable objects, with or without sources in the command.

use super::driver::{self, Compile, Line, Request};
use super::{EnvChange, Step, StepKind, beside, os_list};
use crate::shim::classify::{self, Input, Job};
use crate::shim::rewrite::Decision;
use crate::shim::rules::Role;
use crate::shim::settings::Exports;
use crate::shim::tables::sources::{self, Kind};
use crate::shim::text;
use crate::shim::tool::Tool;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Steps for a job that links.
pub(super) fn steps(request: &mut Request) -> Vec<Step> {
    if request.command.shared_by_name {
        let named = request.command.output.clone().unwrap_or_default();
        request
            .decisions
            .push(Decision::add(&[named], "link/shared-by-name", BY_NAME));
    }
    let dry = request
        .args
        .iter()
        .any(|arg| arg.role() == Some(Role::DryRun));
    let exports = exports(request).filter(|_| !dry);
    let apart = !dry && (exports.is_some() && has_sources(request) || mixed(request));
    let mut steps = Vec::new();
    let mut objects = BTreeMap::new();
    if apart {
        compile_sources(request, &mut steps, &mut objects);
    }
    let list = exports
        .as_ref()
        .map(|_| request.context.work_dir.join("exports").into_os_string());
    if let (Some(policy), Some(list)) = (&exports, &list) {
        steps.push(list_exports(request, policy, list, &objects));
    }
    steps.push(link(request, list.as_deref(), &objects));
    steps
}

/// The export policy that needs the objects read first.
fn exports(request: &Request) -> Option<&'static str> {
    let own = [
        "SIDE_MODULE",
        "EXPORTED_FUNCTIONS",
        "EXPORT_ALL",
        "LINKABLE",
    ];
    let users = own
        .iter()
        .any(|name| classify::setting(&request.args, name).is_some());
    match &request.context.settings.exports {
        _ if users || !request.command.job.makes_module() => None,
        Exports::PyInit => Some("pyinit"),
        Exports::Requested => Some("requested"),
        Exports::All | Exports::List(_) => None,
    }
}

fn has_sources(request: &Request) -> bool {
    request.command.sources().next().is_some()
}

/// Whether one call of emcc cannot compile all sources right: it takes one driver and one `-x` for
/// all, objects included.
fn mixed(request: &Request) -> bool {
    let tool = request.context.tool;
    let mut kinds: Vec<_> = request
        .command
        .sources()
        .map(|input| (driver::is_cxx(input, tool), input.language.clone()))
        .collect();
    kinds.dedup();
    let named = kinds.iter().any(|(_, language)| language.is_some());
    let others = request
        .command
        .inputs
        .iter()
        .any(|input| input.kind == Kind::Linkable);
    kinds.len() > 1 || named && others
}

fn compile_sources(
    request: &mut Request,
    steps: &mut Vec<Step>,
    objects: &mut BTreeMap<usize, OsString>,
) {
    let inputs: Vec<Input> = request.command.sources().cloned().collect();
    for (number, input) in inputs.iter().enumerate() {
        let object = beside(&input.path, &format!("-{number}.o"));
        let object = request.context.work_dir.join(object).into_os_string();
        let (step, added) = compile_one(request, input, &object);
        for decision in added {
            if !request.decisions.contains(&decision) {
                request.decisions.push(decision);
            }
        }
        steps.push(step);
        objects.insert(input.at, object);
    }
}

/// One source of a compile-and-link command, compiled to an object of its own.
fn compile_one(request: &Request, input: &Input, object: &OsStr) -> (Step, Vec<Decision>) {
    let context = request.context;
    let compile = Compile {
        cxx: driver::is_cxx(input, context.tool),
        language: input.language.as_deref(),
        inputs: Some(&[input]),
    };
    let for_compiler = |role: Option<Role>| {
        !matches!(
            role,
            Some(
                Role::Link
                    | Role::Shared
                    | Role::Relocatable
                    | Role::WholeArchive(_)
                    | Role::Output
                    | Role::Language
            )
        )
    };
    let mut only = Request {
        context,
        command: request.command.clone(),
        args: request.args.clone(),
        pieces: request.pieces.clone(),
        decisions: Vec::new(),
    };
    // emcc's settings speak to the linker, but for those that it takes when compiling too.
    for piece in only
        .pieces
        .iter_mut()
        .filter(|piece| !for_compiler(piece.role))
    {
        piece.words.clear();
    }
    let (mut argv, added) = compile.argv(&only);
    argv.extend(dependency_names(request, input));
    argv.extend(["-c".into(), "-o".into(), object.to_owned()]);
    let step = Step::run(argv, context.emscripten_env()).writes(vec![object.to_owned()]);
    (step, added)
}

/// `-MD` in one command with the link names its file and its target by the output or the source,
/// not by our intermediate object.
fn dependency_names(request: &Request, input: &Input) -> Vec<OsString> {
    let given = |role: Role| request.args.iter().any(|arg| arg.role() == Some(role));
    if !given(Role::DependencyFile) {
        return Vec::new();
    }
    let target = |name: &str| {
        request
            .args
            .iter()
            .any(|arg| arg.rule().is_some_and(|r| r.name == name))
    };
    let mut words: Vec<OsString> = Vec::new();
    if !given(Role::DependencyOutput) {
        let named = request.command.output.as_deref().unwrap_or(&input.path);
        let file = std::path::Path::new(named).with_extension("d");
        words.extend(["-MF".into(), file.into_os_string()]);
    }
    if !target("-MT") && !target("-MQ") {
        words.extend(["-MQ".into(), beside(&input.path, ".o")]);
    }
    words
}

/// The step that reads what is linked and writes the list of exports.
fn list_exports(
    request: &Request,
    policy: &str,
    list: &OsStr,
    objects: &BTreeMap<usize, OsString>,
) -> Step {
    let output = request
        .command
        .output
        .as_deref()
        .unwrap_or(OsStr::new("a.out"));
    let mut argv: Vec<OsString> = ["emshim", "exports", "--policy", policy, "--module"]
        .map(OsString::from)
        .to_vec();
    argv.extend([
        module_name(output),
        "-o".into(),
        list.to_owned(),
        "--".into(),
    ]);
    for (at, piece) in request.pieces.iter().enumerate() {
        match (objects.get(&at), piece.role) {
            (Some(object), _) => argv.push(object.clone()),
            (None, None | Some(Role::Link | Role::WholeArchive(_))) => {
                argv.extend(piece.words.iter().cloned());
            }
            (None, Some(_)) => {}
        }
    }
    Step {
        kind: StepKind::Exports,
        argv,
        env: Vec::new(),
        outputs: vec![list.to_owned()],
    }
}

/// The Python module a file holds: its name up to the first dot.
fn module_name(output: &OsStr) -> OsString {
    let bytes = output.as_bytes();
    let name = bytes.rsplit(|&b| b == b'/').next().unwrap_or_default();
    text::os(name.split(|&b| b == b'.').next().unwrap_or_default())
}

fn link(request: &mut Request, list: Option<&OsStr>, objects: &BTreeMap<usize, OsString>) -> Step {
    let context = request.context;
    let config = context.config;
    let job = request.command.job;
    let apart = !objects.is_empty();
    let tool = context.tool;
    let cxx = tool == Tool::Cxx
        || request
            .command
            .sources()
            .any(|input| driver::is_cxx(input, tool));
    let mut line = if apart || !has_sources(request) {
        let mut line = Line::new(driver::driver_name(context, cxx));
        if job.makes_module() {
            line.add(
                driver::defaults(request),
                "target/defaults",
                driver::DEFAULTS,
            );
        }
        line
    } else {
        // One call of emcc compiles and links.
        let mut line = Line::new(driver::driver_name(context, cxx));
        line.add(
            driver::defaults(request),
            "target/defaults",
            driver::DEFAULTS,
        );
        line
    };
    if job.makes_module() {
        line.add(
            vec!["-Wl,--fatal-warnings".into()],
            "link/fatal-warnings",
            FATAL,
        );
    }
    for (at, piece) in request.pieces.iter().enumerate() {
        let compiler_only = matches!(
            piece.role,
            Some(
                Role::Language
                    | Role::Dependency
                    | Role::DependencyFile
                    | Role::DependencyOutput
                    | Role::Compile
            )
        );
        match objects.get(&at) {
            Some(object) => line.argv.push(object.clone()),
            None if apart && compiler_only => {}
            None => line.argv.extend(piece.words.iter().cloned()),
        }
    }
    let settings = context.settings;
    if has_sources(request) && !apart {
        line.add(
            settings.cflags.clone(),
            "EMSHIM_CFLAGS",
            "EMSHIM_CFLAGS asks for it",
        );
    }
    line.add(
        settings.ldflags.clone(),
        "EMSHIM_LDFLAGS",
        "EMSHIM_LDFLAGS asks for it",
    );
    if job != Job::LinkRelocatable {
        line.add(os_list(&config.cflags), "target/abi", driver::ABI);
        if cxx {
            line.add(os_list(&config.cxxflags), "target/abi-c++", driver::ABI);
        }
    }
    let mut env = context.emscripten_env();
    if job.makes_module() {
        line.add(os_list(&config.ldflags), "target/side-module", SIDE_MODULE);
        let words = export_flags(request, list);
        line.add(words, "link/exports", EXPORTS);
    } else if job != Job::LinkRelocatable && is_native_program(request) {
        line.add(
            vec!["-sALLOW_MEMORY_GROWTH=1".into()],
            "link/program",
            PROGRAM,
        );
        env.push(EnvChange::set("EMMAKEN_JUST_CONFIGURE", "1"));
    }
    request.decisions.extend(line.added);
    Step::run(line.argv, env).writes(outputs(request))
}

fn export_flags(request: &Request, list: Option<&OsStr>) -> Vec<OsString> {
    let given = |name: &str| classify::setting(&request.args, name).is_some();
    if given("SIDE_MODULE") {
        return Vec::new();
    }
    if given("EXPORTED_FUNCTIONS") {
        return vec!["-sSIDE_MODULE=2".into()];
    }
    if let Some(list) = list {
        let file = text::joined("-sEXPORTED_FUNCTIONS=@", list);
        return vec!["-sSIDE_MODULE=2".into(), file];
    }
    match &request.context.settings.exports {
        Exports::List(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("_{name}")).collect();
            let functions = format!("-sEXPORTED_FUNCTIONS={}", names.join(","));
            vec!["-sSIDE_MODULE=2".into(), functions.into()]
        }
        _ => vec!["-sSIDE_MODULE=1".into()],
    }
}

/// A program that its user runs by its own name, as compilers make them: no suffix, or `a.out`.
fn is_native_program(request: &Request) -> bool {
    let Some(output) = &request.command.output else {
        return true;
    };
    matches!(sources::suffix(output).to_str(), Some("" | "out"))
}

/// The files a link writes.
fn outputs(request: &Request) -> Vec<OsString> {
    let default = OsString::from("a.out");
    let output = request.command.output.clone().unwrap_or(default);
    if request.command.job.makes_module() || request.command.job == Job::LinkRelocatable {
        return vec![output];
    }
    let wasm = std::path::Path::new(&output)
        .with_extension("wasm")
        .into_os_string();
    vec![output, wasm]
}

const BY_NAME: &str =
    "the output's name is a shared library's and nothing says otherwise: a side module";
const FATAL: &str = "wasm-ld only warns where a call and a function disagree, and the call then \
                     traps; -Wl,--no-fatal-warnings undoes it";
const SIDE_MODULE: &str = "what Pyodide needs of a side module";
const EXPORTS: &str = "the symbols the module exports; EMSHIM_EXPORTS chooses others";
const PROGRAM: &str = "a program with no suffix runs by its name under Node, as a native one would: \
                       its exit status, files and memory are the system's";
