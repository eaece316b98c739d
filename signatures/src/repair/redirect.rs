//! Copies of objects in which needed functions have other names.

use crate::read::index_of;
use std::collections::BTreeMap;
use wasm_encoder::{Encode as _, Module, RawSection};
use wasmparser::{BinaryReader, BinaryReaderError, Parser, Payload};

/// The object with its needed functions renamed: `env` imports of functions, and the addresses of
/// such functions.
///
/// Only names change: no index does, and relocations count from the start of their own sections.
///
/// # Errors
/// The object is damaged, or names a needed function in its symbol table instead of its imports.
pub fn redirect(object: &[u8], renames: &BTreeMap<String, String>) -> Result<Vec<u8>, String> {
    let broken = |error: BinaryReaderError| error.to_string();
    let mut module = Module::new();
    let mut renamed = 0;
    for payload in Parser::new(0).parse_all(object) {
        let payload = payload.map_err(broken)?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let end = usize::try_from(range.end).unwrap_or(usize::MAX);
        let data = object.get(start..end).ok_or("a section leaves the file")?;
        let changed;
        let data = if let Payload::ImportSection(_) = payload {
            (changed, renamed) = imports(data, renames).map_err(broken)?;
            &changed
        } else {
            data
        };
        module.section(&RawSection { id, data });
    }
    if renamed < renames.len() {
        let names: Vec<&str> = renames.keys().map(String::as_str).collect();
        return Err(format!("it does not import {}", names.join(", ")));
    }
    Ok(module.finish())
}

/// The content of an import section with other names, and how many functions got one.
fn imports(
    data: &[u8],
    renames: &BTreeMap<String, String>,
) -> Result<(Vec<u8>, usize), BinaryReaderError> {
    let mut reader = BinaryReader::new(data, 0);
    let count = reader.read_var_u32()?;
    let mut out = Vec::with_capacity(data.len() + 64);
    count.encode(&mut out);
    let mut renamed = 0;
    for _ in 0..count {
        let module = reader.read_string()?;
        let name = reader.read_string()?;
        let start = reader.current_position();
        let ty: wasmparser::TypeRef = reader.read()?;
        let end = reader.current_position();
        let function = matches!(ty, wasmparser::TypeRef::Func(_));
        let new = renames
            .get(name)
            .filter(|_| function && module == "env" || module == "GOT.func");
        renamed += usize::from(new.is_some() && function);
        module.encode(&mut out);
        new.map_or(name, String::as_str).encode(&mut out);
        out.extend_from_slice(&data[position(start)..position(end)]);
    }
    Ok((out, renamed))
}

fn position(at: impl TryInto<u32>) -> usize {
    at.try_into().map_or(usize::MAX, index_of)
}
