//! Internal procedures become procedures of their own.

use super::Facts;
use crate::error::Lowered;
use crate::options::Options;
use crate::source::Stmt;
use crate::symbols::Table;
use crate::unit::Unit;

/// Takes the internal procedures out of `unit`.
pub(super) fn hoist(
    mut unit: Unit,
    options: &Options,
    facts: &mut Facts,
    out: &mut Vec<Unit>,
) -> Lowered {
    let internal = std::mem::take(&mut unit.internal);
    if internal.is_empty() {
        out.push(unit);
        return Ok(());
    }
    for inner in &internal {
        super::refused::elemental(inner)?;
    }
    let mut internal = internal;
    for index in 0..internal.len() {
        let name = internal[index].name.clone();
        let taken = |other: &Unit| other.name == name;
        if out.iter().any(taken) || facts.local.iter().any(|(local, _)| *local == name) {
            // Another host has one of this name.
            let own = format!("{name}_in_{}", unit.name);
            super::declared::rename(&mut unit, &name, &own);
            for inner in &mut internal {
                super::declared::rename(inner, &name, &own);
            }
        }
    }
    let host = Table::of(&unit, options)?;
    let internal = super::host::associate(&mut unit, &host, internal, options)?;
    let mut hoisted = Vec::new();
    for inner in internal {
        let table = Table::of(&inner, options)?;
        let at = inner.at();
        let name = &inner.name;
        if let Some(ty) = inner.result().and_then(|result| table.type_of(result))
            && host
                .get(name)
                .is_none_or(|symbol| symbol.declared.is_none())
        {
            let text = format!(
                "{} {name}",
                super::declared::result_declaration(&inner, ty, &table)?
            );
            unit.spec.push(Stmt::parse(&text, at));
        }
        unit.spec.push(Stmt::parse(&format!("external {name}"), at));
        facts.local.push((name.clone(), unit.name.clone()));
        hoist(inner, options, facts, &mut hoisted)?;
    }
    // Behind the host: f2c wants a main program first no more than anybody else.
    out.push(unit);
    out.append(&mut hoisted);
    Ok(())
}
