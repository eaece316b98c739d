//! Linker options inside a driver's command: `-Wl,a,b`, `-Xlinker a`, `-u a`.

use flags::parse::{self, Arg, Dashes};
use flags::rules::{Policy, Question, Role, Rule};
use flags::tables::{self, linker};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use toolcall::decision::{Decision, Ruling};
use toolcall::os_str;

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

/// A linker option that the driver has too, as the driver takes it: what is made, and where.
#[must_use]
pub fn as_driver_option(option: &Arg) -> Option<Vec<OsString>> {
    match (option.role()?, option.value()) {
        (Role::Shared, _) => Some(vec!["-shared".into()]),
        (Role::Relocatable, _) => Some(vec!["-r".into()]),
        (Role::Output, Some(file)) => Some(vec!["-o".into(), file.to_owned()]),
        _ => None,
    }
}

/// Takes options such as `-Wl,-r` out of a link's linker options and gives them to the driver:
/// emcc has to know what it links, and looks for that among its own options only.
#[must_use]
pub fn lift(args: Vec<Arg>) -> (Vec<Arg>, Vec<Decision>) {
    let mut options = LinkerOptions::gather(&args);
    let stops = |arg: &Arg| matches!(arg.role(), Some(Role::Stop(_)));
    let lifts = options.all().any(|o| as_driver_option(o).is_some());
    if !lifts || args.iter().any(stops) {
        return (args, Vec::new());
    }
    let mut decisions = Vec::new();
    let mut words = Vec::new();
    for (at, arg) in args.into_iter().enumerate() {
        if !is_linker_list(&arg) {
            words.extend(arg.words);
            continue;
        }
        for option in options.take(at) {
            let given = for_driver(&option.words);
            let Some(lifted) = as_driver_option(&option) else {
                words.extend(given);
                continue;
            };
            let rule = option.rule().map_or("", |rule| rule.name);
            let ruling = Ruling::Replace(lifted.clone(), LIFTED.into());
            decisions.push(Decision::about(&given, rule, &ruling));
            words.extend(lifted);
        }
    }
    let args = parse::parse(tables::DRIVER, Dashes::Named, &words);
    (args, decisions)
}

const LIFTED: &str = "emcc has to know it too, and does not look among the linker's options";

/// What a link draws from, of these words of a driver: files, `-lNAME`, `-LDIR`, and where
/// archives are taken whole.
#[must_use]
pub fn drawn_from(words: &[OsString]) -> Vec<OsString> {
    let args = parse::parse(tables::DRIVER, Dashes::Named, words);
    let mut options = LinkerOptions::gather(&args);
    let mut drawn = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        if is_linker_list(arg) {
            drawn.extend(options.take(at).iter().filter_map(source));
        } else {
            drawn.extend(source(arg));
        }
    }
    drawn
}

/// An argument of a driver's or a linker's as a word that says what is drawn from, if it does.
fn source(arg: &Arg) -> Option<OsString> {
    if let Some(file) = arg.input() {
        return Some(file.to_owned());
    }
    let name = arg.rule()?.name.trim_start_matches('-');
    match (arg.role()?, name, arg.value()) {
        (Role::WholeArchive(true), ..) => Some("--whole-archive".into()),
        (Role::WholeArchive(false), ..) => Some("--no-whole-archive".into()),
        (_, "l" | "library", Some(library)) => Some(os_str::joined("-l", library)),
        (_, "L" | "library-path" | "library-directory", Some(dir)) => {
            Some(os_str::joined("-L", dir))
        }
        _ => None,
    }
}

/// The version scripts that a command names.
#[must_use]
pub fn version_scripts(args: &[Arg]) -> Vec<PathBuf> {
    let values = values(args, &["version-script"]);
    values.into_iter().map(PathBuf::from).collect()
}

/// What a command's `--exclude-libs` say. A name that is not UTF-8 is no archive's.
#[must_use]
pub fn excluded_libraries(args: &[Arg]) -> Vec<String> {
    let values = values(args, &["exclude-libs"]);
    values
        .into_iter()
        .filter_map(|value| value.into_string().ok())
        .collect()
}

/// The values of options of these names, without dashes, of the driver's and the linker's own.
pub(super) fn values(args: &[Arg], names: &[&str]) -> Vec<OsString> {
    let options = LinkerOptions::gather(args);
    let all = args.iter().chain(options.all());
    let named = all.filter(|option| {
        let name = option
            .rule()
            .map_or("", |rule| rule.name.trim_start_matches('-'));
        names.contains(&name)
    });
    named
        .filter_map(|option| Some(option.value()?.to_owned()))
        .collect()
}

/// `-Wl,`, `-Xlinker` and the driver's own spellings of linker options.
pub(super) fn is_linker_list(arg: &Arg) -> bool {
    arg.rule()
        .is_some_and(|rule| rule.policy == Policy::Depends(Question::LinkerWords))
}

/// The linker options of a command: the words that `-Wl,` and `-Xlinker` arguments carry, parsed
/// as one line, since an option's value may stand in the next argument.
pub(super) struct LinkerOptions(Vec<(usize, Arg)>);

impl LinkerOptions {
    pub(super) fn gather(args: &[Arg]) -> Self {
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
                    .map(os_str::os)
                    .collect(),
                "-Xlinker" => vec![value.to_owned()],
                name => vec![name.into(), value.to_owned()],
            };
            origins.extend(std::iter::repeat_n(at, own.len()));
            words.extend(own);
        }
        let mut next = 0;
        let parsed = parse::parse(tables::LINKER, Dashes::Bare, &words)
            .into_iter()
            .map(|option| {
                let at = origins[next];
                next += option.words.len();
                (at, option)
            });
        Self(parsed.collect())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arg> {
        self.0.iter().map(|(_, option)| option)
    }

    /// The options that begin in the argument at this place.
    pub(super) fn take(&mut self, at: usize) -> Vec<Arg> {
        let own = self.0.extract_if(.., |(origin, _)| *origin == at);
        own.map(|(_, option)| option).collect()
    }
}

/// Whether wasm-ld knows the value of an option that other linkers also have.
pub(super) fn linker_keyword(rule: &Rule, value: &OsStr) -> Ruling {
    let begins = |beginning: &str| os_str::starts_with(value, beginning);
    match rule.name {
        "z" if begins("stack-size=") => Ruling::Keep,
        "z" => Ruling::drop("a keyword for ELF; wasm-ld would warn"),
        "m" if begins("wasm32") => Ruling::Keep,
        "m" => Ruling::drop(linker::EMULATION),
        "undefined"
            if ["dynamic_lookup", "suppress", "error", "warning"]
                .iter()
                .any(|v| value == *v) =>
        {
            Ruling::drop(linker::MACOS)
        }
        _ => Ruling::Keep,
    }
}
