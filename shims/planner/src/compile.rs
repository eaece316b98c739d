//! Compiles: jobs of a driver that end before a link, and the sources of one that links.

use crate::common;
use crate::context::{beside, os_list};
use crate::driver_call::{self, DriverCall, Flavour, Group, Line};
use crate::fortran;
use flags::classify::Input;
use flags::rules::{Phase, Role};
use std::ffi::OsString;
use std::path::Path;
use toolcall::decision::Decision;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Step, StepKind};
use toolcall::sources::Kind;

/// Steps for a job that ends before the link: one for each group of sources.
pub(crate) fn steps(call: &mut DriverCall) -> Vec<Step> {
    let groups = driver_call::groups(call);
    // With one name for several outputs the command is wrong; emcc says so.
    let whole = groups.len() < 2 || call.command.output.is_some();
    let parts: Vec<(Vec<Step>, Vec<Decision>)> = if whole {
        let all: Vec<&Input> = call.command.inputs.iter().collect();
        vec![one_compile(
            call,
            groups.first().map(|(group, _)| group),
            &all,
        )]
    } else {
        let one = |(group, inputs): &(Group, Vec<&Input>)| one_compile(call, Some(group), inputs);
        groups.iter().map(one).collect()
    };
    let mut steps = Vec::new();
    for (part, added) in parts {
        steps.extend(part);
        call.note(added);
    }
    steps
}

fn one_compile(
    call: &DriverCall,
    group: Option<&Group>,
    inputs: &[&Input],
) -> (Vec<Step>, Vec<Decision>) {
    let mut outputs = outputs(call, inputs);
    let mut steps = Vec::new();
    let source = inputs.iter().find(|input| input.kind == Kind::Fortran);
    let mut named = None;
    if let Some(source) = source {
        let object = beside(&source.path, ".o");
        steps.push(fortran::translate(
            call,
            source,
            outputs.first().unwrap_or(&object),
        ));
        if fortran::ends_early(call) {
            return (steps, Vec::new());
        }
        // The dependency file is the translation's.
        outputs.truncate(1);
        named = outputs.first().filter(|_| call.command.output.is_none());
    }
    let mut line = compile_line(call, group, inputs);
    if let Some(output) = named {
        line.argv.extend(["-o".into(), output.clone()]);
    }
    if precompiles(call, inputs) {
        line.add(
            vec!["-o".into(), outputs[0].clone()],
            "target/precompiled",
            PRECOMPILED,
        );
    }
    let object = outputs.first().cloned();
    let mut step = Step::run(line.argv, call.context.emscripten_env()).writes(outputs);
    if group.is_some_and(Group::is_common)
        && let Some((source, object)) = common::only_source(inputs).zip(object)
        && !call.has(Role::DryRun)
    {
        line.added.push(common::decision());
        steps.extend(common::steps(call, step, source, &object));
        return (steps, line.added);
    }
    if source.is_some() && call.has(Role::DryRun) {
        // There is no C that clang could show its command for.
        step.kind = StepKind::Show;
    }
    steps.push(step);
    (steps, line.added)
}

/// A command that reads sources: defaults, the user's arguments, the target's flags.
pub(crate) fn compile_line(call: &DriverCall, group: Option<&Group>, inputs: &[&Input]) -> Line {
    let DriverCall {
        context,
        command,
        pieces,
        ..
    } = call;
    let config = context.config;
    let cxx = group.is_some_and(Group::is_cxx);
    let assembly = group.is_some_and(|group| group.flavour == Flavour::Assembly);
    let from_fortran = group.is_some_and(Group::is_fortran);
    let mut line = Line::new(context.compiler(cxx || context.tool.is_cxx()));
    if !assembly {
        line.add(
            driver_call::defaults(call),
            "target/defaults",
            driver_call::DEFAULTS,
        );
        let silent = pieces.iter().any(|piece| piece.role == Some(Role::Silence));
        if cxx && !silent && command.job != Job::Preprocess && !call.makes_program() {
            line.add(vec![RETURN_TYPE.into()], "target/diagnostics", TRAP);
        }
    }
    if let Some(language) = group.and_then(|group| group.language.as_ref()) {
        line.argv.extend(["-x".into(), language.clone()]);
    }
    let mut left_out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if from_fortran && fortran::is_not_for_c(call, at) {
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
        fortran::c_flags(call, &mut line);
    }
    line.add(
        context.settings.cflags.clone(),
        "EMSHIM_CFLAGS",
        "EMSHIM_CFLAGS asks for it",
    );
    if cxx {
        line.add(
            context.settings.cxxflags.clone(),
            "EMSHIM_CXXFLAGS",
            "EMSHIM_CXXFLAGS asks for it",
        );
    }
    if !assembly {
        line.add(os_list(&config.cflags), "target/abi", driver_call::ABI);
        if cxx {
            line.add(
                os_list(&config.cxxflags),
                "target/abi-c++",
                driver_call::ABI,
            );
        }
    }
    line
}

/// Whether a header becomes a precompiled one that the command does not name.
fn precompiles(call: &DriverCall, inputs: &[&Input]) -> bool {
    let command = &call.command;
    let ends = matches!(command.phase, None | Some(Phase::Object));
    let alone = matches!(inputs, [input] if input.kind == Kind::Header);
    ends && alone && command.output.is_none() && !call.has(Role::DryRun)
}

/// The files a compile writes, by clang's naming.
fn outputs(call: &DriverCall, inputs: &[&Input]) -> Vec<OsString> {
    let command = &call.command;
    if call.has(Role::DryRun) {
        return Vec::new();
    }
    let suffix = match command.phase {
        Some(Phase::Assembly) => ".s",
        Some(Phase::Object) => ".o",
        Some(Phase::Preprocess | Phase::Dependencies | Phase::Check) => "",
        None => ".pch",
    };
    if precompiles(call, inputs) {
        let header = inputs[0].path.to_string_lossy();
        let mut outputs = vec![os_str::joined(&header, ".gch".as_ref())];
        outputs.extend(dependency_files(call, &outputs));
        return outputs;
    }
    let mut outputs: Vec<OsString> = match &command.output {
        Some(output) if output == "-" => Vec::new(),
        Some(output) => vec![output.clone()],
        None if suffix.is_empty() => Vec::new(),
        None => {
            let sources = inputs.iter().filter(|input| input.kind.is_source());
            let name = |input: &&Input| match input.kind {
                Kind::Header => os_str::joined(&input.path.to_string_lossy(), suffix.as_ref()),
                _ => beside(&input.path, suffix),
            };
            sources.map(name).collect()
        }
    };
    outputs.extend(dependency_files(call, &outputs));
    outputs
}

/// The dependency files a compile writes beside its outputs.
fn dependency_files(call: &DriverCall, outputs: &[OsString]) -> Vec<OsString> {
    let named = call
        .args
        .iter()
        .rev()
        .find(|arg| arg.role() == Some(Role::DependencyOutput));
    match named.and_then(|arg| arg.value()) {
        Some(file) if file != "-" => vec![file.to_owned()],
        None if call.has(Role::DependencyFile) => {
            let files = outputs
                .iter()
                .map(|output| Path::new(output).with_extension("d"));
            files.map(Into::into).collect()
        }
        _ => Vec::new(),
    }
}

const PRECOMPILED: &str = "gcc's name for a precompiled header; clang's ends in .pch";
const RETURN_TYPE: &str = "-Werror=return-type";
const TRAP: &str =
    "a C++ function that ends without its value traps; -Wno-error=return-type undoes it";
