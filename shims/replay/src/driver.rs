//! A compiler driver's step asked for something else of the same sources.

use flags::parse::{self, Dashes};
use flags::rules::{Phase, Role};
use flags::tables;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use toolcall::builtin::{BuiltIn, Makes, Translate};
use toolcall::plan::{Step, StepKind};
use toolcall::{os_str, sources};

/// Programs that are drivers.
const DRIVERS: &[&str] = &["clang", "clang++", "em++", "emcc"];

/// Where a command names a compiler driver: first, or behind a launcher such as `ccache`.
#[must_use]
pub fn at(argv: &[OsString]) -> Option<usize> {
    let mut words = argv
        .iter()
        .take_while(|word| !word.as_encoded_bytes().starts_with(b"-"));
    words.position(|word| is_driver(word))
}

fn is_driver(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().unwrap_or(program);
    DRIVERS.iter().any(|driver| name == *driver)
}

/// The sources that a step compiles.
#[must_use]
pub fn sources(step: &Step) -> Vec<OsString> {
    let Some(at) = at(&step.argv).filter(|_| step.kind.runs()) else {
        return Vec::new();
    };
    let args = parse::parse(tables::DRIVER, Dashes::Named, &step.argv[at + 1..]);
    let inputs = args.iter().filter_map(|arg| arg.input());
    let sources = inputs.filter(|input| sources::kind(input).is_source());
    sources.map(OsStr::to_owned).collect()
}

/// The driver's command with `phase`, such as `-c` or `-M`, in the place of its own, and nothing
/// about links, dependency files and outputs, for these sources.
#[must_use]
pub fn only(step: &Step, phase: &str, of: &[OsString]) -> Vec<OsString> {
    let Some(at) = at(&step.argv) else {
        return Vec::new();
    };
    let args = parse::parse(tables::DRIVER, Dashes::Named, &step.argv[at + 1..]);
    let left_out = |role: Option<Role>| {
        matches!(
            role,
            Some(
                Role::Output
                    | Role::Link
                    | Role::Shared
                    | Role::Relocatable
                    | Role::Dependency
                    | Role::DependencyFile
                    | Role::DependencyOutput
                    | Role::Stop(Phase::Object | Phase::Assembly | Phase::Preprocess)
            )
        )
    };
    let mut argv = vec![step.argv[at].clone(), phase.into()];
    for arg in args {
        let other = arg
            .input()
            .is_some_and(|input| !of.iter().any(|one| one == input));
        if !left_out(arg.role()) && !other {
            argv.extend(arg.words);
        }
    }
    argv
}

/// Beginnings of the flags that decide which headers a source reads. Whatever else a command has,
/// such as `-save-temps` or `-MJ`, may make the driver write files, even when asked for a rule.
const DECIDES_HEADERS: &[&str] = &[
    "--include-directory",
    "--language",
    "--std",
    "--sysroot",
    "--target",
    "--use-port",
    "-D",
    "-F",
    "-I",
    "-O",
    "-U",
    "-ansi",
    "-cxx-isystem",
    "-f",
    "-i",
    "-m",
    "-nobuiltininc",
    "-nogpulib",
    "-nostdinc",
    "-nostdlibinc",
    "-pthread",
    "-s",
    "-std",
    "-stdlib",
    "-target",
    "-undef",
    "-x",
];

/// Beginnings of those among them that write files or name places for them.
const WRITES: &[&str] = &[
    "-fcrash",
    "-fdebug",
    "-fdiagnostics",
    "-fdump",
    "-fmodule",
    "-foptimization-record",
    "-fprebuilt",
    "-fprofile",
    "-fproc-stat",
    "-fsave",
    "-fstack-usage",
    "-ftest-coverage",
    "-ftime",
    "-save",
    "-serialize",
];

/// The driver's command that asks for a rule for make of these sources, and writes nothing.
#[must_use]
pub fn rule(step: &Step, of: &[OsString]) -> Vec<OsString> {
    let argv = only(step, "-M", of);
    let args = parse::parse(
        tables::DRIVER,
        Dashes::Named,
        argv.get(2..).unwrap_or_default(),
    );
    let begins =
        |word: &OsString, names: &[&str]| names.iter().any(|name| os_str::starts_with(word, name));
    let keep = |words: &Vec<OsString>| {
        let flag = &words[0];
        !os_str::starts_with(flag, "-") || begins(flag, DECIDES_HEADERS) && !begins(flag, WRITES)
    };
    let kept = args.into_iter().map(|arg| arg.words).filter(keep);
    argv.iter().take(2).cloned().chain(kept.flatten()).collect()
}

/// The source of a translation of Fortran, and the command that asks for a rule of its own and
/// included files instead.
#[must_use]
pub fn fortran_rule(step: &Step) -> Option<(OsString, Vec<OsString>)> {
    let (StepKind::BuiltIn, Ok(BuiltIn::Translate(translation))) =
        (step.kind, BuiltIn::parse(&step.argv))
    else {
        return None;
    };
    let rule = Translate {
        makes: Makes::Rule,
        dependencies: None,
        cache: None,
        output: "-".into(),
        ..translation
    };
    let source = rule.source.clone();
    let mut argv = rule.argv();
    argv[0] = std::env::current_exe().ok()?.into_os_string();
    Some((source, argv))
}

/// The step as it works without what earlier calls kept.
#[must_use]
pub fn without_cache(mut step: Step) -> Step {
    if let (StepKind::BuiltIn, Ok(BuiltIn::Translate(mut translation))) =
        (step.kind, BuiltIn::parse(&step.argv))
        && translation.cache.take().is_some()
    {
        step.argv = translation.argv();
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_asked_about_its_sources_alone() {
        let words = "/c/ccache /l/clang -MD -MF x.d -c x.c y.o -I i -o x.o -O2";
        let step = Step {
            kind: StepKind::Run,
            argv: words.split(' ').map(OsString::from).collect(),
            env: Vec::new(),
            outputs: Vec::new(),
        };
        assert_eq!(at(&step.argv), Some(1));
        assert_eq!(fortran_rule(&step), None);
        assert_eq!(sources(&step), ["x.c"]);
        let argv = only(&step, "-M", &sources(&step));
        assert_eq!(toolcall::display::shell(&argv), "/l/clang -M x.c -I i -O2");
    }

    #[test]
    fn a_question_for_headers_has_nothing_that_writes() {
        let words = "/l/clang -c x.c -save-temps=obj -MJ j.json -Wp,-MD,d.d -I i -fPIC -ftime-trace \
            --coverage -std=c11 -sUSE_ZLIB -fprofile-generate=p -include y.h -o x.o";
        let step = Step::run(
            words.split_whitespace().map(OsString::from).collect(),
            Vec::new(),
        );
        let asked = "/l/clang -M x.c -I i -fPIC -std=c11 -sUSE_ZLIB -include y.h";
        assert_eq!(
            toolcall::display::shell(&rule(&step, &sources(&step))),
            asked
        );
    }

    #[test]
    fn a_translation_is_asked_about_its_included_files() {
        let words = "emshim fortran --emit c --f2c /f2c -o /w/x.c x.f -- -I inc";
        let step = Step {
            kind: StepKind::BuiltIn,
            argv: words.split(' ').map(OsString::from).collect(),
            env: Vec::new(),
            outputs: Vec::new(),
        };
        let (source, argv) = fortran_rule(&step).unwrap();
        assert_eq!(source, "x.f");
        let asked = "fortran --emit rule --f2c /f2c -o - x.f -- -I inc";
        assert_eq!(toolcall::display::shell(&argv[1..]), asked);
    }
}
