//! Functions that no call through a pointer can reach, by their types.
//!
//! A call through a pointer states a signature, and traps on a function of another. What this
//! cannot know: which pointer a call is made through, so that a cast to a type that is used
//! elsewhere stays unseen; and calls by JavaScript or by modules of other packages, which may reach
//! what is named here. It is a hint, not a fault.

use crate::body::names;
use crate::read::{functions, index_of};
use crate::runtime::{Runtime, indirect_calls};
use crate::signature::{Signature, demangle};
use crate::unit::{Form, Origin, Unit};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{ElementItems, Parser, Payload};

/// Functions of one module and type whose address is taken, and which nothing known calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// The module.
    pub module: Origin,
    /// Their type.
    pub signature: Signature,
    /// Their names, or numbers where the module has none.
    pub functions: Vec<String>,
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
    let name = |function: u32| match names.get(&function) {
        Some(name) => demangle(name).unwrap_or_else(|| name.clone()),
        None => format!("function {function}"),
    };
    let found = found.into_iter().map(|(signature, functions)| Unreached {
        module: unit.origin.clone(),
        signature: signature.clone(),
        functions: functions.into_iter().map(name).collect(),
    });
    found.collect()
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
