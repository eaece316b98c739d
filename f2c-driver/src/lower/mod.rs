//! Lowering: what f2c does not know becomes FORTRAN 77 that it does.
//!
//! Each pass is a function from a [`Scope`] (one program unit and what is known of its names) to a
//! changed scope. [`PASSES`] is their order; every pass may rely on the ones before it.

mod actuals;
mod allocate;
mod arrays;
mod bits;
pub(crate) mod constants;
mod constructs;
mod contains;
mod control;
mod data;
mod data_strings;
mod declare;
mod declared;
mod dynamic;
mod dynamic_arrays;
mod elements;
mod exprs;
mod facts;
mod formats;
mod header;
mod host;
mod intrinsics;
mod io;
mod keywords;
mod legal;
mod literals;
mod masks;
mod modules;
mod names;
mod output_calls;
mod own_names;
mod passing;
mod ranges;
mod rearrange;
mod reductions;
mod refused;
mod scope;
mod shape;
mod special;
mod statement_functions;
mod storage;
mod strings;
mod subroutines;
mod substrings;
mod temporary;
mod transform;
mod typed;
mod values;

pub(crate) use declared::INSIDE;
pub(crate) use exprs::each_expression;
pub(crate) use facts::{ByValue, Facts, Pointer};
pub(crate) use modules::read_by;
pub(crate) use names::shorten;
pub(crate) use scope::Scope;

use crate::error::{Lowered, Refusal};
use crate::options::Options;
use crate::source::{Kind, Stmt};
use crate::symbols::Table;
use crate::unit::Unit;

/// A pass.
type Pass = fn(&mut Scope) -> Lowered;

/// All passes, in order.
const PASSES: &[(&str, Pass)] = &[
    ("check", refused::check),
    ("bits", bits::check),
    ("bits with types", bits::typed),
    ("constructs", constructs::check),
    ("legal", legal::check),
    (
        "statement functions that differ",
        statement_functions::check,
    ),
    ("own names", own_names::apart),
    ("values", values::values),
    ("prefixes", header::prefixes),
    ("interfaces", declare::interfaces),
    ("function type", header::function_type),
    ("results of entries", header::entry_results),
    ("result", header::result_clause),
    ("implicit", data::implicit),
    ("procedures", data::procedures),
    ("constant strings", data::constant_strings),
    ("hollerith", data::hollerith),
    ("declarations", declare::declarations),
    ("parameters", declare::parameters),
    ("data", data::data),
    ("data of strings", data_strings::blanks),
    ("literals", literals::literals),
    ("input and output", io::specifiers),
    ("stop", control::stop),
    ("select", control::select),
    ("keywords", keywords::in_order),
    ("statement functions", statement_functions::of_strings),
    ("powers", statement_functions::powers),
    ("shapes", dynamic_arrays::shapes),
    ("zeroes", storage::zeroes),
    ("masks", masks::masks),
    ("calls in output", output_calls::before),
    ("substrings", substrings::bounded),
    ("strings", strings::strings),
    ("array functions", transform::functions),
    ("arrays", arrays::assignments),
    ("intrinsics", intrinsics::references),
    ("intrinsic statements", intrinsics::statements),
    ("arguments", actuals::arguments),
    ("loops", control::loops),
    ("pointers", dynamic_arrays::pointers),
    ("storage", storage::large_arrays),
    ("order", declare::order),
];

/// Lowers all units of a file.
pub(crate) fn lower(
    units: Vec<Unit>,
    options: &Options,
    facts: &mut Facts,
    refusals: &mut Vec<Refusal>,
) -> Vec<Unit> {
    let mut flat = Vec::new();
    for unit in units {
        let module = unit
            .header
            .as_ref()
            .is_some_and(|header| header.kind == Kind::Module);
        let name = unit.name.clone();
        let plain = constants::plain(&unit);
        let rest = refused::sixteen_bytes(&unit, options)
            .and_then(|()| with_modules(unit, options, facts))
            .and_then(|(unit, imported)| module_units(unit, plain, imported, options, facts));
        let hoisted = match rest {
            _ if module && modules::known(&name) => {
                facts.modules.retain(|(module, _)| *module != name);
                facts.modules.push((name, Vec::new()));
                Ok(())
            }
            Ok(units) => units
                .into_iter()
                .try_for_each(|unit| contains::hoist(unit, options, facts, &mut flat)),
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = hoisted {
            refusals.push(refusal);
        }
    }
    let defined = legal::defined(&flat, &mut |unit| Table::of(unit, options).ok());
    for unit in &flat {
        let mut scope = Scope::new(unit.clone(), options, facts);
        // What cannot be understood is refused when the unit's turn comes.
        if scope.refresh().is_ok() {
            let used = data::functions_used(&scope);
            if let Err(refusal) = legal::mistaken(unit, &used, &defined) {
                refusals.push(refusal);
            }
            facts.functions.extend(used);
        }
    }
    let mut out = Vec::new();
    for unit in flat {
        match lower_unit(unit, options, facts) {
            Ok(unit) => out.push(unit),
            Err(refusal) => refusals.push(refusal),
        }
    }
    out
}

/// Takes a module apart and takes note of what it holds; any other unit comes back.
fn module_units(
    unit: Unit,
    plain: bool,
    imported: Vec<facts::Entity>,
    options: &Options,
    facts: &mut Facts,
) -> Lowered<Vec<Unit>> {
    let module = |header: &Stmt| header.kind == Kind::Module;
    if !plain || !unit.header.as_ref().is_some_and(module) || modules::known(&unit.name) {
        return Ok(vec![unit]);
    }
    let mut scope = Scope::new(unit, options, facts);
    let entities = constants::of(&mut scope, &imported)?;
    let unit = scope.unit;
    let Some(entities) = entities else {
        return Ok(vec![unit]);
    };
    let entities = [entities, imported].concat();
    let units = modules::apart(unit, entities, facts, options)?;
    let units = units.into_iter();
    units
        .map(|unit| with_modules(unit, options, facts).map(|(unit, _)| unit))
        .collect()
}

/// Replaces USE in a unit and in its internal procedures: the names of a unit make sense only with
/// those of its modules. Gives what the unit itself imports.
fn with_modules(
    mut unit: Unit,
    options: &Options,
    facts: &mut Facts,
) -> Lowered<(Unit, Vec<facts::Entity>)> {
    let internal = std::mem::take(&mut unit.internal);
    let mut scope = Scope::new(unit, options, facts);
    let imported = modules::use_statements(&mut scope, &internal)?;
    let mut unit = scope.unit;
    for inner in internal {
        unit.internal.push(with_modules(inner, options, facts)?.0);
    }
    Ok((unit, imported))
}

fn lower_unit(unit: Unit, options: &Options, facts: &mut Facts) -> Lowered<Unit> {
    let mut scope = Scope::new(unit, options, facts);
    for (_, pass) in PASSES {
        scope.refresh()?;
        pass(&mut scope)?;
    }
    Ok(scope.unit)
}
