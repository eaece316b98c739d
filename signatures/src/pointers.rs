//! Functions that no call through a pointer can reach, by their types.
//!
//! A call through a pointer states a signature, and traps on a function of another. What this
//! cannot know: which pointer a call is made through, so that a cast to a type that is used
//! elsewhere stays unseen; and calls by JavaScript or by modules of other packages, which may reach
//! what is named here. It is a hint, not a fault. Where an address is taken, and where it is likely
//! cast, debug information tells: of code and of variables with a first value.

use crate::body::{names, walk};
use crate::debug::Debug;
use crate::layout::{Layout, Value};
use crate::read::{functions, index_of};
use crate::runtime::{Runtime, indirect_calls};
use crate::signature::{Signature, demangle};
use crate::unit::{Form, Origin, Role, Unit};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{ElementItems, Operator, Parser, Payload, TypeRef};

/// Functions of one module and type whose address is taken, and which nothing known calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// The module.
    pub module: Origin,
    /// Their type.
    pub signature: Signature,
    /// The functions.
    pub functions: Vec<Pointed>,
}

/// A function whose address is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pointed {
    /// Its name, or its number where the module has none.
    pub name: String,
    /// Where its address is taken, as far as debug information tells: `file:line`, or a variable and
    /// where it is declared. A cast to another type stands there, or where the variable is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<String>,
}

/// Finds them among modules that are loaded with each other and with `others` into a runtime.
#[must_use]
pub fn unreached(modules: &[Unit], others: &[Unit], runtime: &Runtime) -> Vec<Unreached> {
    let mut called: BTreeSet<Signature> = runtime.indirect.clone();
    for unit in modules.iter().chain(others) {
        called.extend(indirect_calls(unit));
    }
    let modules = modules.iter().filter(|unit| unit.form == Form::Module);
    modules.flat_map(|unit| in_module(unit, &called)).collect()
}

fn in_module(unit: &Unit, called: &BTreeSet<Signature>) -> Vec<Unreached> {
    let Some(signatures) = functions(&unit.image) else {
        return Vec::new();
    };
    let mut found: BTreeMap<&Signature, Vec<u32>> = BTreeMap::new();
    for function in address_taken(unit) {
        if let Some(signature) = signatures.get(index_of(function))
            && !called.contains(&**signature)
        {
            found.entry(signature).or_default().push(function);
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let names = names(unit);
    let wanted: BTreeSet<u32> = found.values().flatten().copied().collect();
    let mut places = places(unit, &wanted);
    let mut pointed = |function: u32| Pointed {
        name: match names.get(&function) {
            Some(name) => demangle(name).unwrap_or_else(|| name.clone()),
            None => format!("function {function}"),
        },
        taken: places.remove(&function).unwrap_or_default(),
    };
    let found = found.into_iter().map(|(signature, functions)| Unreached {
        module: unit.origin.clone(),
        signature: signature.clone(),
        functions: functions.into_iter().map(&mut pointed).collect(),
    });
    found.collect()
}

/// Where the addresses of functions are taken: in data, and in code by the sum of the table's base
/// and a number, or by the loader's word for a function that is exported.
fn places(unit: &Unit, wanted: &BTreeSet<u32>) -> BTreeMap<u32, Vec<String>> {
    let mut places: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let debug = Debug::read(&unit.image);
    if debug.is_empty() {
        return places;
    }
    let Some(layout) = Layout::read(unit) else {
        return places;
    };
    let mut add = |function: u32, place: Option<String>| {
        let taken = places.entry(function).or_default();
        taken.extend(place.filter(|place| !taken.contains(place)));
    };
    let function = |value: Value| match value {
        Value::Table(place) => layout.function(place).map(|(function, _)| function),
        _ => None,
    };
    for (at, value) in layout.stored() {
        if let Some(function) = function(value).filter(|f| wanted.contains(f)) {
            add(function, debug.variable(at).map(str::to_owned));
        }
    }
    let (base, exported) = address_globals(unit);
    let start = code_start(unit);
    let _ = walk(&unit.image, |_, operators| {
        let mut before = [Piece::Other; 2];
        // Locals that hold the table's base.
        let mut bases: BTreeSet<u32> = BTreeSet::new();
        for item in operators.into_iter_with_offsets() {
            let (operator, offset) = item?;
            let mut taken = None;
            let piece = match operator {
                Operator::GlobalGet { global_index } if base == Some(global_index) => Piece::Base,
                Operator::GlobalGet { global_index } => {
                    taken = exported.get(&global_index).copied();
                    Piece::Other
                }
                Operator::LocalGet { local_index } if bases.contains(&local_index) => Piece::Base,
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    let is_base = before[1] == Piece::Base;
                    if is_base {
                        bases.insert(local_index);
                    } else {
                        bases.remove(&local_index);
                    }
                    match operator {
                        Operator::LocalTee { .. } if is_base => Piece::Base,
                        _ => Piece::Other,
                    }
                }
                Operator::I32Const { value } => Piece::Number(value.cast_unsigned()),
                Operator::I32Add => {
                    if let [Piece::Base, Piece::Number(at)] | [Piece::Number(at), Piece::Base] =
                        before
                    {
                        taken = function(Value::Table(at));
                    }
                    Piece::Other
                }
                _ => Piece::Other,
            };
            if let Some(function) = taken.filter(|function| wanted.contains(function)) {
                add(function, debug.line(offset.saturating_sub(start)));
            }
            before = [before[1], piece];
        }
        Ok(())
    });
    places
}

/// What an instruction leaves for a sum.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Base,
    Number(u32),
    Other,
}

/// The number of the global that is the table's base, and the functions by those that hold the
/// address of one the module exports itself.
fn address_globals(unit: &Unit) -> (Option<u32>, BTreeMap<u32, u32>) {
    let mut base = None;
    let mut exported = BTreeMap::new();
    let mut number = 0;
    for payload in Parser::new(0).parse_all(unit.image.bytes()) {
        let Ok(Payload::ImportSection(section)) = payload else {
            continue;
        };
        for import in section.into_imports().map_while(Result::ok) {
            if !matches!(import.ty, TypeRef::Global(_)) {
                continue;
            }
            if import.name == "__table_base" {
                base = Some(number);
            }
            let own = unit.function(import.name, Role::Defined);
            if let Some(own) = own.filter(|_| import.module == "GOT.func") {
                exported.insert(number, own.index);
            }
            number += 1;
        }
    }
    (base, exported)
}

/// Where the content of the code section begins.
fn code_start(unit: &Unit) -> u64 {
    let mut payloads = Parser::new(0).parse_all(unit.image.bytes());
    let start = payloads.find_map(|payload| match payload {
        Ok(Payload::CodeSectionStart {
            unchecked_range, ..
        }) => Some(unchecked_range.start),
        _ => None,
    });
    start.unwrap_or_default()
}

/// The functions in a module's part of the table.
fn address_taken(unit: &Unit) -> BTreeSet<u32> {
    let mut taken = BTreeSet::new();
    for payload in Parser::new(0).parse_all(unit.image.bytes()) {
        let Ok(payload) = payload else { break };
        let Payload::ElementSection(section) = payload else {
            continue;
        };
        for element in section.into_iter().map_while(Result::ok) {
            if let ElementItems::Functions(functions) = element.items {
                taken.extend(functions.into_iter().map_while(Result::ok));
            }
        }
    }
    taken
}
