//! Which units take part in a link.

use crate::unit::{Role, Unit};
use std::collections::{BTreeSet, HashMap};

/// One input of a link, in its order.
#[derive(Debug)]
pub enum Input {
    /// Takes part.
    Whole(Vec<Unit>),
    /// Members take part that define what is missing.
    Archive(Vec<Unit>),
}

/// The units that take part: archive members as wasm-ld takes them, those that define what is
/// missing, until nothing more is found. The order of the inputs is kept among units of each kind.
#[must_use]
pub fn draw(inputs: Vec<Input>) -> Vec<Unit> {
    let mut drawn: Vec<Unit> = Vec::new();
    let mut members: Vec<Option<Unit>> = Vec::new();
    for input in inputs {
        match input {
            Input::Whole(units) => drawn.extend(units),
            Input::Archive(units) => members.extend(units.into_iter().map(Some)),
        }
    }
    let mut providers: HashMap<String, usize> = HashMap::new();
    for (at, unit) in members.iter().enumerate() {
        for name in unit.iter().flat_map(|unit| symbols(unit, Role::Defined)) {
            providers.entry(name.to_owned()).or_insert(at);
        }
    }
    let mut defined: BTreeSet<String> = BTreeSet::new();
    let mut done = 0;
    while done < drawn.len() {
        let fresh = &drawn[done..];
        defined.extend(
            fresh
                .iter()
                .flat_map(|unit| symbols(unit, Role::Defined))
                .map(str::to_owned),
        );
        let wanted: BTreeSet<usize> = fresh
            .iter()
            .flat_map(|unit| symbols(unit, Role::Needed))
            .filter(|name| !defined.contains(*name))
            .filter_map(|name| providers.get(name).copied())
            .collect();
        done = drawn.len();
        drawn.extend(wanted.into_iter().filter_map(|at| members[at].take()));
    }
    drawn
}

/// Names a unit defines or needs. A weak need takes nothing from an archive.
fn symbols(unit: &Unit, role: Role) -> impl Iterator<Item = &str> {
    let functions = unit.functions.iter().map(|f| (f.role, f.weak, &f.name));
    let data = unit.data.iter().map(|d| (d.role, d.weak, &d.name));
    functions
        .chain(data)
        .filter(move |(has, weak, _)| *has == role && !(role == Role::Needed && *weak))
        .map(|(_, _, name)| name.as_str())
}
