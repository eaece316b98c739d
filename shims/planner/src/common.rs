//! C's common symbols (`-fcommon`). WebAssembly has none: clang 21 ends by a trap when it is to write
//! one, and older ones write a weak symbol of the size that their own source gives it, of which the
//! linker takes the first. So such a source is compiled to LLVM's text, in which each becomes weak
//! and is named as Fortran's COMMON blocks are, which every link gives their largest size.

use crate::context::beside;
use crate::driver_call::{COMMON, DriverCall, Flavour, Group};
use flags::classify::Input;
use flags::parse::{self, Arg, Dashes};
use flags::rules::{Phase, Role};
use flags::tables;
use std::ffi::OsString;
use std::path::Path;
use toolcall::builtin::WeakenCommons;
use toolcall::decision::{Decision, Ruling};
use toolcall::plan::Step;
use toolcall::sources::{self, Kind};

/// What is said of the flag.
pub(crate) fn decision() -> Decision {
    Decision {
        reason: Some(WHY.into()),
        ..Decision::about(&[COMMON.into()], "compile/common", &Ruling::Keep)
    }
}

/// The steps that compile one source of a command that links.
pub(crate) fn compiled(
    call: &mut DriverCall,
    group: &Group,
    step: Step,
    source: &Input,
    object: &OsString,
) -> Vec<Step> {
    if group.flavour != Flavour::C || !call.has_commons() {
        return vec![step];
    }
    call.note(vec![decision()]);
    steps(call, step, source, object)
}

/// The steps in the place of one that compiles `source` to `object`.
pub(crate) fn steps(
    call: &DriverCall,
    compile: Step,
    source: &Input,
    object: &OsString,
) -> Vec<Step> {
    let generated = |suffix: &str| {
        let name = beside(&source.path, &format!("-{}{suffix}", source.at));
        let name = Path::new(&name).file_name().unwrap_or(&name).to_owned();
        call.context.work_dir.join(name).into_os_string()
    };
    let (text, weak) = (generated("-common.ll"), generated(".ll"));
    let args = parse::parse(tables::DRIVER, Dashes::Named, &compile.argv[1..]);
    let program = compile.argv[..1].to_vec();
    let with = |kept: &dyn Fn(&Arg) -> bool, more: Vec<OsString>| {
        let kept = args.iter().filter(|arg| kept(arg));
        let words = kept.flat_map(|arg| arg.words.iter().cloned());
        program.iter().cloned().chain(words).chain(more).collect()
    };
    let ends = |arg: &Arg| matches!(arg.role(), Some(Role::Output | Role::Stop(Phase::Object)));
    let mut to_text: Vec<OsString> = ["-S", "-emit-llvm", "-o"].map(OsString::from).into();
    to_text.push(text.clone());
    to_text.extend(dependency_names(&args, object));
    let text_outputs = compile.outputs.iter().filter(|output| *output != object);
    let to_text = Step {
        argv: with(&|arg| !ends(arg), to_text),
        outputs: [&text].into_iter().chain(text_outputs).cloned().collect(),
        ..compile.clone()
    };
    let weaken = WeakenCommons {
        output: weak.clone(),
        text,
        words: Vec::new(),
    };
    let for_sources = |arg: &Arg| {
        let dependency = matches!(
            arg.role(),
            Some(Role::Language | Role::Dependency | Role::DependencyFile | Role::DependencyOutput)
        );
        dependency || arg.input().is_some()
    };
    let mut to_object: Vec<OsString> = ["-Wno-unused-command-line-argument", "-c"]
        .map(OsString::from)
        .into();
    to_object.extend([weak.clone(), "-o".into(), object.clone()]);
    let to_object = Step {
        argv: with(&|arg| !ends(arg) && !for_sources(arg), to_object),
        outputs: vec![object.clone()],
        ..compile.clone()
    };
    vec![
        to_text,
        Step::built_in(weaken.argv(), vec![weak]),
        to_object,
    ]
}

/// `-MD` by itself names its file and its target by the output, which is a passing one here.
fn dependency_names(args: &[Arg], object: &OsString) -> Vec<OsString> {
    let has = |role: Role| args.iter().any(|arg| arg.role() == Some(role));
    let mut words = Vec::new();
    if has(Role::DependencyFile) {
        if !has(Role::DependencyOutput) {
            let file = Path::new(object).with_extension("d");
            words.extend(["-MF".into(), file.into_os_string()]);
        }
        let names = |arg: &Arg| {
            matches!(
                arg.words[0].as_encoded_bytes(),
                [b'-', b'M', b'T' | b'Q', ..]
            )
        };
        if !args.iter().any(names) {
            words.extend(["-MQ".into(), object.clone()]);
        }
    }
    words
}

/// The one C source of a step, if it has one and no more.
pub(crate) fn only_source<'i>(inputs: &[&'i Input]) -> Option<&'i Input> {
    let mut sources = inputs.iter().filter(|input| input.kind.is_source());
    let first = sources.next().filter(|input| input.kind == Kind::C)?;
    let read = sources::suffix(&first.path) != "-";
    (read && sources.next().is_none()).then_some(first)
}

const WHY: &str = "WebAssembly has no common symbols, and clang may end by a trap over them: they \
                   become weak ones, which the link gives their largest size";
