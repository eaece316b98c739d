//! Which symbols a side module exports: read from the objects and archives that are linked, with
//! no process started.

use crate::link_inputs::{self, LinkInput};
use crate::shared_library;
use crate::symbols::{Binary, ReadError, Symbol, Symbols, read};
use crate::version_script::{Says, VersionScript};
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
    /// A version script cannot be read, or is none.
    #[error("version script {}: {why}", .path.display())]
    Script {
        /// The script.
        path: PathBuf,
        /// What is wrong.
        why: String,
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
/// An input or a version script is damaged, no symbol of a given list is there, or the list cannot be
/// written. An input that is not there is left for the linker to name.
pub fn run(step: &ListExports, cwd: &Path) -> Result<(), ExportsError> {
    let inputs = link_inputs::find(&step.words, cwd);
    let linked = Linked::gather(&inputs, Path::new(&step.nm))?;
    let mut names = match &step.policy {
        Exports::List(names) => linked.listed(names)?,
        Exports::Requested | Exports::All => linked.visible(),
        Exports::PyInit => linked.initial(&step.module.to_string_lossy()),
    };
    if !matches!(step.policy, Exports::List(_)) {
        let script = scripts(&step.scripts, cwd)?;
        for name in linked.visible() {
            match script.says(name) {
                Says::Export => names.insert(name),
                Says::Hide => names.remove(name),
                Says::Nothing => false,
            };
        }
        let excluded = excluded(&step.exclude, &inputs);
        names.retain(|name| match linked.archived.get(*name) {
            Some(input) => !excluded.contains(input) || is_init(name),
            None => true,
        });
    }
    let names = names.iter().map(|name| format!("_{}", in_c(name)));
    let names: BTreeSet<String> = names.collect();
    let path = cwd.join(&step.list);
    let list = serde_json::to_vec(&names).unwrap_or_default();
    std::fs::write(&path, list).map_err(|source| ExportsError::Write { path, source })
}

/// The scripts as one.
fn scripts(paths: &[PathBuf], cwd: &Path) -> Result<VersionScript, ExportsError> {
    let mut script = VersionScript::default();
    for path in paths {
        let failed = |why: String| ExportsError::Script {
            path: path.clone(),
            why,
        };
        let read = std::fs::read(cwd.join(path)).map_err(|error| failed(error.to_string()))?;
        script
            .add(&String::from_utf8_lossy(&read))
            .map_err(failed)?;
    }
    Ok(script)
}

/// The inputs that values of `--exclude-libs` name, which are lists with commas or colons: file names of
/// archives, or ALL.
fn excluded(values: &[String], inputs: &[LinkInput]) -> BTreeSet<usize> {
    let names: BTreeSet<&str> = values.iter().flat_map(|v| v.split([',', ':'])).collect();
    let is_named = |input: &LinkInput| {
        let name = input.path.file_name().unwrap_or_default();
        names.contains("ALL") || names.contains(&*name.to_string_lossy())
    };
    let numbered = inputs.iter().enumerate();
    let named = numbered.filter(|(_, input)| is_named(input));
    named.map(|(number, _)| number).collect()
}

/// What a link draws together.
#[derive(Debug, Default)]
struct Linked {
    /// Symbols that are defined, and whether each is visible outside.
    defined: BTreeMap<String, bool>,
    /// Those of them that are drawn from archives, which the link's own objects do not define.
    drawn: BTreeSet<String>,
    /// Those that archives define, by the number of the input.
    archived: BTreeMap<String, usize>,
    /// `PyInit` functions of archive members that nothing refers to.
    waiting: BTreeSet<String>,
}

impl Linked {
    /// Reads the inputs and takes archive members as wasm-ld does: those that define what is
    /// missing, until nothing more is found.
    fn gather(inputs: &[LinkInput], nm: &Path) -> Result<Self, ReadError> {
        // With the number of the archive they are of.
        let mut objects: Vec<(Option<usize>, Symbols)> = Vec::new();
        let mut members: Vec<Option<(Option<usize>, Symbols)>> = Vec::new();
        let mut libraries = Vec::new();
        for (number, input) in inputs.iter().enumerate() {
            let of_archive =
                |all: Vec<Symbols>| all.into_iter().map(move |one| (Some(number), one));
            libraries.extend(shared_library::at(&input.path)?);
            match read(&input.path, nm)? {
                Binary::Object(symbols) => objects.push((None, symbols)),
                Binary::Archive(all) if input.whole => objects.extend(of_archive(all)),
                Binary::Archive(all) => members.extend(of_archive(all).map(Some)),
            }
        }
        let mut provider: BTreeMap<String, usize> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            let symbols = member.iter().flat_map(|(_, symbols)| symbols);
            for symbol in symbols.filter(|symbol| symbol.defined) {
                provider.entry(symbol.name.clone()).or_insert(at);
            }
        }
        let mut linked = Self::default();
        let mut missing = BTreeSet::new();
        let mut own = true;
        loop {
            // A shared library's variable is the library's.
            let is_own =
                |symbol: &Symbol| !(symbol.data && libraries.iter().any(|l| l.has(&symbol.name)));
            let drawn = objects.drain(..);
            let drawn = drawn.flat_map(|(archive, all)| all.into_iter().map(move |s| (archive, s)));
            for (archive, symbol) in drawn.filter(|(_, symbol)| is_own(symbol)) {
                if symbol.defined {
                    if let Some(archive) =
                        archive.filter(|_| !linked.defined.contains_key(&symbol.name))
                    {
                        linked.archived.insert(symbol.name.clone(), archive);
                    }
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
        let left = members
            .into_iter()
            .flatten()
            .flat_map(|(_, symbols)| symbols);
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
        let defined: BTreeSet<&str> = self.defined.keys().map(|name| in_c(name)).collect();
        let names_here = names.iter().map(String::as_str);
        let found: BTreeSet<&str> = names_here.filter(|name| defined.contains(*name)).collect();
        if found.is_empty() {
            return Err(ExportsError::Nothing {
                names: names.join(","),
            });
        }
        Ok(found)
    }
}

/// A symbol's name in C, by which emcc takes it: clang gives `main` a name for each of its forms.
/// Source: `tools/link.py` of Emscripten; clang's `CodeGenModule` for WebAssembly.
fn in_c(symbol: &str) -> &str {
    match symbol {
        "__main_argc_argv" | "__main_void" => "main",
        name => name,
    }
}

/// `PyInit_name`, or `PyInitU_name` for a name that is not ASCII (PEP 489).
fn is_init(name: &str) -> bool {
    name.starts_with("PyInit_") || name.starts_with("PyInitU_")
}

#[cfg(test)]
mod tests;
