//! The object that holds the adapters.

use super::bridge::{Adapter, Arguments, ResultChange};
use crate::leb::{self, LONGEST};
use crate::signature::ValType;
use std::collections::BTreeMap;
use wasm_encoder::{
    CodeSection, Encode, EntityType, FunctionSection, GlobalType, ImportSection, LinkingSection,
    MemoryType, Module, SymbolTable, TypeSection,
};

/// A relocatable object with the adapters: each a hidden function that calls its symbol.
///
/// The format: "linking" and "reloc.CODE" of WebAssembly's tool conventions, version 2.
#[must_use]
pub fn adapters(adapters: &[Adapter]) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    let memory = MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import("env", "__linear_memory", memory);
    // Every function called is one import, however many adapters call it.
    let mut callees: BTreeMap<&str, u32> = BTreeMap::new();
    let mut next_type = 0;
    let mut declare = |params: &[ValType], results: &[ValType]| {
        let encode = |types: &[ValType]| types.iter().map(|&ty| encode(ty)).collect::<Vec<_>>();
        types.ty().function(encode(params), encode(results));
        next_type += 1;
        next_type - 1
    };
    for adapter in adapters {
        if !callees.contains_key(&*adapter.symbol) {
            let ty = declare(&adapter.definition.params, &adapter.definition.results);
            imports.import("env", &adapter.symbol, EntityType::Function(ty));
            callees.insert(&adapter.symbol, number(callees.len()));
        }
    }
    let stack = adapters.iter().any(needs_stack);
    if stack {
        let pointer = GlobalType {
            val_type: wasm_encoder::ValType::I32,
            mutable: true,
            shared: false,
        };
        imports.import("env", "__stack_pointer", pointer);
    }
    // Symbols: the callees, the adapters, the stack pointer.
    let stack_symbol = number(callees.len() + adapters.len());
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut symbols = SymbolTable::new();
    let mut order: Vec<(&str, u32)> = callees.iter().map(|(name, at)| (*name, *at)).collect();
    order.sort_by_key(|(_, at)| *at);
    for (_, at) in &order {
        symbols.function(SymbolTable::WASM_SYM_UNDEFINED, *at, None);
    }
    // From the start of the section's content: its count of functions comes first.
    let mut relocations: Vec<Relocation> = Vec::new();
    let mut offset = leb_length(number(adapters.len()));
    for (at, adapter) in adapters.iter().enumerate() {
        let ty = declare(&adapter.caller.params, &adapter.caller.results);
        functions.function(ty);
        let callee = callees[&*adapter.symbol];
        let Body {
            bytes: body,
            call,
            stack,
        } = body(adapter, callee);
        let length = number(body.len());
        let start = offset + leb_length(length);
        let pointer = |&at: &u32| Relocation {
            kind: GLOBAL_INDEX_LEB,
            at: start + at,
            symbol: stack_symbol,
        };
        relocations.extend(stack.iter().map(pointer));
        relocations.push(Relocation {
            kind: FUNCTION_INDEX_LEB,
            at: start + call,
            symbol: callee,
        });
        offset += leb_length(length) + length;
        code.raw(&body);
        let index = number(callees.len() + at);
        let hidden = SymbolTable::WASM_SYM_VISIBILITY_HIDDEN;
        symbols.function(hidden, index, Some(&adapter.name));
    }
    if stack {
        symbols.global(SymbolTable::WASM_SYM_UNDEFINED, 0, None);
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&code).section(&linking);
    module.section(&wasm_encoder::CustomSection {
        name: "reloc.CODE".into(),
        data: relocation_section(relocations).into(),
    });
    module.finish()
}

/// Number of the code section among the sections of the object.
const CODE_SECTION: u32 = 3;
/// `R_WASM_FUNCTION_INDEX_LEB`.
const FUNCTION_INDEX_LEB: u8 = 0;
/// `R_WASM_GLOBAL_INDEX_LEB`.
const GLOBAL_INDEX_LEB: u8 = 7;

/// A number that the linker writes.
struct Relocation {
    kind: u8,
    at: u32,
    symbol: u32,
}

/// The section, sorted as linkers want it.
fn relocation_section(mut relocations: Vec<Relocation>) -> Vec<u8> {
    relocations.sort_by_key(|relocation| relocation.at);
    let mut data = Vec::new();
    CODE_SECTION.encode(&mut data);
    number(relocations.len()).encode(&mut data);
    for relocation in relocations {
        data.push(relocation.kind);
        relocation.at.encode(&mut data);
        relocation.symbol.encode(&mut data);
    }
    data
}

/// An adapter's code without its length, and where in it the linker writes.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// The number of the function called.
    pub(super) call: u32,
    /// The number of the stack pointer.
    stack: Vec<u32>,
}

/// Whether an adapter's code uses the stack, whose pointer is global 0 in it.
pub(super) fn needs_stack(adapter: &Adapter) -> bool {
    adapter.bridge.result == ResultChange::Byte
}

/// The code.
pub(super) fn body(adapter: &Adapter, callee: u32) -> Body {
    let given = adapter.caller.params.len();
    let buffer = number(given);
    let mut stack = Vec::new();
    let mut bytes = Vec::new();
    if needs_stack(adapter) {
        // One local more, an i32; room on the stack, 16 bytes as its alignment is; the buffer and
        // its length.
        bytes.extend([1, 1, I32, GLOBAL_GET]);
        stack.push(number(bytes.len()));
        place(0, &mut bytes);
        bytes.extend([I32_CONST, 16, I32_SUB, LOCAL_TEE]);
        buffer.encode(&mut bytes);
        bytes.push(GLOBAL_SET);
        stack.push(number(bytes.len()));
        place(0, &mut bytes);
        bytes.push(LOCAL_GET);
        buffer.encode(&mut bytes);
        bytes.extend([I32_CONST, 1]);
    } else {
        bytes.push(0);
    }
    let passed = match adapter.bridge.arguments {
        Arguments::Drop(surplus) => given - surplus,
        Arguments::Same | Arguments::AddLengths(_) => given,
    };
    for at in 0..passed {
        bytes.push(LOCAL_GET);
        number(at).encode(&mut bytes);
    }
    if let Arguments::AddLengths(missing) = adapter.bridge.arguments {
        bytes.extend([I32_CONST, 1].repeat(missing));
    }
    // A linker writes the number over five bytes, as compilers leave them.
    bytes.push(CALL);
    let call = number(bytes.len());
    place(callee, &mut bytes);
    bytes.extend(match adapter.bridge.result {
        ResultChange::Same => Vec::new(),
        ResultChange::Drop => vec![DROP],
        ResultChange::Zero => zero(adapter.caller.results.first().copied()),
        ResultChange::Promote => vec![F64_PROMOTE_F32],
        ResultChange::Demote => vec![F32_DEMOTE_F64],
        ResultChange::Byte => Vec::new(),
    });
    if needs_stack(adapter) {
        // C's `char` is signed here, and comes extended to an i32.
        bytes.push(LOCAL_GET);
        buffer.encode(&mut bytes);
        bytes.extend([I32_LOAD8_S, 0, 0, LOCAL_GET]);
        buffer.encode(&mut bytes);
        bytes.extend([I32_CONST, 16, I32_ADD, GLOBAL_SET]);
        stack.push(number(bytes.len()));
        place(0, &mut bytes);
    }
    bytes.push(END);
    Body { bytes, call, stack }
}

const I32: u8 = 0x7f;
const CALL: u8 = 0x10;
const LOCAL_GET: u8 = 0x20;
const LOCAL_TEE: u8 = 0x22;
const GLOBAL_GET: u8 = 0x23;
const GLOBAL_SET: u8 = 0x24;
const I32_LOAD8_S: u8 = 0x2c;
const I32_CONST: u8 = 0x41;
const I32_ADD: u8 = 0x6a;
const I32_SUB: u8 = 0x6b;
const DROP: u8 = 0x1a;
const END: u8 = 0x0b;
const F32_DEMOTE_F64: u8 = 0xb6;
const F64_PROMOTE_F32: u8 = 0xbb;

/// The constant 0 of a type.
fn zero(ty: Option<ValType>) -> Vec<u8> {
    match ty {
        Some(ValType::I32) => vec![0x41, 0],
        Some(ValType::I64) => vec![0x42, 0],
        Some(ValType::F32) => vec![0x43, 0, 0, 0, 0],
        Some(ValType::F64) => vec![0x44, 0, 0, 0, 0, 0, 0, 0, 0],
        Some(ValType::V128) => [[0xfd, 0x0c].as_slice(), &[0; 16]].concat(),
        Some(ValType::Ref) | None => Vec::new(),
    }
}

fn encode(ty: ValType) -> wasm_encoder::ValType {
    match ty {
        ValType::I32 => wasm_encoder::ValType::I32,
        ValType::I64 => wasm_encoder::ValType::I64,
        ValType::F32 => wasm_encoder::ValType::F32,
        ValType::F64 => wasm_encoder::ValType::F64,
        ValType::V128 => wasm_encoder::ValType::V128,
        ValType::Ref => wasm_encoder::ValType::FUNCREF,
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn leb_length(value: u32) -> u32 {
    let mut bytes = Vec::new();
    value.encode(&mut bytes);
    number(bytes.len())
}

/// Where a relocation writes.
fn place(value: u32, out: &mut Vec<u8>) {
    leb::padded(value, LONGEST, out);
}
