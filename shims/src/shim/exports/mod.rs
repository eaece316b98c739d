//! Which symbols a side module exports: read from the objects and archives that are linked, with
//! no process started.

mod symbols;

use super::text;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
pub use symbols::{ReadError, Symbol, Symbols, read};

/// The step's command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExportsError {
    /// Not what [`super::plan`] writes.
    #[error("emshim exports: {0}")]
    Usage(String),
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The list cannot be written.
    #[error("cannot write the export list {}: {source}", .path.display())]
    Write {
        /// The list.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A parsed `emshim exports --policy P --module M -o FILE -- WORD...`: the words are those of the
/// link, in its order.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    requested: bool,
    module: &'a OsStr,
    list: &'a OsStr,
    words: &'a [OsString],
}

impl<'a> Request<'a> {
    fn parse(argv: &'a [OsString]) -> Result<Self, ExportsError> {
        match argv {
            [_, _, p, policy, m, module, o, list, dashes, words @ ..]
                if p == "--policy" && m == "--module" && o == "-o" && dashes == "--" =>
            {
                Ok(Self {
                    requested: policy == "requested",
                    module,
                    list,
                    words,
                })
            }
            _ => Err(ExportsError::Usage(text::shell(argv))),
        }
    }
}

/// Carries out the step: reads what is linked, relative to `cwd`, and writes the list of symbols
/// as emcc reads it, a JSON array of names with C's underscore in front.
///
/// `llvm_nm` is asked about LLVM bitcode, the one form this does not read itself.
///
/// # Errors
/// An input is damaged, or the list cannot be written. An input that is not there is left for the
/// linker to name.
pub fn run(argv: &[OsString], cwd: &Path, llvm_nm: &Path) -> Result<(), ExportsError> {
    let request = Request::parse(argv)?;
    let linked = Linked::gather(&find_inputs(request.words, cwd), llvm_nm)?;
    let names = linked.exports(request.requested, &request.module.to_string_lossy());
    let names: Vec<String> = names.iter().map(|name| format!("_{name}")).collect();
    let path = cwd.join(request.list);
    let list = serde_json::to_vec(&names).unwrap_or_default();
    std::fs::write(&path, list).map_err(|source| ExportsError::Write { path, source })
}

/// An input of the link.
#[derive(Debug, PartialEq, Eq)]
struct LinkInput {
    path: PathBuf,
    whole: bool,
}

/// The files that the words of a link name, libraries found in its own folders.
fn find_inputs(words: &[OsString], cwd: &Path) -> Vec<LinkInput> {
    let folders: Vec<PathBuf> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| match text::strip_prefix(word, "-L")? {
            dir if dir.is_empty() => words.get(at + 1).map(|dir| cwd.join(dir)),
            dir => Some(cwd.join(dir)),
        })
        .collect();
    let mut whole = false;
    let mut inputs = Vec::new();
    for word in words {
        match word.as_bytes() {
            [b'-', option @ ..] if option.ends_with(b"whole-archive") => {
                whole = !option.ends_with(b"no-whole-archive");
            }
            [b'-', b'l', name @ ..] => {
                let file = match name {
                    [b':', exact @ ..] => text::os(exact),
                    name => text::os(&[b"lib", name, b".a"].concat()),
                };
                let found = folders
                    .iter()
                    .map(|dir| dir.join(&file))
                    .find(|path| path.is_file());
                inputs.extend(found.map(|path| LinkInput { path, whole }));
            }
            [b'-', ..] => {}
            _ => inputs.push(LinkInput {
                path: cwd.join(word),
                whole,
            }),
        }
    }
    inputs.retain(|input| input.path.is_file());
    inputs
}

/// Everything a link may draw from, and what it draws.
#[derive(Debug, Default)]
struct Linked {
    /// Visible symbols of what is linked for sure.
    defined: BTreeSet<String>,
    /// `PyInit` symbols of archive members that nothing refers to.
    waiting: BTreeSet<String>,
}

impl Linked {
    /// Reads the inputs and takes archive members as wasm-ld does: those that define what is
    /// missing, until nothing more is found.
    fn gather(inputs: &[LinkInput], llvm_nm: &Path) -> Result<Self, ReadError> {
        let mut objects: Vec<Symbols> = Vec::new();
        let mut members: Vec<Option<Symbols>> = Vec::new();
        for input in inputs {
            let (own, lazy) = match read(&input.path, llvm_nm)? {
                symbols::Binary::Object(symbols) => (vec![symbols], Vec::new()),
                symbols::Binary::Archive(all) if input.whole => (all, Vec::new()),
                symbols::Binary::Archive(all) => (Vec::new(), all),
            };
            objects.extend(own);
            members.extend(lazy.into_iter().map(Some));
        }
        let mut provider: BTreeMap<String, usize> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            for symbol in member.iter().flatten().filter(|symbol| symbol.defined) {
                provider.entry(symbol.name.clone()).or_insert(at);
            }
        }
        let mut linked = Self::default();
        let mut known: BTreeSet<String> = BTreeSet::new();
        while let Some(object) = objects.pop() {
            for symbol in object {
                if symbol.defined {
                    if symbol.visible {
                        linked.defined.insert(symbol.name.clone());
                    }
                    known.insert(symbol.name);
                } else if !known.contains(&symbol.name)
                    && let Some(at) = provider.get(&symbol.name)
                {
                    objects.extend(members[*at].take());
                }
            }
        }
        let waiting = members.into_iter().flatten().flatten();
        let waiting = waiting.filter(|s| s.defined && s.visible && is_init(&s.name));
        linked.waiting = waiting.map(|symbol| symbol.name).collect();
        Ok(linked)
    }

    /// The symbols to export. A module's `PyInit` functions; one that waits in an archive if it
    /// bears the module's name; all that is visible where there is neither, since a library that
    /// exports nothing is of no use to anyone.
    fn exports(&self, requested: bool, module: &str) -> BTreeSet<&str> {
        let own = |name: &&str| is_init(name);
        let init: BTreeSet<&str> = self
            .defined
            .iter()
            .map(String::as_str)
            .filter(own)
            .collect();
        if requested || (init.is_empty() && self.waiting.is_empty()) {
            return self.defined.iter().map(String::as_str).collect();
        }
        if !init.is_empty() {
            return init;
        }
        let named = format!("PyInit_{module}");
        let waiting = self.waiting.iter().map(String::as_str);
        if self.waiting.contains(&named) {
            return waiting.filter(|name| *name == named).collect();
        }
        waiting.collect()
    }
}

/// `PyInit_name`, or `PyInitU_name` for a name that is not ASCII (PEP 489).
fn is_init(name: &str) -> bool {
    name.starts_with("PyInit_") || name.starts_with("PyInitU_")
}
