//! What becomes of each argument: the tables' policies applied, and their questions answered.

mod decision;
mod folders;
mod linker_words;

use super::classify::{Command, Job};
use super::config::ShimConfig;
use super::files::Files;
use super::parse::{Arg, What};
use super::rules::{Policy, Question, Role, Rule};
use super::tables::hosts::{self, Absent};
use super::tables::{compiler, fortran, gcc_only, linker};
use super::text;
pub use decision::{Action, Decision, Outcome};
use f2c_driver::Options;
use linker_words::{LinkerOptions, is_linker_list, linker_keyword};
pub use linker_words::{as_driver_option, drawn_from, for_driver, lift};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

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
const STATE: &str = "wasm-ld has no stack of states; of what one holds, whole archives matter";
const SIMD: &str = "vector code for x86 or ARM compiles for WebAssembly only with -msimd128; \
                    without it the honest answer is no";

/// Applies the policies to one command.
pub struct Rewriter<'a> {
    config: &'a ShimConfig,
    files: &'a dyn Files,
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
                let outcome = self.decide(arg);
                let rule = match (&arg.what, &outcome) {
                    (What::Flag(rule, _), _) => rule.name,
                    (What::Unknown, Outcome::Drop(_)) => "gcc-only",
                    (What::Input, Outcome::Drop(_)) => "link/repeated",
                    _ => "",
                };
                decisions.push(Decision::about(&arg.words, rule, &outcome));
                outcome.words(&arg.words)
            };
            pieces.push(Piece {
                role: arg.role(),
                words,
            });
        }
        (pieces, decisions)
    }

    fn decide(&mut self, arg: &Arg) -> Outcome {
        match &arg.what {
            What::Input => self.input(arg),
            What::Unknown => match arg.words[0].to_str() {
                Some(text) if gcc_only::contains(text) => Outcome::drop(compiler::GCC_ONLY),
                _ => Outcome::Unknown,
            },
            What::Flag(rule, value) => {
                let outcome = self.policy(rule, &arg.words, value.as_deref());
                let for_linker = matches!(
                    rule.role,
                    Role::Link | Role::Shared | Role::Relocatable | Role::WholeArchive(_)
                );
                match outcome {
                    Outcome::Keep | Outcome::Replace(..) if for_linker && !self.job.links() => {
                        Outcome::drop(UNUSED)
                    }
                    outcome => outcome,
                }
            }
        }
    }

    fn input(&mut self, arg: &Arg) -> Outcome {
        let path = &arg.words[0];
        let archive = path.as_bytes().ends_with(b".a");
        if archive && self.job.links() && !self.whole && !self.libraries.insert(path.clone()) {
            return Outcome::drop(REPEATED);
        }
        Outcome::Keep
    }

    fn policy(&mut self, rule: &Rule, words: &[OsString], value: Option<&OsStr>) -> Outcome {
        match rule.policy {
            Policy::Keep => {
                if let Role::WholeArchive(on) = rule.role {
                    self.whole = on;
                }
                Outcome::Keep
            }
            Policy::Drop(why) => Outcome::drop(why),
            Policy::Refuse(why) => Outcome::refuse(why),
            Policy::Respell(name, why) => {
                let value = value.unwrap_or_default();
                Outcome::Replace(vec![text::joined(name, value)], why.into())
            }
            Policy::Fortran => self.fortran(rule, value),
            Policy::Depends(question) => self.answer(question, rule, words, value),
        }
    }

    /// A switch of gfortran's, tried so that a value nothing can be done with is told at once.
    fn fortran(&self, rule: &Rule, value: Option<&OsStr>) -> Outcome {
        if !self.fortran {
            return Outcome::drop(fortran::NO_FORTRAN);
        }
        let value = value.unwrap_or_default().to_string_lossy();
        match fortran::effect(rule.name).map(|effect| effect(&mut Options::default(), &value)) {
            Some(Err(why)) => Outcome::refuse(why),
            _ => Outcome::Translate(fortran::TRANSLATION.into()),
        }
    }

    fn answer(
        &mut self,
        question: Question,
        rule: &Rule,
        words: &[OsString],
        value: Option<&OsStr>,
    ) -> Outcome {
        let value = value.unwrap_or_default();
        let known = |values: &[&str]| values.iter().any(|known| value == *known);
        match question {
            Question::IncludeDir => folders::headers(self.config, rule, value),
            Question::LibraryDir => folders::libraries(self.config, value),
            Question::Library => self.library(value),
            Question::LinkerWords | Question::LinkerKeyword => linker_keyword(rule, value),
            Question::LinkerState => self.linker_state(rule),
            Question::HostSimd if self.simd => Outcome::Keep,
            Question::HostSimd => Outcome::refuse(SIMD),
            Question::NoFeature if known(WASM_FEATURES) => Outcome::Keep,
            Question::NoFeature => Outcome::drop(compiler::HOST_CPU),
            Question::Cpu if known(WASM_CPUS) => Outcome::Keep,
            Question::Cpu => Outcome::drop(compiler::HOST_CPU),
            Question::Lto if self.job == Job::LinkProgram => Outcome::drop(LTO_LIBRARIES),
            Question::Lto if known(&["", "thin", "full"]) => Outcome::Keep,
            Question::Lto => {
                Outcome::Replace(vec!["-flto".into()], "clang knows full and thin".into())
            }
            Question::Standard if known(FORTRAN_STANDARDS) => Outcome::drop(fortran::STANDARD),
            Question::Standard => Outcome::Keep,
            Question::Forwarded if text::starts_with(value, "-fopenmp") => {
                Outcome::refuse(compiler::OPENMP)
            }
            Question::Forwarded => Outcome::Keep,
            Question::Warning if words[0].to_str().is_some_and(gcc_only::contains) => {
                Outcome::drop(compiler::GCC_ONLY)
            }
            Question::Warning => Outcome::Keep,
            Question::Setting if words.len() == 1 && words[0] == "-s" => {
                Outcome::drop(linker::STRIP)
            }
            Question::Setting => Outcome::Keep,
        }
    }

    /// `--push-state` and `--pop-state`, of whose state wasm-ld has `--whole-archive` only.
    fn linker_state(&mut self, rule: &Rule) -> Outcome {
        if rule.name == "push-state" {
            self.saved.push(self.whole);
            return Outcome::drop(STATE);
        }
        let now = std::mem::replace(&mut self.whole, self.saved.pop().unwrap_or(false));
        match (now, self.whole) {
            (true, false) => Outcome::Replace(vec!["--no-whole-archive".into()], STATE.into()),
            (false, true) => Outcome::Replace(vec!["--whole-archive".into()], STATE.into()),
            _ => Outcome::drop(STATE),
        }
    }

    fn library(&mut self, value: &OsStr) -> Outcome {
        let Some(name) = value.to_str() else {
            return Outcome::Keep;
        };
        if let Some((when, why)) = hosts::absent(name)
            && (when == Absent::Always || self.job.makes_module())
        {
            return Outcome::drop(why);
        }
        if !self.libraries.insert(text::joined("-l", value)) && !self.whole {
            return Outcome::drop(REPEATED);
        }
        if name == "gfortran" {
            let library = self.config.fortran.runtime.join("libgfortran.a");
            return Outcome::Replace(vec![library.into()], FORTRAN_RUNTIME.into());
        }
        if let Some(variant) = self.setjmp_variant(name) {
            let why = "the variant built for this target's setjmp and exceptions";
            return Outcome::Replace(vec![format!("-l{variant}").into()], why.into());
        }
        Outcome::Keep
    }

    /// Emscripten's libraries that use setjmp come in a second variant for WebAssembly's own
    /// exceptions; emcc does not choose between them for `-l`.
    fn setjmp_variant(&self, name: &str) -> Option<String> {
        let flags = self.config.cflags.iter().chain(&self.config.ldflags);
        let native = flags
            .into_iter()
            .any(|flag| flag == "-sSUPPORT_LONGJMP=wasm");
        let variant = format!("{name}-legacysjlj");
        let libraries = self
            .config
            .emscripten
            .root
            .join("cache/sysroot/lib/wasm32-emscripten");
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
            let outcome = match &option.what {
                What::Input => self.input(&option),
                What::Unknown => Outcome::Unknown,
                What::Flag(rule, value) => self.policy(rule, &option.words, value.as_deref()),
            };
            let rule = option.rule().map_or("", |rule| rule.name);
            let shown = for_driver(&option.words);
            let shown_outcome = match &outcome {
                Outcome::Replace(new, why) => Outcome::Replace(for_driver(new), why.clone()),
                other => other.clone(),
            };
            decisions.push(Decision::about(&shown, rule, &shown_outcome));
            kept.extend(outcome.words(&option.words));
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
