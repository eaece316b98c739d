//! Which symbols a side module exports: read from the objects and archives that are linked, with
//! no process started.

use crate::link_inputs::{self, LinkInput};
use crate::symbols::{Binary, ReadError, Symbols, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toolcall::builtin::{Exports, ListExports};

/// The step's command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExportsError {
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

/// Carries out the step: reads what is linked, relative to `cwd`, and writes the list of
/// symbols as emcc reads it, a JSON array of names with C's underscore in front.
///
/// # Errors
/// An input is damaged, no symbol of a given list is there, or the list cannot be written. An input
/// that is not there is left for the linker to name.
pub fn run(step: &ListExports, cwd: &Path) -> Result<(), ExportsError> {
    let inputs = link_inputs::find(&step.words, cwd);
    let linked = Linked::gather(&inputs, Path::new(&step.nm))?;
    let names = match &step.policy {
        Exports::List(names) => linked.listed(names)?,
        Exports::Requested | Exports::All => linked.visible(),
        Exports::PyInit => linked.initial(&step.module.to_string_lossy()),
    };
    let names: Vec<String> = names.iter().map(|name| format!("_{name}")).collect();
    let path = cwd.join(&step.list);
    let list = serde_json::to_vec(&names).unwrap_or_default();
    std::fs::write(&path, list).map_err(|source| ExportsError::Write { path, source })
}

/// What a link draws together.
#[derive(Debug, Default)]
struct Linked {
    /// Symbols that are defined, and whether each is visible outside.
    defined: BTreeMap<String, bool>,
    /// Those of them that are drawn from archives, which the link's own objects do not define.
    drawn: BTreeSet<String>,
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
        let mut own = true;
        loop {
            for symbol in objects.drain(..).flatten() {
                if symbol.defined {
                    if !own && !linked.defined.contains_key(&symbol.name) {
                        linked.drawn.insert(symbol.name.clone());
                    }
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
            own = false;
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
    /// all, what its own objects define: archives are what it uses. Where it has none of its own, what
    /// it draws from them, since a library that exports nothing is of no use to anyone.
    fn initial(&self, module: &str) -> BTreeSet<&str> {
        let mut names = self.visible();
        if names.iter().any(|name| is_init(name)) {
            names.retain(|name| is_init(name));
            return names;
        }
        if self.waiting.is_empty() {
            if names.iter().any(|name| !self.drawn.contains(*name)) {
                names.retain(|name| !self.drawn.contains(*name));
            }
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
