//! Shared libraries of a link, which are side modules: the variables and functions they share.
//!
//! A module does not tell the sizes of its variables. Those that emshim links have them in a custom
//! section of their own, which linkers and engines hand on and pass over.

use crate::data_symbols::trimmed;
use crate::symbols::ReadError;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use wasm_encoder::{CustomSection, LinkingSection, Module};
use wasmparser::{
    BinaryReaderError, ConstExpr, DataKind, Dylink0Subsection, ExternalKind, KnownCustom, Operator,
    Parser, Payload, TypeRef,
};

/// The section: a line for each variable, its size and its name.
const SECTION: &str = "emshim.data";

/// In how many bytes a module says that it is one: the section comes first.
const FIRST: u64 = 64;

/// A library.
#[derive(Debug, Default)]
pub(crate) struct SharedLibrary {
    /// Its variables, by their addresses in it.
    variables: BTreeMap<String, u32>,
    /// The sizes of those that are known.
    sizes: BTreeMap<String, u64>,
    /// Its functions.
    pub functions: BTreeSet<String>,
    /// The libraries it needs, by file name.
    pub needed: Vec<String>,
    /// What its memory begins as.
    memory: BTreeMap<u32, Vec<u8>>,
}

impl SharedLibrary {
    /// The library in a file's bytes; nothing where they are none.
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        if !bytes.starts_with(b"\0asm") {
            return Ok(None);
        }
        let mut library = Self::default();
        let mut dynamic = false;
        // The globals' values, imported ones first.
        let mut globals: Vec<Option<u32>> = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        if matches!(import?.ty, TypeRef::Global(_)) {
                            globals.push(None);
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        globals.push(sum(&global?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let name = export.name.to_owned();
                        let value = usize::try_from(export.index).ok();
                        match export.kind {
                            ExternalKind::Func => {
                                library.functions.insert(name);
                            }
                            ExternalKind::Global => {
                                let value = value.and_then(|at| *globals.get(at)?);
                                library.variables.extend(value.map(|at| (name, at)));
                            }
                            _ => {}
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data?;
                        if let DataKind::Active { offset_expr, .. } = &data.kind
                            && let Some(at) = sum(offset_expr)
                        {
                            library.memory.insert(at, data.data.to_vec());
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == SECTION => {
                    library.sizes.extend(sizes(section.data()));
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Dylink0(parts) = section.as_known() {
                        dynamic = true;
                        for part in parts {
                            if let Dylink0Subsection::Needed(names) = part? {
                                library.needed.extend(names.into_iter().map(str::to_owned));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(dynamic.then_some(library))
    }

    /// Whether it has a variable of that name that others can see.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// The names of its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The size of a variable, where it is known.
    pub(crate) fn size(&self, name: &str) -> Option<u64> {
        self.sizes.get(name).copied()
    }

    /// What so many bytes of a variable begin as, without zeros at the end.
    pub(crate) fn value(&self, name: &str, bytes: u64) -> Vec<u8> {
        let Some(&at) = self.variables.get(name) else {
            return Vec::new();
        };
        let Some((start, content)) = self.memory.range(..=at).next_back() else {
            return Vec::new();
        };
        let from = usize::try_from(at - start).unwrap_or(usize::MAX);
        let content = content.get(from..).unwrap_or_default();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        trimmed(&content[..bytes.min(content.len())])
    }
}

/// The sum of the numbers in a constant expression; the base of the module's memory counts as 0.
fn sum(expression: &ConstExpr) -> Option<u32> {
    let mut sum = 0u32;
    for operator in expression.get_operators_reader() {
        match operator.ok()? {
            Operator::I32Const { value } => sum = sum.wrapping_add(value.cast_unsigned()),
            Operator::GlobalGet { .. } | Operator::I32Add | Operator::End => {}
            _ => return None,
        }
    }
    Some(sum)
}

/// The sizes that the section states.
fn sizes(content: &[u8]) -> Vec<(String, u64)> {
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().filter_map(|line| {
        let (size, name) = line.split_once(' ')?;
        Some((name.to_owned(), size.parse().ok()?))
    });
    lines.collect()
}

/// An object with the section, for variables and their sizes.
pub(crate) fn statement(sizes: &BTreeMap<String, u64>) -> Vec<u8> {
    let lines = sizes.iter().map(|(name, size)| format!("{size} {name}\n"));
    let text: String = lines.collect();
    let mut module = Module::new();
    module.section(&LinkingSection::new());
    module.section(&CustomSection {
        name: SECTION.into(),
        data: text.as_bytes().into(),
    });
    module.finish()
}

/// The library in a file, if it is one; its first bytes tell.
///
/// # Errors
/// It cannot be read, or is damaged.
pub(crate) fn at(path: &Path) -> Result<Option<SharedLibrary>, ReadError> {
    let unreadable = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let first = file.by_ref().take(FIRST).read_to_end(&mut bytes);
    first.map_err(unreadable)?;
    if !bytes.starts_with(b"\0asm") || memchr::memmem::find(&bytes, b"dylink").is_none() {
        return Ok(None);
    }
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    SharedLibrary::read(&bytes).map_err(|error| ReadError::Damaged {
        path: path.to_owned(),
        why: error.to_string(),
    })
}
