//! External names: f2c's underscores to gfortran's.

use std::collections::{BTreeMap, BTreeSet};

use super::c::{File, Item, Tokens, text};
use super::token::{Kind, lex};
use crate::lower::Facts;
use crate::options::Options;

/// The external names in C.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Procedures with a definition that other files see.
    pub defined: BTreeSet<String>,
    /// Procedures that are declared only.
    pub undefined: BTreeSet<String>,
    /// COMMON blocks: whether the file initialises them.
    pub commons: BTreeMap<String, bool>,
}

/// The C name f2c gives to an external Fortran name.
pub(super) fn f2c_external(name: &str) -> String {
    format!("{name}{}", if name.contains('_') { "__" } else { "_" })
}

impl Names {
    /// Collects the names of a file.
    pub(super) fn of(file: &mut File) -> Self {
        let mut out = Self::default();
        file.declarations(&mut |declaration| {
            let functions = declaration.external_mut();
            let names = functions.map(|function| function.name.text.clone());
            out.undefined.extend(names);
        });
        for item in &file.items {
            match item {
                Item::Function(function) => {
                    out.undefined.remove(&function.name.text);
                    if !function.hidden() {
                        out.defined.insert(function.name.text.clone());
                    }
                }
                Item::Declaration(declaration) => {
                    if let Some((name, initialised)) = declaration.common() {
                        *out.commons.entry(name.to_owned()).or_default() |= initialised;
                    }
                }
            }
        }
        out
    }
}

/// Gives every name gfortran's spelling.
pub(super) fn rename(file: &mut File, names: &Names, facts: &Facts, options: &Options) {
    let externals: BTreeSet<&str> = names
        .defined
        .iter()
        .chain(&names.undefined)
        .chain(names.commons.keys())
        .map(String::as_str)
        .collect();
    // Internal procedures get names that no other file has.
    let internal = |name: &str| {
        let host = facts.local.iter().find(|(local, _)| local == name);
        host.map(|(_, host)| format!("{name}_in_{host}_"))
    };
    let renames = facts.renames.iter().map(|(f2c, wanted)| {
        (
            f2c_external(f2c),
            match facts.symbols.get(wanted).cloned().or(internal(wanted)) {
                Some(name) => name,
                None if options.second_underscore => f2c_external(wanted),
                None => format!("{wanted}_"),
            },
        )
    });
    let local = facts
        .local
        .iter()
        .filter_map(|(name, _)| Some((f2c_external(name), internal(name)?)));
    let mut own: BTreeMap<String, String> = local.chain(renames).collect();
    own.insert("_BLNK__".into(), "__BLNK__".into());
    own.extend(
        facts
            .symbols
            .iter()
            .map(|(name, symbol)| (f2c_external(name), symbol.clone())),
    );
    // A name of the program, and not of the runtime.
    let ours = |word: &str| externals.contains(word) && !word.starts_with("emshim_");
    let spell = |word: &str| -> Option<String> {
        let renamed = match own.get(word) {
            Some(renamed) => renamed.clone(),
            // f2c appends two underscores to a name that has one.
            None => match word.strip_suffix("__") {
                Some(stem) if stem.contains('_') && !(options.second_underscore && ours(word)) => {
                    format!("{stem}_")
                }
                _ => word.to_owned(),
            },
        };
        let plain = !options.underscoring && externals.contains(word) && !renamed.starts_with("__");
        let runtime = renamed.starts_with("emshim_") || renamed == "MAIN__";
        let renamed = match renamed.strip_suffix('_') {
            Some(stem) if plain && !runtime => stem.to_owned(),
            _ => renamed,
        };
        (renamed != word).then_some(renamed)
    };
    file.items.each(&mut |token| match token.kind {
        Kind::Word => {
            if let Some(renamed) = spell(&token.text) {
                token.text = renamed;
            }
        }
        Kind::Directive if token.text.starts_with("#define") => {
            let (mut words, end) = lex(&token.text["#define".len()..]);
            for word in words.iter_mut().filter(|word| word.kind == Kind::Word) {
                word.text = spell(&word.text).unwrap_or_else(|| word.text.clone());
            }
            token.text = format!("#define{}{end}", text(&mut words));
        }
        _ => {}
    });
}
