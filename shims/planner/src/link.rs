//! Links: side modules, programs, relocatable objects, with or without sources in the command.

use crate::compile;
use crate::context::{beside, os_list};
use crate::driver_call::{self, DriverCall, Group, Line};
use crate::shared_libraries::SharedLibraries;
use crate::{common, fortran, inputs, program, rewrite, run_path, shared_libraries};
use flags::classify::{self, Input};
use flags::parse::{self, Dashes};
use flags::rules::Role;
use flags::tables;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toolcall::builtin::{Exports, ListExports};
use toolcall::config::ShimConfig;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Step, StepKind};
use toolcall::sources::Kind;

/// Steps for a job that links.
pub(crate) fn steps(call: &mut DriverCall) -> Vec<Step> {
    let dry_run = call.has(Role::DryRun);
    for piece in call
        .pieces
        .iter_mut()
        .filter(|piece| piece.role == Some(Role::DryRun))
    {
        piece.words.clear();
    }
    let exports = exports_from_objects(call);
    let mut steps = Vec::new();
    let mut objects = BTreeMap::new();
    let libraries = shared_libraries::find(call);
    if !call.makes_program() || mixed(call) || libraries.used() || has_objects(call) {
        compile_sources(call, &mut steps, &mut objects);
    }
    let list = exports.map(|policy| {
        let list = call.context.work_dir.join("exports").into_os_string();
        steps.push(list_exports(call, policy, &list, &objects));
        list
    });
    let commons = fortran::list_commons(call, || drawn(call, &objects));
    let commons = commons.map(|(list, step)| {
        steps.push(step);
        list
    });
    let inputs = inputs::prepare(call, libraries.used(), list.is_some(), &mut steps, &objects);
    let search = libraries.search(call);
    let search = search.map(|(script, step)| {
        steps.push(step);
        script
    });
    let words = Lists {
        libraries: &libraries,
        search: search.as_deref(),
        exports: list.as_deref(),
        commons: commons.as_deref(),
        inputs: inputs.as_deref(),
    };
    steps.push(link(call, words, &objects));
    steps.extend(run_path::write(call, || outputs(call).swap_remove(0)));
    if dry_run {
        // emcc's own -### fails on a link, for want of the files it did not make.
        let shown = |step: Step| Step {
            kind: StepKind::Show,
            outputs: Vec::new(),
            ..step
        };
        return steps.into_iter().map(shown).collect();
    }
    steps
}

/// The export policy, where it needs the objects read first.
fn exports_from_objects(call: &DriverCall) -> Option<Exports> {
    let own = [
        "SIDE_MODULE",
        "EXPORTED_FUNCTIONS",
        "EXPORT_ALL",
        "LINKABLE",
    ];
    let given = |name: &&str| classify::setting(&call.args, name).is_some();
    let policy = call.context.settings.exports.clone();
    let decided = own.iter().any(given) || policy == Exports::All;
    (call.command.job.makes_module() && !decided).then_some(policy)
}

/// Whether a program's sources are linked with objects, against which they have to be held. Probes of
/// build systems are left to the linker.
fn has_objects(call: &DriverCall) -> bool {
    let mut inputs = call.command.inputs.iter();
    !call.is_probe && inputs.any(|input| input.kind == Kind::Linkable)
}

/// Whether one call of emcc cannot compile all sources right: it takes one driver and one `-x` for
/// all, objects included.
fn mixed(call: &DriverCall) -> bool {
    let groups = driver_call::groups(call);
    groups.len() > 1
        || groups
            .iter()
            .any(|(group, _)| group.is_named() || group.is_fortran() || group.is_common())
}

/// Compiles each source of a compile-and-link command to an object of its own.
fn compile_sources(
    call: &mut DriverCall,
    steps: &mut Vec<Step>,
    objects: &mut BTreeMap<usize, OsString>,
) {
    let mut only = DriverCall {
        context: call.context,
        is_probe: call.is_probe,
        command: call.command.clone(),
        args: call.args.clone(),
        pieces: call.pieces.clone(),
        decisions: Vec::new(),
    };
    for piece in only.pieces.iter_mut().filter(|piece| {
        piece.role.is_some_and(is_for_link)
            || rewrite::is_setting_of_links(piece.role, &piece.words)
    }) {
        piece.words.clear();
    }
    let sources: Vec<Input> = call.command.sources().cloned().collect();
    for (number, source) in sources.iter().enumerate() {
        let object = beside(&source.path, &format!("-{number}.o"));
        let object = call.context.work_dir.join(object).into_os_string();
        let group = Group::of(source, call.context.tool);
        let mut line = compile::compile_line(&only, Some(&group), &[source]);
        if group.is_fortran() {
            let result = call.command.output.as_deref();
            let result = result.unwrap_or(DEFAULT_OUTPUT.as_ref()).to_owned();
            steps.push(fortran::translate(call, source, &result));
        } else {
            line.argv.extend(dependency_names(call, source));
        }
        line.argv.extend(["-c".into(), "-o".into(), object.clone()]);
        call.note(line.added);
        let step = Step::run(line.argv, call.context.emscripten_env());
        let step = step.writes(vec![object.clone()]);
        steps.extend(common::compiled(call, &group, step, source, &object));
        objects.insert(source.at, object);
    }
}

/// Whether an argument is for the link step alone.
fn is_for_link(role: Role) -> bool {
    matches!(
        role,
        Role::Link | Role::Shared | Role::Relocatable | Role::WholeArchive(_) | Role::Output
    )
}

/// Whether an argument is for the compile step alone.
fn is_for_compile(role: Role) -> bool {
    matches!(
        role,
        Role::Compile
            | Role::Language
            | Role::Dependency
            | Role::DependencyFile
            | Role::DependencyOutput
    )
}

/// `-MD` in one command with the link names its file and its target by the output or the source,
/// not by our intermediate object.
fn dependency_names(call: &DriverCall, input: &Input) -> Vec<OsString> {
    if !call.has(Role::DependencyFile) {
        return Vec::new();
    }
    let target = |name: &str| {
        call.args
            .iter()
            .any(|arg| arg.rule().is_some_and(|r| r.name == name))
    };
    let mut words: Vec<OsString> = Vec::new();
    if !call.has(Role::DependencyOutput) {
        let named = call.command.output.as_deref().unwrap_or(&input.path);
        let file = Path::new(named).with_extension("d");
        words.extend(["-MF".into(), file.into_os_string()]);
    }
    if !target("-MT") && !target("-MQ") {
        words.extend([
            "-MQ".into(),
            call.command.output.clone().unwrap_or(DEFAULT_OUTPUT.into()),
        ]);
    }
    words
}

/// The step that reads what is linked and writes the list of exports.
fn list_exports(
    call: &DriverCall,
    policy: Exports,
    list: &OsStr,
    objects: &BTreeMap<usize, OsString>,
) -> Step {
    let output = call
        .command
        .output
        .as_deref()
        .unwrap_or(DEFAULT_OUTPUT.as_ref());
    let exports = ListExports {
        policy,
        module: module_name(output),
        nm: call.context.llvm("llvm-nm"),
        scripts: rewrite::version_scripts(&call.args),
        exclude: rewrite::excluded_libraries(&call.args),
        list: list.to_owned(),
        words: drawn(call, objects),
    };
    Step::built_in(exports.argv(), vec![list.to_owned()])
}

/// The words that say what the link draws from, our own objects in the place of sources.
fn drawn(call: &DriverCall, objects: &BTreeMap<usize, OsString>) -> Vec<OsString> {
    let pieces = call.pieces.iter().enumerate();
    let words = pieces.flat_map(|(at, piece)| match objects.get(&at) {
        Some(object) => vec![object.clone()],
        None => rewrite::drawn_from(&piece.words),
    });
    words.collect()
}

/// The Python module a file holds: its name up to the first dot.
fn module_name(output: &OsStr) -> OsString {
    let bytes = output.as_bytes();
    let name = bytes.rsplit(|&b| b == b'/').next().unwrap_or_default();
    os_str::os(name.split(|&b| b == b'.').next().unwrap_or_default())
}

/// The files that earlier steps write for the link.
#[derive(Clone, Copy)]
struct Lists<'a> {
    libraries: &'a SharedLibraries,
    search: Option<&'a OsStr>,
    exports: Option<&'a OsStr>,
    commons: Option<&'a OsStr>,
    /// What stands for the words that say what is drawn from.
    inputs: Option<&'a OsStr>,
}

fn link(call: &mut DriverCall, lists: Lists, objects: &BTreeMap<usize, OsString>) -> Step {
    let context = call.context;
    let config = context.config;
    let job = call.command.job;
    let apart = !objects.is_empty();
    let sources_cxx = call
        .command
        .sources()
        .any(|s| Group::of(s, context.tool).is_cxx());
    let cxx = context.tool.is_cxx() || sources_cxx;
    let mut line = Line::new(context.compiler(cxx));
    if job.makes_module() {
        line.add(
            driver_call::defaults(call),
            "target/defaults",
            driver_call::DEFAULTS,
        );
        line.add(
            vec!["-Wl,--fatal-warnings".into()],
            "link/fatal-warnings",
            FATAL,
        );
        line.add(
            vec!["-Wl,--experimental-pic".into()],
            "link/experimental-pic",
            STABLE,
        );
    }
    if call.command.shared_by_name {
        line.add(vec!["-shared".into()], "link/shared-by-name", BY_NAME);
    }
    if let Some(list) = lists.inputs {
        line.add(vec![os_str::joined("@", list)], "link/inputs", INPUTS);
    }
    for (at, piece) in call.pieces.iter().enumerate() {
        let listed = lists.inputs.is_some();
        match objects.get(&at) {
            Some(_) if listed => {}
            Some(object) => line.argv.push(object.clone()),
            None if listed && inputs::is_drawn(&piece.words) => {}
            None if apart && piece.role.is_some_and(is_for_compile) => {}
            None => line.argv.extend(piece.words.iter().cloned()),
        }
    }
    if call.command.output.is_none() && context.tool.is_native() {
        line.add(
            vec!["-o".into(), DEFAULT_OUTPUT.into()],
            "link/output",
            A_OUT,
        );
    }
    if job != Job::LinkRelocatable {
        fortran::add_runtime(call, &mut line);
    }
    if let Some(list) = lists.commons {
        line.add(vec![os_str::joined("@", list)], "link/commons", COMMONS);
    }
    let settings = context.settings;
    if call.command.sources().next().is_some() && !apart {
        line.add(
            settings.cflags.clone(),
            "EMSHIM_CFLAGS",
            "EMSHIM_CFLAGS asks for it",
        );
        if cxx {
            line.add(
                settings.cxxflags.clone(),
                "EMSHIM_CXXFLAGS",
                "EMSHIM_CXXFLAGS asks for it",
            );
        }
    }
    line.add(
        settings.ldflags.clone(),
        "EMSHIM_LDFLAGS",
        "EMSHIM_LDFLAGS asks for it",
    );
    line.add(os_list(&config.cflags), "target/abi", driver_call::ABI);
    if cxx {
        line.add(
            os_list(&config.cxxflags),
            "target/abi-c++",
            driver_call::ABI,
        );
    }
    if let Some(search) = lists.search {
        lists.libraries.flags(&call.args, search, &mut line);
    }
    let mut env = context.emscripten_env();
    if job.makes_module() {
        line.add(module_flags(config), "target/side-module", SIDE_MODULE);
        let words = export_flags(call, lists.exports);
        line.add(words, "link/exports", EXPORTS);
    } else if call.makes_program() && program::is_native(call) {
        program::flags(call, &mut line, &mut env);
    }
    call.note(line.added);
    Step::run(line.argv, env).writes(outputs(call))
}

/// The target's flags for a side module that its ABI flags, which every link gets, do not hold.
fn module_flags(config: &ShimConfig) -> Vec<OsString> {
    let parse = |flags| parse::parse(tables::DRIVER, Dashes::Named, &os_list(flags));
    let abi = parse(&config.cflags);
    let mut flags = parse(&config.ldflags);
    flags.retain(|flag| !abi.contains(flag));
    flags.into_iter().flat_map(|flag| flag.words).collect()
}

fn export_flags(call: &DriverCall, list: Option<&OsStr>) -> Vec<OsString> {
    let given = |name: &str| classify::setting(&call.args, name).is_some();
    if given("SIDE_MODULE") {
        return Vec::new();
    }
    if given("EXPORTED_FUNCTIONS") {
        return vec!["-sSIDE_MODULE=2".into()];
    }
    if let Some(list) = list {
        let file = os_str::joined("-sEXPORTED_FUNCTIONS=@", list);
        return vec!["-sSIDE_MODULE=2".into(), file];
    }
    vec!["-sSIDE_MODULE=1".into()]
}

/// The files a link writes: a program is a script and its code.
fn outputs(call: &DriverCall) -> Vec<OsString> {
    let native = call.context.tool.is_native();
    let output = match &call.command.output {
        Some(output) => output.clone(),
        None if native => DEFAULT_OUTPUT.into(),
        None if call.makes_program() => "a.out.js".into(),
        None => "a.out.wasm".into(),
    };
    let code = Path::new(&output).with_extension("wasm").into_os_string();
    if call.makes_program() && code != output && !program::is_one_file(call) {
        vec![output, code]
    } else {
        vec![output]
    }
}

const DEFAULT_OUTPUT: &str = "a.out";
const A_OUT: &str = "the name every other linker gives; emcc has others";
const BY_NAME: &str =
    "the output's name is a shared library's and nothing says otherwise: a side module";
const FATAL: &str = "wasm-ld only warns where a call and a function disagree, and the call then \
                     traps; -Wl,--no-fatal-warnings undoes it";
const STABLE: &str = "wasm-ld up to LLVM 21 warns that every shared library is experimental, and \
                      warnings are fatal here; Emscripten 6 leaves the switch out";
const SIDE_MODULE: &str = "what Pyodide needs of a side module";
const EXPORTS: &str = "the symbols the module exports; EMSHIM_EXPORTS chooses others";
const COMMONS: &str =
    "Fortran's COMMON blocks: the largest declaration of each, and initial values";
const INPUTS: &str = "the inputs are those the step before names: where functions are called otherwise than \
                      they are defined, copies and adapters among them; in a module, with what makes it \
                      use its own symbols, not those of a module loaded before it";
