//! What becomes of each argument: the tables' policies applied, and their questions answered.

mod folders;
mod linker_words;
mod run_path;
mod settings;

use crate::files::Files;
use crate::fortran_switches;
use f2c_driver::Options;
use flags::classify::Command;
use flags::parse::{Arg, What};
use flags::rules::{Policy, Question, Role, Rule};
use flags::tables::hosts::{self, Absent};
use flags::tables::{compiler, fortran, gcc_only, linker};
pub(crate) use folders::below_host_headers;
use linker_words::{LinkerOptions, is_linker_list, linker_keyword};
pub use linker_words::{
    as_driver_option, drawn_from, excluded_libraries, for_driver, lift, version_scripts,
};
pub use run_path::{from_origin, link_path, run_path, whole_run_path};
pub(crate) use settings::is_setting_of_links;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toolcall::config::ShimConfig;
use toolcall::decision::{Decision, Ruling};
use toolcall::job::Job;
use toolcall::os_str;

/// An argument after its decision: what is left of it, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its role; `None` for inputs and unknown flags.
    pub role: Option<Role>,
    /// Its words now; may be none.
    pub words: Vec<OsString>,
}

const UNUSED: &str = "only the linker uses it; clang would warn, an error under -Werror";
const REPEATED: &str = "named before: wasm-ld searches archives without regard to order, and \
                        whole archives linked twice define their symbols twice";
const FORTRAN_RUNTIME: &str = "the runtime library of translated Fortran";
const PROGRAM_PATH: &str = "a program's script looks there for its shared libraries, if it has any";
const STATE: &str = "wasm-ld has no stack of states; of what one holds, whole archives matter";
const SIMD: &str = "vector code for x86 or ARM compiles for WebAssembly only with -msimd128; \
                    without it the honest answer is no";

/// Applies the policies to one command.
pub struct Rewriter<'a> {
    config: &'a ShimConfig,
    files: &'a dyn Files,
    cwd: &'a Path,
    job: Job,
    simd: bool,
    /// Whether a source is Fortran.
    fortran: bool,
    libraries: BTreeSet<OsString>,
    whole: bool,
    /// What `--push-state` saved.
    saved: Vec<bool>,
}

impl<'a> Rewriter<'a> {
    /// For one command.
    #[must_use]
    pub fn new(
        config: &'a ShimConfig,
        files: &'a dyn Files,
        cwd: &'a Path,
        command: &Command,
        args: &[Arg],
    ) -> Self {
        let named = |name: &str| {
            args.iter()
                .any(|arg| arg.rule().is_some_and(|r| r.name == name))
        };
        Self {
            config,
            files,
            cwd,
            job: command.job,
            simd: named("-msimd128") || named("-mrelaxed-simd"),
            fortran: command.has_fortran(),
            libraries: BTreeSet::new(),
            whole: false,
            saved: Vec::new(),
        }
    }

    /// Decides every argument. The pieces stand at the arguments' own places.
    pub fn apply(&mut self, args: &[Arg]) -> (Vec<Piece>, Vec<Decision>) {
        let mut options = LinkerOptions::gather(args);
        let mut decisions = Vec::new();
        let mut pieces = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let words = if is_linker_list(arg) && self.job.links() {
                self.linker_list(arg, options.take(at), &mut decisions)
            } else {
                let ruling = self.decide(arg);
                let rule = match (&arg.what, &ruling) {
                    (What::Flag(rule, _), _) => rule.name,
                    (What::Unknown, Ruling::Drop(_)) => "gcc-only",
                    (What::Input, Ruling::Drop(_)) => "link/repeated",
                    _ => "",
                };
                decisions.push(Decision::about(&arg.words, rule, &ruling));
                ruling.words(&arg.words)
            };
            pieces.push(Piece {
                role: arg.role(),
                words,
            });
        }
        (pieces, decisions)
    }

    fn decide(&mut self, arg: &Arg) -> Ruling {
        match &arg.what {
            What::Input => self.input(arg),
            What::Unknown => match arg.words[0].to_str() {
                Some(text) if gcc_only::contains(text) => Ruling::drop(compiler::GCC_ONLY),
                _ => Ruling::Unknown,
            },
            What::Flag(rule, value) => {
                let ruling = self.policy(rule, &arg.words, value.as_deref());
                let for_linker = matches!(
                    rule.role,
                    Role::Link | Role::Shared | Role::Relocatable | Role::WholeArchive(_)
                );
                match ruling {
                    Ruling::Keep | Ruling::Replace(..) if for_linker && !self.job.links() => {
                        Ruling::drop(UNUSED)
                    }
                    ruling => ruling,
                }
            }
        }
    }

    fn input(&mut self, arg: &Arg) -> Ruling {
        let path = &arg.words[0];
        let archive = path.as_bytes().ends_with(b".a");
        if archive && self.job.links() && !self.whole && !self.libraries.insert(path.clone()) {
            return Ruling::drop(REPEATED);
        }
        Ruling::Keep
    }

    fn policy(&mut self, rule: &Rule, words: &[OsString], value: Option<&OsStr>) -> Ruling {
        match rule.policy {
            Policy::Keep => {
                if let Role::WholeArchive(on) = rule.role {
                    self.whole = on;
                }
                Ruling::Keep
            }
            Policy::Drop(why) => Ruling::drop(why),
            Policy::Refuse(why) => Ruling::refuse(why),
            Policy::Respell(name, why) => {
                let value = value.unwrap_or_default();
                Ruling::Replace(vec![os_str::joined(name, value)], why.into())
            }
            Policy::Fortran => self.fortran(rule, value),
            Policy::Depends(question) => self.answer(question, rule, words, value),
        }
    }

    /// A switch of gfortran's, tried so that a value nothing can be done with is told at once.
    fn fortran(&self, rule: &Rule, value: Option<&OsStr>) -> Ruling {
        if !self.fortran {
            return Ruling::drop(fortran::NO_FORTRAN);
        }
        let value = value.unwrap_or_default().to_string_lossy();
        match fortran_switches::effect(rule.name)
            .map(|effect| effect(&mut Options::default(), &value))
        {
            Some(Err(why)) => Ruling::refuse(why),
            _ => Ruling::Translate(fortran::TRANSLATION.into()),
        }
    }

    fn answer(
        &mut self,
        question: Question,
        rule: &Rule,
        words: &[OsString],
        value: Option<&OsStr>,
    ) -> Ruling {
        let value = value.unwrap_or_default();
        let known = |values: &[&str]| values.iter().any(|known| value == *known);
        match question {
            Question::IncludeDir => folders::headers(self.config, rule, value),
            Question::LibraryDir => folders::libraries(self.config, value),
            Question::Library => self.library(value),
            Question::LinkerWords | Question::LinkerKeyword => linker_keyword(rule, value),
            Question::LinkerState => self.linker_state(rule),
            Question::HostSimd if self.simd => Ruling::Keep,
            Question::HostSimd => Ruling::refuse(SIMD),
            Question::NoFeature if known(WASM_FEATURES) => Ruling::Keep,
            Question::NoFeature => Ruling::drop(compiler::HOST_CPU),
            Question::Cpu if known(WASM_CPUS) => Ruling::Keep,
            Question::Cpu => Ruling::drop(compiler::HOST_CPU),
            Question::Lto if self.job == Job::LinkProgram => Ruling::drop(LTO_LIBRARIES),
            Question::Lto if known(&["", "thin", "full"]) => Ruling::Keep,
            Question::Lto => {
                Ruling::Replace(vec!["-flto".into()], "clang knows full and thin".into())
            }
            Question::Standard if known(FORTRAN_STANDARDS) => Ruling::drop(fortran::STANDARD),
            Question::Standard => Ruling::Keep,
            Question::Forwarded if os_str::starts_with(value, "-fopenmp") => {
                Ruling::refuse(compiler::OPENMP)
            }
            Question::Forwarded => Ruling::Keep,
            Question::Warning if words[0].to_str().is_some_and(gcc_only::contains) => {
                Ruling::drop(compiler::GCC_ONLY)
            }
            Question::Warning => Ruling::Keep,
            Question::Setting if words.len() == 1 && words[0] == "-s" => {
                Ruling::drop(linker::STRIP)
            }
            Question::Setting => {
                let read = |file: &str| self.files.read(&self.cwd.join(file));
                settings::ruling(self.config, self.job, value, read)
            }
            Question::Exports if self.job.makes_module() => {
                Ruling::Translate(linker::EXPORT_LIST.into())
            }
            Question::Exports => Ruling::drop(linker::NO_EXPORTS),
            Question::RunPath if self.job.makes_module() => run_path::answer(value),
            Question::RunPath if self.job.links() => Ruling::Translate(PROGRAM_PATH.into()),
            Question::RunPath => Ruling::drop(UNUSED),
        }
    }

    /// `--push-state` and `--pop-state`, of whose state wasm-ld has `--whole-archive` only.
    fn linker_state(&mut self, rule: &Rule) -> Ruling {
        if rule.name == "push-state" {
            self.saved.push(self.whole);
            return Ruling::drop(STATE);
        }
        let now = std::mem::replace(&mut self.whole, self.saved.pop().unwrap_or(false));
        match (now, self.whole) {
            (true, false) => Ruling::Replace(vec!["--no-whole-archive".into()], STATE.into()),
            (false, true) => Ruling::Replace(vec!["--whole-archive".into()], STATE.into()),
            _ => Ruling::drop(STATE),
        }
    }

    fn library(&mut self, value: &OsStr) -> Ruling {
        let Some(name) = value.to_str() else {
            return Ruling::Keep;
        };
        if let Some((when, why)) = hosts::absent(name)
            && (when == Absent::Always || self.job.makes_module())
        {
            return Ruling::drop(why);
        }
        if !self.libraries.insert(os_str::joined("-l", value)) && !self.whole {
            return Ruling::drop(REPEATED);
        }
        if name == "gfortran" {
            if let Some(why) = self.config.fortran.refusal() {
                return Ruling::Refuse(why.into());
            }
            let library = self.config.fortran.runtime.join("libgfortran.a");
            return Ruling::Replace(vec![library.into()], FORTRAN_RUNTIME.into());
        }
        if let Some(variant) = self.setjmp_variant(name) {
            let why = "the variant built for this target's setjmp and exceptions";
            return Ruling::Replace(vec![format!("-l{variant}").into()], why.into());
        }
        Ruling::Keep
    }

    /// Emscripten's libraries that use setjmp come in a second variant for WebAssembly's own
    /// exceptions; emcc does not choose between them for `-l`.
    fn setjmp_variant(&self, name: &str) -> Option<String> {
        let flags = self.config.cflags.iter().chain(&self.config.ldflags);
        let native = flags
            .into_iter()
            .any(|flag| flag == "-sSUPPORT_LONGJMP=wasm");
        let variant = format!("{name}-legacysjlj");
        let cache = &self.config.emscripten.cache;
        let libraries = cache.join("sysroot/lib/wasm32-emscripten");
        let there = |dir: &str| {
            let file = libraries.join(dir).join(format!("lib{variant}.a"));
            self.files.exists(file.as_std_path())
        };
        (native && (there("") || there("pic"))).then_some(variant)
    }

    fn linker_list(
        &mut self,
        arg: &Arg,
        options: Vec<Arg>,
        decisions: &mut Vec<Decision>,
    ) -> Vec<OsString> {
        let mut kept = Vec::new();
        for option in options {
            let ruling = match &option.what {
                What::Input => self.input(&option),
                What::Unknown => Ruling::Unknown,
                What::Flag(rule, value) => self.policy(rule, &option.words, value.as_deref()),
            };
            let rule = option.rule().map_or("", |rule| rule.name);
            let shown = for_driver(&option.words);
            let shown_ruling = match &ruling {
                Ruling::Replace(new, why) => Ruling::Replace(for_driver(new), why.clone()),
                other => other.clone(),
            };
            decisions.push(Decision::about(&shown, rule, &shown_ruling));
            kept.extend(ruling.words(&option.words));
        }
        if kept.is_empty() {
            return Vec::new();
        }
        let untouched = arg.rule().is_some_and(|rule| rule.name == "-Xlinker")
            && kept.len() == 1
            && kept[0] == arg.value().unwrap_or_default();
        if untouched {
            arg.words.clone()
        } else {
            for_driver(&kept)
        }
    }
}

const LTO_LIBRARIES: &str = "emcc would build all of its own libraries again for it, for minutes; \
     wasm-ld optimises objects made with -flto all the same";
const WASM_CPUS: &[&str] = &["mvp", "generic", "bleeding-edge", "lime1"];
#[rustfmt::skip]
const WASM_FEATURES: &[&str] = &[
    "atomics", "bulk-memory", "bulk-memory-opt", "exception-handling", "extended-const", "fp16",
    "multimemory", "multivalue", "mutable-globals", "nontrapping-fptoint", "reference-types",
    "relaxed-simd", "sign-ext", "simd128", "tail-call",
];
#[rustfmt::skip]
const FORTRAN_STANDARDS: &[&str] = &[
    "legacy", "gnu", "f77", "f90", "f95", "f2003", "f2008", "f2008ts", "f2018", "f2023",
];
