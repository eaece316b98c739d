//! Which probes depend on nothing but their sources, their arguments and the toolchain. What is not
//! known to be harmless makes a call ineligible: it then runs as without the cache.

use flags::parse::{self, Arg, Dashes, What};
use flags::rules::Role;
use flags::tables;
use memchr::memmem;
use planner::prepare::Prepared;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::invocation::{Env, Invocation};
use toolcall::job::Job;
use toolcall::plan::{Step, StepKind};
use toolcall::sources::{self, Kind};

/// Flags, by the beginning of their first word, that read and write no further files.
const HARMLESS: &[&str] = &[
    "-ansi",
    "-D",
    "-f",
    "-g",
    "-l",
    "-m",
    "-nostd",
    "-O",
    "-P",
    "-pedantic",
    "-pipe",
    "-pthread",
    "-Qunused-arguments",
    "-rdynamic",
    "-std",
    "-U",
    "-w",
    "-W",
    "-x",
];

/// Of those, what does.
const HARMFUL: &[&str] = &[
    "-Wa,",
    "-Wl,",
    "-Wp,",
    "-fapi",
    "-fbasic-block",
    "-fbuild",
    "-fcoverage",
    "-fcrash",
    "-fdepfile",
    "-fdump",
    "-fembed",
    "-fmodule",
    "-fopt-info",
    "-foptimization",
    "-fpass-plugin",
    "-fplugin",
    "-fprebuilt",
    "-fproc",
    "-fprofile",
    "-frandomize",
    "-fsanitize",
    "-fsave",
    "-fstack-usage",
    "-ftest-coverage",
    "-fthinlto",
    "-ftime",
    "-fuse-ld",
    "-fxray",
    "-gen",
    "-gseparate",
    "-gsource-map",
    "-gsplit",
    "-mllvm",
];

/// Words for the linker that name no file.
const LINKER: &[&str] = &[
    "--allow-shlib-undefined",
    "--as-needed",
    "--end-group",
    "--fatal-warnings",
    "--gc-sections",
    "--no-as-needed",
    "--no-undefined",
    "--start-group",
    "--version",
    "-O1",
];

/// emcc's settings that decide no more than how strict a link is.
const SETTINGS: &[&str] = &["ERROR_ON_UNDEFINED_SYMBOLS", "STRICT"];

/// Endings of outputs beside which emcc writes more files than the plan knows.
const MULTI_FILE_OUTPUTS: &[&str] = &["html", "mjs"];

/// Folders that may be named: where they lie inside the toolchain.
const FOLDERS: &[&str] = &["-I", "-L", "-isystem"];

/// What Emscripten and clang take from the environment, by the names' beginnings. None of it may be
/// set but what is listed with [`KEY_VARIABLES`].
const READ_VARIABLES: &[&str] = &[
    "BINARYEN",
    "CCC_",
    "CLANG_",
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "DEPENDENCIES_OUTPUT",
    "EMCC_",
    "EMMAKEN_",
    "EM_CACHE",
    "EMPROFILE",
    "GCC_EXEC_PREFIX",
    "LIBRARY_PATH",
    "LLVM",
    "OBJC_INCLUDE_PATH",
    "SUNPRO_DEPENDENCIES",
    "_EMCC_CCACHE",
];

/// What may be set and is part of the key, by the names' beginnings.
const KEY_VARIABLES: &[&str] = &["EMSDK", "EM_", "LANG", "LC_", "SOURCE_DATE_EPOCH"];

/// Steps of emshim's own that read the inputs alone.
const BUILT_IN_STEPS: &[&str] = &["check-link", "commons", "exports"];

/// In a source, what makes it depend on the time, on its name or on further files.
const VOLATILE: &[&str] = &[
    "%:",
    ".include",
    "??/",
    "??=",
    "_Pragma",
    "__BASE_FILE__",
    "__DATE__",
    "__FILE_NAME__",
    "__FILE__",
    "__TIMESTAMP__",
    "__TIME__",
    "__has_embed",
    "embed",
    "incbin",
];

/// Messages that say why a source, a flag or a symbol is refused: they will be the same again. A
/// failure without one may be the machine's.
const FINAL_ERRORS: &[&str] = &[
    "error: unknown argument",
    "error: unknown type name",
    "error: unknown warning option",
    "error: unsupported option",
    "file not found",
    "unable to find library",
    "undeclared",
    "undefined symbol: ",
];

/// The longest input, in bytes: probes are short.
const LONGEST: u64 = 1 << 20;

/// Whether a planned call is a probe that may be answered from the cache, its sources aside.
pub(super) fn call(config: &ShimConfig, invocation: &Invocation, prepared: &Prepared) -> bool {
    let plan = &prepared.plan;
    let inputs = || plan.inputs.iter().map(OsString::as_os_str);
    let makes =
        matches!(plan.job, Job::Preprocess | Job::Assemble | Job::Compile) || plan.job.links();
    let heard = |name: &OsStr| begins(name, READ_VARIABLES);
    let settings = &prepared.settings;
    let given = [
        &prepared.expanded.args,
        &settings.cflags,
        &settings.cxxflags,
        &settings.ldflags,
    ];
    plan.refusal.is_none()
        && makes
        && settings.launcher.is_empty()
        && plan.probe
        && !std::io::stderr().is_terminal()
        && !invocation
            .env
            .iter()
            .any(|(name, value)| heard(name) && !value.is_empty())
        && plan.steps.iter().all(|step| is_known(config, step))
        && inputs().all(|input| is_input(input, &invocation.cwd))
        && given.iter().all(|words| arguments(config, plan.job, words))
}

/// The variables that are part of the key.
pub(super) fn variables(env: &Env) -> impl Iterator<Item = (&OsStr, &OsStr)> {
    env.iter().filter(|(name, _)| begins(name, KEY_VARIABLES))
}

fn begins(word: &OsStr, all: &[&str]) -> bool {
    all.iter()
        .any(|start| word.as_bytes().starts_with(start.as_bytes()))
}

fn is_known(config: &ShimConfig, step: &Step) -> bool {
    let program = Path::new(&step.argv[0]);
    let emscripten = &config.emscripten;
    match step.kind {
        StepKind::Run | StepKind::Link => {
            program.starts_with(&emscripten.root) || program.starts_with(&emscripten.llvm_bin)
        }
        StepKind::BuiltIn => BUILT_IN_STEPS
            .iter()
            .any(|own| step.argv.get(1).is_some_and(|word| word == own)),
        StepKind::Ask | StepKind::Print | StepKind::Say | StepKind::Show => false,
    }
}

/// C, C++, an object or an archive, and short.
fn is_input(input: &OsStr, cwd: &Path) -> bool {
    let kind = match sources::kind(input) {
        Kind::C | Kind::Cxx => true,
        Kind::Linkable => ["a", "o"]
            .iter()
            .any(|suffix| sources::suffix(input) == *suffix),
        Kind::Neutral | Kind::Assembly | Kind::Header | Kind::Fortran => false,
    };
    let meta = std::fs::metadata(cwd.join(input));
    kind && meta.is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST)
}

fn arguments(config: &ShimConfig, job: Job, words: &[OsString]) -> bool {
    let args = parse::parse(tables::DRIVER, Dashes::Named, words);
    args.iter().all(|arg| is_harmless(config, job, arg))
}

fn is_harmless(config: &ShimConfig, job: Job, arg: &Arg) -> bool {
    let first = &arg.words[0];
    if memmem::find(first.as_bytes(), b"=@").is_some() {
        return false;
    }
    match (&arg.what, arg.role()) {
        (What::Input, _) => first != "-",
        (_, Some(Role::Stop(_) | Role::Shared)) => true,
        (_, Some(Role::Output)) => {
            let suffix = sources::suffix(arg.value().unwrap_or_default());
            !MULTI_FILE_OUTPUTS.iter().any(|page| suffix == *page)
        }
        // Elsewhere the file is not among what the plan says it writes.
        (_, Some(Role::DependencyFile | Role::DependencyOutput | Role::Dependency)) => {
            matches!(job, Job::Compile | Job::Assemble) && !begins(first, &["-MJ"])
        }
        (_, Some(Role::Setting)) => {
            let value = arg.value().unwrap_or_default();
            value.is_empty() || begins(value, SETTINGS)
        }
        _ if first == "-v" => true,
        (What::Flag(rule, Some(value)), _) if FOLDERS.contains(&rule.name) => {
            is_toolchain(config, Path::new(value))
        }
        _ if begins(first, &["-Wl,"]) => {
            let mut linker = first.as_bytes().split(|&b| b == b',').skip(1);
            linker.all(|word| LINKER.iter().any(|known| known.as_bytes() == word))
        }
        _ => {
            // A macro's value may look like a path and is none.
            let path = memchr::memchr(b'/', first.as_bytes()).is_some();
            let names_none = !path || begins(first, &["-D", "-U"]);
            begins(first, HARMLESS) && !begins(first, HARMFUL) && names_none
        }
    }
}

fn is_toolchain(config: &ShimConfig, folder: &Path) -> bool {
    let plain = folder
        .components()
        .all(|part| part != std::path::Component::ParentDir);
    let own = [
        &config.emscripten.root,
        &config.python_include,
        &config.fortran.runtime,
    ];
    plain && own.iter().any(|own| folder.starts_with(own))
}

/// What a source, and the files beside it that it includes, hold.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The names looked for beside a source, in order, and the contents of the files there are.
    pub included: Vec<(PathBuf, Option<Vec<u8>>)>,
}

/// Files that include each other are no probe.
const MOST_INCLUDED: usize = 20;

impl Sources {
    /// Whether a source in `folder` includes headers of the toolchain and files beside it alone, and
    /// holds nothing that differs from call to call. A quoted name stands for the file beside the
    /// source, and else for what `<...>` finds: the toolchain's, where no other folder is named.
    pub(super) fn take(&mut self, contents: &[u8], folder: &Path) -> bool {
        let holds = |word: &&str| memmem::find(contents, word.as_bytes()).is_some();
        let directive = |at| self.directive(&contents[at + 1..], folder);
        let asked = memmem::find_iter(contents, HAS_INCLUDE);
        let asks = |at: usize| asks_of_toolchain(&contents[at + HAS_INCLUDE.len()..], folder);
        !VOLATILE.iter().any(holds)
            && asked.into_iter().all(asks)
            && memchr::memchr_iter(b'#', contents).all(directive)
    }

    /// What follows a `#`: not split over lines, no comment before its name, and what it includes is
    /// known.
    fn directive(&mut self, rest: &[u8], folder: &Path) -> bool {
        let line = rest.split(|&b| b == b'\n').next().unwrap_or_default();
        let line = line.trim_ascii();
        if line.starts_with(b"/") || line.ends_with(b"\\") && !line.starts_with(b"define") {
            return false;
        }
        let part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
        let (name, value) = line.split_at(line.iter().take_while(part).count());
        match name {
            b"include" | b"include_next" | b"import" => match Header::read(value) {
                Some(Header::Toolchain) => true,
                Some(Header::Quoted(name)) => self.beside(Path::new(name), folder),
                None => false,
            },
            b"pragma" => {
                let reads = ["\"", "dependency", "module"];
                let holds = |word: &&str| memmem::find(value, word.as_bytes()).is_some();
                !reads.iter().any(holds)
            }
            _ => true,
        }
    }

    /// Takes the file a quoted name stands for, if there is one.
    fn beside(&mut self, name: &Path, folder: &Path) -> bool {
        if self.included.len() >= MOST_INCLUDED {
            return false;
        }
        let path = folder.join(name);
        let Ok(meta) = std::fs::metadata(&path) else {
            self.included.push((name.to_owned(), None));
            return true;
        };
        if !meta.is_file() || meta.len() > LONGEST {
            return false;
        }
        let Ok(contents) = std::fs::read(&path) else {
            return false;
        };
        self.included
            .push((name.to_owned(), Some(contents.clone())));
        self.take(&contents, path.parent().unwrap_or(folder))
    }
}

const HAS_INCLUDE: &[u8] = b"__has_include";

/// Whether what follows `__has_include` is no question, or one that the toolchain answers.
fn asks_of_toolchain(rest: &[u8], folder: &Path) -> bool {
    let rest = rest.strip_prefix(b"_next").unwrap_or(rest);
    let Some(question) = rest.trim_ascii_start().strip_prefix(b"(") else {
        return true;
    };
    match Header::read(question) {
        Some(Header::Toolchain) => true,
        Some(Header::Quoted(name)) => std::fs::symlink_metadata(folder.join(name)).is_err(),
        None => false,
    }
}

/// A header's name in a directive.
enum Header<'a> {
    /// `<...>`
    Toolchain,
    /// `"..."`
    Quoted(&'a OsStr),
}

impl<'a> Header<'a> {
    /// The name that the text begins with, unless it leads out of the folder it is looked for in.
    fn read(text: &'a [u8]) -> Option<Self> {
        let text = text.trim_ascii_start();
        let (end, rest) = match text.split_first()? {
            (b'<', rest) => (b'>', rest),
            (b'"', rest) => (b'"', rest),
            _ => return None,
        };
        let name = &rest[..memchr::memchr(end, rest)?];
        let inside = !name.starts_with(b"/") && memmem::find(name, b"..").is_none();
        let header = match end {
            b'>' => Self::Toolchain,
            _ => Self::Quoted(OsStr::from_bytes(name)),
        };
        inside.then_some(header)
    }
}

/// Whether a failure is the probe's answer: an error names a place in a source, or says one of
/// [`FINAL_ERRORS`]. Warnings and quoted source may say the same of a call that fails for another reason.
pub(super) fn is_final(status: i32, stderr: &[u8]) -> bool {
    let holds = |line: &[u8], text: &str| memmem::find(line, text.as_bytes()).is_some();
    let mut lines = stderr.split(|&b| b == b'\n');
    let answers = |line: &[u8]| {
        let error = holds(line, "error: ") && !holds(line, "cannot open file");
        error && (names_a_place(line) || FINAL_ERRORS.iter().any(|text| holds(line, text)))
    };
    status == 1 && lines.any(answers)
}

/// `FILE:LINE:COLUMN: error: ...`
fn names_a_place(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let place = [": error: ", ": fatal error: "]
        .iter()
        .find_map(|kind| line.split_once(kind));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    place.is_some_and(|(place, _)| place.rsplit(':').take(2).all(number) && place.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_read_more_than_the_toolchain_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.h"), "#include <b.h>\n").unwrap();
        std::fs::write(folder.path().join("time.h"), "char *t = __TIME__;\n").unwrap();
        let take = |text: &str| {
            let mut sources = Sources::default();
            let harmless = sources.take(text.as_bytes(), folder.path());
            let found = sources
                .included
                .iter()
                .filter(|(_, contents)| contents.is_some());
            harmless.then_some(found.count())
        };
        for (harmless, included) in [
            ("#include <stdio.h>\nint main(void) { return 0; }\n", 0),
            ("#  include\t<a/b.h>\n#define X \\\n  1\n#if X\n#endif\n", 0),
            (
                "#ifdef __cplusplus\nextern \"C\"\n#endif\nchar f(); /* # */\n",
                0,
            ),
            ("#include \"a.h\"\n", 1),
            ("int x; /* c */ # include \"a.h\"\n", 1),
            ("#include \"no.h\"\n", 0),
            (
                "#ifdef __has_include\n#if __has_include(\"no.h\")\n#endif\n#endif\n",
                0,
            ),
            ("#if __has_include( <a.h> )\n#endif\n", 0),
        ] {
            assert_eq!(take(harmless), Some(included), "{harmless}");
        }
        for harmful in [
            "#include \"time.h\"\n",
            "#include \"../a.h\"\n",
            "#include </etc/a.h>\n",
            "#/**/include \"a.h\"\n",
            "#inc\\\nlude \"a.h\"\n",
            "#define H \"a.h\"\n#include H\n",
            "char *f = __FILE__;\n",
            "%:include \"a.h\"\n",
            "#if __has_include(\"a.h\")\n#endif\n",
            "#if __has_include(H)\n#endif\n",
            "__asm__(\".incbin \\\"x\\\"\");\n",
        ] {
            assert_eq!(take(harmful), None, "{harmful}");
        }
    }

    #[test]
    fn a_machines_failure_is_not_final() {
        assert!(is_final(
            1,
            b"x.c:1:10: fatal error: 'no.h' file not found\n"
        ));
        assert!(is_final(
            1,
            b"wasm-ld: error: x.o: undefined symbol: f\nerror: undefined symbol: f\n"
        ));
        assert!(!is_final(
            1,
            b"error: unable to open output file: No space left\n"
        ));
        assert!(is_final(1, b"/w/x.c:5:2: error: \"no header\"\n"));
        assert!(!is_final(1, b"clang: error: a:b: error: disk\n"));
        assert!(!is_final(
            2,
            b"x.c:1:10: fatal error: 'no.h' file not found\n"
        ));
        assert!(!is_final(
            1,
            b"x.c:1:2: warning: call to undeclared function 'f'\nerror: No space left\n"
        ));
        assert!(!is_final(
            1,
            b"x.c:1:10: fatal error: cannot open file 'y.h': Too many open files\n"
        ));
    }
}
