//! Copies of objects in which the address of a function, where it is handed on, is another's: one
//! that is called as the callers call it, and calls the function as it is.
//!
//! Everything is added at the ends of sections and tables, so that no number that is there changes.

use super::adapter;
use super::bridge::Adapter;
use crate::read::index_of;
use crate::signature::ValType;
use std::collections::BTreeMap;
use wasm_encoder::{CustomSection, Encode as _, Module, RawSection};
use wasmparser::{
    BinaryReader, BinaryReaderError, Parser, Payload, RelocAddendKind, RelocationEntry,
};

/// A function that is added to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thunk {
    /// What it does; it calls the symbol by number, whatever name stands here.
    pub adapter: Adapter,
    /// The number of the symbol it calls.
    pub symbol: u32,
    /// Where its address stands in the place of that function's, in the content of the code section.
    pub places: Vec<u32>,
    /// The same in the content of the data section.
    pub slots: Vec<u32>,
}

/// `WASM_SYM_BINDING_LOCAL`.
const LOCAL: u32 = 2;
/// Kind of the symbol table among the subsections of "linking".
const SYMBOL_TABLE: u8 = 8;
/// `R_WASM_FUNCTION_INDEX_LEB`.
const FUNCTION_INDEX_LEB: u8 = 0;
/// The object with the functions.
///
/// # Errors
/// The object is damaged, or has no such places.
pub fn with_thunks(object: &[u8], thunks: &[Thunk]) -> Result<Vec<u8>, String> {
    let broken = |error: BinaryReaderError| error.to_string();
    let mut module = Module::new();
    let mut sections = 0;
    let mut code_section = 0;
    let mut calls_written = false;
    let mut edit = Edit {
        thunks,
        types: 0,
        functions: 0,
        code: Code::default(),
        symbols: 0,
        moved: 0,
    };
    // The symbols come before the relocations, and the functions' numbers before both.
    for payload in Parser::new(0).parse_all(object) {
        let payload = payload.map_err(broken)?;
        if let Payload::ImportSection(section) = &payload {
            for import in section.clone().into_imports() {
                let function = matches!(import.map_err(broken)?.ty, wasmparser::TypeRef::Func(_));
                edit.functions += u32::from(function);
            }
        }
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let end = usize::try_from(range.end).unwrap_or(usize::MAX);
        let data = object.get(start..end).ok_or("a section leaves the file")?;
        // Code that refers to nothing has no relocations; those of the data come after the code's.
        if matches!(&payload, Payload::CustomSection(section) if section.name() == "reloc.DATA")
            && !calls_written
        {
            module.section(&CustomSection {
                name: "reloc.CODE".into(),
                data: edit.first_relocations(code_section).into(),
            });
            calls_written = true;
        }
        let changed = match &payload {
            Payload::TypeSection(_) => Some(edit.types(data)),
            Payload::FunctionSection(_) => Some(edit.functions(data)),
            Payload::CodeSectionStart { .. } => {
                code_section = sections;
                Some(edit.code(data))
            }
            Payload::CustomSection(section) if section.name() == "linking" => {
                Some(edit.linking(data))
            }
            Payload::CustomSection(section) if section.name() == "reloc.CODE" => {
                calls_written = true;
                Some(edit.relocations(data, Of::Code))
            }
            Payload::CustomSection(section) if section.name() == "reloc.DATA" => {
                Some(edit.relocations(data, Of::Data))
            }
            _ => None,
        };
        let changed = changed.transpose().map_err(broken)?;
        let data = changed.as_deref().unwrap_or(data);
        module.section(&RawSection { id, data });
        sections += 1;
    }
    let wanted = thunks.iter().map(|t| t.places.len() + t.slots.len());
    if edit.moved < wanted.sum() || !calls_written {
        return Err("an address is not where it was found".into());
    }
    Ok(module.finish())
}

struct Edit<'t> {
    thunks: &'t [Thunk],
    /// The number of the first type added.
    types: u32,
    /// The number of the first function added; while sections are read, of the next.
    functions: u32,
    code: Code,
    /// The number of the first symbol added.
    symbols: u32,
    /// How many relocations were changed.
    moved: usize,
}

/// The section that relocations are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Code,
    Data,
}

/// What became of the code.
#[derive(Default)]
struct Code {
    /// By how much everything moved.
    shift: u32,
    /// Where the added functions' calls stand.
    calls: Vec<u32>,
}

type Edited = Result<Vec<u8>, BinaryReaderError>;

impl Edit<'_> {
    /// The content of a section with a number of entries at its start, and how many there were.
    fn longer(&self, data: &[u8]) -> Result<(Vec<u8>, u32), BinaryReaderError> {
        let mut reader = BinaryReader::new(data, 0);
        let count = reader.read_var_u32()?;
        let mut out = Vec::with_capacity(data.len() + 64);
        (count + number(self.thunks.len())).encode(&mut out);
        out.extend_from_slice(&data[data.len() - reader.bytes_remaining()..]);
        Ok((out, count))
    }

    fn types(&mut self, data: &[u8]) -> Edited {
        let (mut out, count) = self.longer(data)?;
        self.types = count;
        for thunk in self.thunks {
            out.push(0x60);
            for list in [&thunk.adapter.caller.params, &thunk.adapter.caller.results] {
                number(list.len()).encode(&mut out);
                out.extend(list.iter().map(|&ty| byte(ty)));
            }
        }
        Ok(out)
    }

    fn functions(&mut self, data: &[u8]) -> Edited {
        let (mut out, count) = self.longer(data)?;
        self.functions += count;
        for at in 0..number(self.thunks.len()) {
            (self.types + at).encode(&mut out);
        }
        Ok(out)
    }

    fn code(&mut self, data: &[u8]) -> Edited {
        let (mut out, _) = self.longer(data)?;
        self.code.shift = number(out.len() - data.len());
        for thunk in self.thunks {
            // A linker writes the function's own number.
            let adapter::Body {
                bytes: body, call, ..
            } = adapter::body(&thunk.adapter, 0);
            number(body.len()).encode(&mut out);
            self.code.calls.push(number(out.len()) + call);
            out.extend(body);
        }
        Ok(out)
    }

    fn linking(&mut self, data: &[u8]) -> Edited {
        let mut reader = BinaryReader::new(data, 0);
        let at = |reader: &BinaryReader| data.len() - reader.bytes_remaining();
        let _name = reader.read_string()?;
        let _version = reader.read_var_u32()?;
        let mut out = data[..at(&reader)].to_vec();
        while !reader.eof() {
            let start = at(&reader);
            let kind = reader.read_u8()?;
            let size = reader.read_var_u32()?;
            let content = reader.read_bytes(index_of(size))?;
            if kind != SYMBOL_TABLE {
                out.extend_from_slice(&data[start..at(&reader)]);
                continue;
            }
            let (mut table, count) = self.longer(content)?;
            self.symbols = count;
            for (at, thunk) in (0..).zip(self.thunks) {
                // Kind: a function.
                table.push(0);
                LOCAL.encode(&mut table);
                (self.functions + at).encode(&mut table);
                thunk.adapter.name.encode(&mut table);
            }
            out.push(kind);
            table.encode(&mut out);
        }
        Ok(out)
    }

    fn relocations(&mut self, data: &[u8], of: Of) -> Edited {
        let mut reader = BinaryReader::new(data, 0);
        let at = |reader: &BinaryReader| data.len() - reader.bytes_remaining();
        let _name = reader.read_string()?;
        let _section = reader.read_var_u32()?;
        let mut out = data[..at(&reader)].to_vec();
        let places: BTreeMap<u32, u32> = (0..)
            .zip(self.thunks)
            .flat_map(|(at, thunk): (u32, &Thunk)| {
                let places = match of {
                    Of::Code => &thunk.places,
                    Of::Data => &thunk.slots,
                };
                places.iter().map(move |place| (*place, at))
            })
            .collect();
        let (added, shift) = match of {
            Of::Code => (number(self.thunks.len()), self.code.shift),
            Of::Data => (0, 0),
        };
        let count = reader.read_var_u32()?;
        (count + added).encode(&mut out);
        for _ in 0..count {
            let entry: RelocationEntry = reader.read()?;
            let symbol = match places.get(&entry.offset) {
                Some(at) => self.symbols + at,
                None => entry.index,
            };
            self.moved += usize::from(symbol != entry.index);
            out.push(entry.ty as u8);
            (entry.offset + shift).encode(&mut out);
            symbol.encode(&mut out);
            if entry.ty.addend_kind() != RelocAddendKind::None {
                entry.addend.encode(&mut out);
            }
        }
        if of == Of::Code {
            self.calls(&mut out);
        }
        Ok(out)
    }

    /// The content of a section of the code's relocations that has none but the calls'.
    fn first_relocations(&self, code_section: u32) -> Vec<u8> {
        let mut out = Vec::new();
        code_section.encode(&mut out);
        number(self.thunks.len()).encode(&mut out);
        self.calls(&mut out);
        out
    }

    /// The relocations of the added functions' calls.
    fn calls(&self, out: &mut Vec<u8>) {
        for (call, thunk) in self.code.calls.iter().zip(self.thunks) {
            out.push(FUNCTION_INDEX_LEB);
            call.encode(out);
            thunk.symbol.encode(out);
        }
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A type as WebAssembly writes it.
fn byte(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0x7f,
        ValType::I64 => 0x7e,
        ValType::F32 => 0x7d,
        ValType::F64 => 0x7c,
        ValType::V128 => 0x7b,
        ValType::Ref => 0x70,
    }
}
