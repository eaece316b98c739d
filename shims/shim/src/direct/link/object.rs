//! What is read of a linked module, and the object of the question about it.

use super::makes::Makes;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use wasm_encoder::{
    CodeSection, CustomSection, Function, FunctionSection, LinkingSection, Module, SymbolTable,
    TypeSection, ValType,
};
use wasmparser::{Parser, Payload};

/// The function that the object defines.
pub(super) const EXPORT: &str = "emshim_defined_here";

pub(super) const FEATURES: &str = "target_features";

/// What emcc looks at in a module that it has linked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    /// The contents of the section with its features; empty where there is none.
    pub(super) features: Vec<u8>,
    /// The names of its exports.
    pub(super) exports: HashSet<String>,
}

impl Linked {
    /// Reads a module or an object; `None` if it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut linked = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::CustomSection(section) if section.name() == FEATURES => {
                    section.data().clone_into(&mut linked.features);
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        linked.exports.insert(export.ok()?.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Some(linked)
    }
}

/// Whether a file is a shared library of the target, which emcc hands to wasm-ld as it is: it takes other
/// files of such names for objects.
pub(super) fn is_library(path: &Path) -> bool {
    let mut start = [0; 64];
    let read = File::open(path).and_then(|mut file| file.read(&mut start));
    let Ok(length) = read else { return false };
    // Magic number and version, a section of the user's own, its length, and its name after that's length.
    let section = start[..length].strip_prefix(b"\0asm\x01\0\0\0\0");
    section.is_some_and(|section| {
        let size = section.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
        section
            .get(size..)
            .is_some_and(|name| name.starts_with(b"\x08dylink.0"))
    })
}

/// An object with these features that defines one function: [`EXPORT`], or `main` for a program.
pub(super) fn with_features(features: &[u8], makes: Makes) -> Vec<u8> {
    let (name, arguments, results): (_, &[ValType], &[ValType]) = match makes {
        Makes::Module => (EXPORT, &[], &[]),
        Makes::Program => ("main", &[ValType::I32; 2], &[ValType::I32]),
    };
    let mut types = TypeSection::new();
    types
        .ty()
        .function(arguments.iter().copied(), results.iter().copied());
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut body = Function::new([]);
    body.instructions().unreachable().end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut symbols = SymbolTable::new();
    symbols.function(0, 0, Some(name));
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module.section(&linking);
    if !features.is_empty() {
        module.section(&CustomSection {
            name: Cow::Borrowed(FEATURES),
            data: Cow::Borrowed(features),
        });
    }
    module.finish()
}
