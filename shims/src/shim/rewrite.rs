//! What becomes of each argument: the tables' policies applied, and their questions answered.

use super::classify::{Command, Job};
use super::config::ShimConfig;
use super::files::Files;
use super::parse::{self, Arg, Dashes, What};
use super::rules::{Policy, Question, Role, Rule};
use super::tables::hosts::{self, Absent};
use super::tables::{compiler, gcc_only, linker};
use super::text;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What was done with an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Passed on as given.
    Keep,
    /// Left out.
    Drop,
    /// Something else stands in its place.
    Replace,
    /// Nobody asked for it; the target needs it.
    Add,
    /// The call fails because of it.
    Refuse,
    /// No rule knows it; passed on as given.
    Unknown,
}

/// One decision, for people and for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The argument as given, quoted for a shell; absent for an addition.
    pub argument: Option<String>,
    /// What was done.
    pub action: Action,
    /// What stands in the command now, quoted for a shell; absent for a drop or refusal.
    pub result: Option<String>,
    /// The rule: a flag's name in the tables, or a topic such as `target/abi`.
    pub rule: Cow<'static, str>,
    /// Why, in one line; absent where the argument was kept.
    pub reason: Option<Cow<'static, str>>,
}

impl Decision {
    /// An addition of ours.
    #[must_use]
    pub fn add(words: &[OsString], rule: &'static str, reason: &'static str) -> Self {
        Self {
            argument: None,
            action: Action::Add,
            result: Some(text::shell(words)),
            rule: rule.into(),
            reason: Some(reason.into()),
        }
    }

    /// A decision about `words`.
    #[must_use]
    pub fn about(words: &[OsString], rule: &'static str, outcome: &Outcome) -> Self {
        let (action, result, reason) = match outcome {
            Outcome::Keep => (Action::Keep, Some(text::shell(words)), None),
            Outcome::Unknown => {
                let why = "no rule knows it; passed on as given";
                (Action::Unknown, Some(text::shell(words)), Some(why.into()))
            }
            Outcome::Drop(why) => (Action::Drop, None, Some(why.clone())),
            Outcome::Refuse(why) => (Action::Refuse, None, Some(why.clone())),
            Outcome::Replace(new, why) => {
                (Action::Replace, Some(text::shell(new)), Some(why.clone()))
            }
        };
        Self {
            argument: Some(text::shell(words)),
            action,
            result,
            rule: rule.into(),
            reason,
        }
    }
}

/// What a policy comes to for one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As given.
    Keep,
    /// As given, though no rule knows it.
    Unknown,
    /// Left out, and why.
    Drop(Cow<'static, str>),
    /// Other words, and why.
    Replace(Vec<OsString>, Cow<'static, str>),
    /// The call fails, and why.
    Refuse(Cow<'static, str>),
}

impl Outcome {
    fn drop(why: &'static str) -> Self {
        Self::Drop(why.into())
    }

    fn refuse(why: &'static str) -> Self {
        Self::Refuse(why.into())
    }

    /// The words that stay.
    #[must_use]
    pub fn words(&self, given: &[OsString]) -> Vec<OsString> {
        match self {
            Self::Keep | Self::Unknown => given.to_vec(),
            Self::Replace(new, _) => new.clone(),
            Self::Drop(_) | Self::Refuse(_) => Vec::new(),
        }
    }
}

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
const STATE: &str = "wasm-ld has no stack of states; of what one holds, whole archives matter";
const SIMD: &str = "vector code for x86 or ARM compiles for WebAssembly only with -msimd128; \
                    without it the honest answer is no";

/// Applies the policies to one command.
pub struct Rewriter<'a> {
    config: &'a ShimConfig,
    files: &'a dyn Files,
    job: Job,
    simd: bool,
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
            Policy::Depends(question) => self.answer(question, rule, words, value),
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
            Question::IncludeDir => self.include_dir(rule, value),
            Question::LibraryDir => self.library_dir(value),
            Question::Library => self.library(value),
            Question::LinkerWords | Question::LinkerKeyword => linker_keyword(rule, value),
            Question::LinkerState => self.linker_state(rule),
            Question::HostSimd if self.simd => Outcome::Keep,
            Question::HostSimd => Outcome::refuse(SIMD),
            Question::NoFeature if known(WASM_FEATURES) => Outcome::Keep,
            Question::NoFeature => Outcome::drop(compiler::HOST_CPU),
            Question::Cpu if known(WASM_CPUS) => Outcome::Keep,
            Question::Cpu => Outcome::drop(compiler::HOST_CPU),
            Question::Lto if known(&["thin", "full"]) => Outcome::Keep,
            Question::Lto => {
                Outcome::Replace(vec!["-flto".into()], "clang knows full and thin".into())
            }
            Question::Standard if known(FORTRAN_STANDARDS) => Outcome::drop(compiler::FORTRAN),
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

    fn include_dir(&self, rule: &Rule, value: &OsStr) -> Outcome {
        let Some(path) = value.to_str().map(normalise) else {
            return Outcome::Keep;
        };
        let target = self.config.python_include.as_str();
        if hosts::is_below(&path, &[target, self.config.emscripten.root.as_str()]) {
            return Outcome::Keep;
        }
        if let Some(rest) = below_python_include(&path) {
            let mut new = OsString::from(rule.name);
            let mut words = Vec::new();
            if rule.name.len() > 2 {
                words.push(std::mem::take(&mut new));
            }
            new.push(target);
            new.push(rest);
            words.push(new);
            return Outcome::Replace(words, "the target's Python headers, not the host's".into());
        }
        if hosts::is_below(&path, hosts::INCLUDE_DIRS) && !in_package(&path) {
            return Outcome::drop("a folder of the host's headers");
        }
        Outcome::Keep
    }

    fn library_dir(&self, value: &OsStr) -> Outcome {
        let host = value.to_str().map(normalise).is_some_and(|path| {
            hosts::is_below(&path, hosts::LIBRARY_DIRS)
                && !hosts::is_below(&path, &[self.config.emscripten.root.as_str()])
                && !in_package(&path)
        });
        if host {
            return Outcome::drop("a folder of the host's libraries");
        }
        Outcome::Keep
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

/// Linker words as the driver takes them.
#[must_use]
pub fn for_driver(words: &[OsString]) -> Vec<OsString> {
    if words.iter().any(|word| word.as_bytes().contains(&b',')) {
        return words
            .iter()
            .flat_map(|word| ["-Xlinker".into(), word.clone()])
            .collect();
    }
    let mut list = OsString::from("-Wl");
    for word in words {
        list.push(",");
        list.push(word);
    }
    vec![list]
}

/// `-Wl,`, `-Xlinker` and the driver's own spellings of linker options.
fn is_linker_list(arg: &Arg) -> bool {
    arg.rule()
        .is_some_and(|rule| rule.policy == Policy::Depends(Question::LinkerWords))
}

/// The linker options of a command: the words that `-Wl,` and `-Xlinker` arguments carry, parsed
/// as one line, since an option's value may stand in the next argument.
struct LinkerOptions(Vec<(usize, Arg)>);

impl LinkerOptions {
    fn gather(args: &[Arg]) -> Self {
        let mut origins = Vec::new();
        let mut words = Vec::new();
        for (at, arg) in args
            .iter()
            .enumerate()
            .filter(|(_, arg)| is_linker_list(arg))
        {
            let Some(value) = arg.value() else { continue };
            let name = arg.rule().map_or("", |rule| rule.name);
            let own: Vec<OsString> = match name {
                "-Wl," => value
                    .as_bytes()
                    .split(|&b| b == b',')
                    .map(text::os)
                    .collect(),
                "-Xlinker" => vec![value.to_owned()],
                name => vec![name.into(), value.to_owned()],
            };
            origins.extend(std::iter::repeat_n(at, own.len()));
            words.extend(own);
        }
        let mut next = 0;
        let parsed = parse::parse(linker::RULES, Dashes::Bare, &words)
            .into_iter()
            .map(|option| {
                let at = origins[next];
                next += option.words.len();
                (at, option)
            });
        Self(parsed.collect())
    }

    /// The options that begin in the argument at this place.
    fn take(&mut self, at: usize) -> Vec<Arg> {
        let own = self.0.extract_if(.., |(origin, _)| *origin == at);
        own.map(|(_, option)| option).collect()
    }
}

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

/// Whether wasm-ld knows the value of an option that other linkers also have.
fn linker_keyword(rule: &Rule, value: &OsStr) -> Outcome {
    let begins = |beginning: &str| text::starts_with(value, beginning);
    match rule.name {
        "z" if begins("stack-size=") => Outcome::Keep,
        "z" => Outcome::drop("a keyword for ELF; wasm-ld would warn"),
        "m" if begins("wasm32") => Outcome::Keep,
        "m" => Outcome::drop(linker::EMULATION),
        "undefined"
            if ["dynamic_lookup", "suppress", "error", "warning"]
                .iter()
                .any(|v| value == *v) =>
        {
            Outcome::drop(linker::MACOS)
        }
        _ => Outcome::Keep,
    }
}

/// An absolute path without `.`, `..` and doubled slashes, by its text alone; others unchanged.
fn normalise(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What follows a Python's header folder, such as `/include/python3.11t`, in a path.
fn below_python_include(path: &str) -> Option<&str> {
    let is_python = |part: &str| {
        let version = part.strip_prefix("python3.");
        version.is_some_and(|version| {
            let digits = version.trim_end_matches(['d', 't']);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().rposition(|part| is_python(part))?;
    let in_headers = parts[..at].contains(&"include") && path.starts_with('/');
    let end: usize = parts[..=at].iter().map(|part| part.len() + 1).sum();
    in_headers.then(|| path.get(end - 1..).unwrap_or_default())
}

/// Whether a path lies where Python packages are installed.
fn in_package(path: &str) -> bool {
    Path::new(path).components().any(|part| {
        hosts::PACKAGE_DIRS
            .iter()
            .any(|dir| part.as_os_str() == *dir)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_folders_of_any_python_are_seen() {
        assert_eq!(below_python_include("/usr/include/python3.11"), Some(""));
        assert_eq!(
            below_python_include("/v/include/python3.13t/internal"),
            Some("/internal")
        );
        assert_eq!(
            below_python_include("/usr/include/x86_64-linux-gnu/python3.11"),
            Some("")
        );
        assert_eq!(below_python_include("/v/lib/python3.13/x"), None);
        assert_eq!(below_python_include("/v/include/python3"), None);
        assert_eq!(below_python_include("include/python3.11"), None);
    }

    #[test]
    fn paths_are_compared_without_detours() {
        assert_eq!(normalise("/usr//lib/./../include/"), "/usr/include");
        assert_eq!(normalise("/.."), "/");
        assert_eq!(normalise("../usr"), "../usr");
    }
}
