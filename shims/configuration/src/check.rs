//! What a key's value must be beyond its kind.

use camino::{Utf8Component, Utf8Path};

use crate::commands::python_commands;
use crate::globs::Globs;
use crate::keys::Key;
use crate::value::Pair;
use crate::variables;

/// What is wrong with a value, if anything is: the end of a sentence that begins with the key.
pub(crate) fn check(key: Key, entries: &[Pair]) -> Result<(), String> {
    let values = || entries.iter().map(|(_, value)| value.as_str());
    match key {
        Key::Target => values().try_for_each(target),
        Key::Environment => entries.iter().try_for_each(|(name, value)| {
            variables::check_name(name.as_deref().unwrap_or_default())?;
            variables::expand(value, &|_| None).map(drop)
        }),
        Key::Libraries => values().try_for_each(library),
        Key::Exports => values().try_for_each(exports),
        Key::Exclude => Globs::parse(values()).map(drop),
        Key::TestCommand => values().try_for_each(|text| python_commands(text).map(drop)),
        Key::ConfigSettings
        | Key::BeforeBuild
        | Key::Cflags
        | Key::Cxxflags
        | Key::Ldflags
        | Key::LegacyTag
        | Key::StripTests
        | Key::StripDebug
        | Key::StripHeaders
        | Key::CompilePy
        | Key::WasmOpt
        | Key::TestRequires => Ok(()),
    }
}

fn target(text: &str) -> Result<(), String> {
    match text.split_once('@') {
        Some((_, version)) if !version.is_empty() => Ok(()),
        _ => Err(format!("names `{text}`; a target is `pyodide@VERSION`")),
    }
}

/// Names of C functions, of which `,` may stand between several.
fn exports(text: &str) -> Result<(), String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let is_name = |name: &str| !name.is_empty() && name.chars().all(word);
    match text.split(',').find(|name| !is_name(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "names `{name}`, which is not the name of a C function"
        )),
    }
}

/// A name, or a path that stays in the project.
fn library(text: &str) -> Result<(), String> {
    let mut parts = Utf8Path::new(text).components();
    let inside = |part| matches!(part, Utf8Component::Normal(_) | Utf8Component::CurDir);
    match !text.is_empty() && parts.all(inside) {
        true => Ok(()),
        false => Err(format!(
            "names `{text}`: a recipe's path is relative to the project and stays in it"
        )),
    }
}
