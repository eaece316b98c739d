//! External names: f2c's underscores to gfortran's.

use std::collections::{BTreeMap, BTreeSet};

use super::token::{Kind, Token, closing, next};
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
    pub(super) fn of(tokens: &[Token]) -> Self {
        let mut out = Self::default();
        let mut depth = 0usize;
        let mut external = false;
        let mut own = BTreeSet::new();
        // The declaration at hand, at file level, is static.
        let mut hidden = false;
        for (index, token) in tokens.iter().enumerate() {
            if token.kind == Kind::Word {
                match token.text.as_str() {
                    "extern" => external = true,
                    "static" if depth == 0 => hidden = true,
                    "struct" | "union" if depth == 0 => {
                        if let Some((name, initialised)) = common(tokens, index) {
                            *out.commons.entry(name).or_default() |= initialised;
                        }
                    }
                    _ => {
                        let open = next(tokens, index + 1).filter(|&at| tokens[at].is("("));
                        let Some(close) = open.and_then(|open| closing(tokens, open)) else {
                            continue;
                        };
                        let body = next(tokens, close + 1).is_some_and(|at| tokens[at].is("{"));
                        if depth == 0 && body {
                            let list = if hidden { &mut own } else { &mut out.defined };
                            list.insert(token.text.clone());
                        } else if external {
                            out.undefined.insert(token.text.clone());
                        }
                    }
                }
            } else if token.kind == Kind::Punct {
                match token.text.as_str() {
                    "{" => depth += 1,
                    "}" => {
                        depth = depth.saturating_sub(1);
                        hidden &= depth > 0;
                    }
                    ";" => {
                        external = false;
                        hidden &= depth > 0;
                    }
                    _ => {}
                }
            }
        }
        out.undefined
            .retain(|name| !out.defined.contains(name) && !own.contains(name));
        out
    }
}

/// The name of the COMMON block whose `struct { ... } name` starts at `index`.
pub(super) fn common(tokens: &[Token], index: usize) -> Option<(String, bool)> {
    let open = next(tokens, index + 1).filter(|&at| tokens[at].is("{"))?;
    let name = next(tokens, closing(tokens, open)? + 1)?;
    if tokens[name].kind != Kind::Word {
        return None;
    }
    let initialised = next(tokens, name + 1).is_some_and(|at| tokens[at].is("="));
    Some((tokens[name].text.clone(), initialised))
}

/// Gives every name gfortran's spelling.
pub(super) fn rename(
    tokens: Vec<Token>,
    names: &Names,
    facts: &Facts,
    options: &Options,
) -> Vec<Token> {
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
    let mut tokens = tokens;
    for token in &mut tokens {
        match token.kind {
            Kind::Word => {
                if let Some(renamed) = spell(&token.text) {
                    token.text = renamed;
                }
            }
            Kind::Directive if token.text.starts_with("#define") => {
                let words = super::token::lex(&token.text.replace("#define", "@"));
                let renamed: String = words
                    .iter()
                    .map(|word| match word.kind {
                        Kind::Word => spell(&word.text).unwrap_or_else(|| word.text.clone()),
                        _ => word.text.clone(),
                    })
                    .collect();
                token.text = renamed.replacen('@', "#define", 1);
            }
            _ => {}
        }
    }
    tokens
}
