//! What Pyodide's runtime offers a module that is loaded into it.
//!
//! The runtime is `pyodide.asm.wasm` and its script of the npm package, made by Emscripten: a
//! module's imports come from the script's object `wasmImports`, which holds JavaScript functions
//! and, over them, what the WebAssembly file exports.

use crate::body::walk;
use crate::read::{ReadError, index_of, module};
use crate::signature::{Signature, ValType};
use crate::unit::{Image, Memory, Origin, Role, Table, Unit};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A runtime.
#[derive(Debug)]
pub struct Runtime {
    /// Functions that WebAssembly implements.
    functions: HashMap<String, Arc<Signature>>,
    /// What JavaScript provides: functions, tags, globals; a signature where it states one.
    script: HashMap<String, Option<Signature>>,
    /// Exported data and exception tags.
    data: BTreeSet<String>,
    /// Its memory.
    pub memory: Option<Memory>,
    /// Its table of functions.
    pub table: Option<Table>,
    /// The signatures with which it calls through pointers.
    pub indirect: BTreeSet<Signature>,
}

/// A runtime could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The script is not there.
    #[error("cannot read {path}: {source}; run `emshim setup` to get Pyodide again")]
    Script {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The WebAssembly file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The script has no list of imports.
    #[error("{path} has no list `wasmImports`; this release of Pyodide is not known")]
    Unknown {
        /// The script.
        path: Utf8PathBuf,
    },
}

/// Names of the script, newest first.
const SCRIPTS: [&str; 2] = ["pyodide.asm.mjs", "pyodide.asm.js"];
const LIST: &str = "wasmImports={";

impl Runtime {
    /// Reads the runtime in a folder of the npm package.
    ///
    /// # Errors
    /// A file is missing, damaged, or not Emscripten's.
    pub fn read(package: &Utf8Path) -> Result<Self, RuntimeError> {
        let path = SCRIPTS.map(|name| package.join(name));
        let path = path.iter().find(|path| path.exists()).unwrap_or(&path[1]);
        let text = std::fs::read_to_string(path).map_err(|source| RuntimeError::Script {
            path: path.clone(),
            source,
        })?;
        let script = provided(&text).ok_or_else(|| RuntimeError::Unknown { path: path.clone() })?;
        let wasm = package.join("pyodide.asm.wasm");
        let bytes: Arc<[u8]> = crate::read::load(&wasm)?.into();
        let range = 0..bytes.len();
        let unit = module(Origin::file(&wasm), Image::new(bytes, range))?;
        Ok(Self {
            functions: unit
                .definitions()
                .map(|f| (f.name.clone(), f.signature.clone()))
                .collect(),
            script,
            data: unit
                .data
                .iter()
                .filter(|datum| datum.role == Role::Defined)
                .map(|datum| datum.name.clone())
                .collect(),
            memory: unit.memory,
            table: unit.table,
            indirect: indirect_calls(&unit),
        })
    }

    /// A runtime of the given functions alone; for tests.
    #[must_use]
    pub fn of(functions: impl IntoIterator<Item = (String, Signature)>) -> Self {
        let functions = functions.into_iter();
        Self {
            functions: functions.map(|(name, s)| (name, Arc::new(s))).collect(),
            script: HashMap::new(),
            data: BTreeSet::new(),
            memory: None,
            table: None,
            indirect: BTreeSet::new(),
        }
    }

    /// Whether anything of the name is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.functions.contains_key(name)
            || self.script.contains_key(name)
            || self.data.contains(name)
    }

    /// The function a module's import of that name gets, if the engine compares its signature:
    /// JavaScript's takes anything.
    #[must_use]
    pub fn checked(&self, name: &str) -> Option<&Arc<Signature>> {
        let function = self.functions.get(name);
        function.filter(|_| !self.script.contains_key(name))
    }

    /// The signature JavaScript states for a function of its own.
    #[must_use]
    pub fn stated(&self, name: &str) -> Option<&Signature> {
        self.script.get(name)?.as_ref()
    }
}

/// The names in the script's list of imports, with the signatures it states elsewhere.
fn provided(script: &str) -> Option<HashMap<String, Option<Signature>>> {
    let list = script.split_once(LIST)?.1.split_once('}')?.0;
    let stated = signatures(script);
    let mut names = HashMap::new();
    for entry in list.split(',') {
        let (name, value) = entry.split_once(':').unwrap_or((entry, entry));
        let name = name.trim().trim_matches(['"', '\'']);
        let signature = stated.get(value.trim()).cloned();
        names.insert(name.to_owned(), signature);
    }
    Some(names)
}

/// What `NAME.sig="vijp"` says of each function: its result, then its parameters.
fn signatures(script: &str) -> HashMap<&str, Signature> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut found = HashMap::new();
    let mut rest = script;
    while let Some((before, after)) = rest.split_once(".sig=\"") {
        let name = before.rsplit(|c| !word(c)).next().unwrap_or_default();
        let letters = after.split('"').next().unwrap_or_default();
        let types: Option<Vec<Option<ValType>>> = letters.chars().map(letter).collect();
        if let Some([result, params @ ..]) = types.as_deref() {
            let params: Vec<ValType> = params.iter().copied().flatten().collect();
            let result: Vec<ValType> = result.iter().copied().collect();
            found.insert(name, Signature::new(&params, &result));
        }
        rest = after;
    }
    found
}

/// Emscripten's letter for a type; `v` is none.
fn letter(letter: char) -> Option<Option<ValType>> {
    Some(match letter {
        'v' => None,
        'i' | 'p' => Some(ValType::I32),
        'j' => Some(ValType::I64),
        'f' => Some(ValType::F32),
        'd' => Some(ValType::F64),
        'e' => Some(ValType::Ref),
        _ => return None,
    })
}

/// The signatures with which a unit calls through pointers.
#[must_use]
pub fn indirect_calls(unit: &Unit) -> BTreeSet<Signature> {
    let mut used = BTreeSet::new();
    let walked = walk(&unit.image, |_, operators| {
        for operator in operators {
            match operator? {
                wasmparser::Operator::CallIndirect { type_index, .. }
                | wasmparser::Operator::ReturnCallIndirect { type_index, .. } => {
                    used.insert(type_index);
                }
                _ => {}
            }
        }
        Ok(())
    });
    let types = crate::read::types(&unit.image).unwrap_or_default();
    // Code that cannot be decoded may call anything.
    if walked.is_err() {
        return types.iter().map(|ty| (**ty).clone()).collect();
    }
    let types = used.into_iter().filter_map(|ty| types.get(index_of(ty)));
    types.map(|ty| (**ty).clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_read() {
        let script = "function _a(){}_a.sig=\"vij\";b.sig=\"?\";\
                      var wasmImports={a:_a,b,\"c-d\":_c};x.sig=\"i\"";
        let names = provided(script).unwrap();
        let mut sorted: Vec<&str> = names.keys().map(String::as_str).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, ["a", "b", "c-d"]);
        let wide = Signature::new(&[ValType::I32, ValType::I64], &[]);
        assert_eq!(names["a"].as_ref(), Some(&wide));
        assert_eq!(names["b"], None);
        assert!(provided("nothing").is_none());
    }
}
