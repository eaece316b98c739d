//! The object that holds the adapters.

use super::bridge::{Adapter, Arguments, ResultChange};
use crate::signature::ValType;
use std::collections::BTreeMap;
use wasm_encoder::{
    CodeSection, EntityType, Function, FunctionSection, ImportSection, LinkingSection, MemoryType,
    Module, SymbolTable, TypeSection,
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
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut symbols = SymbolTable::new();
    let mut order: Vec<(&str, u32)> = callees.iter().map(|(name, at)| (*name, *at)).collect();
    order.sort_by_key(|(_, at)| *at);
    for (_, at) in &order {
        symbols.function(SymbolTable::WASM_SYM_UNDEFINED, *at, None);
    }
    // Where calls stand, from the start of the section's content: its count of functions comes
    // first.
    let mut relocations: Vec<(u32, u32)> = Vec::new();
    let mut offset = leb_length(number(adapters.len()));
    for (at, adapter) in adapters.iter().enumerate() {
        let ty = declare(&adapter.caller.params, &adapter.caller.results);
        functions.function(ty);
        let callee = callees[&*adapter.symbol];
        let (body, call) = body(adapter, callee);
        let length = number(body.len());
        relocations.push((offset + leb_length(length) + call, callee));
        offset += leb_length(length) + length;
        code.raw(&body);
        let index = number(callees.len() + at);
        let hidden = SymbolTable::WASM_SYM_VISIBILITY_HIDDEN;
        symbols.function(hidden, index, Some(&adapter.name));
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&code).section(&linking);
    module.section(&wasm_encoder::CustomSection {
        name: "reloc.CODE".into(),
        data: relocation_section(&relocations).into(),
    });
    module.finish()
}

/// Number of the code section among the sections of the object.
const CODE_SECTION: u32 = 3;
/// `R_WASM_FUNCTION_INDEX_LEB`.
const FUNCTION_INDEX_LEB: u8 = 0;

fn relocation_section(relocations: &[(u32, u32)]) -> Vec<u8> {
    let mut data = Vec::new();
    leb(CODE_SECTION, &mut data);
    leb(number(relocations.len()), &mut data);
    for (offset, symbol) in relocations {
        data.push(FUNCTION_INDEX_LEB);
        leb(*offset, &mut data);
        leb(*symbol, &mut data);
    }
    data
}

/// An adapter's code without its length, and where in it the number of the function called is.
pub(super) fn body(adapter: &Adapter, callee: u32) -> (Vec<u8>, u32) {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let given = adapter.caller.params.len();
    let passed = match adapter.bridge.arguments {
        Arguments::Drop(surplus) => given - surplus,
        Arguments::Same | Arguments::AddLengths(_) => given,
    };
    for at in 0..passed {
        code.local_get(number(at));
    }
    if let Arguments::AddLengths(missing) = adapter.bridge.arguments {
        for _ in 0..missing {
            code.i32_const(1);
        }
    }
    let mut bytes = function.into_raw_body();
    // A linker writes the number over five bytes, as compilers leave them.
    bytes.push(CALL);
    let call = number(bytes.len());
    padded_leb(callee, &mut bytes);
    bytes.extend(match adapter.bridge.result {
        ResultChange::Same => Vec::new(),
        ResultChange::Drop => vec![DROP],
        ResultChange::Zero => zero(adapter.caller.results.first().copied()),
        ResultChange::Promote => vec![F64_PROMOTE_F32],
        ResultChange::Demote => vec![F32_DEMOTE_F64],
    });
    bytes.push(END);
    (bytes, call)
}

const CALL: u8 = 0x10;
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

fn leb(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn leb_length(value: u32) -> u32 {
    let mut bytes = Vec::new();
    leb(value, &mut bytes);
    number(bytes.len())
}

fn padded_leb(mut value: u32, out: &mut Vec<u8>) {
    for _ in 0..4 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0] & 0x7f);
}
