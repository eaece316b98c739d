//! Which symbols a side module exports: read from the objects and archives that are linked, with
//! no process started.

mod symbols;

use super::settings::Exports;
use super::text;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
pub use symbols::{Binary, Form, ReadError, Symbol, Symbols, read, walk};

/// The step's command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExportsError {
    /// Not what [`super::plan`] writes.
    #[error("emshim exports: not understood: {0}")]
    Usage(String),
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// None of the symbols asked for is there.
    #[error(
        "exports {names}: nothing that is linked defines any of these symbols; name others, or \
         `requested`, with `emshim build --exports` or in EMSHIM_EXPORTS"
    )]
    Nothing {
        /// The symbols, with commas.
        names: String,
    },
    /// The list cannot be written.
    #[error("cannot write the export list {}: {source}", .path.display())]
    Write {
        /// The list.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// `emshim exports --policy P [--names A,B] --module M --nm LLVM_NM -o FILE -- WORD...`: the words
/// are those of the link that say what it draws from, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which symbols; never [`Exports::All`], which needs no list.
    pub policy: Exports,
    /// The Python module's name.
    pub module: OsString,
    /// The program that reads LLVM bitcode, the one form this does not read itself.
    pub nm: OsString,
    /// The list to write.
    pub list: OsString,
    /// Files, `-lNAME`, `-LDIR`, `--whole-archive` and its end.
    pub words: Vec<OsString>,
}

impl Request {
    /// The command.
    #[must_use]
    pub fn argv(&self) -> Vec<OsString> {
        let mut argv: Vec<OsString> = vec!["emshim".into(), "exports".into(), "--policy".into()];
        match &self.policy {
            Exports::PyInit | Exports::All => argv.push("pyinit".into()),
            Exports::Requested => argv.push("requested".into()),
            Exports::List(names) => {
                argv.extend(["list".into(), "--names".into(), names.join(",").into()]);
            }
        }
        argv.extend([
            "--module".into(),
            self.module.clone(),
            "--nm".into(),
            self.nm.clone(),
        ]);
        argv.extend(["-o".into(), self.list.clone(), "--".into()]);
        argv.extend(self.words.iter().cloned());
        argv
    }

    /// The request a command states.
    ///
    /// # Errors
    /// It is not one that [`Self::argv`] writes.
    pub fn parse(argv: &[OsString]) -> Result<Self, ExportsError> {
        let usage = || ExportsError::Usage(text::shell(argv));
        let end = argv
            .iter()
            .position(|word| word == "--")
            .ok_or_else(usage)?;
        let option = |name: &str| {
            let at = argv[..end].iter().position(|word| word == name)?;
            argv[..end].get(at + 1)
        };
        let policy = match option("--names") {
            Some(names) => names.to_str(),
            None => option("--policy").and_then(|policy| policy.to_str()),
        };
        let required = |name| option(name).cloned().ok_or_else(usage);
        let Ok(policy) = policy.ok_or_else(usage)?.parse();
        Ok(Self {
            policy,
            module: required("--module")?,
            nm: required("--nm")?,
            list: required("-o")?,
            words: argv[end + 1..].to_vec(),
        })
    }
}

/// Carries out the command: reads what is linked, relative to `cwd`, and writes the list of
/// symbols as emcc reads it, a JSON array of names with C's underscore in front.
///
/// # Errors
/// An input is damaged, no symbol of a given list is there, or the list cannot be written. An input
/// that is not there is left for the linker to name.
pub fn run(argv: &[OsString], cwd: &Path) -> Result<(), ExportsError> {
    let request = Request::parse(argv)?;
    let inputs = find_inputs(&request.words, cwd);
    let linked = Linked::gather(&inputs, Path::new(&request.nm))?;
    let names = match &request.policy {
        Exports::List(names) => linked.listed(names)?,
        Exports::Requested | Exports::All => linked.visible(),
        Exports::PyInit => linked.initial(&request.module.to_string_lossy()),
    };
    let names: Vec<String> = names.iter().map(|name| format!("_{name}")).collect();
    let path = cwd.join(&request.list);
    let list = serde_json::to_vec(&names).unwrap_or_default();
    std::fs::write(&path, list).map_err(|source| ExportsError::Write { path, source })
}

/// An input of the link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LinkInput {
    pub path: PathBuf,
    pub whole: bool,
}

/// Endings of the files that `-lNAME` may mean; emcc looks for each in all folders before the next.
/// Source: `process_libraries` of `tools/link.py`.
const LIBRARIES: [&str; 3] = [".a", ".dylib", ".so"];

/// The files that the words of a link name, libraries found in its own folders.
pub(super) fn find_inputs(words: &[OsString], cwd: &Path) -> Vec<LinkInput> {
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
                let files = match name {
                    [b':', exact @ ..] => vec![text::os(exact)],
                    name => LIBRARIES
                        .iter()
                        .map(|ending| text::os(&[b"lib", name, ending.as_bytes()].concat()))
                        .collect(),
                };
                let found = files
                    .iter()
                    .flat_map(|file| folders.iter().map(move |dir| dir.join(file)))
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

/// What a link draws together.
#[derive(Debug, Default)]
struct Linked {
    /// Symbols that are defined, and whether each is visible outside.
    defined: BTreeMap<String, bool>,
    /// `PyInit` functions of archive members that nothing refers to.
    waiting: BTreeSet<String>,
}

impl Linked {
    /// Reads the inputs and takes archive members as wasm-ld does: those that define what is
    /// missing, until nothing more is found.
    fn gather(inputs: &[LinkInput], nm: &Path) -> Result<Self, ReadError> {
        let mut objects: Vec<Symbols> = Vec::new();
        let mut members: Vec<Option<Symbols>> = Vec::new();
        for input in inputs {
            match read(&input.path, nm)? {
                Binary::Object(symbols) => objects.push(symbols),
                Binary::Archive(all) if input.whole => objects.extend(all),
                Binary::Archive(all) => members.extend(all.into_iter().map(Some)),
            }
        }
        let mut provider: BTreeMap<String, usize> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            for symbol in member.iter().flatten().filter(|symbol| symbol.defined) {
                provider.entry(symbol.name.clone()).or_insert(at);
            }
        }
        let mut linked = Self::default();
        let mut missing = BTreeSet::new();
        loop {
            for symbol in objects.drain(..).flatten() {
                if symbol.defined {
                    *linked.defined.entry(symbol.name).or_default() |= symbol.visible;
                } else {
                    missing.insert(symbol.name);
                }
            }
            missing.retain(|name| !linked.defined.contains_key(name));
            let found = missing.iter().filter_map(|name| provider.get(name));
            objects.extend(found.filter_map(|&at| members[at].take()));
            if objects.is_empty() {
                break;
            }
        }
        let left = members.into_iter().flatten().flatten();
        let waiting = left.filter(|s| s.defined && s.visible && is_init(&s.name));
        linked.waiting = waiting.map(|symbol| symbol.name).collect();
        Ok(linked)
    }

    /// The symbols that are not hidden.
    fn visible(&self) -> BTreeSet<&str> {
        let visible = self.defined.iter().filter(|(_, visible)| **visible);
        visible.map(|(name, _)| name.as_str()).collect()
    }

    /// A module's `PyInit` functions; where nothing that is linked has one, those that wait in an
    /// archive, the one of the module's own name before all others; and where there is none at
    /// all, everything visible, since a library that exports nothing is of no use to anyone.
    fn initial(&self, module: &str) -> BTreeSet<&str> {
        let mut names = self.visible();
        if names.iter().any(|name| is_init(name)) {
            names.retain(|name| is_init(name));
            return names;
        }
        if self.waiting.is_empty() {
            return names;
        }
        let own = format!("PyInit_{module}");
        let waiting = self.waiting.iter().map(String::as_str);
        waiting
            .filter(|name| *name == own || !self.waiting.contains(&own))
            .collect()
    }

    /// Those of the given names that are defined, hidden or not: a list may serve several modules.
    fn listed<'n>(&self, names: &'n [String]) -> Result<BTreeSet<&'n str>, ExportsError> {
        let names_here = names.iter().map(String::as_str);
        let found: BTreeSet<&str> = names_here
            .filter(|name| self.defined.contains_key(*name))
            .collect();
        if found.is_empty() {
            return Err(ExportsError::Nothing {
                names: names.join(","),
            });
        }
        Ok(found)
    }
}

/// `PyInit_name`, or `PyInitU_name` for a name that is not ASCII (PEP 489).
fn is_init(name: &str) -> bool {
    name.starts_with("PyInit_") || name.starts_with("PyInitU_")
}

#[cfg(test)]
mod tests;
