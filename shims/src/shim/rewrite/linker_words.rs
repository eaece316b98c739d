//! Linker options inside a driver's command: `-Wl,a,b`, `-Xlinker a`, `-u a`.

use super::Outcome;
use crate::shim::parse::{self, Arg, Dashes};
use crate::shim::rules::{Policy, Question, Rule};
use crate::shim::tables::linker;
use crate::shim::text;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

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
    pub(super) fn take(&mut self, at: usize) -> Vec<Arg> {
        let own = self.0.extract_if(.., |(origin, _)| *origin == at);
        own.map(|(_, option)| option).collect()
    }
}

/// Whether wasm-ld knows the value of an option that other linkers also have.
pub(super) fn linker_keyword(rule: &Rule, value: &OsStr) -> Outcome {
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
