//! What a function's code does with a call's result, and with its own parameters: the evidence
//! that decides whether a mismatch can be bridged. Code is read only for symbols in question.

use crate::read::index_of;
use crate::unit::{Image, Unit};
use std::collections::BTreeMap;
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload};

/// The calls of one function in one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// Names of the functions that call it, in the order of their code; a number where the unit
    /// does not name them.
    pub callers: Vec<String>,
    /// Calls whose result is thrown away at once.
    pub ignoring: usize,
    /// All calls.
    pub count: usize,
}

impl Calls {
    /// Whether no call looks at the result.
    #[must_use]
    pub fn ignore_result(&self) -> bool {
        self.ignoring == self.count
    }
}

/// The calls of several functions, by their numbers in the unit. A unit whose code cannot be
/// decoded has none.
#[must_use]
pub fn calls(unit: &Unit, functions: &[u32]) -> BTreeMap<u32, Calls> {
    let mut found: BTreeMap<u32, Calls> =
        functions.iter().map(|f| (*f, Calls::default())).collect();
    let names = names(unit);
    let _ = walk(&unit.image, |function, operators| {
        let mut pending: Option<u32> = None;
        for operator in operators {
            let operator = operator?;
            if let Some(calls) = pending.take().and_then(|callee| found.get_mut(&callee))
                && matches!(operator, Operator::Drop)
            {
                calls.ignoring += 1;
            }
            if let Operator::Call { function_index } = operator
                && let Some(calls) = found.get_mut(&function_index)
            {
                calls.count += 1;
                let name = names.get(&function);
                let name = name.map_or_else(|| format!("function {function}"), Clone::clone);
                if calls.callers.last() != Some(&name) {
                    calls.callers.push(name);
                }
                pending = Some(function_index);
            }
        }
        Ok(())
    });
    found
}

/// Which of a defined function's parameters its code may read as they were passed; nothing where
/// the code cannot be decoded. Optimisers put other values into parameters that are not needed.
#[must_use]
pub fn parameters_read(unit: &Unit, function: u32) -> Option<Vec<u32>> {
    let defined = unit.definitions().find(|f| f.index == function)?;
    let mut read = None;
    let walked = walk(&unit.image, |index, operators| {
        if index == function {
            read = Some(read_unwritten(operators, defined.signature.params.len())?);
        }
        Ok(())
    });
    walked.ok()?;
    read
}

/// The parameters that are read where they need not have been written before: what a block writes
/// counts to its end, as in WebAssembly's own rule for locals without a default.
fn read_unwritten(
    operators: wasmparser::OperatorsReader,
    parameters: usize,
) -> wasmparser::Result<Vec<u32>> {
    let mut read = Vec::new();
    let mut written: Vec<u32> = Vec::new();
    // How many were written when each block that is open began.
    let mut blocks: Vec<usize> = Vec::new();
    for operator in operators {
        match operator? {
            Operator::LocalGet { local_index: local }
                if index_of(local) < parameters && !written.contains(&local) =>
            {
                read.push(local);
            }
            Operator::LocalSet { local_index: local }
            | Operator::LocalTee { local_index: local }
                if index_of(local) < parameters && !written.contains(&local) =>
            {
                written.push(local);
            }
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => blocks.push(written.len()),
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll => {
                written.truncate(blocks.last().copied().unwrap_or_default());
            }
            Operator::End | Operator::Delegate { .. } => {
                written.truncate(blocks.pop().unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(read)
}

/// Shows each function's number and operators to `see`.
pub(crate) fn walk<'i>(
    image: &'i Image,
    mut see: impl FnMut(u32, wasmparser::OperatorsReader<'i>) -> wasmparser::Result<()>,
) -> wasmparser::Result<()> {
    let mut next = 0;
    for payload in Parser::new(0).parse_all(image.bytes()) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, wasmparser::TypeRef::Func(_)) {
                        next += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                see(next, body.get_operators_reader()?)?;
                next += 1;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Names of functions, local ones too: of an object its symbols, of a linked unit its "name"
/// section, and else its exports.
pub(crate) fn names(unit: &Unit) -> BTreeMap<u32, String> {
    let exported = unit.definitions().map(|f| (f.index, f.name.clone()));
    let mut names: BTreeMap<u32, String> = exported.collect();
    for payload in Parser::new(0).parse_all(unit.image.bytes()) {
        let Ok(payload) = payload else { break };
        let Payload::CustomSection(section) = payload else {
            continue;
        };
        match section.as_known() {
            KnownCustom::Name(reader) => {
                for name in reader.into_iter().map_while(Result::ok) {
                    let Name::Function(map) = name else { continue };
                    for naming in map.into_iter().map_while(Result::ok) {
                        names.insert(naming.index, naming.name.to_owned());
                    }
                }
            }
            KnownCustom::Linking(linking) => local_names(linking, &mut names),
            _ => {}
        }
    }
    names
}

fn local_names(linking: wasmparser::LinkingSectionReader, names: &mut BTreeMap<u32, String>) {
    for part in linking.subsections().map_while(Result::ok) {
        let wasmparser::Linking::SymbolTable(table) = part else {
            continue;
        };
        for symbol in table.into_iter().map_while(Result::ok) {
            if let wasmparser::SymbolInfo::Func { index, name, .. } = symbol
                && let Some(name) = name
            {
                names.entry(index).or_insert_with(|| name.to_owned());
            }
        }
    }
}

/// Whether parameter numbers `from..` are never read.
#[must_use]
pub fn ignores_parameters_from(unit: &Unit, function: u32, from: usize) -> bool {
    let read = parameters_read(unit, function);
    read.is_some_and(|read| read.iter().all(|&local| index_of(local) < from))
}
